"""Files of more than 8 bits a channel, written by tifffile, by Pillow and by hand, and read at their own depth."""

from __future__ import annotations

import io
import random
import struct
import subprocess
import sys
import zlib
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from imagecodecs import png_encode
from numpy.typing import NDArray
from PIL import Image

from convcli.errors import ReadError
from convcli.image import format_named, read_picture, write_picture
from tests.support.encoding import SRGB, tiff
from tests.support.png import chunk, header, png_file
from tests.support.reading import attempt, failure

RNG = np.random.default_rng(16)
COLOR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # of a PNG, by its channels


def deep(*shape: int) -> NDArray[np.uint16]:
    return RNG.integers(0, 65536, shape, dtype=np.uint16)


def png(values: NDArray[np.uint16], before: bytes = b"", after: bytes = b"", *, interlaced: bool = False) -> bytes:
    """Write a PNG of 16 bits by the book: unfiltered rows, in seven passes where it is interlaced."""
    height, width, channels = values.shape
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    parts = [values[y::down, x::across] for y, x, down, across in passes] if interlaced else [values]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for part in parts if part.shape[1] for row in part)
    head = header(width, height, 16, COLOR_TYPES[channels], interlaced=interlaced)
    return png_file(head, before, chunk(b"IDAT", zlib.compress(rows)), after)


def rgb_tiff(values: NDArray[Any], **settings: Any) -> bytes:
    return tiff(values, photometric="rgb", **settings)


# ---- PNG ----


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_png_keeps_its_sixteen_bits(channels: int, interlaced: bool) -> None:
    values = deep(11, 13, channels)
    picture = read_picture(io.BytesIO(png(values, interlaced=interlaced)))
    assert picture.dtype == np.uint16
    assert picture.has_alpha == (channels in (2, 4))
    assert np.array_equal(picture.frames[0], values)
    assert picture.notes == ()


@pytest.mark.parametrize("channels", [1, 3])
def test_the_transparent_color_of_a_deep_png_becomes_alpha_and_it_is_said(channels: int) -> None:
    values = deep(3, 4, channels)
    values[1, 2] = [7, 8, 9][:channels]
    values[1, 3] = values[1, 2] + 256  # alike in the lower 8 bits
    transparent = chunk(b"tRNS", struct.pack(f">{channels}H", *values[1, 2]))
    picture = read_picture(io.BytesIO(png(values, transparent)))
    alpha = np.full((3, 4), 65535)
    alpha[1, 2] = 0
    assert picture.has_alpha
    assert np.array_equal(picture.frames[0][:, :, :-1], values)
    assert np.array_equal(picture.frames[0][:, :, -1], alpha)
    assert picture.notes == ("its transparent color is filtered as an alpha channel",)


