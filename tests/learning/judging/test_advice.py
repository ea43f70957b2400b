"""What is said of pairs that no kernel made, and that nothing false is said of the others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import convcli
from convcli import learn
from convcli.learning import LearningPair, LearnSettings, learn_pairs
from tests.support.noise import noise


def wavy() -> NDArray[np.float64]:
    """Smooth, so that plain gradient descent is slow."""
    rows, columns = np.indices((60, 70)) / 9
    return np.asarray(0.5 + 0.2 * np.sin(rows + columns / 2) + 0.05 * noise(3, 60, 70) / 255)


@pytest.mark.parametrize("size", ["auto", 1, 3, 5])
def test_a_target_of_noise_is_told(size: Any) -> None:
    pair = LearningPair(noise(1, 80, 90, 1), noise(2, 80, 90, 1))
    learned = learn_pairs([pair], LearnSettings.of(size=size))
    (warning,) = learned.doubts
    assert "probably not linear" in warning
    assert learned.exact is None
    assert learned.nearest is None


@pytest.mark.parametrize("settings", [{"optimizer": "gd"}, {"optimizer": "momentum"}, {"optimizer": "dct"}])
def test_a_descent_that_has_not_ended_is_no_filter_that_is_not_linear(settings: dict[str, Any]) -> None:
    learned = learn(wavy(), convcli.correlate(wavy(), [[0, 2, 0], [-3, 5, 1], [0, -4, 0]]), size=3, steps=1, **settings)
    (warning,) = learned.warnings
    assert warning.startswith("after 1 steps a weight is still")
    assert learned.exact is None


def test_a_target_that_is_cropped_unevenly_is_told() -> None:
    picture = convcli.apply("gaussian:1", noise(0, 80, 90, 1))
    pair = LearningPair(picture, convcli.apply("sharpen", picture)[5:, 3:])
    (warning,) = learn_pairs([pair], LearnSettings()).doubts
    assert warning.endswith("the filter is probably not linear, or TARGET is not cropped alike on all sides")
