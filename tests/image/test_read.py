from __future__ import annotations

import errno
import io
import os
import random
import struct
import subprocess
import sys
import threading
import warnings
import zlib
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ExifTags, Image, TiffImagePlugin

from convcli.errors import ReadError
from convcli.image import DEFAULT_MAX_PIXELS, Picture, format_named, read_picture, reading_ahead
from convcli.image.pillow.decode import samples_of
from convcli.image.pillow.plugins import quiet
from tests.support.avif_files import NEEDS_AVIF
from tests.support.encoding import SRGB, by_pillow
from tests.support.noise import noise
from tests.support.pictures import smooth
from tests.support.png import chunk, header, png_file
from tests.support.profiles import cmyk_profile
from tests.support.reading import attempt, failure

RNG = np.random.default_rng(7)


def png(width: int, height: int, bits: int, color: int, rows: bytes = b"", extra: bytes = b"") -> bytes:
    return png_file(header(width, height, bits, color), extra, chunk(b"IDAT", zlib.compress(rows)))


def tiff(tags: dict[int, Any], data: bytes) -> bytes:
    directory = TiffImagePlugin.ImageFileDirectory_v2(prefix=b"II")
    for tag, value in ({273: (0,), 279: (len(data),)} | tags).items():
        directory[tag] = value
    stream = io.BytesIO()
    directory.save(stream)
    return stream.getvalue() + data


# ---- pixels of every kind ----


LOSSLESS = [
    *(("PNG", mode) for mode in ("L", "LA", "RGB", "RGBA")),
    *(("TIFF", mode) for mode in ("L", "LA", "RGB", "RGBA")),
    *(("BMP", mode) for mode in ("L", "RGB")),
    *(("PPM", mode) for mode in ("L", "RGB")),
    *(("WEBP", mode) for mode in ("RGB", "RGBA")),
    ("GIF", "L"),
]


@pytest.mark.parametrize(("name", "mode"), LOSSLESS)
def test_pixels_are_those_that_were_saved(name: str, mode: str) -> None:
    pixels = noise(RNG, 9, 14, len(mode))
    settings = {"lossless": True, "exact": True} if name == "WEBP" else {}
    data = by_pillow(Image.fromarray(pixels[:, :, 0] if mode == "L" else pixels), name, **settings)
    picture = read_picture(io.BytesIO(data))
    assert picture.dtype == np.uint8
    assert np.array_equal(picture.frames[0], pixels)
    assert picture.has_alpha == mode.endswith("A")
    assert (picture.channels, picture.colors) == (len(mode), len(mode.removesuffix("A")))
    assert (picture.size, picture.bits, picture.full_scale) == ((9, 14), 8, 255)
    assert not picture.is_array
    assert picture.notes == ()


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_jpeg_is_what_pillow_decodes(mode: str) -> None:
    data = by_pillow(Image.fromarray(smooth()).convert(mode), "JPEG")
    picture = read_picture(io.BytesIO(data))
    assert np.array_equal(picture.frames[0].squeeze(), np.asarray(Image.open(io.BytesIO(data))))
    assert picture.channels == len(mode)


@pytest.mark.parametrize("name", ["PNG", "TIFF", "PPM"])
def test_sixteen_bit_gray_keeps_its_bits(name: str) -> None:
    values = noise(RNG, 9, 14, dtype=np.uint16)
    image = Image.frombytes("I;16", (14, 9), values.astype("<u2").tobytes())
    picture = read_picture(io.BytesIO(by_pillow(image, name)))
    assert picture.dtype == np.uint16
    assert np.array_equal(picture.frames[0][:, :, 0], values)
    assert (picture.bits, picture.full_scale, picture.notes) == (16, 65535, ())


def test_sixteen_bit_gray_in_either_byte_order() -> None:
    values = noise(RNG, 3, 4, dtype=np.uint16)
    image = Image.frombytes("I;16B", (4, 3), values.astype(">u2").tobytes())
    assert by_pillow(image, "TIFF").startswith(b"MM")
    frame = read_picture(io.BytesIO(by_pillow(image, "TIFF"))).frames[0]
    assert frame.dtype.isnative
    assert np.array_equal(frame[:, :, 0], values)


def test_sixteen_bits_whose_zero_is_white_are_turned_round() -> None:
    values = np.array([[0, 1], [1000, 65535]], dtype="<u2")
    tags = {256: 2, 257: 2, 258: 16, 259: 1, 262: 0, 277: 1, 278: 2}
    frame = read_picture(io.BytesIO(tiff(tags, values.tobytes()))).frames[0]
    assert frame[:, :, 0].tolist() == [[65535, 65534], [64535, 0]]


def test_twelve_bits_become_sixteen_and_it_is_said() -> None:
    packed = bytes([0xFF, 0xF0, 0x00, 0x80, 0x00, 0x01])  # 4095, 0; 2048, 1
    tags = {256: 2, 257: 2, 258: 12, 259: 1, 262: 1, 277: 1, 278: 2}
    picture = read_picture(io.BytesIO(tiff(tags, packed)))
    assert picture.frames[0][:, :, 0].tolist() == [[65535, 0], [32776, 16]]
    assert "12 bits" in picture.notes[0]


