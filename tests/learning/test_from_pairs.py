"""Learning as a whole: which kernel is found, how exactly, in how many steps, and what is said of it."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import convcli
from convcli import learn
from convcli.catalog import list_filters, load_filter
from convcli.filters.kernel import Kernel
from convcli.learning import LearningPair, LearnSettings, learn_pairs
from tests.support.filters import kernel_of
from tests.support.pictures import harbour_cut

pytestmark = pytest.mark.no_cover

FAMILIES = [
    "box:2", "box:4", "box:5", "box:7", "gaussian:0.5", "gaussian:0.7", "gaussian:size=3", "gaussian:size=5",
    "gaussian:size=7", "binomial:5", "binomial:7", "disk:1", "disk:2", "disk:2.5", "motion:3", "motion:5,angle=45",
    "motion:7,angle=30", "motion:6,angle=90", "kirsch:n", "kirsch:se", "robinson:ne", "robinson:w", "log:0.5",
    "log:0.7", "log:sigma=1,size=7", "dog:0.4,0.6", "dog:0.3,0.7", "unsharp:0.5", "unsharp:0.7,amount=2",
    "highpass:0.6", "shift:dx=-2,dy=1", "shift:3,3", "gabor:sigma=1,gamma=1", "gabor:0.9,theta=0.7,gamma=1",
]  # fmt: skip


def small_builtins() -> list[str]:
    """Every built-in of one plane of at most 7×7, and members of the families."""
    names = [entry.name for entry in list_filters(builtin=True) if "layer" not in entry.tags]
    small = []
    for name in [*names, *FAMILIES]:
        conv = load_filter(name).conv
        if conv is not None and conv.kernel.weights.ndim == 2 and max(conv.kernel.size) <= 7:
            small.append(name)
    return small


BUILTINS = small_builtins()


def placed(kernel: Kernel) -> NDArray[np.float64]:
    """The weights of a kernel on a large plane, its anchor in the middle."""
    plane = np.zeros((81, 81))
    (height, width), (row, column) = kernel.size, kernel.anchor
    plane[40 - row : 40 - row + height, 40 - column : 40 - column + width] = kernel.weights / kernel.divisor
    return plane


@pytest.mark.slow
@pytest.mark.parametrize("name", BUILTINS)
def test_every_built_in_is_learned(name: str) -> None:
    kernel = kernel_of(name)
    height, width = kernel.size
    # A window of a given size has its anchor in the middle: around the corner of a cross it is larger.
    size = kernel.size if kernel.anchor == (height // 2, width // 2) else (3, 3)
    weights = placed(kernel)[40 - size[0] // 2 :, 40 - size[1] // 2 :][: size[0], : size[1]]
    learned = learn(harbour_cut(), convcli.apply(name, harbour_cut()), size=size)
    is_integer = bool((weights == np.rint(weights)).all())
    np.testing.assert_allclose(learned.kernel.weights, weights, rtol=0, atol=1e-5 if is_integer else 5e-4)
    assert learned.kernel.bias[0] == pytest.approx(kernel.bias[0], abs=2.5e-3)  # halves are rounded up
    assert learned.steps <= 60
    assert learned.converged
    assert learned.replay.psnr > 60
    assert learned.replay.held_out
    assert learned.warnings == ()


@pytest.mark.slow
def test_nine_in_ten_sizes_and_names_are_found() -> None:
    wrong_size, wrong_name, wrong_border = [], [], []
    picture = harbour_cut(height=288, width=320)
    for name in BUILTINS:
        kernel = kernel_of(name)
        learned = learn(picture, convcli.apply(name, picture))
        ends = np.argwhere(np.abs(kernel.weights) > 1e-9) - kernel.anchor
        low, high = np.minimum(ends.min(axis=0), 0), np.maximum(ends.max(axis=0), 0)
        if learned.kernel.size != tuple(high - low + 1):
            wrong_size.append(name)
        if learned.nearest is None:
            wrong_name.append(name)
        else:
            expected, got = placed(kernel), learned.nearest.scale * placed(kernel_of(learned.nearest.text))
            if np.linalg.norm(expected - got) > 0.01 * np.linalg.norm(expected):
                wrong_name.append(name)
        if learned.border is not None and learned.border.border.name != "reflect":
            wrong_border.append(name)
    assert len(wrong_size) <= len(BUILTINS) / 10, wrong_size
    assert len(wrong_name) <= len(BUILTINS) / 10, wrong_name
    assert wrong_border == []


@pytest.mark.parametrize("quality", [60, 92])
@pytest.mark.parametrize("name", ["sharpen", "box:5", "emboss"])
def test_the_size_is_found_through_compression(name: str, quality: int) -> None:
    stored = io.BytesIO()
    Image.fromarray(convcli.apply(name, harbour_cut())).save(stored, "JPEG", quality=quality)
    pair = LearningPair(harbour_cut(), np.asarray(Image.open(stored)), is_lossy=True)
    assert learn_pairs([pair], LearnSettings()).kernel.size == kernel_of(name).size


def test_a_bias_of_half_a_level_has_its_simple_form() -> None:
    learned = learn(harbour_cut(), convcli.apply("emboss-gray", harbour_cut()), size=3)
    assert learned.kernel.bias[0] == pytest.approx(128 / 255)
    assert learned.exact is not None
    assert learned.exact.kernel.bias == (0.5,)


def test_a_full_kernel_mixes_colors() -> None:
    generator = np.random.default_rng(0)
    weights = generator.standard_normal((3, 3, 5, 5)) * 0.02
    weights[:, :, 2, 2] += np.eye(3) * 0.6
    target = convcli.correlate(harbour_cut(), Kernel(weights, bias=(0.02, 0.0, -0.01)))
    learned = learn(harbour_cut(), target, size=5, model="full")
    np.testing.assert_allclose(learned.kernel.weights, weights, rtol=0, atol=2e-3)
    np.testing.assert_allclose(learned.kernel.bias, (0.02, 0.0, -0.01), rtol=0, atol=2e-3)
    assert learned.steps <= 60


def test_depthwise_learns_each_channel_by_itself() -> None:
    planes = np.stack([kernel_of("sharpen").weights, kernel_of("sobel-x").weights, np.ones((3, 3)) / 9])
    learned = learn(harbour_cut(), convcli.correlate(harbour_cut(), planes), size=3, model="depthwise")
    np.testing.assert_allclose(learned.kernel.weights, planes, rtol=0, atol=5e-4)


def test_color_to_gray_is_a_full_kernel() -> None:
    target = convcli.apply("luma:bt601", harbour_cut())
    learned = learn(harbour_cut(), target, size=1, model="full")
    luma = kernel_of("luma:bt601")
    np.testing.assert_allclose(learned.kernel.weights, luma.weights / luma.divisor, rtol=0, atol=5e-4)
    assert learned.nearest is not None
    assert learned.nearest.text == "luma:bt601"


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
@pytest.mark.parametrize("target_dtype", [np.uint8, np.uint16, np.float32])
def test_pictures_of_different_depths(dtype: Any, target_dtype: Any) -> None:
    levels = {np.uint8: 255, np.uint16: 65535}
    fractions = harbour_cut()[:256, :256] / 255
    exact = convcli.apply("gaussian:size=3", fractions)

    def stored(values: NDArray[np.float64], kind: Any) -> NDArray[Any]:
        return np.rint(values * levels[kind]).astype(kind) if kind in levels else values.astype(kind)

    learned = learn(stored(fractions, dtype), stored(exact, target_dtype), size=3)
    np.testing.assert_allclose(learned.kernel.weights, kernel_of("gaussian:size=3").weights / 16, rtol=0, atol=5e-4)


@pytest.mark.parametrize("made", ["median", "threshold", "magnitude"])
def test_a_filter_that_is_not_linear_is_told(made: str) -> None:
    ndimage = pytest.importorskip("scipy.ndimage")
    target = {
        "median": ndimage.median_filter(harbour_cut(), (5, 5, 1)),
        "threshold": np.where(harbour_cut() > 120, 200, 50).astype(np.uint8),
        "magnitude": convcli.apply("sobel", harbour_cut()),
    }[made]
    (warning,) = learn_pairs([LearningPair(harbour_cut(), target)], LearnSettings.of(size=5)).doubts
    assert "% of the variance of TARGET" in warning
    assert "probably not linear" in warning


def test_the_lessons_loops_are_reproduced() -> None:
    x = np.ones((6, 8))
    x[:, 2:6] = 0
    y = x[:, :-1] - x[:, 1:]
    weights, bias = np.array([0.3, -0.2]), 0.1
    learned = learn(
        x, y, optimizer="gd", learning_rate=0.01, steps=20, loss="sum", init=Kernel([weights.tolist()], bias=bias)
    )
    losses = []
    for _ in range(20):  # the lesson's loop, in float64
        error = weights[0] * x[:, :-1] + weights[1] * x[:, 1:] + bias - y
        losses.append((error**2).sum())
        weights = weights - 0.01 * np.array([2 * (error * x[:, :-1]).sum(), 2 * (error * x[:, 1:]).sum()])
        bias -= 0.01 * 2 * error.sum()
    np.testing.assert_allclose(learned.history, losses, rtol=1e-10)
    np.testing.assert_allclose(learned.kernel.weights, [weights], rtol=1e-10)
    assert learned.kernel.bias[0] == pytest.approx(bias, rel=1e-10)
    assert learned.loss == pytest.approx(losses[-1])
