"""The quality of JPEGs of flat blocks, by Pillow."""

from __future__ import annotations

import pytest

from convcli.detective import detect
from convcli.detective.lossy.flat import quality_of_flat
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import gray, jpeg, photographs, pixelated

QUAY = photographs()["quay"]


@pytest.mark.parametrize("quality", [30, 52, 60, 70])
@pytest.mark.parametrize("side", [8, 16])
def test_the_quality(side: int, quality: int) -> None:
    blocks = pixelated(QUAY, side)
    for picture in (blocks, gray(blocks)):
        found = quality_of_flat(jpeg(picture, quality).astype(float))
        assert found is not None
        assert abs(found - quality) <= 2


def test_no_curve_is_told_of_blocks_before_a_jpeg() -> None:
    for side in (8, 16):
        found = detect([LearningPair(QUAY, jpeg(pixelated(QUAY, side), 51))], LearnSettings.of()).found
        assert [each.name for each in found] == ["pixelate", "jpeg"]


def test_blocks_that_were_no_jpeg_or_lost_nothing_in_one() -> None:
    blocks = pixelated(QUAY, 8)
    assert quality_of_flat(blocks.astype(float)) is None
    assert quality_of_flat(jpeg(blocks, 92).astype(float)) is None
    assert quality_of_flat(jpeg(QUAY, 60).astype(float)) is None
