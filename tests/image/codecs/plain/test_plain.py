"""TGA, ICO, PCX, SGI and DDS: what Pillow reads otherwise, or in a long time, or not at all."""

from __future__ import annotations

import io
import struct
import time
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from convcli.image import Picture, format_named, read_picture
from convcli.image.formats import identify
from tests.formats.further import sgi
from tests.support.encoding import by_convcli, by_pillow
from tests.support.noise import noise
from tests.support.reading import failure

NAMES = ("tga", "ico", "pcx", "sgi", "dds")


@pytest.mark.parametrize(
    ("name", "channels"), [(name, count) for name in NAMES for count in (1, 2, 3, 4) if name != "pcx" or count % 2]
)
@pytest.mark.parametrize("size", [(1, 1), (2, 3), (5, 1), (31, 17), (64, 33)])
def test_pillow_reads_what_is_written_and_it_comes_back(name: str, size: tuple[int, int], channels: int) -> None:
    pixels = noise(7, size[1], size[0], channels)
    data = by_convcli(Picture((pixels,), has_alpha=channels in (2, 4)), name)
    assert identify(data[:32]) == format_named(name)
    picture = read_picture(io.BytesIO(data))
    np.testing.assert_array_equal(picture.frames[0], pixels)
    assert (picture.has_alpha, picture.notes) == (channels in (2, 4), ())
    if (name, channels) != ("sgi", 2):
        seen = np.asarray(Image.open(io.BytesIO(data)))
        np.testing.assert_array_equal(seen.reshape(pixels.shape), pixels)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_cut_off_is_one_line(name: str) -> None:
    data = by_convcli(Picture((noise(7, 40, 30, 3),)), name)
    for length in (33, len(data) // 2, len(data) - 40):
        failure(io.BytesIO(data[:length]))


# ---- TGA ----


def tga(pixels: NDArray[np.uint8], alpha_bits: int) -> bytes:
    height, width, channels = pixels.shape
    header = struct.pack("<BBBHHBHHHHBB", 0, 0, 2, 0, 0, 0, 0, 0, width, height, 8 * channels, 0x20 | alpha_bits)
    return header + pixels[:, :, [2, 1, 0, 3][:channels]].tobytes()


def test_bits_of_a_palette_that_is_not_there() -> None:
    pixels = noise(3, 5, 6, 3)
    file = tga(pixels, 0)
    np.testing.assert_array_equal(read_picture(io.BytesIO(file[:7] + b"\x18" + file[8:])).frames[0], pixels)


def runs_of(pixels: NDArray[np.uint8], longest: int = 128) -> bytes:
    """Return runs over all pixels, whatever row they are in."""
    every = pixels.reshape(-1, pixels.shape[2])
    parts, at = [], 0
    while at < len(every):
        same = 1
        while at + same < len(every) and same < longest and (every[at + same] == every[at]).all():
            same += 1
        if same > 1:
            parts.append(bytes([0x7F + same]) + every[at].tobytes())
        else:
            parts.append(b"\0" + every[at].tobytes())
        at += same
    return b"".join(parts)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("flags", [0x00, 0x10, 0x20, 0x30])
def test_runs_of_a_tga_that_go_on_in_the_next_row(channels: int, flags: int) -> None:
    pixels = np.repeat(noise(4, 5, 1, channels), 7, axis=1)
    pixels[2:4] = pixels[1, 0]  # for three rows
    kind = 11 if channels == 1 else 10
    stored = pixels[:: 1 if flags & 0x20 else -1, :: -1 if flags & 0x10 else 1]
    stored = stored[:, :, [2, 1, 0, 3][:channels]] if channels > 1 else stored
    flags |= 8 * (channels == 4)
    header = struct.pack("<BBBHHBHHHHBB", 0, 0, kind, 0, 0, 0, 0, 0, 7, 5, 8 * channels, flags)
    file = header + runs_of(stored)
    np.testing.assert_array_equal(read_picture(io.BytesIO(file)).frames[0], pixels)
    failure(file[:-2])


def test_a_palette_of_words() -> None:
    words = np.array([0x7FFF, 0x001F, 0x7C00], "<u2")
    header = struct.pack("<BBBHHBHHHHBB", 0, 1, 1, 2, 3, 15, 0, 0, 3, 1, 8, 0x20)
    picture = read_picture(io.BytesIO(header + words.tobytes() + bytes([2, 3, 4])))
    np.testing.assert_array_equal(picture.frames[0][0], [(255, 255, 255), (0, 0, 255), (255, 0, 0)])
    assert "damaged" in failure(header + words.tobytes() + bytes([2, 3, 9])).message


def test_alpha_of_a_tga_that_names_none_is_alpha_if_any_is_set() -> None:
    pixels = noise(3, 6, 7, 4)
    np.testing.assert_array_equal(read_picture(io.BytesIO(tga(pixels, 8))).frames[0], pixels)
    np.testing.assert_array_equal(read_picture(io.BytesIO(tga(pixels, 0))).frames[0], pixels)
    pixels[:, :, 3] = 0
    np.testing.assert_array_equal(read_picture(io.BytesIO(tga(pixels, 0))).frames[0], pixels[:, :, :3])
    assert read_picture(io.BytesIO(tga(pixels, 8))).has_alpha


@pytest.mark.parametrize(
    "data",
    [bytes(64), b"\0\0\2\0" + bytes(60), b"\0\1\2\0" * 16, b"ID3\3" + bytes(60), b"\x7fELF\2\1\1" + bytes(60)],
)
def test_other_files_are_no_tga(data: bytes) -> None:
    assert identify(data[:32]) is None


# ---- ICO ----


def test_the_largest_picture_of_an_icon_is_read() -> None:
    data = by_pillow(Image.fromarray(noise(5, 64, 64, 4)), "ICO", sizes=[(16, 16), (32, 32), (64, 64)])
    picture = read_picture(io.BytesIO(data))
    assert picture.size == (64, 64)
    assert [str(note) for note in picture.notes] == ["its largest picture is filtered; 2 other sizes are left out"]


def test_a_picture_that_is_larger_than_the_icon_says_is_judged_by_its_own_size() -> None:
    png = by_pillow(Image.new("1", (5000, 5000)), "PNG")
    data = struct.pack("<HHH", 0, 1, 1) + struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(png), 22) + png
    assert "5000×5000 pixels, over the limit" in failure(io.BytesIO(data), max_pixels=1_000_000).message


