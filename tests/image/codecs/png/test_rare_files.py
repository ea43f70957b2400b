"""Rare PNG: sizes at the limit, damage in one place, texts that pass for metadata."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from convcli.image import Picture, format_named, read_picture, write_picture
from convcli.image.animation import Animation
from tests.support.encoding import by_pillow
from tests.support.noise import noise
from tests.support.png import chunk, chunks, header, png_file
from tests.support.reading import failure

RNG = np.random.default_rng(31)


def deep_png(width: int, height: int, *more: bytes) -> bytes:
    """Write a black PNG of 16 bits in RGB, with chunks before its pixels."""
    rows = zlib.compress((b"\0" + bytes(6 * width)) * height)
    return png_file(header(width, height, 16, 2), *more, chunk(b"IDAT", rows))


def test_a_deep_png_longer_than_libpng_takes_is_refused_by_its_size() -> None:
    error = failure(deep_png(1_000_001, 1))
    assert "1000001×1 pixels" in error.message
    assert "1000000 on a side" in error.message
    assert "TIFF" in error.hint


def test_a_deep_png_with_two_headers_is_damaged() -> None:
    other = header(2, 3, 16, 2)
    assert "damaged" in failure(deep_png(3, 2, other)).message


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
