"""Kernels of many weights, learned by spectra: against least squares over every window written out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import ndimage

import convcli
from convcli.learning import Learned, LearningPair, LearnSettings, learn_pairs
from tests.support.filters import kernel_of
from tests.support.pictures import harbour_cut

SIDE = 17  # 289 weights
SETTINGS: dict[str, Any] = {"size": SIDE, "geometry": "none"}


def colored(seed: int, *shape: int) -> NDArray[np.float64]:
    """Noise whose neighbors are alike, as a picture's are, 0 to 1."""
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).standard_normal(shape), (1, 1, 0))
    return np.asarray(0.5 + 0.15 * noise / noise.std())


def random_kernel(seed: int, *shape: int) -> NDArray[np.float64]:
    weights = np.random.default_rng(seed).standard_normal((*shape, SIDE, SIDE))
    return np.asarray(weights / np.abs(weights).sum(axis=(-2, -1), keepdims=True))


def filtered(source: NDArray[Any], weights: NDArray[Any], bias: float = 0.0) -> NDArray[np.float64]:
    """The source through weights, (outputs, inputs, height, width), by SciPy; at the rim anything."""
    planes = [
        sum(ndimage.correlate(source[:, :, i], one) for i, one in enumerate(output)) for output in np.asarray(weights)
    ]
    return np.stack(planes, axis=2) + bias


def learned_of(source: NDArray[Any], target: NDArray[Any], mask: Any = None, **settings: Any) -> Learned:
    pair = LearningPair(source, target, mask=mask)
    return learn_pairs([pair], LearnSettings.of(**{"model": "shared", **SETTINGS, **settings}))