# ---- SGI ----


def runs(pixels: NDArray[Any]) -> bytes:
    """Return pixels as an SGI file of runs: the first half of a row as it is, the rest as a run of one value."""
    height, width, channels = pixels.shape
    dtype = pixels.dtype.newbyteorder(">")
    half = width // 2
    rows = []
    for channel in range(channels):
        for row in pixels[::-1, :, channel]:
            literal = np.array([0x80 | half, *row[:half]]).astype(dtype).tobytes()
            rest = np.array([width - half, row[half], 0]).astype(dtype).tobytes()
            rows.append(literal + rest)
    start = 512 + 8 * len(rows)
    starts = np.cumsum([start, *map(len, rows)])[:-1]
    head = struct.pack(">HBBHHHHII", 474, 1, pixels.itemsize, 3, width, height, channels, 0, 65_535).ljust(512, b"\0")
    return head + starts.astype(">u4").tobytes() + np.array([*map(len, rows)], ">u4").tobytes() + b"".join(rows)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("odd", [b"", b"\0"])
def test_runs_of_16_bits_are_decoded(channels: int, odd: bytes) -> None:
    pixels = noise(6, 9, 12, channels, dtype=np.uint16)
    pixels[:, 6:] = pixels[:, 6:7]
    picture = read_picture(io.BytesIO(runs(pixels) + odd))
    np.testing.assert_array_equal(picture.frames[0], pixels)
    np.testing.assert_array_equal(read_picture(io.BytesIO(sgi(pixels))).frames[0], pixels)


def test_a_run_that_does_not_fit_is_damage() -> None:
    pixels = noise(6, 9, 12, 1, dtype=np.uint16)
    pixels[:, 6:] = pixels[:, 6:7]
    data = bytearray(runs(pixels))
    struct.pack_into(">H", data, 512 + 8 * 9, 0x80 | 100)
    failure(io.BytesIO(bytes(data)))


# ---- DDS ----


@pytest.mark.parametrize("code", ["DXT1", "DXT3", "DXT5", "BC5"])
def test_compressed_textures_are_those_of_pillow(code: str) -> None:
    image = Image.fromarray(noise(5, 16, 20, 3 if code == "BC5" else 4))
    data = by_pillow(image, "DDS", pixel_format=code)
    np.testing.assert_array_equal(read_picture(io.BytesIO(data)).frames[0], np.asarray(Image.open(io.BytesIO(data))))


@pytest.mark.parametrize(("number", "code"), [(72, "DXT1"), (75, "DXT3"), (78, "DXT5")])
def test_textures_of_the_usual_curve_are_those_that_name_none(number: int, code: str) -> None:
    data = by_pillow(Image.fromarray(noise(5, 16, 20, 4)), "DDS", pixel_format=code)
    newer = data[:84] + b"DX10" + data[88:128] + struct.pack("<5I", number, 3, 0, 1, 0) + data[128:]
    found, wanted = (read_picture(io.BytesIO(each)) for each in (newer, data))
    np.testing.assert_array_equal(found.frames[0], wanted.frames[0])
    assert found.notes == ()


