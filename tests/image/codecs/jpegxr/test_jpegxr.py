"""JPEG XR: every kind of pixels, and its directory."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from imagecodecs import jpegxr_decode, jpegxr_encode

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
