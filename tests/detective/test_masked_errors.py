"""The errors of a kernel that was learned within a mask."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from convcli.detective import detect
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, correlated, noisy, photographs, rounded
from tests.support.sweeps import repeats

PHOTOGRAPHS = tuple(photographs().values())


def mask_of(generator: np.random.Generator, side: int, kind: int) -> NDArray[np.bool_]:
    """Draw a rectangle, a few disks, clouds, or pixels by themselves."""
    mask = np.zeros((side, side), bool)
    row, column = np.mgrid[:side, :side]
    match kind:
        case 0:
            (top, bottom), (left, right) = (np.sort(generator.choice(side, 2, replace=False)) for _ in range(2))
            mask[top : max(bottom, top + 40), left : max(right, left + 40)] = True
        case 1:
            for y, x in generator.integers(0, side, (4, 2)):
                mask |= np.hypot(row - y, column - x) < generator.uniform(14, 30)
        case 2:
            mask = ndimage.gaussian_filter(generator.normal(size=mask.shape), 6) > 0
        case _:
            mask = generator.random(mask.shape) < generator.uniform(0.3, 0.9)
    return mask


def drawn(seed: int) -> tuple[LearningPair, NDArray[np.float64]]:
    """Draw a part of a photograph, what a kernel makes of it within a mask, and the kernel."""
    generator = np.random.default_rng(seed)
    weights = generator.normal(0, 0.05, (3, 3))
    weights[1, 1] += generator.uniform(0.8, 1.1) - weights.sum()
    side = int(generator.choice([96, 128]))
    top, left = generator.integers(0, 512 - side, 2)
    source = np.ascontiguousarray(PHOTOGRAPHS[seed % 2][top : top + side, left : left + side])
    made = correlated(source, weights)
    target: Picture = noisy(made, generator.uniform(1, 5)) if seed % 3 == 0 else rounded(made)
    mask = mask_of(generator, side, seed // 2 % 4)
    other = generator.integers(0, 256, source.shape, np.uint8)
    return LearningPair(source, np.where(mask[..., np.newaxis], target, other), mask=mask[..., np.newaxis]), weights


@pytest.mark.slow
def test_the_errors_of_weights_within_a_mask_are_true() -> None:
    deviations = []
    for seed in range(repeats(200)):
        pair, weights = drawn(seed)
        found = detect([pair], LearnSettings.of(size=3))
        assert found.kernel.weights.shape == (3, 3), (seed, found.cause)
        deviations.append(np.abs(found.kernel.weights / found.kernel.divisor - weights) / found.errors)
    assert np.mean(np.array(deviations) < 3) > 0.99
