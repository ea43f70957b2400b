"""Pillow's blurs and unsharp masks by the numbers that were given."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from convcli.detective import detect
from convcli.detective.trials.pillow import exact_by_pillow
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, gaussian, photographs, rounded

QUAY = photographs()["quay"][:260, :300]


def filtered(change: ImageFilter.Filter, picture: Picture = QUAY) -> Picture:
    return np.asarray(Image.fromarray(picture).filter(change))


def text_of(made: Picture, source: Picture = QUAY) -> str | None:
    return detect([LearningPair(source, made)], LearnSettings.of()).found[-1].values.get("text")


@pytest.mark.parametrize("sigma", [0.8, 3.7])
def test_the_sigma_of_a_blur(sigma: float) -> None:
    assert text_of(filtered(ImageFilter.GaussianBlur(sigma))) == f"gaussian:sigma={sigma}"


@pytest.mark.parametrize(
    ("sigma", "percent", "threshold", "text"),
    [
        (3.1, 70, 0, "unsharp:sigma=3.1,amount=0.7"),
        # Pillow compares whole levels: more than 3 of them is 3.5 or more of ours.
        (2, 150, 3, "unsharp:sigma=2,amount=1.5,threshold=0.01373"),
    ],
)
def test_the_numbers_of_an_unsharp_mask(sigma: float, percent: int, threshold: int, text: str) -> None:
    assert text_of(filtered(ImageFilter.UnsharpMask(sigma, percent, threshold))) == text


def test_a_blur_behind_a_mirror() -> None:
    assert text_of(filtered(ImageFilter.GaussianBlur(2), QUAY[:, ::-1].copy())) == "gaussian:sigma=2"


@pytest.mark.parametrize("start", ["gaussian:sigma=2", "unsharp:sigma=2,amount=1.2"])
def test_a_blur_that_is_not_pillows_has_none_of_its_names(start: str) -> None:
    assert exact_by_pillow(start, LearningPair(QUAY, rounded(gaussian(QUAY, 2)))) is None