def least_squares(
    source: NDArray[Any], target: NDArray[Any], counts: NDArray[np.bool_], channels: list[int]
) -> NDArray[np.float64]:
    """The weights, (input channels, height, width), and the bias, by `numpy.linalg.lstsq` over the windows."""
    inner = np.s_[SIDE // 2 : -(SIDE // 2), SIDE // 2 : -(SIDE // 2)]
    windows = sliding_window_view(source[:, :, channels], (SIDE, SIDE), axis=(0, 1))[counts[inner]]
    table = np.c_[windows.reshape(len(windows), -1), np.ones(len(windows))]
    return np.asarray(np.linalg.lstsq(table, target[inner][counts[inner]], rcond=None)[0])


@pytest.mark.parametrize("model", ["shared", "depthwise", "full"])
def test_the_weights_are_those_of_least_squares(model: str) -> None:
    source = colored(0, 60, 66, 2)
    weights = random_kernel(1, 2, 2) if model == "full" else np.zeros((2, 2, SIDE, SIDE))
    if model != "full":
        weights[range(2), range(2)] = random_kernel(1, 1 if model == "shared" else 2)
    target = filtered(source, weights, 0.1) + 0.01 * np.random.default_rng(2).standard_normal(source.shape)
    counts = np.random.default_rng(3).random(source.shape[:2]) < 0.8
    learned = learned_of(source, target, counts[:, :, np.newaxis], model=model, holdout=0, tolerance=1e-9)
    if model == "shared":
        # Of one kernel for both channels the squared error is that of all values together.
        stacked = np.concatenate([source, np.zeros((SIDE, 66, 2))])
        one = np.concatenate([stacked[:, :, c] for c in range(2)])[:, :, np.newaxis]
        wanted_target = np.concatenate([np.r_[target[:, :, c], np.zeros((SIDE, 66))] for c in range(2)])
        inside = np.pad(counts[8:-8, 8:-8], 8)
        wanted_counts = np.concatenate([np.r_[inside, np.zeros((SIDE, 66), bool)] for _ in range(2)])
        found = least_squares(one, wanted_target, wanted_counts, [0])
        off = (learned.kernel.weights.ravel() - found[:-1]) / learned.errors.ravel()
        assert np.abs(off).max() < 0.02
        assert abs(learned.kernel.bias[0] - found[-1]) < 0.02 * learned.bias_errors[0]
        return
    for output in range(2):
        channels = [0, 1] if model == "full" else [output]
        found = least_squares(source, target[:, :, output], counts, channels)
        off = (learned.kernel.weights[output].ravel() - found[:-1]) / learned.errors[output].ravel()
        assert np.abs(off).max() < 0.02
        assert abs(learned.kernel.bias[output] - found[-1]) < 0.02 * learned.bias_errors[output]


@pytest.mark.parametrize("bias", [True, False])
def test_what_floats_hold_is_found_exactly(bias: bool) -> None:
    source = colored(4, 90, 100, 3)
    weights = random_kernel(5)
    target = ndimage.correlate(source, weights[:, :, np.newaxis]) + 0.2 * bias
    learned = learned_of(source, target, bias=bias)
    np.testing.assert_allclose(learned.kernel.weights, weights, atol=1e-8)
    assert learned.kernel.bias[0] == pytest.approx(0.2 * bias, abs=1e-8)
    assert learned.replay.psnr > 120
    assert learned.converged


def test_clipped_values_are_left_out() -> None:
    source = np.rint(colored(6, 300, 300, 1) * 255).clip(0, 255).astype(np.uint8)
    weights = random_kernel(7) * 6
    target = ndimage.correlate(source[:, :, 0].astype(float), weights)[:, :, np.newaxis]
    target += 255 - np.quantile(target, 0.9)  # so many are white that the levels next to it are left out too
    learned = learned_of(source, np.rint(target).clip(0, 255).astype(np.uint8))
    assert 0.02 < learned.clipped < 0.5
    off = np.abs(learned.kernel.weights - weights)
    assert off.max() < 5e-3
    assert (off < 3.5 * learned.errors).mean() > 0.99
    assert np.mean(learned.kernel.weights / weights) == pytest.approx(1, abs=0.01)  # not too small either


@pytest.mark.parametrize("masked", [False, True])
def test_the_errors_are_those_that_weights_have(masked: bool) -> None:
    source = colored(8, 80, 90, 1)
    weights, generator = random_kernel(9), np.random.default_rng(10)
    clean = ndimage.correlate(source[:, :, 0], weights)[:, :, np.newaxis]
    mask = None
    if masked:
        mask = np.zeros((80, 90, 1), bool)
        mask[:60, 20:] = generator.random((60, 70, 1)) < 0.9
    scores = []
    for _ in range(12):  # each with 289 weights
        learned = learned_of(source, clean + 0.02 * generator.standard_normal(clean.shape), mask)
        scores.append((learned.kernel.weights - weights) / learned.errors)
    assert (np.abs(scores) < 3).mean() > 0.99
    assert np.std(scores) > 0.7  # and no wider than they need to be


@pytest.mark.parametrize(
    ("text", "most"),
    [("box:size=37", 0.15), ("gaussian:sigma=5", 0.2), ("disk:radius=16", 0.15), ("motion:length=35,angle=20", 0.15)],
)
def test_a_size_beyond_31_is_found_with_the_name(text: str, most: float) -> None:
    picture = harbour_cut()[:360, :400]
    learned = learned_of(picture, convcli.apply(text, picture), size="auto")
    assert learned.nearest is not None
    assert learned.nearest.scale == 1
    assert learned.nearest.text == text
    assert learned.nearest.difference < most
    for found, side in zip(learned.kernel.size, kernel_of(text).size, strict=True):
        assert 0.7 * side < found < side + 6  # the tails of a bell do not show
    assert learned.border is not None
    assert learned.border.border.name == "reflect"
    assert learned.replay.psnr > 55


def test_a_shift_in_a_wide_window_is_exact() -> None:
    picture = harbour_cut()[:300, :300]
    learned = learned_of(picture, np.roll(picture, (12, -9), axis=(0, 1)), size="auto")
    weights = learned.kernel.weights
    row, column = np.unravel_index(int(weights.argmax()), weights.shape)
    assert (learned.kernel.anchor[0] - int(row), learned.kernel.anchor[1] - int(column)) == (12, -9)
    assert weights.max() == pytest.approx(1, abs=1e-6)
    assert learned.border is not None
    assert learned.border.border.name == "wrap"


def test_the_widest_kernel_is_learned() -> None:
    picture = harbour_cut()
    learned = learned_of(picture, convcli.apply("gaussian:9", picture), size=127)
    assert learned.kernel.size == (127, 127)
    assert learned.kernel.weights.sum() == pytest.approx(1, abs=5e-3)
    assert learned.replay.psnr > 58
    kernel = kernel_of("gaussian:9")
    wanted = np.pad(kernel.weights / kernel.divisor, (127 - kernel.size[0]) // 2)
    assert (np.abs(learned.kernel.weights - wanted) < 3 * learned.errors).mean() > 0.99
    assert learned.nearest is not None
    assert learned.nearest.text == "gaussian:sigma=9"


def test_many_pairs_share_the_time() -> None:
    picture = harbour_cut()
    pairs = [
        LearningPair(part, convcli.apply("gaussian:4", part), str(row))
        for row in range(0, 480, 32)
        for part in [picture[row : row + 150, :200]]
        if len(part) == 150
    ]
    learned = learn_pairs(pairs, LearnSettings.of(**{**SETTINGS, "size": 27, "model": "shared"}))
    assert learned.nearest is not None
    assert learned.nearest.text == "gaussian:sigma=4"


def test_some_of_a_large_picture_is_read() -> None:
    picture = np.tile(harbour_cut(), (3, 3, 1))
    learned = learned_of(picture, convcli.apply("box:19", picture), size=19)
    assert 0.1 < learned.rows_used < 0.5
    (warning,) = learned.warnings
    assert "of the pixels were read" in warning
    assert learned.nearest is not None
    assert learned.nearest.text == "box:size=19"


def test_steps_and_other_optimizers_are_obeyed() -> None:
    picture = harbour_cut()[:200, :240]
    target = convcli.apply("gaussian:5", picture)
    few = learned_of(picture, target, steps=2)
    assert (few.steps, few.converged) == (2, False)
    assert few.history[0] > few.history[1]
    slow = learned_of(picture, target, size=33, optimizer="nesterov", steps=30)
    assert slow.steps == 30
    assert (np.diff(slow.history) < 0).all()
    assert slow.history[0] == pytest.approx(np.square(target[16:-16, 16:-16] / 255).mean(), rel=0.2)
    mean, total = (learned_of(picture, target, loss=loss) for loss in ("mean", "sum"))
    np.testing.assert_allclose(total.history, mean.history * mean.values)


def test_a_flat_picture_determines_nothing() -> None:
    flat = np.full((60, 70, 3), 90, np.uint8)
    learned = learned_of(flat, flat)
    assert learned.undetermined.all()
    assert any("cannot determine the weights" in warning for warning in learned.warnings)
    assert learned.nearest is None
