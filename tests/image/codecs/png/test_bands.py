"""Bands that threads pack make one file, with the pixels and about the size of one that libpng packs alone."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from imagecodecs import png_decode
from PIL import Image

from convcli.array_types import Array
from convcli.image.codecs.png import bands, packing
from convcli.image.codecs.png.chunks import chunks
from convcli.image.codecs.png.packing import ADAPTIVE, AVERAGE, HUFFMAN, PAETH, RUN_LENGTHS, UNFILTERED, Packing, packed
from tests.support.console import done
from tests.support.noise import noise

RNG = np.random.default_rng(11)
PACKINGS = [
    Packing(1, HUFFMAN, PAETH),
    Packing(1, RUN_LENGTHS, ADAPTIVE),
    Packing(4, 0, UNFILTERED),
    Packing(9, 2, AVERAGE),
]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize(("height", "width", "room"), [(7, 5, 1), (64, 33, 300), (97, 40, 4096), (2, 1, 1)])
def test_the_pixels_are_those_of_the_frame(
    dtype: type, channels: int, packing: Packing, height: int, width: int, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bands, "BAND_BYTES", room)
    frame: Array = RNG.integers(0, np.iinfo(dtype).max + 1, (height, width, channels)).astype(dtype)
    frame[height // 2 :] //= 16
    file = bytes(packed(frame, packing, threads=3))
    assert np.array_equal(png_decode(file).reshape(frame.shape), frame)
    data = b"".join(data for name, data in chunks(file) if name == b"IDAT")
    assert len(zlib.decompress(data)) == frame.nbytes + height  # its checksum is right
    if dtype is np.uint8:
        with Image.open(io.BytesIO(file)) as image:
            image.verify()
        with Image.open(io.BytesIO(file)) as image:
            assert np.array_equal(np.asarray(image).reshape(frame.shape), frame)


def test_rows_are_filtered_as_libpng_filters_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = noise(RNG, 50, 40, 3)
    alone = packed(frame, PACKINGS[0])
    monkeypatch.setattr(bands, "BAND_BYTES", 1000)
    together = packed(frame, PACKINGS[0], threads=2)
    streams = [b"".join(data for name, data in chunks(file) if name == b"IDAT") for file in (alone, together)]
    assert zlib.decompress(streams[0]) == zlib.decompress(streams[1])
    assert len([name for name, _ in chunks(together) if name == b"IDAT"]) > 3


@given(st.binary(max_size=50), st.binary(max_size=50))
def test_checksums_are_joined(first: bytes, second: bytes) -> None:
    joined = bands.joined(zlib.adler32(first), zlib.adler32(second), len(second))
    assert joined == zlib.adler32(first + second)


def test_bands_cost_no_size() -> None:
    frame = np.cumsum(RNG.integers(-2, 3, (1500, 1600, 3)), axis=1).astype(np.uint8)
    for each in PACKINGS[:3]:
        assert len(packed(frame, each, threads=2)) < 1.001 * len(packed(frame, each))


def test_apply_packs_in_as_many_threads_as_it_may_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    used = []
    alone = bands.packed_in_bands

    def recorded(*arguments: object) -> memoryview:
        used.append(arguments[-1])
        return alone(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(packing, "packed_in_bands", recorded)
    Image.fromarray(noise(RNG, 900, 1000, 3)).save(tmp_path / "a.bmp")
    for threads in ("1", "2", "3"):
        done("apply", "sharpen", tmp_path / "a.bmp", "-o", tmp_path / f"{threads}.png", "--threads", threads, "-q")
    assert used == [2, 3]
    pictures = [np.asarray(Image.open(tmp_path / f"{threads}.png")) for threads in (1, 2, 3)]
    assert all(np.array_equal(pictures[0], each) for each in pictures[1:])