def exif_of(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "a description", orientation
    return exif.tobytes().removeprefix(b"Exif\0\0")


@pytest.mark.parametrize("where", ["before", "after"])
def test_the_metadata_of_a_deep_png_is_taken_wherever_it_stands(where: str) -> None:
    values = deep(3, 4, 3)
    icc = chunk(b"iCCP", b"sRGB\0\0" + zlib.compress(SRGB))
    resolution = chunk(b"pHYs", struct.pack(">IIB", 11811, 11811, 1))
    exif = chunk(b"eXIf", exif_of(1))
    before, after = (icc + resolution + exif, b"") if where == "before" else (icc + resolution, exif)
    picture = read_picture(io.BytesIO(png(values, before, after)))
    assert picture.metadata.icc == SRGB
    assert picture.metadata.dpi == pytest.approx((300, 300), abs=0.01)
    read = Image.Exif()
    read.load(picture.metadata.exif)
    assert dict(read) == {0x010E: "a description"}


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


def test_a_side_beyond_libpngs_is_refused_by_name() -> None:
    error = failure(png(np.zeros((1, 1_000_001, 3), np.uint16)))
    assert "up to 1000000 on a side" in error.message
    assert "TIFF" in error.hint


# ---- TIFF ----

LAYOUTS = [
    (channels, planar, settings)
    for channels, planar in (*product((1, 2, 3, 4), ("contig",)), *product((3, 4), ("separate",)))
    for settings in (
        {"rowsperstrip": 7},
        {"compression": "lzw", "predictor": True, "rowsperstrip": 7},
        {"compression": "zlib", "tile": (16, 16)},
        {"compression": "zlib", "predictor": True, "tile": (16, 16)},
    )
]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("dtype", [np.uint16, np.float32, np.float64])
@pytest.mark.parametrize(("channels", "planar", "settings"), LAYOUTS)
def test_a_tiff_keeps_its_depth(channels: int, planar: str, settings: dict[str, Any], dtype: type, order: Any) -> None:
    values = deep(20, 23, channels) if dtype == np.uint16 else RNG.normal(size=(20, 23, channels)).astype(dtype)
    stored = values.transpose(2, 0, 1) if planar == "separate" else values[:, :, 0] if channels == 1 else values
    more: dict[str, Any] = {"photometric": "rgb" if channels > 2 else "minisblack"}
    more |= {"planarconfig": planar} if channels > 1 else {}
    more |= {"extrasamples": ["unassalpha"]} if channels in (2, 4) else {}
    picture = read_picture(io.BytesIO(tiff(stored, byteorder=order, **settings, **more)))
    assert picture.dtype == dtype
    assert picture.frames[0].dtype.isnative
    assert picture.has_alpha == (channels in (2, 4))
    assert np.array_equal(picture.frames[0], values)
    assert (picture.notes, picture.is_array) == ((), False)
    assert picture.full_scale == (65535 if dtype == np.uint16 else 1)


@pytest.mark.parametrize("compression", ["packbits", "lzma", "zstd"])
def test_other_compressions_without_loss(compression: str) -> None:
    values = deep(20, 23, 3)
    frame = read_picture(io.BytesIO(rgb_tiff(values, compression=compression))).frames[0]
    assert np.array_equal(frame, values)


def test_offsets_of_64_bits() -> None:
    values = deep(5, 6, 3)
    assert np.array_equal(read_picture(io.BytesIO(rgb_tiff(values, bigtiff=True))).frames[0], values)


def test_floats_of_16_bits_become_32_without_loss() -> None:
    values = RNG.normal(size=(4, 5)).astype(np.float16)
    picture = read_picture(io.BytesIO(tiff(values)))
    assert picture.dtype == np.float32
    assert np.array_equal(picture.frames[0][:, :, 0], values)


def test_white_may_be_zero() -> None:
    values = deep(4, 5)
    frame = read_picture(io.BytesIO(tiff(values, photometric="miniswhite", byteorder=">"))).frames[0]
    assert np.array_equal(frame[:, :, 0], 65535 - values)
    floats = np.array([[0, 0.25, 1]], np.float32)
    frame = read_picture(io.BytesIO(tiff(floats, photometric="miniswhite"))).frames[0]
    assert frame.ravel().tolist() == [1, 0.75, 0]


def test_multiplied_alpha_is_undone_and_it_is_said() -> None:
    pixels = np.array([[[1000, 2000, 0, 32768], [7, 8, 9, 65535], [5, 5, 5, 0]]], np.uint16)
    picture = read_picture(io.BytesIO(rgb_tiff(pixels, extrasamples=["assocalpha"])))
    assert picture.frames[0].tolist() == [[[2000, 4000, 0, 32768], [7, 8, 9, 65535], [5, 5, 5, 0]]]
    assert picture.notes == ("its alpha was multiplied into the colors; that is undone",)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_channel_that_is_neither_color_nor_alpha_is_left_out_and_it_is_said(dtype: type) -> None:
    values: NDArray[Any] = deep(4, 5, 4).astype(dtype)
    picture = read_picture(io.BytesIO(rgb_tiff(values, extrasamples=["unspecified"])))
    assert not picture.has_alpha
    assert np.array_equal(picture.frames[0], values[:, :, :3])
    assert picture.notes == ("it has more channels than colors and alpha; they are left out",)


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.uint32, np.int64, np.uint64])
def test_other_whole_numbers_are_read_where_they_fit_16_bits(dtype: type) -> None:
    values: NDArray[Any] = RNG.integers(0, 128, (4, 5, 3)).astype(dtype)
    picture = read_picture(io.BytesIO(rgb_tiff(values)))
    assert picture.dtype == np.uint16
    assert np.array_equal(picture.frames[0], values)
    assert "whole numbers are filtered as 16 bits a channel" in picture.notes[0]
    values[0, 0, 0] = wrong = 70_000 if np.iinfo(dtype).min == 0 else -1
    error = failure(rgb_tiff(values))
    assert str(wrong) in error.message
    assert ".npy" in error.hint


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (tiff(np.zeros((4, 5, 4), np.uint16), photometric="separated"), "holds CMYK colors"),
        (tiff(np.zeros((4, 5, 3), np.uint16), photometric="cielab"), "holds Lab colors"),
        (tiff(np.zeros((4, 5), np.uint16), photometric="cfa"), "colors of a sensor's mosaic"),
        (tiff(np.zeros((4, 5), np.complex64)), "numbers of 64 bits, COMPLEXIEEEFP"),
        (
            tiff(np.zeros((7, 4, 5), np.uint16), planarconfig="separate", photometric="minisblack"),
            "is said to be gray and has 7 channels",
        ),
        (tiff(np.zeros((2, 4, 5), np.uint16), volumetric=True, tile=(2, 16, 16)), "a volume of 2 layers"),
        (tiff(np.zeros((16, 16), np.float32), compression="lerc"), "compressed with LERC"),
    ],
)
def test_what_is_not_read_is_refused_by_name_with_the_way_out(data: bytes, what: str) -> None:
    error = failure(data)
    assert what in error.message
    assert error.hint


