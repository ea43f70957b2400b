"""Learning as a whole: which kernel is found, how exactly, in how many steps, and what is said of it."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import convcli
from convcli.catalog import list_filters, load_filter
from convcli.errors import ShapeError, UsageError
from convcli.filters.kernel import Kernel
from convcli.learning import LearningPair, LearnSettings, learn, learn_pairs
from tests.support.pictures import harbour_cut

pytestmark = pytest.mark.no_cover

RED = np.random.default_rng(3).integers(1, 255, (20, 20, 3), np.uint8) * np.array([1, 0, 0], np.uint8)

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


def truth(name: str) -> Kernel:
    conv = load_filter(name).conv
    assert conv is not None
    return conv.kernel


def placed(kernel: Kernel) -> NDArray[np.float64]:
    """The weights of a kernel on a large plane, its anchor in the middle."""
    plane = np.zeros((81, 81))
    (height, width), (row, column) = kernel.size, kernel.anchor
    plane[40 - row : 40 - row + height, 40 - column : 40 - column + width] = kernel.weights / kernel.divisor
    return plane


@pytest.mark.slow
@pytest.mark.parametrize("name", BUILTINS)
def test_every_built_in_is_learned(name: str) -> None:
    kernel = truth(name)
    weights = kernel.weights / kernel.divisor
    learned = learn(harbour_cut(), convcli.apply(name, harbour_cut()), size=kernel.size)
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
    for name in BUILTINS:
        kernel = truth(name)
        learned = learn(harbour_cut(), convcli.apply(name, harbour_cut()))
        ends = np.argwhere(np.abs(kernel.weights) > 1e-9) - kernel.anchor
        low, high = np.minimum(ends.min(axis=0), 0), np.maximum(ends.max(axis=0), 0)
        if learned.kernel.size != tuple(high - low + 1):
            wrong_size.append(name)
        if learned.nearest is None:
            wrong_name.append(name)
        else:
            expected, got = placed(kernel), learned.nearest.scale * placed(truth(learned.nearest.text))
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
    assert learn_pairs([pair], LearnSettings()).kernel.size == truth(name).size


def test_a_bias_of_half_a_level_has_its_simple_form() -> None:
    learned = learn(harbour_cut(), convcli.apply("emboss-gray", harbour_cut()), size=3)
    assert learned.kernel.bias[0] == pytest.approx(128 / 255)
    assert learned.exact is not None
    assert learned.exact.kernel.bias == (0.5,)


@pytest.mark.parametrize("border", ["constant", "constant:0.5", "edge", "reflect", "symmetric", "wrap"])
@pytest.mark.parametrize("name", ["gaussian:size=5", "pillow:blur", "box:4"])
def test_the_border_is_found(border: str, name: str) -> None:
    target = convcli.apply(name, harbour_cut()[:200, :300], border=border)
    learned = learn(harbour_cut()[:200, :300], target, size=truth(name).size)
    assert learned.border is not None
    assert str(learned.border.border) == border
    assert learned.border.certain


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
    planes = np.stack([truth("sharpen").weights, truth("sobel-x").weights, np.ones((3, 3)) / 9])
    learned = learn(harbour_cut(), convcli.correlate(harbour_cut(), planes), size=3, model="depthwise")
    np.testing.assert_allclose(learned.kernel.weights, planes, rtol=0, atol=5e-4)


def test_color_to_gray_is_a_full_kernel() -> None:
    target = convcli.apply("luma:bt601", harbour_cut())
    learned = learn(harbour_cut(), target, size=1, model="full")
    luma = truth("luma:bt601")
    np.testing.assert_allclose(learned.kernel.weights, luma.weights / luma.divisor, rtol=0, atol=5e-4)
    assert learned.nearest is not None
    assert learned.nearest.text == "luma:bt601"


@pytest.mark.parametrize("padding", ["valid", "full"])
@pytest.mark.parametrize("size", [(1, 2), (3, 3), (4, 2)])
def test_the_sizes_of_the_arrays_tell_the_kernels(padding: Any, size: tuple[int, int]) -> None:
    generator = np.random.default_rng(3)
    x, weights = generator.random((40, 50)), generator.standard_normal(size)
    learned = learn(x, convcli.correlate(x, weights, padding=padding, bias=0.25))
    assert learned.padding == padding
    assert learned.kernel.bias[0] == pytest.approx(0.25, abs=1e-5)
    np.testing.assert_allclose(learned.kernel.weights, weights, rtol=0, atol=1e-5)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
@pytest.mark.parametrize("target_dtype", [np.uint8, np.uint16, np.float32])
def test_pictures_of_different_depths(dtype: Any, target_dtype: Any) -> None:
    levels = {np.uint8: 255, np.uint16: 65535}
    fractions = harbour_cut()[:256, :256] / 255
    exact = convcli.apply("gaussian:size=3", fractions)

    def stored(values: NDArray[np.float64], kind: Any) -> NDArray[Any]:
        return np.rint(values * levels[kind]).astype(kind) if kind in levels else values.astype(kind)

    learned = learn(stored(fractions, dtype), stored(exact, target_dtype), size=3)
    np.testing.assert_allclose(learned.kernel.weights, truth("gaussian:size=3").weights, rtol=0, atol=5e-4)


def test_several_pairs_add_up() -> None:
    parts = [harbour_cut()[:250], harbour_cut()[250:400, :300], harbour_cut()[400:]]
    pairs = [
        LearningPair(part, convcli.apply("gaussian:0.7", part), f"part {index}") for index, part in enumerate(parts)
    ]
    errors = []
    for some in (pairs[1:2], pairs):
        learned = learn_pairs(some, LearnSettings(size=(7, 7)))
        errors.append(np.abs(learned.kernel.weights - truth("gaussian:0.7").weights).max())
        assert learned.replay.psnr > 70
    assert errors[1] < errors[0]
    with pytest.raises(ShapeError, match="another kind"):
        learn_pairs([*pairs, LearningPair(harbour_cut(), harbour_cut()[2:, 2:], "odd")], LearnSettings(size=(3, 3)))


def test_the_errors_are_those_that_weights_have() -> None:
    generator = np.random.default_rng(0)
    x = generator.random((60, 60))
    weights = generator.standard_normal((3, 3))
    clean = convcli.correlate(x, weights, padding="valid")
    found, errors = [], []
    for _ in range(200):
        learned = learn(x, clean + 0.1 * generator.standard_normal(clean.shape), holdout=0.0)
        found.append(learned.kernel.weights)
        errors.append(learned.errors)
    assert np.std(found, axis=0) == pytest.approx(np.mean(errors, axis=0), rel=0.25)
    assert np.mean(found, axis=0) == pytest.approx(weights, abs=4 * np.max(errors) / 200**0.5)


def test_weights_that_the_picture_does_not_tell_apart_are_named() -> None:
    picture = harbour_cut()[:100, :100].copy()
    picture[:, :, 1] = 90
    learned = learn(picture, convcli.apply("luma", picture), size=(1, 2), model="full")
    np.testing.assert_array_equal(learned.undetermined[0, :, 0], [[False, False], [True, True], [False, False]])
    assert np.isinf(learned.errors[learned.undetermined]).all()
    assert np.isfinite(learned.errors[~learned.undetermined]).all()
    (warning,) = learned.warnings
    assert "leaves 2 of 6 weights open (output 0 input 1 row 0 column 0; output 0 input 1 row 0 column 1)" in warning
    assert learned.replay.psnr > 60


def test_edge_and_symmetric_are_one_border_to_a_kernel_of_three() -> None:
    border = learn(harbour_cut(), convcli.apply("emboss", harbour_cut(), border="symmetric"), size=3).border
    assert border is not None
    assert {border.border.name, border.next_best[0]} == {"edge", "symmetric"}
    assert not border.certain


def test_a_rim_that_tells_nothing_leaves_the_default() -> None:
    framed = np.pad(harbour_cut()[:90, :90], ((5, 5), (5, 5), (0, 0)), constant_values=0)
    border = learn(framed, convcli.apply("gaussian:size=3", framed), size=3).border
    assert border is not None
    assert border.border.name == "reflect"
    assert not border.certain


@pytest.mark.parametrize("model", ["shared", "depthwise", "full"])
def test_a_flat_picture_determines_nothing(model: Any) -> None:
    flat = np.full((60, 70, 3), 90, np.uint8)
    learned = learn(flat, flat, size=3, model=model)
    assert learned.undetermined.all()
    assert any("cannot determine the weights" in warning for warning in learned.warnings)
    assert learned.exact is None
    assert learned.nearest is None


def test_fewer_values_than_weights() -> None:
    x = np.random.default_rng(0).random((6, 6))
    learned = learn(x, x, size=5)
    assert any("4 target values for 25 weights" in warning for warning in learned.warnings)


@pytest.mark.parametrize(("down", "right"), [(0, 12), (-9, 4), (30, -20)])
def test_a_pair_that_is_not_aligned_is_told_its_shift(down: int, right: int) -> None:
    moved = np.roll(convcli.apply("gaussian:0.7", harbour_cut()), (down, right), axis=(0, 1))
    learned = learn(harbour_cut(), moved, size=3)
    (warning,) = learned.warnings
    assert "not aligned" in warning
    for step, there, back in ((down, "down", "up"), (right, "right", "left")):
        if step:
            assert f"{abs(step)} pixels {there if step > 0 else back}" in warning


@pytest.mark.parametrize("made", ["median", "threshold", "magnitude"])
def test_a_filter_that_is_not_linear_is_told(made: str) -> None:
    ndimage = pytest.importorskip("scipy.ndimage")
    target = {
        "median": ndimage.median_filter(harbour_cut(), (5, 5, 1)),
        "threshold": np.where(harbour_cut() > 120, 200, 50).astype(np.uint8),
        "magnitude": convcli.apply("sobel", harbour_cut()),
    }[made]
    (warning,) = learn(harbour_cut(), target, size=5).warnings
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


def test_a_channel_of_few_values_is_learned_beside_one_of_many() -> None:
    x = np.random.default_rng(4).integers(50, 200, (60, 60, 2), np.uint8)
    y = x.copy()
    y[5:, :, 1] = 0  # too few values are left to judge that channel by
    learned = learn(x, y, model="depthwise")
    assert np.isfinite(learned.kernel.weights).all()
    np.testing.assert_allclose(learned.kernel.weights.sum(axis=(1, 2)), 1, atol=0.01)


def test_random_weights_follow_from_the_seed() -> None:
    x = np.random.default_rng(0).random((20, 20))
    results = [learn(x, x, size=3, init="random", seed=seed, steps=1, optimizer="gd") for seed in (1, 1, 2)]
    np.testing.assert_array_equal(results[0].kernel.weights, results[1].kernel.weights)
    assert (results[0].kernel.weights != results[2].kernel.weights).any()


def test_a_descent_that_starts_at_the_answer_stands_still() -> None:
    learned = learn(harbour_cut(), convcli.apply("sharpen", harbour_cut()), size=3, init="sharpen")
    assert learned.steps <= 3
    assert learned.history[0] < 1e-12


@pytest.mark.parametrize(
    ("x", "y", "settings", "words"),
    [
        (np.ones((30, 30)), np.ones((30, 31)), {"size": 3}, "1×2, not 3×3"),
        (np.ones((100, 300)), np.ones((300, 100)), {}, "no padding makes the one of the other"),
        (np.ones((300, 300)), np.ones((100, 100)), {}, "no padding makes the one of the other"),
        (np.ones((9, 9)), np.ones((9, 9, 3)), {}, "1 channel and TARGET 3 channels"),
        (np.ones((9, 9)), np.ones((9, 9)), {"size": 11}, "larger than INPUT"),
        (np.ones((9, 9), np.uint8), np.zeros((9, 9), np.uint8), {}, "clipped everywhere"),
        (np.ones((9, 9), np.uint8), np.full((9, 9), 255, np.uint8), {}, "clipped everywhere"),
        (RED, RED, {"model": "depthwise", "size": 1}, "clipped everywhere in channel 1"),
        (RED, RED, {"model": "full"}, "clipped everywhere in channel 1"),
        (np.ones(9), np.ones(9), {}, "is no picture"),
        (np.ones((9, 9), int), np.ones((9, 9)), {}, "are not filtered"),
    ],
)
def test_wrong_input_is_refused(x: Any, y: Any, settings: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        learn(x, y, **settings)
    assert caught.value.hint
