"""A TIFF in tiles that is gone on with."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import tifffile

from convcli.image.carried_metadata import CarriedMetadata
from convcli.image.codecs.tiff.tiles import SIDE, TiffTiles
from convcli.image.picture import Picture
from tests.support.noise import noise


@pytest.mark.sweep
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.float32, np.float64])
@pytest.mark.parametrize("rows", [SIDE, 3 * SIDE, 4 * SIDE])
def test_levels_go_on_where_another_run_has_ended(dtype: Any, rows: int) -> None:
    picture = Picture((noise(1, 4 * SIDE + 77, 530, 4, dtype=dtype),), has_alpha=True)
    frame, along = picture.frames[0], CarriedMetadata()
    whole, part = io.BytesIO(), io.BytesIO()
    with TiffTiles(picture, along, whole, 1, overviews=True) as writer:
        writer.write(frame)
    begun = TiffTiles(picture, along, part, 1, overviews=True)
    begun.write(frame[:rows])
    state: Any = begun.state()
    part.write(b"what another run wrote behind its last note")
    with TiffTiles(picture, along, part, 1, overviews=True, begun=state) as writer:
        writer.write(frame[rows:])
    levels = [tifffile.TiffFile(io.BytesIO(each.getvalue())).pages for each in (whole, part)]
    assert len(levels[0]) == len(levels[1]) == 4
    for one, other in zip(*levels, strict=True):
        np.testing.assert_array_equal(other.asarray(), one.asarray())