def test_the_metadata_of_a_deep_tiff_is_taken_along() -> None:
    values = deep(4, 5, 3)
    for unit, per in (("INCH", 300), ("CENTIMETER", 300 / 2.54)):
        resolution: dict[str, Any] = {"resolution": (per, per), "resolutionunit": unit}
        data = rgb_tiff(values, iccprofile=SRGB, description="a description", metadata=None, **resolution)
        metadata = read_picture(io.BytesIO(data)).metadata
        assert metadata.icc == SRGB
        assert metadata.dpi == pytest.approx((300, 300), abs=0.01)
        read = Image.Exif()
        read.load(metadata.exif)
        assert read[0x010E] == "a description"
        assert 258 not in read
    assert read_picture(io.BytesIO(rgb_tiff(values, metadata=None, software=False))).metadata.dpi is None


def test_a_profile_for_other_channels_is_left_out_and_it_is_said() -> None:
    picture = read_picture(io.BytesIO(tiff(np.zeros((4, 5), np.float32), iccprofile=SRGB)))
    assert picture.metadata.icc == b""
    assert picture.notes == ("its color profile is not one for these channels and is left out",)


def test_the_first_of_several_deep_pages_is_read_and_it_is_said() -> None:
    values = deep(3, 4, 5, 3)
    picture = read_picture(io.BytesIO(rgb_tiff(values)))
    assert np.array_equal(picture.frames[0], values[0])
    assert picture.notes == ("the first of 3 frames is filtered; the others are left out",)


def test_a_document_may_mix_deep_pages_with_others() -> None:
    pages = [deep(3, 4, 3), RNG.integers(0, 256, (5, 2, 4), np.uint8), RNG.random((2, 3, 1)).astype(np.float32)]
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as writer:
        writer.write(pages[0], photometric="rgb", description="the first")
        writer.write(pages[1], photometric="rgb", extrasamples=["unassalpha"], description="the second")
        writer.write(pages[2][:, :, 0], photometric="minisblack")
    picture = read_picture(io.BytesIO(stream.getvalue()), frames="all")
    assert picture.count == 3
    for page, values in zip((picture, *picture.pages), pages, strict=True):
        assert page.dtype == values.dtype
        assert np.array_equal(page.frames[0], values)
    assert [page.has_alpha for page in (picture, *picture.pages)] == [False, True, False]
    for index, values in enumerate(pages):
        one = read_picture(io.BytesIO(stream.getvalue()), frames=index)
        assert np.array_equal(one.frames[0], values)
        assert one.count == 1
    again = io.BytesIO()
    write_picture(picture, again, format_named("tiff"))
    with tifffile.TiffFile(io.BytesIO(again.getvalue())) as file:
        for stored, values in zip(file.pages, pages, strict=True):
            assert np.array_equal(stored.asarray().reshape(values.shape), values)
            assert stored.asarray().dtype == values.dtype


def test_ycbcr_in_a_tiff_has_no_further_channel() -> None:
    stream = io.BytesIO()
    image = Image.fromarray((deep(16, 16, 3) >> 8).astype(np.uint8)).convert("YCbCr")
    image.save(stream, "TIFF", compression="tiff_deflate")
    assert "RGBX" in str(Image.open(stream).tile[0].args)  # on the way from libtiff to Pillow there is one
    picture = read_picture(io.BytesIO(stream.getvalue()))
    assert picture.channels == 3
    assert not any("channels" in note for note in picture.notes)


# ---- PGM and PPM ----


@pytest.mark.parametrize("white", [256, 1023, 4095, 40000, 65534, 65535])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("text", [False, True])
def test_pgm_and_ppm_are_scaled_to_their_white(white: int, channels: int, text: bool) -> None:
    values = RNG.integers(0, white + 1, (4, 5, channels), dtype=np.uint16)
    values[0, 0, 0], values[0, 1, 0] = 0, white
    kind = {1: 2, 3: 3}[channels] if text else {1: 5, 3: 6}[channels]
    body = "\n# 12 in a comment\n".join(map(str, values.ravel())).encode() if text else values.astype(">u2").tobytes()
    picture = read_picture(io.BytesIO(b"P%d\n# a comment\n5 4\n%d\n" % (kind, white) + body))
    assert np.array_equal(picture.frames[0], np.floor(values * (65535 / white) + 0.5))
    assert picture.notes == ((f"its values, 0 to {white}, are scaled to 65535",) if white < 65535 else ())


