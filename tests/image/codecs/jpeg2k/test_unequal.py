"""JPEG 2000 whose channels lie on grids of their own, have bits of their own, or are many."""

from __future__ import annotations

import io
import struct
from fractions import Fraction

import numpy as np
import pytest
from imagecodecs import jpeg2k_decode, jpeg2k_encode
from numpy.typing import NDArray
from PIL import Image

from convcli.image import read_picture
from convcli.image.sampled.boxes import box
from tests.image.codecs.jpeg2k.test_jpeg2k import halved_grid
from tests.support.encoding import by_convcli, by_pillow
from tests.support.noise import noise
from tests.support.reading import failure, read_all

av = pytest.importorskip("av", reason="FFmpeg is the other decoder, and writes halved colors")


def on_a_grid(pixels: NDArray[np.uint8], across: int, down: int, tile: int = 0) -> bytes:
    """Return a stream of gray whose pixels are so many steps of the grid wide and high; in tiles of some pixels."""
    options = {"tile_size": (tile, tile)} if tile else {}
    data = bytearray(by_pillow(Image.fromarray(pixels), "JPEG2000", no_jp2=True, **options))
    at = data.index(b"\xff\x51") + 6
    right, bottom, left, top, wide, high, *offsets = struct.unpack_from(">8I", data, at)
    assert (left, top, *offsets) == (0, 0, 0, 0)
    struct.pack_into(">8I", data, at, right * across, bottom * down, 0, 0, wide * across, high * down, 0, 0)
    data[at + 35 : at + 37] = bytes([across, down])
    return bytes(data)


def in_jp2(stream: bytes, dpi: int) -> bytes:
    width, height = struct.unpack_from(">II", stream, stream.index(b"\xff\x51") + 6)
    dots = round(dpi * 39.3701)
    parts = box(b"ihdr", struct.pack(">IIHBBBB", height, width, 1, 7, 7, 0, 0))
    parts += box(b"colr", struct.pack(">BBBI", 1, 0, 0, 17))
    parts += box(b"res ", box(b"resc", struct.pack(">HHHHbb", dots, 1, dots, 1, 0, 0)))
    start = box(b"jP  ", b"\r\n\x87\n") + box(b"ftyp", b"jp2 \0\0\0\0jp2 ")
    return start + box(b"jp2h", parts) + box(b"jp2c", stream)


def frames_by_ffmpeg(stream: bytes) -> list[NDArray[np.uint8]]:
    context = av.codec.CodecContext.create("jpeg2000", "r")
    return [frame.to_ndarray() for frame in context.decode(av.Packet(stream))]


@pytest.mark.parametrize(("across", "down"), [(2, 1), (1, 2), (3, 5), (2, 2)])
@pytest.mark.parametrize("tile", [0, 16])
def test_gray_keeps_the_pixels_that_are_stored(across: int, down: int, tile: int) -> None:
    pixels = noise(3, 21, 34, 1)[:, :, 0]
    stream = on_a_grid(pixels, across, down, tile)
    picture = read_picture(io.BytesIO(stream))
    np.testing.assert_array_equal(picture.frames[0][:, :, 0], pixels)
    assert [note.code for note in picture.notes] == ["unequal-pixels"]
    assert f"{across} wide and {down} high" in picture.notes[0]
    if max(across, down) > 2:
        return  # FFmpeg has no such steps
    (theirs,) = frames_by_ffmpeg(stream)
    np.testing.assert_array_equal(theirs, pixels)


def test_a_resolution_is_that_of_the_pixels() -> None:
    picture = read_picture(io.BytesIO(in_jp2(on_a_grid(noise(3, 9, 8, 1)[:, :, 0], 2, 1), 300)))
    assert picture.metadata.dpi == pytest.approx((150, 300), abs=0.01)


def test_many_bits_on_a_coarser_grid_stay_what_they_are() -> None:
    values = noise(3, 20, 30, 3, dtype=np.uint16, top=4095)
    picture = read_picture(io.BytesIO(halved_grid(values, 12)))
    np.testing.assert_array_equal(picture.frames[0], np.floor(values * (65_535 / 4095) + 0.5))


