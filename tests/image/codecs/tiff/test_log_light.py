"""Light as LogLuv in a TIFF: codes made by hand, after the description of the encoding."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from convcli.image import read_picture
from tests.image.codecs.tiff.test_read import with_tags
from tests.support.console import run
from tests.support.encoding import tiff
from tests.support.reading import failure

RNG = np.random.default_rng(24)
L16, LUV32, LUV24 = "LogL of 16 bits", "LogLuv of 32 bits", "LogLuv of 24 bits"


def in_planes(codes: NDArray[np.generic]) -> bytes:
    """Return codes (rows, width) as the bytes of each row apart, the largest first, without runs."""
    size = codes.itemsize
    rows = codes.astype(codes.dtype.newbyteorder(">")).view(np.uint8).reshape(*codes.shape, size)
    return b"".join(bytes([codes.shape[1]]) + row[:, each].tobytes() for row in rows for each in range(size))


def file_of(kind: str, codes: NDArray[np.generic], *, white: tuple[int, int, int, int] | None = None) -> bytes:
    channels, photometric = (1, 32844) if kind == L16 else (3, 32845)
    shape = (*codes.shape, 3) if channels == 3 else codes.shape
    file = tiff(np.zeros(shape, np.int16), photometric="rgb" if channels == 3 else "minisblack", metadata=None)
    as_they_are = b"".join(int(code).to_bytes(4, "big")[1:] for code in codes.ravel())
    stored = as_they_are if kind == LUV24 else in_planes(codes)
    tags = [(259, 3, 1, 34677 if kind == LUV24 else 34676), (262, 3, 1, photometric), (279, 4, 1, len(stored))]
    if white is not None:
        at = len(file)
        file += struct.pack("<4I", *white)
        tags.append((318, 5, 2, at))
    return with_tags(file, tags, stored)


def test_the_luminance_is_that_of_the_description() -> None:
    codes = RNG.integers(12_000, 20_000, (7, 9)).astype(np.uint16)
    codes[0, :3] = 0, 16_384, 16_384 | 0x8000
    picture = read_picture(io.BytesIO(file_of(L16, codes)))
    expected = 2.0 ** (((codes & 0x7FFF) + 0.5) / 256 - 64) * np.where(codes & 0x8000, -1, 1) * (codes != 0)
    np.testing.assert_allclose(picture.frames[0][:, :, 0], expected, rtol=1e-6)
    assert picture.linear
    assert [note.code for note in picture.notes] == ["converted"]


def test_colors_are_those_of_the_description() -> None:
    steps, u, v = (RNG.integers(*ends, (5, 8)) for ends in ((15_000, 18_000), (70, 100), (180, 200)))
    codes = (steps << 16 | u << 8 | v).astype(np.uint32)
    pixels = read_picture(io.BytesIO(file_of(LUV32, codes))).frames[0]
    across, up = (u + 0.5) / 410, (v + 0.5) / 410
    y = 2.0 ** ((steps + 0.5) / 256 - 64)
    xyz = np.stack([9 * across / (4 * up) * y, y, (12 - 3 * across - 20 * up) / (4 * up) * y], axis=-1)
    # The primaries of sRGB, and a white of equal energy, as Radiance has it.
    toward = np.array([[2.690, -1.276, -0.414], [-1.022, 1.978, 0.044], [0.061, -0.224, 1.163]])
    np.testing.assert_allclose(pixels, xyz @ toward.T, rtol=0.01, atol=2e-3 * float(y.max()))


def test_white_is_white_in_files_that_name_theirs() -> None:
    u, v = (round(410 * each - 0.5) for each in (0.19784, 0.46834))  # of daylight
    codes = np.full((4, 4), 16_384 << 16 | u << 8 | v, np.uint32)
    own = read_picture(io.BytesIO(file_of(LUV32, codes, white=(3127, 10_000, 3290, 10_000)))).frames[0]
    assert float(own.max() / own.min()) < 1.04  # codes are steps
    usual = read_picture(io.BytesIO(file_of(LUV32, codes))).frames[0]
    assert float(usual.max() / usual.min()) > 1.08


def test_codes_of_24_bits_are_as_libtiff_shows_them() -> None:
    codes = (RNG.integers(700, 767, (6, 8)) << 14 | RNG.integers(0, 16_289, (6, 8))).astype(np.uint32)
    file = file_of(LUV24, codes)
    shown = imagecodecs.tiff_decode(file, asrgb=True)[:, :, :3].astype(float)  # by a root, and cut off
    light = read_picture(io.BytesIO(file)).frames[0]
    assert np.abs(np.sqrt(np.clip(light, 0, 1)) * 256 - shown).max() < 2


def test_it_comes_as_light_where_that_is_held_and_as_levels_elsewhere(tmp_path: Path) -> None:
    codes = np.full((4, 4), (16_384 - 256) << 16 | 86 << 8 | 194, np.uint32)  # half of white, neutral
    (tmp_path / "in.tif").write_bytes(file_of(LUV32, codes))
    assert run("apply", "identity", f"{tmp_path}/in.tif", "-o", f"{tmp_path}/out.tif").code == 0
    assert np.abs(tifffile.imread(tmp_path / "out.tif") - 0.5).max() < 0.01
    assert run("apply", "identity", f"{tmp_path}/in.tif", "-o", f"{tmp_path}/out.png", "--depth", "8").code == 0
    assert np.abs(read_picture(tmp_path / "out.png").frames[0].astype(int) - 188).max() <= 2


@pytest.mark.parametrize("kind", [L16, LUV32, LUV24])
def test_files_that_break_off_are_refused(kind: str) -> None:
    file = file_of(kind, np.full((30, 40), 12_345_678, np.uint32).astype(np.uint16 if kind == L16 else np.uint32))
    assert "damaged" in failure(file[:-200]).message
    other = with_tags(file, [(262, 3, 1, 32845 if kind == L16 else 32844)], bytes(200))
    assert "damaged" in failure(other).message  # the channels of another kind
