"""Another size, then Pillow's blur, unsharp mask or rank."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from convcli.detective import detect
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import photographs, resized

QUAY = photographs()["quay"][:360, :420]


@pytest.mark.parametrize(
    ("scale", "name", "change", "text"),
    [
        (0.63, "lanczos", ImageFilter.UnsharpMask(2, 120, 0), "unsharp:sigma=2,amount=1.2"),
        (0.5, "bicubic", ImageFilter.UnsharpMask(1.3, 150, 3), "unsharp:sigma=1.3,amount=1.5,threshold=0.01373"),
        (0.5, "lanczos", ImageFilter.GaussianBlur(0.8), "gaussian:sigma=0.8"),
        (0.63, "lanczos", ImageFilter.MedianFilter(3), "median:3"),
        (1.4, "bicubic", ImageFilter.MedianFilter(5), "median:5"),
    ],
)
def test_the_resampling_and_the_filter(scale: float, name: str, change: ImageFilter.Filter, text: str) -> None:
    made = np.asarray(Image.fromarray(resized(QUAY, scale, name)).filter(change))
    found = detect([LearningPair(QUAY, made)], LearnSettings.of()).found
    assert [(step.name, step.values.get("text")) for step in found] == [("resize", name), ("filter", text)]
