"""The errors of a kernel before a curve without a name, whose scale belongs to the curve."""

from __future__ import annotations

import numpy as np
import pytest

from convcli.detective import detect
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import correlated, photographs, rounded, s_curve
from tests.support.sweeps import repeats

QUAY = photographs()["quay"]


@pytest.mark.slow
def test_the_errors_of_weights_before_a_curve_are_true() -> None:
    deviations = []
    for seed in range(repeats(60)):
        generator = np.random.default_rng(seed)
        weights = generator.normal(0, 0.04, (3, 3))
        weights[1, 1] += 1 - weights.sum()
        top, left = generator.integers(0, 200, 2)
        source = np.ascontiguousarray(QUAY[top : top + 300, left : left + 300])
        target = rounded(s_curve(correlated(source, weights), 0.4))
        found = detect([LearningPair(source, target)], LearnSettings.of(size=3))
        assert [step.name for step in found.found] == ["filter", "curve"]
        assert found.kernel.weights.sum() == pytest.approx(1)
        assert not any(found.kernel.bias)
        deviations.append(np.abs(found.kernel.weights - weights) / found.errors)
    assert np.mean(np.array(deviations) < 3) > 0.97