@pytest.mark.parametrize(("code", "plain"), [("DXT2", "DXT3"), ("DXT4", "DXT5")])
def test_alpha_is_taken_out_of_the_colors_of_a_texture(code: str, plain: str) -> None:
    pixels = noise(5, 16, 20, 4)
    pixels[:, :, 3] |= 0x80
    data = by_pillow(Image.fromarray(pixels), "DDS", pixel_format=plain)
    picture = read_picture(io.BytesIO(data.replace(plain.encode(), code.encode(), 1)))
    stored = np.asarray(Image.open(io.BytesIO(data))).astype(np.float64)
    shown = stored[:, :, 3] > 0
    wanted = np.minimum(stored[shown][:, :3] * 255 / stored[shown][:, 3:], 255)
    assert np.abs(picture.frames[0][shown][:, :3] - wanted).max() <= 1
    np.testing.assert_array_equal(picture.frames[0][:, :, 3], stored[:, :, 3])
    assert [note.code for note in picture.notes] == ["alpha-undone"]


@pytest.mark.parametrize(("number", "channels"), [(87, 4), (91, 4), (88, 3), (93, 3)])
def test_textures_of_blue_green_and_red(number: int, channels: int) -> None:
    pixels = noise(5, 6, 7, 4)
    head = by_pillow(Image.fromarray(noise(5, 6, 7, 4)), "DDS", pixel_format="DXT5")[:128]
    head = head[:84] + b"DX10" + head[88:] + struct.pack("<5I", number, 3, 0, 1, 0)
    picture = read_picture(io.BytesIO(head + pixels[:, :, [2, 1, 0, 3]].tobytes()))
    np.testing.assert_array_equal(picture.frames[0], pixels[:, :, :channels])
    failure(io.BytesIO(head + bytes(100)))


def test_an_alpha_that_says_nothing_is_left_out() -> None:
    data = by_pillow(Image.fromarray(noise(5, 16, 20, 3)).convert("RGBA"), "DDS", pixel_format="DXT1")
    assert not read_picture(io.BytesIO(data)).has_alpha


@pytest.mark.parametrize(("bits", "masks"), [(16, (0xF800, 0x7E0, 0x1F)), (24, (0xFF, 0xFF00, 0xFF0000))])
def test_masks_of_a_texture_are_channels(bits: int, masks: tuple[int, ...]) -> None:
    words = np.random.default_rng(1).integers(0, 2**bits, (6, 5), dtype=np.uint32)
    head = struct.pack("<7I", 0x20534444, 124, 0x1007, 6, 5, 0, 0).ljust(76, b"\0")
    head += struct.pack("<4I", 32, 0x40, 0, bits) + struct.pack("<4I", *masks, 0) + bytes(20)
    body = b"".join(int(word).to_bytes(bits // 8, "little") for word in words.ravel())
    found = read_picture(io.BytesIO(head + body)).frames[0]
    of_pillow = np.asarray(Image.open(io.BytesIO(head + body)), np.int64)
    assert np.abs(found - of_pillow).max() <= 1  # it rounds down
    low = [bin(mask)[::-1].index("1") for mask in masks]
    values = [((words & mask) >> at) / (mask >> at) for mask, at in zip(masks, low, strict=True)]
    np.testing.assert_array_equal(found, np.floor(np.stack(values, 2) * 255 + 0.5))


def test_a_large_texture_takes_no_time() -> None:
    data = by_pillow(Image.new("RGBA", (2000, 2000), "red"), "DDS")
    start = time.process_time()
    read_picture(io.BytesIO(data))
    assert time.process_time() - start < 2  # Pillow takes 6 s


def test_many_runs_take_little_time() -> None:
    pixels = np.zeros((200, 4000, 1), np.uint16)
    pixels[:, ::2] = noise(7, 200, 2000, 1, dtype=np.uint16)
    rows = []
    for row in pixels[::-1, :, 0]:
        words = np.ones((4000, 2), ">u2")
        words[:, 1] = row
        rows.append(words.tobytes() + b"\0\0")
    starts = 512 + 8 * 200 + np.arange(200) * len(rows[0])
    head = struct.pack(">HBBHHHHII", 474, 1, 2, 3, 4000, 200, 1, 0, 65_535).ljust(512, b"\0")
    data = head + starts.astype(">u4").tobytes() + np.full(200, len(rows[0]), ">u4").tobytes() + b"".join(rows)
    begin = time.process_time()
    np.testing.assert_array_equal(read_picture(io.BytesIO(data)).frames[0], pixels)
    assert time.process_time() - begin < 1


# ---- CUR ----


def test_a_cursor_is_read_as_pillow_reads_it_and_not_written() -> None:
    icon = by_pillow(Image.fromarray(noise(5, 32, 32, 4)), "ICO", sizes=[(32, 32)], bitmap_format="bmp")
    cursor = icon[:2] + b"\2" + icon[3:]
    assert identify(cursor[:32]) == format_named("cur")
    seen = np.asarray(Image.open(io.BytesIO(cursor)).convert("RGBA"))
    picture = read_picture(io.BytesIO(cursor))
    np.testing.assert_array_equal(picture.frames[0], seen[:, :, : picture.channels])
    assert not format_named("cur").written
