"""Pillow's blurs and unsharp masks, replayed, and found through JPEG."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

from convcli.detective import detect
from convcli.detective.trials.by_pillow import by_pillow
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import photographs

PICTURE = np.random.default_rng(0).integers(0, 256, (60, 71, 3), np.uint8)
GIVEN = photographs()["lighthouse"]


def filtered(picture: np.ndarray, change: ImageFilter.Filter) -> np.ndarray:
    return np.asarray(Image.fromarray(picture).filter(change))


def by_text(text: str) -> np.ndarray:
    return np.asarray(np.rint(255 * by_pillow(text, PICTURE / np.float32(255))), np.uint8)


@pytest.mark.parametrize("sigma", [1, 2.5, 6, 13.3])
def test_a_blur_is_that_of_pillow(sigma: float) -> None:
    made = filtered(PICTURE, ImageFilter.GaussianBlur(sigma))
    np.testing.assert_array_equal(by_text(f"gaussian:sigma={sigma}"), made)


@pytest.mark.parametrize(("sigma", "percent", "threshold"), [(2, 150, 3), (1, 80, 0), (3.3, 120, 6)])
def test_an_unsharp_mask_is_that_of_pillow(sigma: float, percent: int, threshold: int) -> None:
    made = filtered(PICTURE, ImageFilter.UnsharpMask(sigma, percent, threshold))
    text = f"unsharp:sigma={sigma},amount={percent / 100},threshold={threshold / 255:.4g}"
    np.testing.assert_array_equal(by_text(text), made)


@pytest.mark.parametrize(
    ("change", "text", "quality"),
    [
        (ImageFilter.GaussianBlur(2.5), "gaussian:sigma=2.5", 88),
        (ImageFilter.UnsharpMask(2, 150, 3), "unsharp:sigma=2,amount=1.5,threshold=0.01176", 88),
        (ImageFilter.UnsharpMask(3, 120, 0), "unsharp:sigma=3,amount=1.2", 80),
    ],
)
def test_filters_of_pillow_are_named_through_jpeg(change: ImageFilter.Filter, text: str, quality: int) -> None:
    data = io.BytesIO()
    Image.fromarray(GIVEN).filter(change).save(data, "JPEG", quality=quality)
    found = detect([LearningPair(GIVEN, np.asarray(Image.open(data)))], LearnSettings.of()).found
    assert [(step.values["step"], step.values.get("text")) for step in found] == [("filter", text), ("jpeg", None)]
