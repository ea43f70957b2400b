"""TIFF of kinds that few people have: volumes, inks with a sign, colors in planes, pages that are none."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from convcli.errors import ReadError
from convcli.image import read_picture
from convcli.image.read import count_frames
from convcli.image.strips.reading import opened_rows
from tests.support.console import run
from tests.support.encoding import tiff
from tests.support.noise import noise
from tests.support.reading import attempt, failure, read_all


@pytest.mark.parametrize("tile", [None, (3, 16, 16)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("channels", [1, 3])
def test_layers_of_a_volume_are_pages(
    tmp_path: Path, tile: tuple[int, ...] | None, dtype: type[Any], channels: int
) -> None:
    shape = (3, 20, 30) + (3,) * (channels == 3)
    values = np.random.default_rng(1).integers(0, 200, shape).astype(dtype)
    kind = "rgb" if channels == 3 else "minisblack"
    source, target = tmp_path / "a.tif", tmp_path / "b.tif"
    source.write_bytes(tiff(values, volumetric=True, tile=tile, photometric=kind, compression="zlib" if tile else None))

    answer = run("apply", "identity", source, "-o", target)

    assert answer.code == 0
    assert "layers of its volume are taken as pages" in answer.stderr
    assert count_frames(source, 10_000) == 3
    with tifffile.TiffFile(target) as file:
        np.testing.assert_array_equal([page.asarray() for page in file.pages], values)


def test_a_layer_is_chosen_and_one_that_is_not_there_is_refused() -> None:
    values = noise(1, 3, 20, 30)
    data = tiff(values, volumetric=True, photometric="minisblack")
    np.testing.assert_array_equal(read_picture(io.BytesIO(data), frames=2).frames[0][:, :, 0], values[2])
    first = read_picture(io.BytesIO(data))
    np.testing.assert_array_equal(first.frames[0][:, :, 0], values[0])
    assert [note.code for note in first.notes] == ["frames-left-out"]
    assert "there is no layer 3" in failure(data, frames=3).message
    assert "over the limit" in failure(data, frames="all", max_pixels=1000).message


@pytest.mark.parametrize(("dtype", "kind"), [(np.int8, np.uint8), (np.int16, np.uint16)])
def test_inks_have_no_sign(dtype: type[Any], kind: type[Any]) -> None:
    inks = noise(2, 11, 13, 4, dtype=kind)
    options: dict[str, Any] = {"photometric": "separated", "planarconfig": "contig"}
    signed = read_picture(io.BytesIO(tiff(inks.view(dtype), **options)))
    plain = read_picture(io.BytesIO(tiff(inks, **options)))
    np.testing.assert_array_equal(signed.frames[0], plain.frames[0])
    assert "as if they had none" in signed.notes[0]


def test_brightness_and_colors_in_planes() -> None:
    image = Image.fromarray(noise(3, 16, 24, 3)).convert("YCbCr")
    planes = np.asarray(image).transpose(2, 0, 1)
    data = tiff(planes, photometric="ycbcr", planarconfig="separate", extratags=[(530, "H", 2, (1, 1), True)])
    shown = read_picture(io.BytesIO(data)).frames[0]
    np.testing.assert_allclose(shown, np.asarray(image.convert("RGB")), atol=2)


@pytest.mark.parametrize("rows", [16, 8, 4])
def test_halved_colors_without_compression(rows: int) -> None:
    """Each two pixels of a row have one color; Pillow takes what is stored for a color of every pixel."""
    size, gray, color = 16, 150, (100, 160)
    stored = np.empty((size, size // 2, 4), np.uint8)
    stored[:, :, :2], stored[:, :, 2:] = gray, color
    count = size // rows
    tags = {256: size, 257: size, 258: 8, 259: 1, 262: 6, 273: 8, 277: 3, 278: rows, 279: stored.size, 530: 2 | 1 << 16}
    behind = 8 + stored.size + 2 + 12 * len(tags) + 4
    directory, further = struct.pack("<H", len(tags)), b""
    for tag, value in tags.items():
        if tag in (273, 279) and count > 1:
            length = stored.size // count
            values = [8 + at * length if tag == 273 else length for at in range(count)]
            directory += struct.pack("<HHII", tag, 4, count, behind + len(further))
            further += struct.pack(f"<{count}I", *values)
        else:
            directory += struct.pack("<HHII", tag, *((3, 2) if tag == 530 else (4, 1)), value)
    file = b"II*\0" + struct.pack("<I", 8 + stored.size) + stored.tobytes() + directory + bytes(4) + further
    shown = read_picture(io.BytesIO(file)).frames[0]
    wanted = np.asarray(Image.new("YCbCr", (size, size), (gray, *color)).convert("RGB"))
    np.testing.assert_allclose(shown, wanted, atol=2)


def test_pages_that_are_none_are_left_out_and_it_is_said() -> None:
    pages = [noise(seed, 9, 14, 1)[:, :, 0] for seed in (1, 2)]
    data = bytearray(_pages(pages))
    point_last_page_at(data, len(data))
    data += struct.pack("<HHHII", 1, 305, 2, 2, 65) + bytes(4)  # of a title alone

    picture = read_all(bytes(data))

    shown = [picture.frames[0], *(page.frames[0] for page in picture.pages)]
    np.testing.assert_array_equal([each[:, :, 0] for each in shown], pages)
    assert picture.damage == ("1 page of it is damaged and left out",)
    assert "damaged" in failure(bytes(data), frames="all", strict=True).message
    np.testing.assert_array_equal(read_all(bytes(data), frames=1).frames[0][:, :, 0], pages[1])


def test_strips_tell_of_such_pages_too(tmp_path: Path) -> None:
    data = bytearray(_pages([noise(1, 300, 400, 1)[:, :, 0]]))
    point_last_page_at(data, len(data))
    (tmp_path / "in.tif").write_bytes(data + struct.pack("<HHHII", 1, 305, 2, 2, 65) + bytes(4))
    with opened_rows(tmp_path / "in.tif") as reader:
        assert reader is not None
        assert [note.code for note in reader.picture.notes] == ["damaged"]
    with pytest.raises(ReadError, match="damaged and left out"), opened_rows(tmp_path / "in.tif", strict=True):
        pass


def test_a_chain_that_leads_into_nothing_ends_there() -> None:
    pages = [noise(seed, 9, 14, 1)[:, :, 0] for seed in (1, 2)]
    data = bytearray(_pages(pages))
    point_last_page_at(data, 8)  # at pixels
    picture = read_all(bytes(data))
    np.testing.assert_array_equal(picture.frames[0][:, :, 0], pages[0])


def _pages(pages: list[NDArray[np.uint8]]) -> bytes:
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as writer:
        for page in pages:
            writer.write(page, photometric="minisblack", metadata=None)
    return stream.getvalue()


def point_last_page_at(data: bytearray, place: int) -> None:
    at = 4
    while offset := struct.unpack_from("<I", data, at)[0]:
        (count,) = struct.unpack_from("<H", data, offset)
        at = offset + 2 + 12 * count
    struct.pack_into("<I", data, at, place)


def test_the_way_out_of_complex_numbers_works(tmp_path: Path) -> None:
    values = (np.arange(20) + 3j).reshape(4, 5).astype(np.complex64)
    (tmp_path / "FILE.tif").write_bytes(tiff(values))
    hint = failure(tmp_path / "FILE.tif").hint
    program = hint.split('"')[1]
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)
    np.testing.assert_allclose(read_picture(tmp_path / "abs.tif").frames[0][:, :, 0], np.abs(values), rtol=1e-6)


def thunderscan(levels: NDArray[np.uint8], rows: int) -> bytes:
    """Return gray of 4 bits, of which 0 is white, as ThunderScan packs it: runs, differences, and levels."""
    strips: list[bytes] = []
    for top in range(0, len(levels), rows):
        packed = b""
        for row in levels[top : top + rows].tolist():
            last, at = 0, 0
            while at < len(row):
                steps = [each - before for before, each in zip([last, *row[at:]], row[at : at + 3], strict=False)]
                run = next(
                    (length for length, each in enumerate(row[at : at + 63]) if each != last), len(row[at : at + 63])
                )
                if run > 3:
                    packed, at = packed + bytes([run]), at + run
                elif len(steps) == 3 and all(abs(each) < 2 for each in steps):
                    packed += bytes(
                        [0x40 | sum((each & 3) << shift for each, shift in zip(steps, (4, 2, 0), strict=True))]
                    )
                    last, at = row[at + 2], at + 3
                elif len(steps) > 1 and all(abs(each) < 4 for each in steps[:2]):
                    packed += bytes([0x80 | (steps[0] & 7) << 3 | steps[1] & 7])
                    last, at = row[at + 1], at + 2
                else:
                    packed += bytes([0xC0 | row[at]])
                    last, at = row[at], at + 1
        strips.append(packed)
    file = bytearray(b"II*\0" + bytes(4) + b"".join(strips))
    offsets = [8 + sum(map(len, strips[:each])) for each in range(len(strips))]
    tags = {256: levels.shape[1], 257: len(levels), 258: 4, 259: 32_809, 262: 0, 273: offsets, 277: 1, 278: rows}
    tags[279] = [len(each) for each in strips]
    at = len(file)
    directory, further = struct.pack("<H", len(tags)), b""
    for tag, value in tags.items():
        many = value if isinstance(value, list) else [value]
        if len(many) > 1:
            directory += struct.pack("<HHII", tag, 4, len(many), at + 2 + 12 * len(tags) + 4 + len(further))
            further += struct.pack(f"<{len(many)}I", *many)
        else:
            directory += struct.pack("<HHII", tag, 4, 1, many[0])
    struct.pack_into("<I", file, 4, at)
    return bytes(file) + directory + bytes(4) + further


@pytest.mark.parametrize("rows", [30, 8])
@pytest.mark.parametrize("most", [1, 3, 15])
def test_thunderscan(rows: int, most: int) -> None:
    drawn = np.random.default_rng(most)
    levels = np.clip(np.cumsum(drawn.integers(-most, most + 1, (30, 41)), axis=1), 0, 15).astype(np.uint8)
    levels[::3, 5:30] = 7
    data = thunderscan(levels, rows)
    picture = read_picture(io.BytesIO(data))
    np.testing.assert_array_equal(picture.frames[0][:, :, 0], 255 - levels * 17)
    for length in range(8, len(data) - 200, 97):
        attempt(data[:8] + data[8:length] + b"\xff" * (len(data) - length))


def test_thunderscan_that_ends_early() -> None:
    levels = np.full((30, 41), 7, np.uint8)
    data = bytearray(thunderscan(levels, 30))
    at = data.index(struct.pack("<HHI", 279, 4, 1)) + 8
    (length,) = struct.unpack_from("<I", data, at)
    struct.pack_into("<I", data, at, length * 27 // 30)  # rows take as many bytes each
    picture = read_picture(io.BytesIO(bytes(data)))
    np.testing.assert_array_equal(picture.frames[0][:27, :, 0], 255 - 7 * 17)
    assert (picture.frames[0][27:] == 255).all()
    assert picture.damage == ("its end is missing: 3 rows of pixels",)
    assert "is damaged" in failure(bytes(data), strict=True).message
    struct.pack_into("<I", data, at, length // 3)
    assert "truncated or damaged" in failure(bytes(data)).message


def test_a_compression_that_is_not_read_is_named() -> None:
    data = bytearray(tiff(noise(1, 8, 8, 1)[:, :, 0], photometric="minisblack"))
    at = data.index(struct.pack("<HHI", 259, 3, 1))
    struct.pack_into("<H", data, at + 8, 32_766)
    assert "compressed with" in failure(bytes(data)).message
