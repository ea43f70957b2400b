"""JPEG XR: every kind of pixels, and its directory."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from imagecodecs import jpegxr_decode, jpegxr_encode
from PIL import Image

from convcli.image import Metadata, Picture, format_named, losses, read_picture
from tests.support.encoding import by_convcli
from tests.support.noise import noise
from tests.support.reading import failure


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("shape", [(1, 1), (15, 17), (40, 50)])
def test_whole_numbers_come_back(dtype: type, channels: int, shape: tuple[int, int]) -> None:
    pixels = noise(3, *shape, channels, dtype=dtype)
    said = Metadata(dpi=(300, 150))
    data = by_convcli(Picture((pixels,), has_alpha=channels in (2, 4), metadata=said), "jxr")
    shown = pixels[:, :, [0, 0, 0, 1]] if channels == 2 else pixels
    np.testing.assert_array_equal(jpegxr_decode(data).reshape(shown.shape), shown)
    picture = read_picture(io.BytesIO(data))
    np.testing.assert_array_equal(picture.frames[0], shown)
    assert picture.has_alpha == (channels in (2, 4))
    assert picture.metadata.dpi == pytest.approx((300, 150))


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_floats_that_fit_halves_are_kept_and_others_rounded(channels: int) -> None:
    values = noise(3, 20, 30, channels, dtype=np.float32) * 3 - 1
    halves = values.astype(np.float16).astype(np.float32)
    for pixels, codes in ((halves, []), (values.astype(np.float32), ["floats-rounded"])):
        picture = Picture((pixels,), has_alpha=channels == 4)
        found = read_picture(io.BytesIO(by_convcli(picture, "jxr")))
        assert found.dtype == np.float32
        np.testing.assert_allclose(found.frames[0], pixels, rtol=2**-12, atol=0 if not codes else 1e-4)
        assert [note.code for note in losses(picture, format_named("jxr"))] == codes
        assert np.array_equal(found.frames[0], pixels) == (not codes)


def test_black_and_white_becomes_gray() -> None:
    values = noise(3, 20, 32, 1)[:, :, 0] > 99
    picture = read_picture(io.BytesIO(jpegxr_encode(values)))
    assert picture.dtype == np.uint8
    assert [note.code for note in picture.notes] == ["converted"]


def test_a_quality_loses_a_little() -> None:
    smooth = np.add.outer(np.arange(90), np.arange(120)).astype(np.uint8)[:, :, np.newaxis].repeat(3, 2)
    large, small = (by_convcli(Picture((smooth,)), "jxr", quality=quality) for quality in (95, 50))
    assert len(small) < len(large) < len(by_convcli(Picture((smooth,)), "jxr"))
    found = read_picture(io.BytesIO(large)).frames[0].astype(np.int64)
    assert np.sqrt(np.mean((found - smooth) ** 2)) < 2


def test_limits_and_damage(capfd: pytest.CaptureFixture[str]) -> None:
    data = by_convcli(Picture((noise(3, 20, 30, 3),)), "jxr")
    for length in (6, 40, 100, 200, len(data) - 1):
        failure(io.BytesIO(data[:length]))
    at = data.index(b"WMPHOTO\0") + 12
    assert struct.unpack_from(">HH", data, at) == (29, 19)
    wider = data[:at] + struct.pack(">HH", 60_000, 60_000) + data[at + 4 :]
    assert "truncated or damaged" in failure(io.BytesIO(wider)).message  # the directory says otherwise
    directory = wider.replace(struct.pack("<HHII", 0xBC80, 4, 1, 30), struct.pack("<HHII", 0xBC80, 4, 1, 60_001))
    directory = directory.replace(struct.pack("<HHII", 0xBC81, 4, 1, 20), struct.pack("<HHII", 0xBC81, 4, 1, 60_001))
    assert "60001×60001 pixels, over the limit" in failure(io.BytesIO(directory)).message
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("depth", [11, 12, 13, 14])
def test_a_depth_that_is_none_is_refused_before_the_library_divides_by_it(depth: int) -> None:
    data = bytearray(by_convcli(Picture((noise(3, 20, 24, 3),)), "jxr"))
    at = data.index(b"WMPHOTO\0") + 11
    data[at] = data[at] & 0xF0 | depth
    assert "damaged" in failure(bytes(data)).message


def tiled(pixels: np.ndarray, counts: bytes) -> bytes:
    """Return a file that says it is tiled, as one tile if the counts are 0; its pixels are at its end."""
    data = bytearray(by_convcli(Picture((pixels,)), "jxr"))
    at = data.index(b"WMPHOTO\0")
    data[at + 9] |= 0x80
    place = at + (16 if data[at + 10] & 0x80 else 20)
    (length,) = [entry for entry in range(at) if data[entry : entry + 2] == b"\xc1\xbc"]
    struct.pack_into("<I", data, length + 8, struct.unpack_from("<I", data, length + 8)[0] + len(counts))
    return bytes(data[:place] + counts + data[place:])


def test_tiles_that_the_picture_has_no_room_for_are_refused() -> None:
    pixels = noise(3, 40, 50, 1)
    whole = read_picture(io.BytesIO(tiled(pixels, bytes(3))))
    np.testing.assert_array_equal(whole.frames[0], pixels)
    for counts in (b"\xff\xf0\0", b"\0\x0f\xff", b"\0\x40\0\1\1\1\1", b"\0\x10\0\0"):
        assert "damaged" in failure(tiled(pixels, counts)).message


KINDS = bytes.fromhex("24c3dd6f034efe4bb1853d77768dc9")


def of_kind(file: bytes, number: int) -> bytes:
    """Return a file whose pixels are said to be of another kind of the same values."""
    return file[:8] + KINDS + bytes([number]) + file[24:]


def turned(file: bytes, turn: int, xmp: bytes = b"") -> bytes:
    """Return a file whose stream says that its picture is to be turned, with XMP data."""
    data = bytearray(file)
    data[data.index(b"WMPHOTO\0") + 9] |= turn << 3
    (start,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, start)
    for at in range(start + 2, start + 2 + 12 * count, 12):
        if struct.unpack_from("<H", data, at)[0] == 0xBC02:
            data[at + 8] = turn
    entries = bytes(data[start + 2 : start + 2 + 12 * count])
    place = len(data) + len(xmp)
    struct.pack_into("<I", data, 4, place)
    data += xmp + struct.pack("<H", count + 1) + struct.pack("<HHII", 0x02BC, 1, len(xmp), place - len(xmp))
    return bytes(data + entries + bytes(4))


@pytest.mark.parametrize("turn", range(8))
def test_a_picture_is_turned_once(turn: int) -> None:
    pixels = noise(3, 20, 30, 3)
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><tiff:Orientation>%d</tiff:Orientation></x:xmpmeta>"
    orientation = (1, 4, 2, 3, 6, 7, 5, 8)[turn]
    wanted = np.rot90(pixels, 3) if turn > 3 else pixels
    wanted = wanted[:: -1 if turn & 1 else 1, :: -1 if turn & 2 else 1]
    picture = read_picture(
        io.BytesIO(turned(bytes(jpegxr_encode(pixels, resolution=(300, 150))), turn, xmp % orientation))
    )
    np.testing.assert_array_equal(picture.frames[0], wanted)
    assert picture.metadata.dpi == pytest.approx((150, 300) if turn > 3 else (300, 150))
    assert b"Orientation" not in picture.metadata.xmp


@pytest.mark.parametrize(
    ("dtype", "channels", "number"),
    [(np.uint8, 3, 0x0E), (np.float16, 3, 0x42), (np.float32, 3, 0x1B), (np.uint8, 4, 0x10)],
)
def test_kinds_that_the_library_does_not_know_are_read(dtype: type, channels: int, number: int) -> None:
    pixels = noise(3, 20, 30, channels, dtype=np.uint8)
    pixels[:, :, 3:] = 255
    values = pixels if dtype is np.uint8 else (pixels / 256).astype(dtype)
    file = of_kind(bytes(jpegxr_encode(values, 1.0, hasalpha=channels == 4)), number)
    with pytest.raises(Exception, match=r"jxr|PKFormat"):
        jpegxr_decode(file)
    picture = read_picture(io.BytesIO(file))
    assert picture.has_alpha == (channels == 4)
    np.testing.assert_allclose(picture.frames[0], values, atol=0 if dtype is np.uint8 else 1e-3)


@pytest.mark.parametrize("scale", [1, 257])
def test_inks_are_converted_as_pillow_does(scale: int) -> None:
    inks = noise(3, 20, 30, 4)
    file = jpegxr_encode(inks if scale == 1 else inks * np.uint16(257), 1.0, photometric="cmyk")
    picture = read_picture(io.BytesIO(file), deep=True)
    wanted = np.asarray(Image.fromarray(inks, "CMYK").convert("RGB")).astype(np.int64)
    assert np.abs(picture.frames[0] / scale - wanted).max() <= 1
    assert [note.code for note in picture.notes] == ["converted"]
