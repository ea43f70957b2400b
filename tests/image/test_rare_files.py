"""What few files have: sizes at the limit, damage in one place, kinds that are refused by name."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image, PngImagePlugin

from convcli.errors import ReadError, WriteError
from convcli.image import Picture, format_named, read_picture, write_picture
from convcli.image.animation import Animation
from convcli.image.codec import codec_of
from convcli.image.pillow.decode import samples_of
from tests.support.encoding import SRGB, by_pillow
from tests.support.noise import noise
from tests.support.png import chunk, chunks, header, png_file

RNG = np.random.default_rng(31)


def refusal(data: bytes, **settings: Any) -> ReadError:
    with pytest.raises(ReadError) as caught:
        read_picture(io.BytesIO(data), **settings)
    assert "\n" not in caught.value.message
    return caught.value


# PNG


def deep_png(width: int, height: int, *more: bytes) -> bytes:
    """Write a black PNG of 16 bits in RGB, with chunks before its pixels."""
    rows = zlib.compress((b"\0" + bytes(6 * width)) * height)
    return png_file(header(width, height, 16, 2), *more, chunk(b"IDAT", rows))


def test_a_deep_png_longer_than_libpng_takes_is_refused_by_its_size() -> None:
    error = refusal(deep_png(1_000_001, 1))
    assert "1000001×1 pixels" in error.message
    assert "1000000 on a side" in error.message
    assert "TIFF" in error.hint


def test_a_deep_png_with_two_headers_is_damaged() -> None:
    other = header(2, 3, 16, 2)
    assert "damaged" in refusal(deep_png(3, 2, other)).message


def test_a_frame_shown_for_hours_is_so_to_the_second() -> None:
    stream = io.BytesIO()
    frames = (noise(RNG, 4, 5, 3), noise(RNG, 4, 5, 3))
    write_picture(Picture(frames, False, animation=Animation((40_000_700, 250))), stream, format_named("png"))
    controls = [data for name, data in chunks(stream.getvalue()) if name == b"fcTL"]
    seconds = [top / bottom for top, bottom in (struct.unpack(">HH", data[20:24]) for data in controls)]
    assert seconds == [pytest.approx(40_000.7, abs=0.5), 0.25]


def test_frames_with_palettes_are_read_in_their_colors() -> None:
    pictures = [Image.new("P", (4, 3), 1), Image.new("P", (4, 3), 2)]
    for each in pictures:
        each.putpalette([0, 0, 0, 250, 10, 20, 30, 40, 240])
    data = by_pillow(pictures[0], "PNG", save_all=True, append_images=pictures[1:], duration=[50, 70])
    picture = read_picture(io.BytesIO(data), frames="all")
    assert [frame[0, 0].tolist() for frame in picture.frames] == [[250, 10, 20], [30, 40, 240]]
    assert picture.animation == Animation((50, 70))


def test_a_text_called_transparency_makes_no_frame_transparent() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("transparency", "none at all")
    images = [Image.fromarray(noise(RNG, 4, 5, 3)) for _ in range(2)]
    data = by_pillow(images[0], "PNG", save_all=True, append_images=images[1:], duration=50, pnginfo=texts)
    picture = read_picture(io.BytesIO(data), frames="all")
    assert not picture.has_alpha
    for frame, image in zip(picture.frames, images, strict=True):
        np.testing.assert_array_equal(frame, np.asarray(image))


def test_exif_data_in_a_text_that_is_no_number_is_left_out() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Raw profile type exif", "\nexif\n      4\nnot hexadecimal\n")
    image = Image.fromarray(noise(RNG, 4, 5, 3))
    picture = read_picture(io.BytesIO(by_pillow(image, "PNG", pnginfo=texts)))
    assert picture.metadata.exif == b""
    np.testing.assert_array_equal(picture.frames[0], np.asarray(image))


# GIF


def gif(*images: bytes) -> bytes:
    """Write a GIF of 4×3 pixels and two colors by the book."""
    return b"GIF89a" + struct.pack("<HHBBB", 4, 3, 0x80, 0, 0) + bytes([0, 0, 0, 255, 255, 255]) + b"".join(images)


def gif_image(width: int, height: int) -> bytes:
    """Write a frame that claims a size and has the pixels of 4×3."""
    codes = [4, *(code for _ in range(12) for code in (1, 4)), 5]  # begins anew before every pixel: 3 bits each
    packed = sum(code << 3 * index for index, code in enumerate(codes)).to_bytes(10, "little")
    return b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x0a" + packed + b"\0"


def test_a_gif_whose_second_frame_is_beyond_the_limit_is_refused() -> None:
    sound = read_picture(io.BytesIO(gif(gif_image(4, 3), gif_image(4, 3), b";")), frames="all", max_pixels=24)
    assert [frame.min() for frame in sound.frames] == [255, 255]
    data = gif(gif_image(4, 3), gif_image(4, 7), b";")
    assert "limit" in refusal(data, frames="all", max_pixels=24).message


def test_a_gif_cut_in_the_head_of_a_frame_is_damaged() -> None:
    data = gif(gif_image(4, 3), gif_image(4, 3), gif_image(4, 3)[:6])
    assert "stdin" in refusal(data, frames="all").message


# TIFF


def test_pages_of_floats_are_counted_together_before_they_are_read() -> None:
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as writer:
        for _ in range(3):
            writer.write(np.zeros((10, 10), np.float32))
    assert len(read_picture(io.BytesIO(stream.getvalue()), frames="all", max_pixels=300).pages) == 2
    error = refusal(stream.getvalue(), frames="all", max_pixels=299)
    assert "3 frames of 300 pixels together" in error.message
    assert "--max-pixels 300" in error.hint


def test_whole_numbers_of_32_bits_that_count_down_to_white_are_refused() -> None:
    stream = io.BytesIO()
    tifffile.imwrite(stream, np.arange(20, dtype=np.uint32).reshape(4, 5), photometric="miniswhite")
    error = refusal(stream.getvalue())
    assert "32 bits whose 0 is white" in error.message
    assert ".npy" in error.hint


# Others


def test_a_picture_without_pixels_is_refused() -> None:
    assert refusal(b"P6 0 4 255\n").message.startswith("stdin")


def test_a_kind_of_pixels_that_is_not_known_is_refused_by_name() -> None:
    with pytest.raises(ReadError, match=r"x\.tif holds pixels of a kind that is not read: F"):
        samples_of(Image.new("F", (2, 2)), "x.tif")


def test_damaged_exif_data_of_a_webp_gives_no_resolution() -> None:
    image = Image.fromarray(noise(RNG, 4, 5, 3))
    data = by_pillow(image, "WEBP", lossless=True, exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    picture = read_picture(io.BytesIO(data))
    assert picture.metadata.dpi is None
    np.testing.assert_array_equal(picture.frames[0], np.asarray(image))


def test_the_profile_of_an_animated_webp_is_kept() -> None:

    images = [Image.fromarray(noise(RNG, 8, 9, 3)) for _ in range(2)]
    data = by_pillow(images[0], "WEBP", save_all=True, append_images=images[1:], lossless=True, icc_profile=SRGB)
    stream = io.BytesIO()
    write_picture(read_picture(io.BytesIO(data), frames="all"), stream, format_named("webp"), quality=100)
    with Image.open(stream) as written:
        assert written.info["icc_profile"] == SRGB
        assert getattr(written, "n_frames", 1) == 2


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (OSError("encoder error -2"), "cannot be written as PNG: encoder error -2"),
        (struct.error("ushort format\nrequires"), "cannot be written as PNG: ushort format requires"),
        (MemoryError(), "cannot be written: the memory does not suffice"),
    ],
)
def test_what_an_encoder_says_is_one_line_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, what: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(codec_of(format_named("png")), "write", fail)
    with pytest.raises(WriteError) as caught:
        write_picture(Picture((noise(RNG, 2, 2, 1),), False), tmp_path / "a.png", format_named("png"))
    assert caught.value.message == f"{tmp_path / 'a.png'} {what}"
    assert not list(tmp_path.iterdir())
