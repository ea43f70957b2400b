"""Borders beside other steps, by Pillow."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from convcli import apply
from convcli.detective import Detected, detect
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import gaussian, jpeg, photographs, rounded

GIVEN = photographs()["quay"][:221, :263]


def verdict(made: Any) -> Detected:
    return detect([LearningPair(GIVEN, np.ascontiguousarray(made))], LearnSettings.of())


def bordered(picture: Any, sides: Any, color: Any) -> Any:
    return np.asarray(ImageOps.expand(Image.fromarray(np.asarray(picture)), sides, color))


def texts(found: Detected) -> list[Any]:
    return [each.values.get("text") or each.name for each in found.found]


def test_a_filter_and_then_a_border() -> None:
    made = bordered(rounded(gaussian(GIVEN, 1.5)), 9, (255, 255, 255))
    found = verdict(made)
    assert texts(found) == ["gaussian:sigma=1.5", "pad:9,border=constant:1"]
    off = np.asarray(apply(found.pipeline, GIVEN)).astype(int) - made
    assert np.abs(off[20:-20, 20:-20]).max() <= 1
    assert (off[:9] == 0).all()


def test_a_border_and_then_a_jpeg() -> None:
    found = verdict(jpeg(bordered(GIVEN, 13, (0, 0, 0)), 80))
    assert texts(found) == ["pad:13,border=constant:0", "jpeg"]
    assert abs(found.found[-1].values["quality"] - 80) <= 2


def test_a_filter_a_border_of_a_color_and_a_jpeg() -> None:
    masked = Image.fromarray(GIVEN).filter(ImageFilter.UnsharpMask(2, 120, 0))
    found = verdict(jpeg(bordered(masked, (10, 20, 30, 4), (40, 91, 200)), 90))
    assert texts(found)[1:] == ["a border of 20, 30, 4 and 10 pixels, clockwise, in 40,91,200", "jpeg"]
    assert found.around is None


def test_a_border_and_then_a_filter() -> None:
    found = verdict(rounded(gaussian(bordered(GIVEN, 20, (255, 255, 255)), 1.5)))
    assert texts(found) == ["pad:20,border=constant:1", "gaussian:sigma=1.5"]
