"""Borders around a picture, by NumPy and Pillow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from convcli import apply
from convcli.detective import Detected, detect
from convcli.errors import UsageError
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, photographs

GIVEN = photographs()["quay"][:120, :150]
MODES = {"edge": "edge", "reflect": "reflect", "symmetric": "symmetric", "wrap": "wrap"}


def verdict(made: Any, given: Picture = GIVEN) -> Detected:
    return detect([LearningPair(given, np.ascontiguousarray(made))], LearnSettings.of())


@pytest.mark.parametrize("mode", MODES)
def test_a_border_of_the_picture(mode: Any) -> None:
    made = np.pad(GIVEN, ((4, 9), (0, 12), (0, 0)), mode)
    found = verdict(made)
    assert found.cause == f"pad:4,12,9,0,border={MODES[mode]}; exact"
    np.testing.assert_array_equal(apply(found.pipeline, GIVEN), made)


def test_a_border_of_one_value() -> None:
    made = np.asarray(ImageOps.expand(Image.fromarray(GIVEN), 7, (51, 51, 51)))
    found = verdict(made)
    assert found.cause == "pad:7,border=constant:0.2; exact"
    np.testing.assert_array_equal(apply(found.pipeline, GIVEN), made)


@pytest.mark.parametrize(("sides", "words"), [(7, "7 pixels"), ((3, 4, 5, 6), "4, 5, 6 and 3 pixels, clockwise,")])
def test_a_border_of_a_color_is_told(sides: Any, words: str) -> None:
    found = verdict(ImageOps.expand(Image.fromarray(GIVEN), sides, (10, 20, 30)))
    assert found.cause == f"a border of {words} in 10,20,30; exact"
    assert found.around is None


def test_more_of_the_picture_is_a_swapped_pair() -> None:
    with pytest.raises(UsageError, match="INPUT is a part of TARGET: the pair is probably swapped"):
        verdict(GIVEN, GIVEN[15:-15, 20:-20])


def test_a_larger_size_is_no_border() -> None:
    enlarged = Image.fromarray(GIVEN).resize((300, 240), Image.Resampling.NEAREST)
    assert verdict(enlarged).cause.startswith("resize to 300×240, 2 of the size")