def test_whole_numbers_of_32_bits_are_read_where_they_fit_16() -> None:
    fitting = Image.fromarray(np.array([[0, 65535]], dtype=np.int32))
    picture = read_picture(io.BytesIO(by_pillow(fitting, "TIFF")))
    assert picture.dtype == np.uint16
    assert picture.frames[0].ravel().tolist() == [0, 65535]
    assert "32-bit" in picture.notes[0]
    for value in (-1, 65536):
        error = failure(io.BytesIO(by_pillow(Image.fromarray(np.array([[0, value]], dtype=np.int32)), "TIFF")))
        assert str(value) in error.message
        assert ".npy" in error.hint


# ---- what is converted, and said ----


def test_black_and_white_becomes_gray() -> None:
    bits = noise(RNG, 5, 9, top=1).astype(bool)
    for name in ("PNG", "TIFF", "BMP", "PPM"):
        picture = read_picture(io.BytesIO(by_pillow(Image.fromarray(bits), name)))
        assert np.array_equal(picture.frames[0][:, :, 0], bits * np.uint8(255))
        if name != "BMP":  # which has a palette of two grays
            assert "black and white" in picture.notes[0]


def with_palette(colors: list[list[int]], indices: NDArray[np.uint8]) -> Image.Image:
    image = Image.fromarray(indices)
    image.putpalette([level for color in colors for level in color])
    return image


@pytest.mark.parametrize("name", ["PNG", "GIF", "TIFF", "BMP"])
def test_a_palette_becomes_rgb(name: str) -> None:
    colors = RNG.integers(0, 256, (20, 3)).tolist()
    indices = noise(RNG, 5, 9, top=19)
    picture = read_picture(io.BytesIO(by_pillow(with_palette(colors, indices), name)))
    assert np.array_equal(picture.frames[0], np.array(colors, np.uint8)[indices])
    assert not picture.has_alpha
    # A GIF knows nothing else, and of an input of it nobody has to be told.
    assert picture.notes == (() if name == "GIF" else ("its palette is filtered as RGB",))


def test_a_palette_of_grays_becomes_gray() -> None:
    grays = [[200] * 3, [7] * 3, [90] * 3, [1, 2, 3]]
    indices = noise(RNG, 5, 9, top=2)  # the one color is not used
    picture = read_picture(io.BytesIO(by_pillow(with_palette(grays, indices), "PNG")))
    assert picture.frames[0].shape == (5, 9, 1)
    assert np.array_equal(picture.frames[0][:, :, 0], np.array([200, 7, 90], np.uint8)[indices])
    assert picture.notes == ("its palette is filtered as gray",)


def test_a_palette_of_grays_stays_rgb_where_its_profile_needs_it() -> None:
    image = with_palette([[200] * 3, [7] * 3], noise(RNG, 5, 9, top=1))
    picture = read_picture(io.BytesIO(by_pillow(image, "PNG", icc_profile=SRGB)))
    assert picture.channels == 3
    assert picture.metadata.icc == SRGB


@pytest.mark.parametrize(("name", "transparency"), [("PNG", 2), ("GIF", 2), ("PNG", bytes([255, 100, 0]))])
def test_a_palette_with_transparency_becomes_rgba(name: str, transparency: Any) -> None:
    colors = [[10, 20, 30], [40, 50, 60], [70, 80, 90]]
    indices = np.array([[0, 1, 2], [2, 1, 0]], np.uint8)
    picture = read_picture(io.BytesIO(by_pillow(with_palette(colors, indices), name, transparency=transparency)))
    alphas = np.array([255, 255, 0] if transparency == 2 else list(transparency), np.uint8)
    assert picture.has_alpha
    assert np.array_equal(picture.frames[0][:, :, :3], np.array(colors, np.uint8)[indices])
    assert np.array_equal(picture.frames[0][:, :, 3], alphas[indices])


def test_a_gray_palette_with_transparency_becomes_gray_with_alpha() -> None:
    image = with_palette([[10] * 3, [40] * 3], np.array([[0, 1]], np.uint8))
    picture = read_picture(io.BytesIO(by_pillow(image, "PNG", transparency=1)))
    assert picture.has_alpha
    assert picture.frames[0].tolist() == [[[10, 255], [40, 0]]]


@pytest.mark.parametrize(
    ("pixels", "transparency"), [([[5, 9]], 9), ([[[1, 2, 3], [4, 5, 6]]], (4, 5, 6)), ([[False, True]], 255)]
)
def test_a_transparent_color_becomes_alpha(pixels: Any, transparency: Any) -> None:
    array = np.array(pixels, bool if pixels == [[False, True]] else np.uint8)
    picture = read_picture(io.BytesIO(by_pillow(Image.fromarray(array), "PNG", transparency=transparency)))
    assert picture.has_alpha
    assert picture.frames[0][0, :, -1].tolist() == [255, 0]
    assert "alpha" in picture.notes[0]


