"""The errors of a kernel before a curve without a name, whose scale belongs to the curve."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.detective import detect
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, correlated, photographs, rounded, s_curve
from tests.support.sweeps import repeats

PHOTOGRAPHS = tuple(photographs().values())


def drawn(seed: int) -> tuple[Picture, Picture, NDArray[np.float64]]:
    """Draw a part of a photograph, what a kernel and a curve make of it, and the kernel."""
    generator = np.random.default_rng(seed)
    weights = generator.normal(0, 0.04, (3, 3))
    weights[1, 1] += 1 - weights.sum()
    side = int(generator.choice([96, 96, 128]))
    top, left = generator.integers(0, 512 - side, 2)
    source = np.ascontiguousarray(PHOTOGRAPHS[seed % 2][top : top + side, left : left + side])
    made, strength = correlated(source, weights), float(generator.uniform(0.2, 0.6))
    share = np.clip(made / 255, 0, 1)
    match seed % 4:
        case 0:
            made = s_curve(made, strength)
        case 1:
            made = 255 * share ** (1 + strength)
        case 2:
            made = 255 * (1 - (1 - share) ** (1 + strength))
        case _:
            each = zip(np.moveaxis(made, 2, 0), (1, 0.5, -0.6), strict=True)
            made = np.stack([s_curve(plane, strength * factor) for plane, factor in each], axis=2)
    return source, rounded(made), weights


@pytest.mark.slow
def test_the_errors_of_weights_before_a_curve_are_true() -> None:
    deviations = []
    for seed in range(repeats(100)):
        source, target, weights = drawn(seed)
        found = detect([LearningPair(source, target)], LearnSettings.of(size=3))
        assert found.kernel.weights.shape == (3, 3), (seed, found.cause)
        assert "curve" in {step.name for step in found.found}, (seed, found.cause)
        learned = found.kernel.weights / found.kernel.divisor
        deviations.append(np.abs(learned - weights) / found.errors)
    assert np.mean(np.array(deviations) < 3) > 0.99


def test_a_kernel_before_a_curve_sums_to_one() -> None:
    source, target, _ = drawn(4)
    found = detect([LearningPair(source, target)], LearnSettings.of(size=3))
    assert found.kernel.weights.sum() == pytest.approx(1)
    assert not any(found.kernel.bias)
