"""JPEG 2000, against Pillow and OpenJPEG without our boxes."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from imagecodecs import jpeg2k_decode, jpeg2k_encode
from PIL import Image

from convcli.image import Metadata, Picture, read_picture
from convcli.image.sampled.boxes import box, boxes
from tests.support.encoding import SRGB, by_convcli, by_pillow
from tests.support.exif import exif
from tests.support.noise import noise
from tests.support.profiles import cmyk_profile
from tests.support.reading import failure

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><!-- a scene --></x:xmpmeta>'


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("shape", [(1, 1), (3, 2), (40, 50)])
def test_others_read_what_is_written(dtype: type, channels: int, shape: tuple[int, int]) -> None:
    pixels = noise(3, *shape, channels, dtype=dtype)
    data = by_convcli(Picture((pixels,), has_alpha=channels in (2, 4)), "jp2")
    np.testing.assert_array_equal(jpeg2k_decode(data).reshape(pixels.shape), pixels)
    if dtype == np.uint8:
        seen = Image.open(io.BytesIO(data))
        assert seen.mode == {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels]
        np.testing.assert_array_equal(np.asarray(seen).reshape(pixels.shape), pixels)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("bare", [False, True])
def test_what_pillow_writes_is_read(mode: str, bare: bool) -> None:
    image = Image.fromarray(noise(3, 30, 40, 4)).convert(mode)
    data = by_pillow(image, "JPEG2000", no_jp2=bare)
    picture = read_picture(io.BytesIO(data))
    np.testing.assert_array_equal(picture.frames[0].squeeze(), np.asarray(image))
    assert picture.has_alpha == mode.endswith("A")
    assert (picture.quality, picture.lossy) == (100, "")
    lossy = read_picture(io.BytesIO(by_pillow(image, "JPEG2000", irreversible=True)))
    assert (lossy.quality, lossy.lossy) == (None, "compression")


@pytest.mark.parametrize("bits", [1, 4, 10, 12])
def test_fewer_bits_are_scaled(bits: int) -> None:
    values = noise(3, 20, 30, 3, dtype=np.uint8 if bits < 8 else np.uint16, top=(1 << bits) - 1)
    picture = read_picture(io.BytesIO(jpeg2k_encode(values, bitspersample=bits)))
    full = 255 if bits < 8 else 65_535
    np.testing.assert_array_equal(picture.frames[0], np.floor(values * (full / ((1 << bits) - 1)) + 0.5))
    assert [note.code for note in picture.notes] == ["scaled"]


@pytest.mark.parametrize("dtype", [np.int8, np.int16])
def test_signed_numbers_begin_at_black(dtype: type) -> None:
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    values: np.ndarray = np.linspace(low, high, 600).reshape(20, 30).astype(dtype)
    picture = read_picture(io.BytesIO(jpeg2k_encode(values)))
    np.testing.assert_array_equal(picture.frames[0][:, :, 0], values.astype(np.int64) - low)
    assert [note.code for note in picture.notes] == ["converted"]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_metadata_comes_back(dtype: type) -> None:
    said = Metadata(SRGB, exif(), (300, 150), XMP)
    pixels = noise(3, 20, 30, 3, dtype=dtype)
    picture = read_picture(io.BytesIO(by_convcli(Picture((pixels,), metadata=said), "jp2")))
    np.testing.assert_array_equal(picture.frames[0], pixels)  # no profile is applied
    assert (picture.metadata.icc, picture.metadata.xmp) == (SRGB, XMP)
    assert picture.metadata.dpi == pytest.approx((300, 150), abs=0.1)
    assert b"a description" in picture.metadata.exif


def test_a_quality_loses_a_little() -> None:
    smooth = np.add.outer(np.arange(90), np.arange(120)).astype(np.uint8)[:, :, np.newaxis].repeat(3, 2)
    sizes = []
    for quality, most in ((100, 0), (90, 3), (40, 30)):
        data = by_convcli(Picture((smooth,)), "jp2", quality=quality)
        found = read_picture(io.BytesIO(data)).frames[0].astype(np.int64)
        assert np.sqrt(np.mean((found - smooth) ** 2)) <= most
        sizes.append(len(data))
    assert sizes == sorted(sizes, reverse=True)


def patched(data: bytes, kind: bytes, content: bytes) -> bytes:
    """Return a JP2 with another box in the place of one of its header."""
    parts = {name: data[start:end] for name, start, end in boxes(data)}
    inner = parts[b"jp2h"]
    header = b"".join(box(name, content if name == kind else inner[a:b]) for name, a, b in boxes(inner))
    return data[:32] + box(b"jp2h", header) + box(b"jp2c", parts[b"jp2c"])


def test_kinds_that_are_not_read_are_named() -> None:
    five = by_pillow(Image.fromarray(noise(3, 8, 8, 3)), "JPEG2000", no_jp2=True)
    at = five.index(b"\xff\x51") + 40
    assert "bits, which is not read" in failure(io.BytesIO(five[:at] + b"\x18" + five[at + 1 :])).message


def test_a_channel_that_is_said_to_be_no_alpha_is_none() -> None:
    data = by_convcli(Picture((noise(3, 20, 30, 2),), has_alpha=True), "jp2")
    kinds = struct.pack(">HHHHHHH", 2, 0, 0, 1, 1, 0, 2)
    assert not read_picture(io.BytesIO(patched(data, b"cdef", kinds))).has_alpha


def test_limits_and_damage() -> None:
    data = by_convcli(Picture((noise(3, 20, 30, 3),)), "jp2")
    at = data.index(b"\xff\x51") + 6
    large = data[:at] + struct.pack(">II", 60_000, 60_000) + data[at + 8 :]
    assert "60000×60000 pixels, over the limit" in failure(io.BytesIO(large)).message
    for length in (20, 60, 90, 150):
        failure(io.BytesIO(data[:length]))
    failure(io.BytesIO(data[:-30]))


def halved_grid(pixels: np.ndarray, bits: int, channels: int = 3) -> bytes:
    """Return a stream whose channels have each a half of the width and height that it states, and these pixels."""
    data = bytearray(jpeg2k_encode(pixels, codecformat="j2k", reversible=True, bitspersample=bits))
    at = data.index(b"\xff\x51") + 6
    right, bottom, left, top, across, down, *offsets = struct.unpack_from(">8I", data, at)
    assert (left, top, *offsets) == (0, 0, 0, 0)
    struct.pack_into(">8I", data, at, 2 * right, 2 * bottom, 0, 0, 2 * across, 2 * down, 0, 0)
    for channel in range(channels):
        data[at + 34 + 3 * channel + 1 : at + 34 + 3 * channel + 3] = b"\2\2"
    return bytes(data)


@pytest.mark.parametrize(("bits", "codes"), [(8, []), (4, ["scaled"])])
def test_channels_of_fewer_pixels_are_enlarged(bits: int, codes: list[str]) -> None:
    values = noise(3, 20, 30, 3, top=(1 << bits) - 1)
    picture = read_picture(io.BytesIO(halved_grid(values, bits)))
    levels = values * (255 // ((1 << bits) - 1))
    np.testing.assert_array_equal(picture.frames[0], levels.repeat(2, 0).repeat(2, 1))
    assert [note.code for note in picture.notes] == ["converted", *codes]
    assert "enlarged" in picture.notes[0]


def test_a_grid_that_is_damaged_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    failure(io.BytesIO(halved_grid(noise(3, 20, 30, 3), 8)[:-200]))
    assert capfd.readouterr().err == ""


def of_inks(inks: np.ndarray, color: bytes) -> bytes:
    """Return a JP2 of channels whose colors are those of a box."""
    bits = 8 * inks.itemsize - 1
    head = struct.pack(">IIHBBBB", *inks.shape[:2], inks.shape[2], bits, 7, 0, 0)
    stream = bytes(jpeg2k_encode(inks, codecformat="j2k", reversible=True))
    start = box(b"jP  ", b"\r\n\x87\n") + box(b"ftyp", b"jp2 \0\0\0\0jp2 ")
    return start + box(b"jp2h", box(b"ihdr", head) + box(b"colr", color)) + box(b"jp2c", stream)


CMYK = struct.pack(">BBBI", 1, 0, 0, 12)
WHITE = (255 * 256, 128 * 256, 128 * 256)  # of Lab


def test_cmyk_is_converted_as_pillow_does() -> None:
    inks = noise(3, 20, 30, 4)
    picture = read_picture(io.BytesIO(of_inks(inks, CMYK)))
    expected = Image.fromarray(inks, "CMYK").convert("RGB")
    np.testing.assert_array_equal(picture.frames[0], np.asarray(expected))
    assert [str(note) for note in picture.notes] == ["its CMYK colors are converted to RGB"]


def test_cmyk_of_sixteen_bits_is_that_of_eight() -> None:
    inks = noise(3, 20, 30, 4)
    deep = read_picture(io.BytesIO(of_inks(inks * np.uint16(257), CMYK)), deep=True)
    shallow = read_picture(io.BytesIO(of_inks(inks, CMYK)))
    assert (deep.bits, deep.channels) == (16, 3)
    assert np.abs(deep.frames[0] / 257 - shallow.frames[0]).max() <= 1
    assert [note.code for note in deep.notes] == ["converted"]


@pytest.mark.parametrize("scale", [1, 257])
def test_inks_by_a_profile_alone_are_no_rgb_with_alpha(scale: int) -> None:
    inks = noise(3, 20, 30, 4) if scale == 1 else noise(3, 20, 30, 4) * np.uint16(257)
    picture = read_picture(io.BytesIO(of_inks(inks, b"\2\0\0" + cmyk_profile(WHITE))), deep=True)
    assert (picture.channels, picture.has_alpha, picture.metadata.icc) == (3, False, b"")
    assert [note.code for note in picture.notes] == ["converted"]
    assert (picture.frames[0] == picture.full_scale).all()  # as the profile has it


def test_a_last_box_that_is_said_to_be_too_long_is_read() -> None:
    pixels = noise(4, 20, 24, 3)
    data = by_pillow(Image.fromarray(pixels), "JPEG2000", irreversible=False)
    at = data.index(b"jp2c") - 4
    longer = data[:at] + struct.pack(">I", len(data) - at + 9) + data[at + 4 :]
    picture = read_picture(io.BytesIO(longer))
    np.testing.assert_array_equal(picture.frames[0], pixels)
    assert [note.code for note in picture.damage] == ["damaged"]
    assert "last box" in failure(longer, strict=True).message
    assert "truncated or damaged" in failure(longer[:-30]).message  # its end mark is missing
    at = data.index(b"jp2h") - 4
    assert "truncated or damaged" in failure(data[:at] + b"\0\xff" + data[at + 2 :]).message
