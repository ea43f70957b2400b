"""Files of more than 8 bits a channel of every format that holds them."""

from __future__ import annotations

import io
import random
import struct
import subprocess
import sys
import zlib
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from convcli.errors import ReadError
from convcli.image import format_named, read_picture, write_picture
from tests.support.deep import deep, png, rgb_tiff
from tests.support.encoding import tiff
from tests.support.png import chunk
from tests.support.reading import attempt, failure

RNG = np.random.default_rng(16)


def exif_of(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "a description", orientation
    return exif.tobytes().removeprefix(b"Exif\0\0")


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["png", "tiff"])
def test_deep_pictures_stand_upright(orientation: int, kind: str) -> None:
    values = deep(3, 5, 3)
    if kind == "png":
        data = png(values, chunk(b"eXIf", exif_of(orientation)))
    else:
        data = rgb_tiff(values, extratags=[(274, 3, 1, orientation, True)])
    # Pillow's own turn, of the upper bytes; the lower ones go with them.
    shown = Image.fromarray((values >> 8).astype(np.uint8))
    shown.getexif()[0x0112] = orientation
    stream = io.BytesIO()
    shown.save(stream, "PNG", exif=shown.getexif())
    upper = read_picture(io.BytesIO(stream.getvalue())).frames[0]
    frame = read_picture(io.BytesIO(data)).frames[0]
    assert np.array_equal(frame >> 8, upper)
    assert set(map(tuple, frame.reshape(-1, 3))) == set(map(tuple, values.reshape(-1, 3)))


SAMPLES = {
    "png": lambda: png(deep(12, 12, 4), chunk(b"tEXt", b"a\0b") + chunk(b"eXIf", exif_of(1))),
    "interlaced png": lambda: png(deep(12, 12, 3), interlaced=True),
    "tiff": lambda: rgb_tiff(deep(12, 12, 3)),
    "tiff in strips": lambda: rgb_tiff(deep(12, 12, 3), compression="lzw", predictor=True, rowsperstrip=3),
    "tiff in tiles": lambda: rgb_tiff(deep(20, 20, 3), compression="zlib", tile=(16, 16)),
    "tiff of floats": lambda: tiff(RNG.normal(size=(12, 12)).astype(np.float32), compression="zlib", predictor=True),
    "ppm": lambda: b"P6 12 12 65535\n" + deep(12, 12, 3).tobytes(),
    "text ppm": lambda: b"P3 4 4 65535\n" + b" ".join(b"%d" % value for value in deep(47)) + b" 7",
}


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_truncated_deep_file_is_never_half_a_picture(kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    whole = SAMPLES[kind]()
    expected = read_picture(io.BytesIO(whole)).frames[0]
    refused = 0
    lengths = [*range(1, len(whole), max(1, len(whole) // 120)), *range(len(whole))[-20:]]
    for length in lengths:
        outcome = attempt(whole[:length])
        if isinstance(outcome, ReadError):
            refused += 1
            assert "\n" not in outcome.message + outcome.hint
        elif "its end is missing" in "".join(outcome.damage):
            refused += 1
            there = int(outcome.frames[0].any(axis=(1, 2)).sum())
            assert np.array_equal(outcome.frames[0][:there], expected[:there])
        else:  # what follows the last pixel may be missing
            assert np.array_equal(outcome.frames[0], expected), length
    assert refused > len(lengths) * 3 / 4
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("kind", SAMPLES)
def test_damage_of_a_deep_file_ends_in_a_picture_or_in_one_line(kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    whole = SAMPLES[kind]()
    chance = random.Random(kind)
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(chance.choice([1, 1, 3, 20])):
            damaged[chance.randrange(len(damaged) if chance.random() < 0.5 else 64)] = chance.randrange(256)
        outcome = attempt(bytes(damaged), max_pixels=10**6)
        if isinstance(outcome, ReadError):
            assert "\n" not in outcome.message + outcome.hint
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "data",
    [
        png(np.zeros((1, 1, 3), np.uint16)).replace(
            struct.pack(">IIB", 1, 1, 16), struct.pack(">IIB", 30000, 30000, 16), 1
        ),
        b"P6 30000 30000 65535\n",
        rgb_tiff(np.zeros((1, 1, 3), np.uint16)),
    ],
)
def test_a_deep_bomb_is_refused_before_it_goes_off(data: bytes) -> None:
    if data[:2] == b"II":
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            for tag in (256, 257):
                at = file.pages.first.tags[tag].valueoffset
                data = data[:at] + struct.pack("<H", 30000) + data[at + 2 :]
    elif data[:1] == b"\x89":
        data = data[:29] + struct.pack(">I", zlib.crc32(data[12:29])) + data[33:]
    error = failure(data)
    assert error.message == "stdin has 30000×30000 pixels, over the limit of 89 478 485"
    assert "--max-pixels 900000000" in error.hint


@pytest.mark.parametrize("kind", ["png", "tiff", "ppm"])
def test_the_limit_is_exact_for_deep_files(kind: str) -> None:
    assert read_picture(io.BytesIO(SAMPLES[kind]()), max_pixels=144).size == (12, 12)
    assert "12×12 pixels, over the limit of 143" in failure(SAMPLES[kind](), max_pixels=143).message


def test_the_libraries_keep_their_warnings_to_themselves(tmp_path: Path) -> None:
    values = deep(2, 2, 3)
    odd = png(values, chunk(b"iCCP", b"a\0\0" + zlib.compress(b"bad")))
    (tmp_path / "a.png").write_bytes(odd)
    code = (
        "import sys; from pathlib import Path; from convcli.image import read_picture;"
        "print(read_picture(Path(sys.argv[1])).frames[0].sum())"
    )
    assert output_of(code, tmp_path / "a.png") == f"{values.sum()}\n"


def output_of(code: str, path: Path) -> str:
    """Run code in a process of its own, which must not write to stderr."""
    answer = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert answer.stderr == ""
    return answer.stdout


@pytest.mark.parametrize(
    ("kind", "heavy"),
    [("png", {"imagecodecs"}), ("tiff", {"imagecodecs", "tifffile"}), ("pgm", set()), ("gray", set())],
)
def test_the_libraries_are_imported_only_for_files_that_need_them(tmp_path: Path, kind: str, heavy: set[str]) -> None:
    data = {
        "png": png(deep(2, 2, 3)),
        "tiff": rgb_tiff(deep(2, 2, 3)),
        "pgm": b"P5 1 1 65535\n\0\1",
        "gray": png(deep(2, 2, 1)),
    }[kind]
    (tmp_path / "a").write_bytes(data)
    code = (
        "import sys; from pathlib import Path; from convcli.image import read_picture; read_picture(Path(sys.argv[1]));"
        "print(*{'imagecodecs', 'tifffile'} & set(sys.modules))"
    )
    assert set(output_of(code, tmp_path / "a").split()) == heavy


def test_every_pair_of_deep_formats_keeps_what_both_can_hold() -> None:
    values = deep(6, 7, 3)
    sources = png(values), rgb_tiff(values), b"P6 7 6 65535\n" + values.astype(">u2").tobytes()
    for source, target in product(sources, ("png", "tiff", "ppm")):
        stream = io.BytesIO()
        write_picture(read_picture(io.BytesIO(source)), stream, format_named(target))
        assert np.array_equal(read_picture(io.BytesIO(stream.getvalue())).frames[0], values)
