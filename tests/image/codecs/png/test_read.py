"""PNG of 16 bits a channel, written by others."""

from __future__ import annotations

import gc
import io
import struct
import sys
import zlib

import numpy as np
import pytest
from imagecodecs import png_encode
from PIL import Image

from convcli.errors import ReadError
from convcli.image import read_picture
from tests.support.deep import deep, png
from tests.support.encoding import SRGB
from tests.support.png import chunk
from tests.support.reading import failure

RNG = np.random.default_rng(16)


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_png_keeps_its_sixteen_bits(channels: int, interlaced: bool) -> None:
    values = deep(11, 13, channels)
    picture = read_picture(io.BytesIO(png(values, interlaced=interlaced)))
    assert picture.dtype == np.uint16
    assert picture.has_alpha == (channels in (2, 4))
    assert np.array_equal(picture.frames[0], values)
    assert picture.notes == ()


@pytest.mark.parametrize("channels", [1, 3])
def test_the_transparent_color_of_a_deep_png_becomes_alpha_and_it_is_said(channels: int) -> None:
    values = deep(3, 4, channels)
    values[1, 2] = [7, 8, 9][:channels]
    values[1, 3] = values[1, 2] + 256  # alike in the lower 8 bits
    transparent = chunk(b"tRNS", struct.pack(f">{channels}H", *values[1, 2]))
    picture = read_picture(io.BytesIO(png(values, transparent)))
    alpha = np.full((3, 4), 65535)
    alpha[1, 2] = 0
    assert picture.has_alpha
    assert np.array_equal(picture.frames[0][:, :, :-1], values)
    assert np.array_equal(picture.frames[0][:, :, -1], alpha)
    assert picture.notes == ("its transparent color is filtered as an alpha channel",)


def exif_of(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "a description", orientation
    return exif.tobytes().removeprefix(b"Exif\0\0")


@pytest.mark.parametrize("where", ["before", "after"])
def test_the_metadata_of_a_deep_png_is_taken_wherever_it_stands(where: str) -> None:
    values = deep(3, 4, 3)
    icc = chunk(b"iCCP", b"sRGB\0\0" + zlib.compress(SRGB))
    resolution = chunk(b"pHYs", struct.pack(">IIB", 11811, 11811, 1))
    exif = chunk(b"eXIf", exif_of(1))
    before, after = (icc + resolution + exif, b"") if where == "before" else (icc + resolution, exif)
    picture = read_picture(io.BytesIO(png(values, before, after)))
    assert picture.metadata.icc == SRGB
    assert picture.metadata.dpi == pytest.approx((300, 300), abs=0.01)
    read = Image.Exif()
    read.load(picture.metadata.exif)
    assert dict(read) == {0x010E: "a description"}


def test_a_side_beyond_libpngs_is_refused_by_name() -> None:
    error = failure(png(np.zeros((1, 1_000_001, 3), np.uint16)))
    assert "up to 1000000 on a side" in error.message
    assert "TIFF" in error.hint


def test_one_wrong_bit_in_a_deep_png_is_found_wherever_it_is() -> None:
    whole = png(deep(12, 12, 4), chunk(b"tEXt", b"a\0b") + chunk(b"eXIf", exif_of(1)))
    start, end = whole.index(b"IDAT") + 4, whole.index(b"IEND") - 8
    for position in range(start, end, 7):
        damaged = whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :]
        assert failure(damaged).message == "stdin is truncated or damaged"


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="nobody counts the references to None any more")
def test_damaged_files_leave_the_references_to_none_alone() -> None:
    file = bytearray(png_encode(deep(8, 8, 3)))
    file[-20] ^= 1  # among the pixels, which a checksum protects
    gc.collect()  # so that what other tests left does not go meanwhile
    before = sys.getrefcount(None)
    for _ in range(500):
        with pytest.raises(ReadError, match="truncated or damaged"):
            read_picture(io.BytesIO(bytes(file)))
    assert sys.getrefcount(None) > before - 100
