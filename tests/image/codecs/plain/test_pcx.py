"""PCX of every number of bits and planes, against FFmpeg and against what was drawn."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from convcli.errors import ReadError
from convcli.image import read_picture

av = pytest.importorskip("av", reason="FFmpeg is the decoder to compare with")

Pixels = NDArray[np.uint8]
_OF_16 = bytes((7 * i * i + 40 * j + 11 * i) % 256 for i in range(16) for j in range(3))
_EGA_BROWN, _EGA_LIGHT_RED = (170, 85, 0), (255, 85, 85)


def pcx(
    planes: list[Pixels], bits: int, *, version: int = 5, packed: bool = True, palette: bytes = _OF_16, end: bytes = b""
) -> bytes:
    """Return a file with planes (height, width) of values of some bits."""
    height, width = planes[0].shape
    stride = -(-width * bits // 16) * 2
    head = struct.pack("<BBBBHHHHHH", 10, version, int(packed), bits, 0, 0, width - 1, height - 1, 72, 72)
    head += palette.ljust(48, b"\0") + struct.pack("<BBHH", 0, len(planes), stride, 1)
    rows = [_in_bits(plane, bits, stride) for plane in planes]
    values = np.stack(rows, axis=1).tobytes()
    return head.ljust(128, b"\0") + (_in_runs(values, stride) if packed else values) + end


def _in_bits(plane: Pixels, bits: int, stride: int) -> Pixels:
    digits = np.unpackbits(plane[:, :, np.newaxis], axis=2)[:, :, 8 - bits :].reshape(len(plane), -1)
    return np.pad(packed := np.packbits(digits, axis=1), ((0, 0), (0, stride - packed.shape[1])))


def _in_runs(values: bytes, length: int) -> bytes:
    """Return values in runs, none of which goes on in the next row of a plane."""
    found = b""
    for first in range(0, len(values), length):
        row = values[first : first + length]
        while row:
            count = next((at for at in range(1, min(len(row), 63)) if row[at] != row[0]), min(len(row), 63))
            found += bytes([0xC0 | count, row[0]]) if count > 1 or row[0] >= 0xC0 else row[:1]
            row = row[count:]
    return found


def _by_ffmpeg(file: bytes) -> Pixels:
    with av.open(io.BytesIO(file), format="pcx_pipe") as container:
        frame: Pixels = next(container.decode(video=0)).to_ndarray(format="rgb24")
    return frame


def _read(tmp_path: Path, file: bytes) -> tuple[Pixels, list[str]]:
    path = tmp_path / "a.pcx"
    path.write_bytes(file)
    picture = read_picture(path)
    return np.asarray(picture.frames[0], np.uint8), [note.code for note in picture.notes]


def _drawn(count: int, bits: int, height: int = 9, width: int = 37) -> list[Pixels]:
    values = np.random.default_rng(count * 10 + bits).integers(0, 1 << bits, (count, height, width), np.uint8)
    values[:, 2:5] = values[:, 2:5, :1]  # runs
    return list(values)


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize(("bits", "planes"), [(1, 2), (1, 3), (1, 4), (2, 1), (4, 1), (8, 3)])
def test_every_number_of_planes_is_read_as_by_ffmpeg(tmp_path: Path, bits: int, planes: int, *, packed: bool) -> None:
    file = pcx(_drawn(planes, bits), bits, packed=packed)

    pixels, _ = _read(tmp_path, file)

    np.testing.assert_array_equal(pixels, _by_ffmpeg(file))


@pytest.mark.parametrize("packed", [True, False])
def test_numbers_are_those_of_colors_in_the_header(tmp_path: Path, *, packed: bool) -> None:
    low, high = _drawn(2, 1)
    colors = np.frombuffer(_OF_16, np.uint8).reshape(-1, 3)

    pixels, codes = _read(tmp_path, pcx([low, high], 1, packed=packed))

    np.testing.assert_array_equal(pixels, colors[low + 2 * high])
    assert codes == ["palette"]


def test_two_colors_that_are_not_packed_are_black_and_white(tmp_path: Path) -> None:
    (plane,) = _drawn(1, 1)

    pixels, codes = _read(tmp_path, pcx([plane], 1, packed=False))

    np.testing.assert_array_equal(pixels[:, :, 0], plane * 255)
    assert codes == ["converted"]


def test_256_colors_that_are_not_packed_are_at_the_end(tmp_path: Path) -> None:
    (plane,) = _drawn(1, 8)
    colors = np.random.default_rng(1).integers(0, 256, (256, 3), np.uint8)

    pixels, _ = _read(tmp_path, pcx([plane], 8, packed=False, end=b"\x0c" + colors.tobytes()))

    np.testing.assert_array_equal(pixels, colors[plane])


@pytest.mark.parametrize("packed", [True, False])
def test_without_colors_numbers_of_8_bits_are_gray(tmp_path: Path, *, packed: bool) -> None:
    (plane,) = _drawn(1, 8)

    pixels, _ = _read(tmp_path, pcx([plane], 8, version=3, packed=packed))

    np.testing.assert_array_equal(pixels[:, :, 0], plane)


@pytest.mark.parametrize("packed", [True, False])
def test_a_fourth_plane_is_alpha(tmp_path: Path, *, packed: bool) -> None:
    planes = _drawn(4, 8)

    pixels, _ = _read(tmp_path, pcx(planes, 8, packed=packed))

    np.testing.assert_array_equal(pixels, np.stack(planes, axis=2))


def test_gray_colors_make_gray(tmp_path: Path) -> None:
    (plane,) = _drawn(1, 4)
    grays = np.repeat(np.arange(0, 256, 17, dtype=np.uint8), 3)

    pixels, _ = _read(tmp_path, pcx([plane], 4, palette=grays.tobytes()))

    np.testing.assert_array_equal(pixels[:, :, 0], plane * 17)


def test_a_version_without_colors_has_those_of_ega(tmp_path: Path) -> None:
    brown, light_red = (np.full((1, 1), number, np.uint8) for number in (6, 12))
    both = np.concatenate([brown, light_red], axis=1)

    pixels, codes = _read(tmp_path, pcx([both >> np.uint8(each) & np.uint8(1) for each in range(4)], 1, version=3))

    assert pixels.tolist() == [[list(_EGA_BROWN), list(_EGA_LIGHT_RED)]]
    assert codes == ["palette", "palette-of-screen"]


@pytest.mark.parametrize(
    ("version", "choice", "expected"),
    [
        (5, bytes([0xF0, 0, 0]), [(0, 170, 170), (170, 0, 170), (170, 170, 170)]),
        (5, bytes([0xA4, 255, 103]), [(85, 255, 85), (255, 85, 85), (255, 255, 85)]),
        (2, bytes([0xC0, 255, 103]), [(0, 170, 170), (170, 0, 170), (170, 170, 170)]),
        (2, bytes([0xA0, 0, 0]), [(85, 255, 85), (255, 85, 85), (255, 255, 85)]),
        (2, bytes([0x20, 0, 0]), [(85, 255, 255), (255, 85, 85), (255, 255, 255)]),
    ],
)
def test_a_choice_of_cga_is_no_color(
    tmp_path: Path, version: int, choice: bytes, expected: list[tuple[int, int, int]]
) -> None:
    plane = np.arange(4, dtype=np.uint8)[np.newaxis]

    pixels, codes = _read(tmp_path, pcx([plane], 2, version=version, palette=bytes([0x13, 0x13, 0x13]) + choice))

    assert pixels.tolist() == [[list(each) for each in [(0, 0, 170), *expected]]]
    assert codes == ["palette", "palette-of-screen"]


def test_colors_that_no_pixel_has_may_be_alike(tmp_path: Path) -> None:
    plane = np.array([[0, 1]], np.uint8)

    pixels, codes = _read(tmp_path, pcx([plane], 2, palette=bytes([9, 8, 7, 200, 100, 50])))

    assert pixels.tolist() == [[[9, 8, 7], [200, 100, 50]]]
    assert codes == ["palette"]


def test_runs_may_go_on_in_the_next_row(tmp_path: Path) -> None:
    plane = np.zeros((40, 4), np.uint8)
    file = pcx([plane], 4)[:128] + bytes([0xFF, 0x21, 0xC0 | 17, 0x21])  # 80 bytes, 2 a row

    pixels, _ = _read(tmp_path, file)

    colors = np.frombuffer(_OF_16, np.uint8).reshape(-1, 3)
    np.testing.assert_array_equal(pixels, np.tile(colors[[2, 1, 2, 1]], (40, 1, 1)))


@pytest.mark.parametrize("packed", [True, False])
def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, *, packed: bool) -> None:
    file = pcx(_drawn(4, 1), 1, packed=packed)

    with pytest.raises(ReadError, match="truncated or damaged"):
        _read(tmp_path, file[: len(file) * 2 // 3])


def test_planes_of_other_bits_are_named(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="PCX"):
        _read(tmp_path, pcx(_drawn(3, 4), 4))


@given(at=st.integers(1, 127), value=st.integers(0, 255), cut=st.integers(0, 200))
def test_a_changed_header_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, at: int, value: int, cut: int
) -> None:
    file = bytearray(pcx(_drawn(3, 1), 1))
    file[at] = value
    path = tmp_path_factory.getbasetemp() / "changed.pcx"
    path.write_bytes(file[: len(file) - cut])
    try:
        picture = read_picture(path, max_pixels=100_000)
    except ReadError:
        return
    assert picture.frames[0].dtype == np.uint8