@pytest.mark.parametrize(("mode", "name"), [("CMYK", "JPEG"), ("CMYK", "TIFF"), ("YCbCr", "TIFF"), ("LAB", "TIFF")])
def test_other_colors_become_rgb(mode: str, name: str) -> None:
    plain = Image.fromarray(smooth())
    image = plain.convert(mode) if mode != "LAB" else Image.frombytes("LAB", plain.size, smooth().tobytes())
    data = by_pillow(image, name)
    picture = read_picture(io.BytesIO(data))
    assert picture.frames[0].shape == (40, 48, 3)
    assert mode.lower() in picture.notes[0].lower()
    assert np.array_equal(picture.frames[0], np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))
    assert not picture.has_alpha


def test_a_profile_that_is_not_for_rgb_does_not_stay_with_rgb() -> None:
    image = Image.fromarray(smooth()).convert("CMYK")
    assert read_picture(io.BytesIO(by_pillow(image, "JPEG", icc_profile=SRGB))).metadata.icc == b""
    gray = Image.fromarray(smooth()[:, :, 0])
    picture = read_picture(io.BytesIO(by_pillow(gray, "PNG", icc_profile=SRGB)))
    assert picture.metadata.icc == b""
    assert "profile" in picture.notes[0]


def test_cmyk_is_converted_by_its_own_profile() -> None:
    white = cmyk_profile((255 * 256, 128 * 256, 128 * 256))  # L = 100, a = b = 0
    image = Image.fromarray(smooth()).convert("CMYK")
    picture = read_picture(io.BytesIO(by_pillow(image, "TIFF", icc_profile=white)))
    assert (picture.frames[0] == 255).all()
    assert picture.metadata.icc == b""


def test_a_damaged_profile_does_not_cost_the_pixels() -> None:
    image = Image.fromarray(smooth()).convert("CMYK")
    data = by_pillow(image, "TIFF", icc_profile=b"nonsense")
    assert np.array_equal(read_picture(io.BytesIO(data)).frames[0], np.asarray(image.convert("RGB")))


def test_premultiplied_alpha_is_undone() -> None:
    pixels = np.array([[[50, 100, 0, 128], [7, 7, 7, 255]]], np.uint8)
    tags = {256: 2, 257: 1, 258: (8, 8, 8, 8), 259: 1, 262: 2, 277: 4, 278: 1, 338: 1}
    picture = read_picture(io.BytesIO(tiff(tags, pixels.tobytes())))
    assert picture.has_alpha
    assert picture.frames[0].tolist() == [[[99, 199, 0, 128], [7, 7, 7, 255]]]


@pytest.mark.parametrize(
    ("mode", "pixel", "expected"),
    [
        ("RGBa", (50, 100, 0, 128), [99, 199, 0, 128]),
        ("La", (50, 128), [99, 128]),
        ("RGBX", (1, 2, 3, 4), [1, 2, 3]),
        ("PA", (9, 77), [9, 9, 9, 77]),
        ("HSV", (0, 255, 200), [200, 0, 0]),
    ],
)
def test_modes_that_files_seldom_have(mode: str, pixel: tuple[int, ...], expected: list[int]) -> None:
    image = Image.new(mode, (1, 1), pixel)
    if mode == "PA":
        image.putpalette([level for level in range(256) for _ in range(3)])
    samples = samples_of(image, "a.png")
    assert samples.pixels.tolist() == [[expected]]
    assert samples.has_alpha == (len(expected) in (2, 4))


@pytest.mark.parametrize(
    ("data", "expected", "note"),
    [
        (b"P2 3 1 7\n0 7 3\n", [0, 255, 109], "its values, 0 to 7, are scaled to 255"),
        (b"P5 2 1 1023\n\x00\x00\x03\xff", [0, 65535], "its values, 0 to 1023, are scaled to 65535"),
        (b"P6\n1 1 15\n\x00\x0f\x01", [0, 255, 17], "its values, 0 to 15, are scaled to 255"),
        (b"P5\n# a comment\n2 1\n255\n\x00\x09", [0, 9], None),
        (b"P3 1 1 255 1 2 3", [1, 2, 3], None),
        (b"P5 2 1 65535\n\x00\x00\x03\xff", [0, 1023], None),
    ],
)
def test_the_netpbm_family(data: bytes, expected: list[int], note: str | None) -> None:
    picture = read_picture(io.BytesIO(data))
    assert picture.frames[0].ravel().tolist() == expected
    assert picture.notes == (() if note is None else (note,))


def many_frames(name: str, **settings: Any) -> bytes:
    frames = [Image.fromarray(noise(RNG, 6, 8, 3)) for _ in range(3)]
    return by_pillow(frames[0], name, save_all=True, append_images=frames[1:], **settings)


