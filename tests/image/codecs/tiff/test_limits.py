"""TIFF whose pages or values are refused."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import tifffile

from convcli.errors import ReadError
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


def test_a_directory_before_the_file_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(b"II+\0\x08\0\0\0" + b"\xff" * 8 + bytes(40))
    with pytest.raises(ReadError, match="truncated or damaged"):
        read_picture(path)
