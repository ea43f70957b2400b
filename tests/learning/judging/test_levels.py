"""Kernels through the rounding of the targets."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from convcli.array_types import Floats
from convcli.learning import LearningPair, LearnSettings
from convcli.learning.from_pairs import learn_pairs
from convcli.learning.settings import Model
from tests.detective.kinds import Picture, photographs

MODELS: tuple[Model, ...] = ("shared", "depthwise", "full")


def smooth(side: int = 120) -> Picture:
    """Return a picture whose neighbors differ by a level or two, so that rounding hides most of a faint kernel."""
    photograph = next(iter(photographs().values()))[:side, :side].astype(float)
    return np.asarray(np.floor(ndimage.gaussian_filter(photograph, (0.6, 0.6, 0)) + 0.5).astype(np.uint8))


def faint(model: Model, generator: np.random.Generator) -> Floats:
    """Return weights that sum to 1, most of it on the pixel itself."""
    shape = {"shared": (3, 3), "depthwise": (3, 3, 3), "full": (3, 3, 3, 3)}[model]
    weights = generator.normal(0, 0.05, shape)
    for channel in range(3):
        plane = {"shared": weights, "depthwise": weights[channel], "full": weights[channel, channel]}[model]
        rest = weights[channel].sum() if model == "full" else plane.sum()
        plane[1, 1] += 1 - (rest if model != "shared" or channel == 0 else 1)
    return weights


def made(source: Picture, weights: Floats) -> Picture:
    """Correlate with SciPy, and round."""
    planes = source.astype(float).transpose(2, 0, 1)

    def channel(output: int) -> Floats:
        if weights.ndim == 4:
            parts = zip(planes, weights[output], strict=True)
            return np.asarray(np.sum([ndimage.correlate(plane, each, mode="mirror") for plane, each in parts], axis=0))
        plane = weights if weights.ndim == 2 else weights[output]
        return np.asarray(ndimage.correlate(planes[output], plane, mode="mirror"))

    values = np.stack([channel(output) for output in range(3)], axis=2)
    return np.clip(np.floor(values + 0.5), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("model", MODELS)
def test_a_faint_kernel_comes_out_of_a_smooth_picture(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    source, weights = smooth(), faint(model, np.random.default_rng(3))
    target = made(source, weights)
    pair, settings = LearningPair(source, target), LearnSettings.of(size=3, model=model)
    learned = learn_pairs([pair], settings)
    monkeypatch.setattr("convcli.learning.from_pairs.through_rounding", lambda parameters, *_: parameters)
    kernels = [each.kernel.weights / each.kernel.divisor for each in (learned, learn_pairs([pair], settings))]
    off, off_by_squares = (np.abs(each - weights) for each in kernels)
    assert (off < 3 * learned.errors).all()
    assert off.max() < off_by_squares.max() / 5
    assert learned.replay.psnr > 75


def test_noise_is_not_taken_for_rounding(monkeypatch: pytest.MonkeyPatch) -> None:
    source = smooth()
    values = made(source, faint("shared", np.random.default_rng(3))) + np.random.default_rng(0).normal(
        0, 1, source.shape
    )
    pair = LearningPair(source, np.clip(np.floor(values + 0.5), 0, 255).astype(np.uint8))
    learned = learn_pairs([pair], LearnSettings.of(size=3))
    monkeypatch.setattr("convcli.learning.from_pairs.through_rounding", lambda parameters, *_: parameters)
    np.testing.assert_array_equal(learned.kernel.weights, learn_pairs([pair], LearnSettings.of(size=3)).kernel.weights)


def test_whole_numbers_with_a_few_errors_have_no_border_beside_them() -> None:
    source = smooth(100)
    target = source.copy()
    target[20:23, 40] ^= 1
    learned = learn_pairs([LearningPair(source, target)], LearnSettings.of(size=1))
    np.testing.assert_allclose(learned.kernel.weights / learned.kernel.divisor, 1, atol=1e-4)