@pytest.mark.parametrize("name", ["GIF", "PNG", "TIFF", "WEBP"])
def test_the_first_of_several_frames_is_read_and_it_is_said(name: str) -> None:
    data = many_frames(name, **({"lossless": True} if name == "WEBP" else {}))
    picture = read_picture(io.BytesIO(data))
    assert len(picture.frames) == 1
    assert "the first of 3 frames is filtered; the others are left out" in picture.notes
    assert np.array_equal(picture.frames[0], np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))


def test_a_phones_jpeg_with_pictures_behind_the_first_one() -> None:
    frames = [Image.fromarray(smooth()), Image.fromarray(smooth()[::2, ::2])]
    data = by_pillow(frames[0], "MPO", save_all=True, append_images=frames[1:])
    picture = read_picture(io.BytesIO(data))
    assert picture.size == (40, 48)
    assert picture.notes == ("the first of 2 frames is filtered; the others are left out",)


# ---- what would lose something ----


def test_a_rare_kind_of_tiff_is_not_called_damaged() -> None:
    tags = {256: 1, 257: 1, 258: (8, 8), 259: 1, 262: 1, 277: 2, 278: 1, 339: (3, 3)}
    error = failure(io.BytesIO(tiff(tags, b"\0\0")))
    assert "is a kind of TIFF that is not read" in error.message


# ---- metadata ----


def exif(orientation: int | None = None) -> Image.Exif:
    made = Image.Exif()
    made[0x010E] = "a description"
    if orientation is not None:
        made[0x0112] = orientation
    made.get_ifd(0x8769)[0x9003] = "2020:01:02 03:04:05"
    made.get_ifd(0x8825)[1] = "N"
    return made


def parsed(data: bytes) -> Image.Exif:
    read = Image.Exif()
    read.load(data)
    return read