@pytest.mark.parametrize(
    "data",
    [
        b"P6 1 1 65535\n\0\1\0\2\0",
        b"P3 1 1 1023\n1 2",
        b"P3 1 1 1023\n1 2 x",
        b"P3 1 1 1023\n1 -2 3",
        b"P3 1 1 1023\n1 2 1024",
        b"P3 1 1 1023\n1 2 " + b"9" * 5000,
        b"P5 1 1 1023\n\4\0",
        b"P5 1 1 4095 ",
    ],
)
def test_a_damaged_deep_ppm_is_one_line(data: bytes) -> None:
    assert failure(data).message == "stdin is truncated or damaged"


# ---- damage, limits, noise ----


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


def test_one_wrong_bit_in_a_deep_png_is_found_wherever_it_is() -> None:
    whole = SAMPLES["png"]()
    start, end = whole.index(b"IDAT") + 4, whole.index(b"IEND") - 8
    for position in range(start, end, 7):
        damaged = whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :]
        assert failure(damaged).message == "stdin is truncated or damaged"


def test_strips_that_are_not_there_are_not_made_up() -> None:
    data = rgb_tiff(np.full((12, 12, 3), 777, np.uint16), compression="zlib", rowsperstrip=4)
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        counts, offsets = file.pages.first.tags[279], file.pages.first.tags[273]
    for tag in (counts, offsets):
        entry = tag.offset + 4  # how many strips there are
        fewer = data[:entry] + struct.pack("<I", 2) + data[entry + 4 :]
        assert isinstance(attempt(fewer), ReadError)
    at = counts.valueoffset
    size = {3: 2, 4: 4}[counts.dtype]
    empty = data[:at] + bytes(size) + data[at + size :]
    assert failure(empty).message == "stdin is truncated or damaged"


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


def test_a_whole_file_of_a_kind_that_is_not_read_is_not_called_damaged() -> None:
    error = failure(rgb_tiff(np.zeros((4, 4, 3), np.uint16), bigtiff=True, byteorder=">"))
    assert "kind of TIFF that is not read: offsets of 64 bits" in error.message


@pytest.mark.parametrize("form", ["classic", "large", "classic, motorola"])
def test_huge_tiles_behind_a_damaged_tag_are_refused(form: str) -> None:
    order = ">" if "motorola" in form else "<"
    values = np.zeros((16, 16, 3), np.uint8)
    settings: dict[str, Any] = {"bigtiff": "large" in form, "byteorder": order, "compression": "zlib"}
    data = bytearray(rgb_tiff(values, tile=(16, 16), resolution=(3, 7), **settings))
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        tags = file.pages.first.tags
        length, resolution = tags[323], tags[282]
    data[length.offset + 2 : length.offset + 4] = struct.pack(order + "H", 4)  # a long number
    struct.pack_into(order + "I", data, length.valueoffset, 1 << 25)
    # So that the number of the resolution, on the way to the tiles, lies beyond the end of the file.
    size, place = ("Q", 12) if "large" in form else ("I", 8)
    struct.pack_into(order + size, data, resolution.offset + place, len(data) + 9)
    assert "tiles of 16×33554432 pixels" in failure(bytes(data)).message


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("compression", ["zlib", None])
def test_huge_tiles_are_refused_before_they_are_made(dtype: type[Any], compression: str | None) -> None:
    data = rgb_tiff(np.zeros((16, 16, 3), dtype), compression=compression, tile=(16, 16))
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        for tag in (322, 323):
            at = file.pages.first.tags[tag].valueoffset
            data = data[:at] + struct.pack("<H", 65520) + data[at + 2 :]
    assert "tiles of 65520×65520 pixels" in failure(data).message


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


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="nobody counts the references to None any more")
def test_damaged_files_leave_the_references_to_none_alone() -> None:
    file = bytearray(png_encode(deep(8, 8, 3)))
    file[-20] ^= 1  # among the pixels, which a checksum protects
    before = sys.getrefcount(None)
    for _ in range(500):
        with pytest.raises(ReadError, match="truncated or damaged"):
            read_picture(io.BytesIO(bytes(file)))
    assert sys.getrefcount(None) > before - 100
