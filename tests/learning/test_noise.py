"""Learning from targets that have errors of their own, and are clipped or not by chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from convcli.learning import Learned, LearningPair, LearnSettings, learn_pairs
from tests.support.pictures import harbour_cut

SHARPEN = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], float)
SHARPEN8 = np.array([[-1, -1, -1], [-1, 9, -1], [-1, -1, -1]], float)


def filtered(picture: NDArray[Any], weights: NDArray[Any]) -> NDArray[np.float64]:
    planes = [ndimage.correlate(picture[..., index].astype(float), weights, mode="mirror") for index in range(3)]
    return np.stack(planes, axis=-1)


def levels(values: NDArray[Any]) -> NDArray[np.uint8]:
    rounded: NDArray[np.uint8] = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return rounded


def noisy(values: NDArray[Any], deviation: float, seed: int = 1) -> NDArray[np.uint8]:
    return levels(values + np.random.default_rng(seed).normal(0, deviation, values.shape))


def learned_from(source: NDArray[Any], target: NDArray[Any], **given: Any) -> Learned:
    return learn_pairs([LearningPair(source, target)], LearnSettings.of(**given))


@pytest.mark.parametrize("weights", [SHARPEN, SHARPEN8])
@pytest.mark.parametrize("deviation", [2.0, 10.0])
def test_a_sharpening_is_learned_in_noise(weights: NDArray[Any], deviation: float) -> None:
    picture = harbour_cut()
    # Of pictures that are clipped twice, as a filter and a camera clip them.
    target = noisy(levels(filtered(picture, weights)).astype(float), deviation)
    assert (target == 255).mean() > 0.01
    learned = learned_from(picture, target, size=3)
    np.testing.assert_allclose(learned.kernel.weights, weights, rtol=0, atol=0.003 * deviation)
    assert learned.rms == pytest.approx(np.hypot(deviation, 12**-0.5), rel=0.02)


def test_its_size_and_name_are_found() -> None:
    picture = harbour_cut()
    learned = learned_from(picture, noisy(levels(filtered(picture, SHARPEN)).astype(float), 4))
    assert learned.kernel.size == (3, 3)
    assert learned.nearest is not None
    assert (learned.nearest.text, learned.nearest.scale) == ("sharpen", 1)


def test_weights_are_within_their_errors() -> None:
    picture = harbour_cut(0, 0, 128, 160)
    exact = filtered(picture, SHARPEN)
    off = []
    for seed in range(16):
        learned = learned_from(picture, noisy(exact, 4, seed), size=3, model="shared")
        off += list(np.abs(learned.kernel.weights - SHARPEN).ravel() / learned.errors.ravel())
    assert np.mean(np.array(off) < 3) > 0.985
    assert np.mean(np.array(off) < 1) < 0.85  # nor are the errors much too large


def test_where_nothing_is_clipped_every_value_counts() -> None:
    picture = np.clip(harbour_cut(0, 0, 96, 128), 60, 190)
    target = noisy(filtered(picture, np.full((3, 3), 1 / 9)), 4)
    assert learned_from(picture, target, size=3).clipped == 0


def test_a_rounding_before_the_last_filter_is_an_error_of_the_target() -> None:
    picture = harbour_cut()
    between = levels(np.stack([ndimage.gaussian_filter(picture[..., i].astype(float), 1) for i in range(3)], -1))
    learned = learned_from(picture, levels(filtered(between, SHARPEN)), size=11)
    delta = np.zeros((11, 11))
    delta[5, 5] = 1
    bell = ndimage.gaussian_filter(delta, 1)
    np.testing.assert_allclose(learned.kernel.weights, ndimage.correlate(bell, SHARPEN), rtol=0, atol=0.002)
