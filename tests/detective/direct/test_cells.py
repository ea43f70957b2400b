"""Blocks of one color in a picture of another size, by Pillow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

from convcli import apply
from convcli.detective import Detected, detect
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, jpeg, photographs, resized

GIVEN = photographs()["quay"][:221, :263]


def verdict(made: Any) -> Detected:
    return detect([LearningPair(GIVEN, np.ascontiguousarray(made))], LearnSettings.of())


def in_whole_blocks(side: int, given: Picture = GIVEN) -> Picture:
    high, wide = (each // side for each in given.shape[:2])
    small = Image.fromarray(given).resize((wide, high), Image.Resampling.BOX)
    return np.asarray(small.resize((wide * side, high * side), Image.Resampling.NEAREST))


@pytest.mark.parametrize("side", [5, 9])
def test_blocks_of_the_whole_picture(side: int) -> None:
    made = in_whole_blocks(side)
    found = verdict(made)
    assert [each.values.get("size") for each in found.found] == [None, side]
    assert found.cause.startswith(f"resize to {made.shape[1]}×{made.shape[0]}, ")
    assert f" of the size, then pixelate:{side}; " in found.cause
    assert np.abs(np.asarray(apply(found.pipeline, GIVEN)).astype(int) - made).max() <= 1


def test_blocks_of_what_was_cut_to_whole_ones() -> None:
    made = in_whole_blocks(8, GIVEN[:216, :256])
    found = verdict(made)
    assert found.cause.startswith("crop to 256×216 from 0,0, then pixelate:8; ")
    assert np.abs(np.asarray(apply(found.pipeline, GIVEN)).astype(int) - made).max() <= 1


def test_a_jpeg_of_blocks() -> None:
    found = verdict(jpeg(in_whole_blocks(9), 75))
    assert [each.name for each in found.found] == ["resize", "pixelate", "jpeg"]
    assert abs(found.found[-1].values["quality"] - 75) <= 2


@pytest.mark.parametrize("made", [jpeg(resized(GIVEN, 0.8, "lanczos"), 12), resized(GIVEN, 3, "nearest")])
def test_other_pictures_of_another_size_are_no_blocks(made: Picture) -> None:
    assert "pixelate" not in [each.name for each in verdict(made).found]