UPRIGHT: dict[int, Callable[[NDArray[Any]], NDArray[Any]]] = {
    # what the stored pixels become when they are shown, by the definition of the tag
    1: lambda stored: stored,
    2: lambda stored: stored[:, ::-1],
    3: lambda stored: stored[::-1, ::-1],
    4: lambda stored: stored[::-1],
    5: lambda stored: stored.swapaxes(0, 1),
    6: lambda stored: stored.swapaxes(0, 1)[:, ::-1],
    7: lambda stored: stored[::-1, ::-1].swapaxes(0, 1),
    8: lambda stored: stored.swapaxes(0, 1)[::-1],
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("name", "settings"),
    [("PNG", {}), ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"}), ("WEBP", {"lossless": True})],
)
def test_pixels_are_upright_and_the_orientation_is_gone(name: str, settings: dict[str, Any], orientation: int) -> None:
    stored = noise(RNG, 5, 8, 3)
    made = exif(orientation)
    if settings.get("compression"):
        made = Image.Exif()  # Pillow cannot write the rest beside compressed pixels
        made[0x0112] = orientation
    picture = read_picture(io.BytesIO(by_pillow(Image.fromarray(stored), name, exif=made, **settings)))
    assert np.array_equal(picture.frames[0], UPRIGHT[orientation](stored))
    assert 0x0112 not in parsed(picture.metadata.exif)
    if not settings.get("compression"):
        assert parsed(picture.metadata.exif)[0x010E] == "a description"


def test_a_jpeg_stands_upright_too() -> None:
    image = Image.fromarray(smooth())
    stored = np.asarray(Image.open(io.BytesIO(by_pillow(image, "JPEG"))))
    picture = read_picture(io.BytesIO(by_pillow(image, "JPEG", exif=exif(6))))
    assert np.array_equal(picture.frames[0], UPRIGHT[6](stored))


def test_an_orientation_without_a_meaning_is_none() -> None:
    stored = noise(RNG, 5, 8, 3)
    picture = read_picture(io.BytesIO(by_pillow(Image.fromarray(stored), "PNG", exif=exif(9))))
    assert np.array_equal(picture.frames[0], stored)


def test_sixteen_bit_gray_stands_upright_too() -> None:
    values = noise(RNG, 5, 8, dtype=np.uint16)
    image = Image.frombytes("I;16", (8, 5), values.astype("<u2").tobytes())
    picture = read_picture(io.BytesIO(by_pillow(image, "PNG", exif=exif(6))))
    assert np.array_equal(picture.frames[0][:, :, 0], UPRIGHT[6](values))


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_profile_exif_and_resolution_are_taken_along(name: str) -> None:
    image = Image.fromarray(smooth())
    data = by_pillow(image, name, icc_profile=SRGB, exif=exif().tobytes(), dpi=(150, 75))
    metadata = read_picture(io.BytesIO(data)).metadata
    assert metadata.icc == SRGB
    read = parsed(metadata.exif)
    assert read[0x010E] == "a description"
    assert read.get_ifd(0x8769)[0x9003] == "2020:01:02 03:04:05"
    assert read.get_ifd(0x8825)[1] == "N"
    if name != "WEBP":
        assert metadata.dpi is not None
        assert np.allclose(metadata.dpi, (150, 75), atol=0.02)


def test_the_exif_data_of_a_tiff_says_nothing_of_how_its_pixels_are_stored() -> None:
    data = by_pillow(Image.fromarray(smooth()), "TIFF", exif=exif().tobytes())
    assert set(parsed(read_picture(io.BytesIO(data)).metadata.exif)) == {0x010E, 0x8769, 0x8825}


def test_the_thumbnail_goes_since_a_filter_would_belie_it() -> None:
    second = b"\0\1" + struct.pack(">HHIHH", 0x0103, 3, 1, 6, 0) + b"\0\0\0\0"
    first = b"\0\1" + struct.pack(">HHII", 0x010E, 2, 4, 0x61626300) + struct.pack(">I", 26)
    block = b"Exif\0\0MM\0*\0\0\0\x08" + first + second
    assert parsed(block).get_ifd(ExifTags.IFD.IFD1)
    metadata = read_picture(io.BytesIO(by_pillow(Image.fromarray(smooth()), "JPEG", exif=block))).metadata
    assert parsed(metadata.exif)[0x010E] == "abc"
    assert not parsed(metadata.exif).get_ifd(ExifTags.IFD.IFD1)


def test_damaged_exif_data_does_not_cost_the_pixels() -> None:
    whole = exif(6).tobytes()
    pixels = noise(RNG, 4, 5, 3)
    for length in range(7, len(whole)):
        picture = read_picture(io.BytesIO(by_pillow(Image.fromarray(pixels), "PNG", exif=whole[:length])))
        assert picture.frames[0].size == pixels.size
    picture = read_picture(io.BytesIO(by_pillow(Image.fromarray(pixels), "PNG", exif=b"Exif\0\0nonsense")))
    assert np.array_equal(picture.frames[0], pixels)
    assert picture.notes == ("its EXIF data is damaged and is left out",)
    assert picture.metadata.exif == b""


@pytest.mark.parametrize("per_meter", [0, 2**32 - 1])
def test_a_resolution_that_is_none_is_left_out(per_meter: int) -> None:
    data = png(1, 1, 8, 0, b"\0\0", chunk(b"pHYs", struct.pack(">IIB", per_meter, per_meter, 1)))
    assert "dpi" in Image.open(io.BytesIO(data)).info
    assert read_picture(io.BytesIO(data)).metadata.dpi is None


def test_the_exif_data_of_a_tiff_with_offsets_of_64_bits_has_32_as_everywhere() -> None:
    data = by_pillow(Image.fromarray(smooth()), "TIFF", exif=exif().tobytes(), big_tiff=True)
    assert data[:4] == b"II+\0"
    block = read_picture(io.BytesIO(data)).metadata.exif
    assert block[6:10] in (b"II*\0", b"MM\0*")
    assert parsed(block)[0x010E] == "a description"


def test_a_picture_that_says_nothing_has_no_metadata() -> None:
    for name in ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "PPM"):
        metadata = read_picture(io.BytesIO(by_pillow(Image.fromarray(smooth()), name))).metadata
        assert (metadata.icc, metadata.exif) == (b"", b"")
        assert metadata.dpi is None or name == "BMP"  # into which Pillow writes 96


# ---- sources ----


def test_the_content_decides_what_a_picture_is(tmp_path: Path) -> None:
    pixels = noise(RNG, 4, 5, 3)
    for name in ("a.jpg", "a.gif", "a.xyz", "a"):
        (tmp_path / name).write_bytes(by_pillow(Image.fromarray(pixels), "PNG"))
        assert np.array_equal(read_picture(tmp_path / name).frames[0], pixels)
    stream = io.BytesIO(by_pillow(Image.fromarray(pixels), "PNG"))
    assert np.array_equal(read_picture(stream, format=format_named("jpeg")).frames[0], pixels)


class Pipe(io.BytesIO):
    def seekable(self) -> bool:
        return False

    def seek(self, *_: Any) -> int:
        raise io.UnsupportedOperation

    def tell(self) -> int:
        raise io.UnsupportedOperation


@pytest.mark.parametrize("name", ["PNG", "JPEG", "TIFF", "WEBP", "GIF", "BMP", "PPM"])
def test_a_pipe_is_read(name: str) -> None:
    data = by_pillow(Image.fromarray(smooth()), name)
    assert np.array_equal(read_picture(Pipe(data)).frames[0], read_picture(io.BytesIO(data)).frames[0])
    assert "stdin is not a picture" in failure(Pipe(b"no picture")).message


def test_a_named_pipe_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    pixels = noise(RNG, 4, 5, 3)
    writer = threading.Thread(target=lambda: pipe.write_bytes(by_pillow(Image.fromarray(pixels), "PNG")))
    writer.start()
    assert np.array_equal(read_picture(pipe).frames[0], pixels)
    writer.join(10)


