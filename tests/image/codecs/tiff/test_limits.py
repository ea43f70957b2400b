"""TIFF whose pages or values are refused."""

from __future__ import annotations

import io

import numpy as np
import pytest
import tifffile

from convcli.image import read_picture
from tests.support.reading import failure


def test_pages_of_floats_are_counted_together_before_they_are_read() -> None:
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as writer:
        for _ in range(3):
            writer.write(np.zeros((10, 10), np.float32))
    assert len(read_picture(io.BytesIO(stream.getvalue()), frames="all", max_pixels=300).pages) == 2
    error = failure(stream.getvalue(), frames="all", max_pixels=299)
    assert "3 frames of 300 pixels together" in error.message
    assert "--max-pixels 300" in error.hint


@pytest.mark.parametrize("dtype", [np.int32, np.uint32])
def test_whole_numbers_of_32_bits_that_count_down_to_white_are_refused(dtype: type) -> None:
    stream = io.BytesIO()
    tifffile.imwrite(stream, np.arange(20, dtype=dtype).reshape(4, 5), photometric="miniswhite")
    error = failure(stream.getvalue())
    assert "32 bits whose 0 is white" in error.message
    assert ".npy" in error.hint
