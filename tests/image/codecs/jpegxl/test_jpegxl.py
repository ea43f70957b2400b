"""JPEG XL: depth, curves, boxes and limits."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from imagecodecs import brotli_encode, jpegxl_decode, jpegxl_encode
from PIL import ExifTags, Image

from convcli.image import Metadata, Picture, format_named, losses, read_picture
from convcli.image.coded.bits import ENUM, Bits, replaced
from convcli.image.coded.jpegxl import codestream, header_of
from convcli.image.color_profile import light_profile
from convcli.image.sampled.boxes import box, boxes
from tests.support.encoding import by_convcli
from tests.support.exif import exif
from tests.support.noise import noise
from tests.support.reading import failure

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><!-- a scene --></x:xmpmeta>'


@given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 4), st.sampled_from([np.uint8, np.uint16, np.float32]))
def test_every_depth_comes_back_and_libjxl_reads_it(width: int, height: int, channels: int, dtype: type) -> None:
    pixels = noise(3, height, width, channels, dtype=dtype)
    data = by_convcli(Picture((pixels,), has_alpha=channels in (2, 4)), "jxl")
    header = header_of(codestream(data))
    assert (header.width, header.height, header.channels) == (width, height, channels)
    assert (header.is_float, header.is_xyb) == (dtype == np.float32, False)
    np.testing.assert_array_equal(jpegxl_decode(data).reshape(pixels.shape), pixels)
    picture = read_picture(io.BytesIO(data))
    np.testing.assert_array_equal(picture.frames[0], pixels)
    assert (picture.has_alpha, picture.quality, picture.lossy, picture.notes) == (channels in (2, 4), 100, "", ())
    assert picture.metadata.icc == b""  # its levels are said to be those of sRGB


def test_floats_out_of_range_are_kept() -> None:
    values = (noise(3, 20, 30, 3, dtype=np.float32) * 6 - 2).astype(np.float32)
    picture = Picture((values,))
    np.testing.assert_array_equal(read_picture(io.BytesIO(by_convcli(picture, "jxl"))).frames[0], values)
    assert [note.code for note in losses(Picture((values.astype(np.float64),)), format_named("jxl"))] == [
        "floats-rounded"
    ]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("has_alpha", [False, True])
def test_a_quality_loses_a_little_and_no_light(dtype: type, has_alpha: bool) -> None:
    full = 1 if dtype == np.float32 else np.iinfo(dtype).max
    down, right = np.mgrid[0:60, 0:80]
    pixels = np.stack([right / 79, down / 59, (right + down) / 138, 1 - right / 90], axis=2)[:, :, : 3 + has_alpha]
    picture = Picture(((pixels * full).astype(dtype),), has_alpha)
    data = by_convcli(picture, "jxl", quality=90)
    found = read_picture(io.BytesIO(data))
    assert found.dtype == dtype
    assert (found.lossy, found.metadata.icc) == ("compression", b"")
    assert np.sqrt(np.mean((found.frames[0] / full - pixels) ** 2)) < 0.01
    assert len(by_convcli(picture, "jxl", quality=40)) < len(data)


@pytest.mark.parametrize("bits", [1, 5, 10, 12])
def test_fewer_bits_are_scaled(bits: int) -> None:
    values = noise(3, 20, 30, 3, dtype=np.uint8 if bits < 8 else np.uint16, top=(1 << bits) - 1)
    picture = read_picture(io.BytesIO(jpegxl_encode(values, 101, bitspersample=bits)))
    full = 255 if bits < 8 else 65_535
    np.testing.assert_array_equal(picture.frames[0], np.floor(values * (full / ((1 << bits) - 1)) + 0.5))
    assert [note.code for note in picture.notes] == ["scaled"]


def test_light_has_a_profile_that_says_so() -> None:
    for channels in (1, 3):
        values = noise(3, 20, 30, channels, dtype=np.uint16)
        picture = read_picture(io.BytesIO(jpegxl_encode(values.squeeze(), 101)))  # which calls it light
        assert picture.metadata.icc == light_profile(gray=channels == 1)


def test_halves_become_floats() -> None:
    values = noise(3, 20, 30, 3, dtype=np.float32).astype(np.float16)
    np.testing.assert_array_equal(read_picture(io.BytesIO(jpegxl_encode(values, 101))).frames[0], values)


def test_of_an_animation_the_first_frame_is_read() -> None:
    frames = noise(3, 3, 20, 30, 3)
    picture = read_picture(io.BytesIO(jpegxl_encode(frames, 101, photometric="rgb")))
    np.testing.assert_array_equal(picture.frames[0], frames[0])
    assert [note.code for note in picture.notes] == ["frames-left-out"]


def test_metadata_comes_back_and_may_be_packed() -> None:
    said = Metadata(b"", exif(), None, XMP)
    pixels = noise(3, 20, 30, 3)
    data = by_convcli(Picture((pixels,), metadata=said), "jxl")
    np.testing.assert_array_equal(jpegxl_decode(data), pixels)
    packed = b"".join(
        box(b"brob", kind + brotli_encode(data[start:end]))
        if kind in (b"Exif", b"xml ")
        else box(kind, data[start:end])
        for kind, start, end in boxes(data)
    )
    assert packed != data
    for file in (data, packed):
        picture = read_picture(io.BytesIO(file))
        assert picture.metadata.xmp == XMP
        assert b"a description" in picture.metadata.exif
    bomb = box(b"brob", b"xml " + brotli_encode(bytes(50_000_000))) + box(b"jxlc", codestream(data))
    bomb = box(b"JXL ", b"\r\n\x87\n") + bomb
    assert [note.code for note in read_picture(io.BytesIO(bomb)).notes] == ["metadata-left-out"]


def test_the_orientation_is_that_of_the_stream() -> None:
    pixels = noise(3, 20, 30, 3)
    said = Image.Exif()
    said[ExifTags.Base.Orientation], said[ExifTags.Base.Make] = 6, "A maker"
    turned = said.tobytes()
    boxed = box(b"JXL ", b"\r\n\x87\n") + box(b"ftyp", b"jxl \0\0\0\0jxl ")
    boxed += box(b"Exif", bytes(4) + turned.removeprefix(b"Exif\0\0"))
    boxed += box(b"xml ", b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><tiff:Orientation>6</tiff:Orientation></x:xmpmeta>")
    boxed += box(b"jxlc", bytes(jpegxl_encode(pixels, 101)))
    picture = read_picture(io.BytesIO(boxed))
    np.testing.assert_array_equal(picture.frames[0], pixels)
    assert b"A maker" in picture.metadata.exif


def test_parts_of_a_stream_are_put_together() -> None:
    pixels = noise(3, 20, 30, 3)
    stream = bytes(jpegxl_encode(pixels, 101))
    boxed = box(b"JXL ", b"\r\n\x87\n") + box(b"ftyp", b"jxl \0\0\0\0jxl ")
    boxed += box(b"jxlp", bytes(4) + stream[:5]) + box(b"jxlp", bytes([0x80, 0, 0, 1]) + stream[5:])
    np.testing.assert_array_equal(read_picture(io.BytesIO(boxed)).frames[0], pixels)


def test_limits_and_damage() -> None:
    pixels = noise(3, 20, 30, 3)
    stream = bytes(jpegxl_encode(pixels, 101))
    for length in (2, 5, 12, 100, len(stream) - 200):
        failure(io.BytesIO(stream[:length]))
    size = Bits(stream)
    size.take(17)
    assert size.number(((9, 1), (13, 1), (18, 1), (30, 1))) == 20
    sides = 3 << 1 | 99_999 << 3 | 1 << 33  # not by eight, a height of 30 bits, and a width that is the same
    large = b"\xff\x0a" + (sides | 1 << 36).to_bytes(5, "little") + stream[7:]
    assert "100000×100000 pixels, over the limit" in failure(io.BytesIO(large)).message


@given(st.binary(min_size=8, max_size=8), st.integers(0, 20), st.integers(1, 40), st.data())
def test_bits_are_read_and_replaced(data: bytes, at: int, count: int, drawn: st.DataObject) -> None:
    number = drawn.draw(st.integers(0, (1 << count) - 1))
    changed = replaced(data, at, count, number)
    reader = Bits(changed)
    reader.take(at)
    assert reader.take(count) == number
    before, after = (int.from_bytes(each, "little") for each in (data, changed))
    assert (before ^ after) & ~(((1 << count) - 1) << at) == 0


def test_numbers_have_four_ways() -> None:
    assert [Bits(bytes([byte])).number(ENUM) for byte in (0, 1, 0b10 | 5 << 2, 0b11 | 7 << 2)] == [0, 1, 7, 25]
    with pytest.raises(ValueError, match="cut off"):
        Bits(b"").flag()