@pytest.mark.parametrize(("format_", "bits"), [("yuv422p10le", 10), ("yuv420p12le", 12), ("yuv422p", 8)])
def test_halved_colors_of_many_bits_are_enlarged(format_: str, bits: int) -> None:
    context = av.codec.CodecContext.create("jpeg2000", "w")
    context.width, context.height, context.pix_fmt = 64, 48, format_
    context.time_base, context.options = Fraction(1, 25), {"format": "j2k", "pred": "dwt53"}
    frame = av.VideoFrame(64, 48, format_)
    levels = np.repeat(np.linspace(0, (1 << bits) - 1, 64), 48).reshape(64, 48).T.astype("u2" if bits > 8 else "u1")
    for plane, values in zip(frame.planes, (levels, None, None), strict=True):
        full = np.frombuffer(plane, levels.dtype).reshape(plane.height, -1)
        full = (
            np.full_like(full, 1 << bits - 1) if values is None else np.pad(values, ((0, 0), (0, full.shape[1] - 64)))
        )
        plane.update(full.tobytes())
    stream = b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)])

    picture = read_picture(io.BytesIO(stream))

    white = 255 if bits == 8 else 65_535
    expected = np.floor(levels * (white / ((1 << bits) - 1)) + 0.5)
    np.testing.assert_allclose(picture.frames[0], np.repeat(expected[:, :, np.newaxis], 3, axis=2), atol=white / 500)
    assert "enlarged" in picture.notes[0]


def test_alpha_of_one_bit_is_scaled_by_itself() -> None:
    data = bytearray(jpeg2k_encode(noise(3, 12, 9, 4, top=1), codecformat="j2k", reversible=True, bitspersample=1))
    at = data.index(b"\xff\x51") + 40
    data[at : at + 9 : 3] = bytes([4, 4, 4])  # 5 bits, which the values of one fit
    stored = read_picture(io.BytesIO(bytes(data)))
    colors = np.unique(stored.frames[0][:, :, :3])
    assert np.unique(stored.frames[0][:, :, 3]).tolist() == [0, 255]
    assert set((colors * 31 / 255 % 1).round(1)) <= {0.0, 0.1, 0.9, 1.0}
    assert stored.has_alpha


def test_many_channels_go_where_they_are_held() -> None:
    pixels = noise(3, 20, 24, 5)
    data = bytes(jpeg2k_encode(pixels, codecformat="j2k", reversible=True))
    np.testing.assert_array_equal(jpeg2k_decode(data), pixels)
    np.testing.assert_array_equal(read_all(data, everything=True).frames[0], pixels)
    picture = read_picture(io.BytesIO(data))
    np.testing.assert_array_equal(picture.frames[0], pixels[:, :, :3])
    assert [note.code for note in picture.notes] == ["channels-left-out"]


def test_many_channels_count_in_the_limit() -> None:
    data = bytes(jpeg2k_encode(noise(3, 20, 24, 9), codecformat="j2k", reversible=True))
    assert "9 channels of 24×20 pixels" in failure(data, max_pixels=8639).message
    read_picture(io.BytesIO(data), max_pixels=8640)


def test_grids_of_other_steps_are_named_with_a_way() -> None:
    stream = bytearray(on_a_grid(noise(3, 21, 34, 1)[:, :, 0], 2, 1))
    at = stream.index(b"\xff\x51") + 6
    struct.pack_into(">I", stream, at + 8, 1)  # the picture begins between two pixels
    error = failure(bytes(stream))
    assert "not square" in error.message
    assert "magick" in error.hint


def test_a_written_file_is_not_touched() -> None:
    from convcli.image import Picture

    pixels = noise(3, 9, 8, 1)
    np.testing.assert_array_equal(read_all(by_convcli(Picture((pixels,)), "jp2")).frames[0], pixels)
