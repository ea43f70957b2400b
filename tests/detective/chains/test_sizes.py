"""Two filters of which the first is a Gaussian of a given size, as OpenCV blurs."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from convcli.detective import detect
from convcli.learning import LearningPair, LearnSettings
from tests.support.pictures import harbour_cut

SHARPEN = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], np.float32)


@pytest.mark.parametrize(
    ("size", "sigma", "text"),
    [(7, 0, "gaussian:size=7"), (5, 1.1, "gaussian:sigma=1.1,size=5"), (5, 1.6, "gaussian:sigma=1.6,size=5")],
)
def test_a_sharpening_after_a_blur_of_a_size(size: int, sigma: float, text: str) -> None:
    picture = harbour_cut(200, 300, 240, 240)
    target = cv2.filter2D(cv2.GaussianBlur(picture, (size, size), sigma), -1, SHARPEN)
    steps = [step.values for step in detect([LearningPair(picture, target)], LearnSettings.of()).found]
    assert [(each["step"], each.get("text")) for each in steps] == [("filter", text), ("filter", "sharpen")]
