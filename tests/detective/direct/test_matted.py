"""Borders around pictures of another size and around parts, by Pillow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageOps

from convcli import apply
from convcli.detective import Detected, detect
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import jpeg, photographs

GIVEN = photographs()["quay"][:301, :363]
WHITE, BLACK = (255, 255, 255), (0, 0, 0)


def verdict(made: Any) -> Detected:
    return detect([LearningPair(GIVEN, np.ascontiguousarray(made))], LearnSettings.of())


def resized(width: int, height: int) -> Image.Image:
    return Image.fromarray(GIVEN).resize((width, height), Image.Resampling.LANCZOS)


def texts(found: Detected) -> list[Any]:
    return [each.values.get("text") or each.name for each in found.found]


@pytest.mark.parametrize(
    ("sides", "color", "border"),
    [
        (11, WHITE, "pad:11,border=constant:1"),
        ((0, 30, 0, 20), BLACK, "pad:30,0,20,0,border=constant:0"),
        (7, (40, 91, 200), "a border of 7 pixels in 40,91,200"),
    ],
)
def test_another_size_and_then_a_border(sides: Any, color: Any, border: str) -> None:
    made = np.asarray(ImageOps.expand(resized(229, 190), sides, color))
    found = verdict(made)
    assert texts(found) == ["lanczos", border]
    assert found.cause.startswith("resize to 229×190, ")
    if found.around is not None:
        assert np.abs(np.asarray(apply(found.pipeline, GIVEN)).astype(int) - made).mean() < 0.5


def test_another_size_a_filter_and_a_border() -> None:
    masked = resized(229, 190).filter(ImageFilter.UnsharpMask(1.3, 80, 0))
    assert texts(verdict(ImageOps.expand(masked, 9, WHITE))) == [
        "lanczos",
        "unsharp:sigma=1.3,amount=0.8",
        "pad:9,border=constant:1",
    ]


def test_another_size_a_border_and_a_jpeg() -> None:
    found = verdict(jpeg(np.asarray(ImageOps.expand(resized(229, 190), 12, WHITE)), 85))
    assert texts(found) == ["lanczos", "pad:12,border=constant:1", "jpeg"]
    assert found.cause.startswith("resize to 229×190, ")
    assert found.pipeline.output_shape((3, *GIVEN.shape[:2])) == (3, 214, 253)


def test_a_part_and_then_a_border() -> None:
    made = np.asarray(ImageOps.expand(Image.fromarray(GIVEN[20:-40, 31:-9]), 15, WHITE))
    found = verdict(made)
    assert texts(found) == ["crop", "pad:15,border=constant:1"]
    assert (np.asarray(apply(found.pipeline, GIVEN)) == made).all()


def test_a_border_and_then_another_size() -> None:
    framed = ImageOps.expand(Image.fromarray(GIVEN), 20, WHITE)
    found = verdict(framed.resize((240, 203), Image.Resampling.LANCZOS))
    assert texts(found) == ["pad:20,border=constant:1", "lanczos"]


def test_a_contrast_that_clips_the_rim_of_a_part_is_no_border() -> None:
    dark = GIVEN // 12
    dark[30:-30, 30:-30] = GIVEN[30:-30, 30:-30]
    made = np.clip((dark[5:-5, 9:-5].astype(float) - 30) * 1.3, 0, 255).astype(np.uint8)
    found = detect([LearningPair(dark, made)], LearnSettings.of())
    assert texts(found) == ["crop", "curve"]
