"""The quality of JPEGs of flat blocks, by Pillow."""

from __future__ import annotations

import pytest

from convcli.detective.lossy.flat import quality_of_flat
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


def test_blocks_that_were_no_jpeg_or_lost_nothing_in_one() -> None:
    blocks = pixelated(QUAY, 8)
    assert quality_of_flat(blocks.astype(float)) is None
    assert quality_of_flat(jpeg(blocks, 92).astype(float)) is None
    assert quality_of_flat(jpeg(QUAY, 60).astype(float)) is None
