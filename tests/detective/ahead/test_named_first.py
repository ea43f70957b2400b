"""A blur, an unsharp mask or a rank, then another size: each by its name."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image, ImageFilter

from convcli.detective import detect
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, photographs, resized

QUAY = photographs()["quay"][:360, :420]


def by_pillow(picture: Picture, change: ImageFilter.Filter) -> Picture:
    return np.asarray(Image.fromarray(picture).filter(change))


def masked_by_opencv(picture: Picture, sigma: float, amount: float) -> Picture:
    blurred = cv2.GaussianBlur(picture, (0, 0), sigma)
    return np.asarray(cv2.addWeighted(picture, 1 + amount, blurred, -amount, 0))


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (
            lambda x: resized(by_pillow(x, ImageFilter.UnsharpMask(2, 150, 3)), 0.5, "bicubic"),
            ["unsharp:sigma=2,amount=1.5,threshold=0.01373", "bicubic"],
        ),
        (
            lambda x: resized(by_pillow(x, ImageFilter.UnsharpMask(1.5, 80, 0)), 1.4, "lanczos"),
            ["unsharp:sigma=1.5,amount=0.8", "lanczos"],
        ),
        (
            lambda x: resized(by_pillow(x, ImageFilter.GaussianBlur(1.2)), 0.6, "lanczos"),
            ["gaussian:sigma=1.2", "lanczos"],
        ),
        (
            lambda x: resized(masked_by_opencv(x, 1.5, 0.6), 0.63, "bicubic"),
            ["unsharp:sigma=1.5,amount=0.6", "bicubic"],
        ),
        (lambda x: resized(np.asarray(cv2.medianBlur(x, 3), np.uint8), 0.6, "lanczos"), ["median:3", "lanczos"]),
    ],
)
def test_the_filter_and_the_resampling(change: Callable[[Picture], Picture], names: list[str]) -> None:
    found = detect([LearningPair(QUAY, change(QUAY))], LearnSettings.of()).found
    assert [(step.name, step.values.get("text")) for step in found] == list(
        zip(["filter", "resize"], names, strict=True)
    )


def test_digits_that_are_cut_off_are_no_filter() -> None:
    exact = cv2.resize(QUAY.astype(np.float32), (210, 180), interpolation=cv2.INTER_AREA)
    found = detect([LearningPair(QUAY, np.asarray(exact, np.uint8))], LearnSettings.of()).found
    assert [step.name for step in found] == ["resize"]