class FailingDisk(io.BytesIO):
    reads = 0

    def read(self, size: int | None = -1) -> bytes:
        self.reads += 1
        if self.reads > 1:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return super().read(size)


def test_a_disk_that_fails_is_not_taken_for_a_damaged_picture() -> None:
    source = FailingDisk(by_pillow(Image.fromarray(smooth()), "PNG"))
    assert failure(source).message == "stdin cannot be read: Input/output error"


def test_a_stream_is_read_from_where_it_stands() -> None:
    pixels = noise(RNG, 4, 5, 3)
    stream = io.BytesIO(b"header" + by_pillow(Image.fromarray(pixels), "PNG"))
    stream.seek(6)
    assert np.array_equal(read_picture(stream).frames[0], pixels)
    assert not stream.closed


def test_a_file_is_closed_whatever_happens(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(30000, 30000, 1, 0))
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        failure(tmp_path / "a.png")


# ---- what a picture remembers of its file ----


@pytest.mark.parametrize(
    ("name", "settings", "format_name", "lossy"),
    [
        ("PNG", {}, "png", ""),
        ("TIFF", {}, "tiff", ""),
        ("BMP", {}, "bmp", ""),
        ("PPM", {}, "pnm", ""),
        ("JPEG", {}, "jpeg", "compression"),
        ("WEBP", {}, "webp", "compression"),
        ("WEBP", {"lossless": True}, "webp", ""),
        ("GIF", {}, "gif", "256 colors"),
        pytest.param("AVIF", {}, "avif", "compression", marks=NEEDS_AVIF),
    ],
)
@pytest.mark.parametrize("ahead", [False, True])
def test_the_format_and_its_loss_are_remembered(
    tmp_path: Path, name: str, settings: dict[str, Any], format_name: str, lossy: str, ahead: bool
) -> None:
    path = tmp_path / "in"
    path.write_bytes(by_pillow(Image.fromarray(smooth()), name, **settings))
    with reading_ahead(path, DEFAULT_MAX_PIXELS) if ahead else nullcontext():
        picture = read_picture(path)
    assert (picture.format, picture.lossy) == (format_named(format_name), lossy)


def test_a_gray_gif_has_lost_nothing() -> None:
    picture = read_picture(io.BytesIO(by_pillow(Image.fromarray(smooth()[:, :, 0]), "GIF")))
    assert (picture.format, picture.lossy) == (format_named("gif"), "")


def test_an_array_remembers_its_format() -> None:
    assert read_picture(io.BytesIO(b"1,2\n3,4\n")).format == format_named("csv")
    assert Picture((smooth(),)).format is None


# ---- wrong input ----


def wrong_sources(folder: Path) -> dict[str, tuple[Path, str]]:
    (folder / "text.png").write_text("This is no picture.\n")
    (folder / "empty.png").write_bytes(b"")
    (folder / "page.html").write_text("<html>")
    (folder / "script.jpg").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    (folder / "loop.png").symlink_to("loop.png")
    (folder / "dangling.png").symlink_to("nowhere.png")
    return {
        "missing": (folder / "none.png", "does not exist"),
        "dangling": (folder / "dangling.png", "dangling.png is a link to nowhere.png, which does not exist"),
        "below a missing folder": (folder / "none" / "a.png", "does not exist"),
        "a folder": (folder, "is a folder"),
        "below a file": (folder / "text.png" / "a.png", "cannot be read"),
        "text": (
            folder / "text.png",
            "is not a picture in a format that convcli reads, though its name ends in .png",
        ),
        "postscript": (folder / "script.jpg", "is PostScript, which convcli does not read"),
        "empty": (folder / "empty.png", "is empty"),
        "no picture": (folder / "page.html", "is a web page, which convcli does not read"),
        "long name": (folder / ("a" * 300 + ".png"), "the name is too long"),
        "loop": (folder / "loop.png", "cannot be read"),
        "zero byte": (Path("a\0.png"), "cannot be read"),
    }


@pytest.mark.parametrize(
    "case",
    [
        *("missing", "below a missing folder", "a folder", "below a file", "text", "postscript", "empty"),
        *("no picture", "long name", "loop", "zero byte"),
    ],
)
def test_a_wrong_source_is_one_line_that_names_it(tmp_path: Path, case: str) -> None:
    source, message = wrong_sources(tmp_path)[case]
    error = failure(source)
    assert error.message.startswith(f"{source} ")
    assert message in error.message
    assert error.exit_code == 1


def test_a_suffix_that_promises_nothing_is_not_blamed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    assert "though" not in failure(tmp_path / "a.txt").message


