"""Salt-and-pepper noise over what was done before, by NumPy, SciPy and Pillow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from convcli import apply
from convcli.detective import Detected, detect
from convcli.detective.direct.specked import NOISE
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, gaussian, photographs, rounded

GIVEN = photographs()["quay"][:240, :256]


def verdict(made: Any) -> Detected:
    return detect([LearningPair(GIVEN, np.ascontiguousarray(made))], LearnSettings.of())


def specked(picture: Picture, share: float, *, of_pixels: bool) -> Picture:
    drawn = np.random.default_rng(3).random(picture.shape[:2] + ((1,) if of_pixels else picture.shape[2:]))
    return np.where(drawn < share / 2, 0, np.where(drawn > 1 - share / 2, 255, picture)).astype(np.uint8)


@pytest.mark.parametrize(
    ("change", "share", "of_pixels", "before"),
    [
        (lambda x: x, 0.02, True, ""),
        (lambda x: rounded(gaussian(x, 1.5)), 0.01, False, "gaussian:sigma=1.5, then "),
        (lambda x: rounded(255 * (x / 255) ** 0.8), 0.1, False, "gamma 0.8, then "),
    ],
)
def test_specks_over_what_was_done_before(
    change: Callable[[Picture], Picture], share: float, of_pixels: bool, before: str
) -> None:
    made = change(GIVEN)
    found = verdict(specked(made, share, of_pixels=of_pixels))
    told, _, percent = found.cause.partition(";")[0].rpartition("salt-and-pepper noise on ")
    assert told == before
    assert found.found[-1].name == "nonlinear"
    number, _, of = percent.partition(" % of the ")
    assert float(number) == pytest.approx(100 * share, rel=0.15)
    assert of == ("pixels" if of_pixels else "values")
    off = np.abs(apply(found.pipeline, GIVEN).astype(int) - made)
    assert off[6:-6, 6:-6].max() <= 1


def test_values_that_a_strong_sharpening_clips_are_no_specks() -> None:
    sharp = ImageEnhance.Sharpness(Image.fromarray(GIVEN)).enhance(8)
    assert NOISE not in verdict(sharp).cause


def test_edges_are_no_specks() -> None:
    edges = Image.fromarray(GIVEN).filter(ImageFilter.FIND_EDGES)
    assert NOISE not in verdict(edges).cause
