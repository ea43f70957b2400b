"""Morphological gradients and hats, by OpenCV."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from convcli.detective import detect
from convcli.detective.nonlinear.morphology import morphology_of
from convcli.detective.scene import Scene
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import gaussian, noisy, photographs, rounded

QUAY = photographs()["quay"][100:300, 100:300]

KINDS = {
    "max:{0} less min:{0}": cv2.MORPH_GRADIENT,
    "the picture less min:{0} | max:{0}": cv2.MORPH_TOPHAT,
    "max:{0} | min:{0} less the picture": cv2.MORPH_BLACKHAT,
}


@pytest.mark.parametrize("words", KINDS)
@pytest.mark.parametrize("side", [3, 5])
def test_a_difference_of_ranks_has_its_side(words: str, side: int) -> None:
    target = cv2.morphologyEx(QUAY, KINDS[words], np.ones((side, side), np.uint8))
    found = morphology_of(Scene.of(LearningPair(QUAY, np.asarray(target))))
    assert found is not None
    assert found[0] == words.format(side)


def test_a_gradient_of_ranks_is_no_other_edge() -> None:
    target = np.asarray(cv2.morphologyEx(QUAY, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)))
    found = detect([LearningPair(QUAY, target)], LearnSettings.of())
    assert [step.values for step in found.found] == [{"step": "nonlinear", "text": "max:3 less min:3"}]


def test_other_differences_are_none() -> None:
    target = cv2.morphologyEx(QUAY, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    for other in (noisy(np.asarray(target), 3), QUAY, rounded(np.abs(QUAY - gaussian(QUAY, 2)))):
        assert morphology_of(Scene.of(LearningPair(QUAY, other))) is None