SAMPLES = {
    "png": lambda: by_pillow(Image.fromarray(smooth()), "PNG"),
    "png of noise": lambda: by_pillow(Image.fromarray(noise(RNG, 16, 16, 3)), "PNG"),
    "png with a palette": lambda: by_pillow(Image.fromarray(smooth()).quantize(16), "PNG"),
    "jpeg": lambda: by_pillow(Image.fromarray(smooth()), "JPEG"),
    "progressive jpeg": lambda: by_pillow(Image.fromarray(smooth()), "JPEG", progressive=True),
    "jpeg with metadata": lambda: by_pillow(Image.fromarray(smooth()), "JPEG", exif=exif(6), icc_profile=SRGB),
    "webp": lambda: by_pillow(Image.fromarray(smooth()), "WEBP"),
    "lossless webp": lambda: by_pillow(Image.fromarray(noise(RNG, 12, 12, 4)), "WEBP", lossless=True),
    "tiff": lambda: by_pillow(Image.fromarray(noise(RNG, 12, 12, 3)), "TIFF"),
    "deflated tiff": lambda: by_pillow(Image.fromarray(smooth()), "TIFF", compression="tiff_deflate"),
    "bmp": lambda: by_pillow(Image.fromarray(noise(RNG, 12, 12, 3)), "BMP"),
    "gif": lambda: by_pillow(Image.fromarray(smooth()), "GIF"),
    "gif of grays": lambda: by_pillow(Image.fromarray(noise(RNG, 16, 16)), "GIF"),
    "ppm": lambda: by_pillow(Image.fromarray(noise(RNG, 12, 12, 3)), "PPM"),
    "plain pgm": lambda: b"P2 20 20 255\n" + b" ".join(b"%d" % value for value in noise(RNG, 399)) + b" 7",
}


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_truncated_file_is_never_half_a_picture_without_a_word(kind: str, tmp_path: Path) -> None:
    whole = SAMPLES[kind]()
    expected = read_picture(io.BytesIO(whole)).frames[0]
    path = tmp_path / "cut.png"
    lengths = [*range(min(64, len(whole))), *range(64, len(whole), max(1, len(whole) // 150)), *range(len(whole))[-40:]]
    told = 0
    for length in lengths:
        path.write_bytes(whole[:length])
        outcome = attempt(path)
        if isinstance(outcome, ReadError):
            told += 1
            assert str(path) in outcome.message
            assert "\n" not in outcome.message + outcome.hint
        elif outcome.damage:
            told += 1
            assert outcome.notes[0] == outcome.damage[0]
        else:  # what follows the last pixel may be missing; what shows may not
            assert np.array_equal(outcome.frames[0], expected), length
    assert told > len(lengths) * 3 / 4


def test_a_truncated_png_and_jpeg_are_called_so(tmp_path: Path) -> None:
    for kind in ("png", "jpeg"):
        path = tmp_path / f"cut.{kind}"
        path.write_bytes(SAMPLES[kind]()[: 630 if kind == "jpeg" else 50])
        assert failure(path).message.startswith(f"{path} is truncated or damaged")


def test_a_tiff_cut_off_behind_its_directory_is_refused_before_libtiff_complains(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    data = zlib.compress(noise(RNG, 64, 64).tobytes())
    tags = {256: 64, 257: 64, 258: 8, 259: 8, 262: 1, 277: 1, 278: 64}
    path = tmp_path / "a.tif"
    path.write_bytes(tiff(tags, data))
    assert read_picture(path).size == (64, 64)
    path.write_bytes(tiff(tags, data)[:-100])
    assert "is truncated or damaged" in failure(path).message
    assert capfd.readouterr().err == ""


def test_one_wrong_bit_in_a_png_is_found_wherever_it_is(tmp_path: Path) -> None:
    whole = bytearray(SAMPLES["png"]())
    start = whole.index(b"IDAT") + 4
    end = whole.index(b"IEND") - 8
    path = tmp_path / "a.png"
    for position in range(start, end):
        damaged = bytes(whole[:position]) + bytes([whole[position] ^ 1]) + bytes(whole[position + 1 :])
        path.write_bytes(damaged)
        assert failure(path).message == f"{path} is truncated or damaged"


@pytest.mark.parametrize("kind", SAMPLES)
def test_damage_of_any_kind_ends_in_a_picture_or_in_one_line(kind: str) -> None:
    whole = SAMPLES[kind]()
    chance = random.Random(kind)
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(chance.choice([1, 1, 3, 20])):
            damaged[chance.randrange(len(damaged) if chance.random() < 0.5 else 64)] = chance.randrange(256)
        outcome = attempt(io.BytesIO(bytes(damaged)), max_pixels=10**6)
        if isinstance(outcome, ReadError):
            assert "\n" not in outcome.message + outcome.hint


# ---- the limit ----


def gif_bomb() -> bytes:
    # Disposal to the background: Pillow fills an area of the frame's size as soon as the header is read.
    return (
        b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0x80, 0, 0) + bytes(6)
        + b"!\xf9\x04\x08\0\0\0\0" + b"," + struct.pack("<HHHHB", 0, 0, 65535, 65535, 0) + b"\x02\x02\x44\x01\0;"
    )  # fmt: skip


def webp_bomb() -> bytes:
    data = struct.pack("<I", 10) + struct.pack("<I", 16382)[:3] + struct.pack("<I", 16382)[:3]
    body = b"WEBPVP8X" + data[:4] + b"\0\0\0\0" + data[4:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (png(30000, 30000, 1, 0), "30000×30000 pixels"),
        (b"P4 30000 30000\n", "30000×30000 pixels"),
        (gif_bomb(), "too many pixels"),
        (webp_bomb(), "too many pixels"),
    ],
)
def test_a_bomb_is_refused_before_it_goes_off(tmp_path: Path, data: bytes, size: str) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(data)
    error = failure(path)
    assert error.message == f"{path} has {size}, over the limit of 89 478 485"
    assert error.hint == ("--max-pixels 900000000 allows it" if "×" in size else "a larger --max-pixels allows it")


def test_the_limit_is_exact() -> None:
    data = by_pillow(Image.fromarray(noise(RNG, 7, 11)), "PNG")
    assert read_picture(io.BytesIO(data), max_pixels=77).size == (7, 11)
    error = failure(io.BytesIO(data), max_pixels=76)
    assert "7×11" not in error.message
    assert "11×7 pixels, over the limit of 76" in error.message


def test_a_picture_beyond_pillows_own_limit_is_read_when_it_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    for name in ("PNG", "WEBP", "GIF"):
        data = by_pillow(Image.fromarray(noise(RNG, 30, 30, 3)), name)
        assert read_picture(io.BytesIO(data), max_pixels=900).size == (30, 30)
        failure(io.BytesIO(data), max_pixels=899)
    assert Image.MAX_IMAGE_PIXELS == 10


def test_the_default_limit_is_pillows() -> None:
    # Asked of a fresh process, whose limit nothing has changed.
    program = "from PIL import Image; print(Image.MAX_IMAGE_PIXELS)"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(answer.stdout) == DEFAULT_MAX_PIXELS


# ---- Pillow's warnings and switches ----


def test_a_file_that_pillow_warns_about_is_read_without_a_word(recwarn: pytest.WarningsRecorder) -> None:
    data = by_pillow(Image.fromarray(smooth()), "JPEG", exif=exif(6).tobytes()[:-6])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning):
            Image.open(io.BytesIO(data)).getexif().get_ifd(0x8825)
        assert read_picture(io.BytesIO(data)).size == (48, 40)
    assert not recwarn.list


def test_switches_are_restored_whatever_happens() -> None:
    before = list(warnings.filters), Image.MAX_IMAGE_PIXELS
    failure(io.BytesIO(png(30000, 30000, 1, 0)))
    failure(io.BytesIO(SAMPLES["jpeg"]()[:-300]))
    read_picture(io.BytesIO(SAMPLES["jpeg"]()), max_pixels=10**9)
    assert (list(warnings.filters), Image.MAX_IMAGE_PIXELS) == before


def test_the_switches_hold_until_the_last_reader_is_done() -> None:
    own = Image.MAX_IMAGE_PIXELS
    shown = list(warnings.filters)
    first, second = quiet(1000), quiet(10)
    first.__enter__()
    assert Image.MAX_IMAGE_PIXELS == 500
    second.__enter__()
    assert Image.MAX_IMAGE_PIXELS == 500
    first.__exit__(None, None, None)
    assert Image.MAX_IMAGE_PIXELS == 5
    assert list(warnings.filters) != shown
    second.__exit__(None, None, None)
    assert own == Image.MAX_IMAGE_PIXELS
    assert list(warnings.filters) == shown


def test_threads_that_read_at_once_keep_their_limits_and_restore_the_switches() -> None:
    before = list(warnings.filters), Image.MAX_IMAGE_PIXELS
    data = by_pillow(Image.fromarray(noise(RNG, 300, 300, 3)), "PNG")
    wrong: list[str] = []

    def work(limit: int) -> None:
        for _ in range(15):
            try:
                read_picture(io.BytesIO(data), max_pixels=limit)
                refused = False
            except ReadError:
                refused = True
            if refused != (limit < 90_000):
                wrong.append(f"limit {limit}: refused {refused}")

    threads = [threading.Thread(target=work, args=(limit,)) for limit in (89_999, 90_000, 10**9, 50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert (list(warnings.filters), Image.MAX_IMAGE_PIXELS) == before


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("size", [(1, 1), (301, 407), (70_000, 3), (3, 5000)])
def test_pixels_of_more_than_a_band_are_where_they_were(tmp_path: Path, mode: str, size: tuple[int, int]) -> None:
    channels = len(mode)
    values = np.random.default_rng(7).integers(0, 256, (size[1], size[0], channels), np.uint8)
    Image.fromarray(values[:, :, 0] if mode == "L" else values).save(tmp_path / "a.png", compress_level=0)
    assert np.array_equal(read_picture(tmp_path / "a.png").frames[0], values)
