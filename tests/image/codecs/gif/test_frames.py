"""GIF with frames over the limit or cut off, smaller than the whole, or without a palette."""

from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image

from convcli.image import read_picture
from tests.support.encoding import by_pillow
from tests.support.reading import failure, read_all


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
    assert "limit" in failure(data, frames="all", max_pixels=24).message


def test_a_gif_cut_in_the_head_of_a_frame_has_those_before() -> None:
    data = gif(gif_image(4, 3), gif_image(4, 3), gif_image(4, 3)[:6])
    assert len(read_all(data).frames) == 2
    assert read_all(data).damage == ("its end is missing: 2 of its frames are there",)


def placed(colors: int, *, palette: bool = True, frames: int = 1) -> bytes:
    """Return a GIF whose frames of 4×3 stand at (2, 1) of a canvas of 9×8."""
    parts = []
    for number in range(frames):
        image = Image.fromarray(np.full((3, 4), 3 + number, np.uint8)).convert("P")
        image.putpalette(bytes(range(60, 60 + 3 * colors)))
        stored = by_pillow(image, "GIF")
        at = stored.index(b",\0\0\0\0")
        table = stored[13 : 13 + 3 * 2 ** ((stored[10] & 7) + 1)] if stored[10] & 128 else b""
        flags = 0x80 | stored[10] & 7 if table and palette else 0
        parts.append(b"," + struct.pack("<HHHHB", 2, 1, 4, 3, flags) + table * palette + stored[at + 10 : -1])
    return b"GIF89a" + struct.pack("<HHBBB", 9, 8, 0x70, 0, 0) + b"".join(parts) + b";"


@pytest.mark.parametrize("frames", [1, 2])
@pytest.mark.parametrize("wanted", ["first", "all", 0])
def test_what_no_frame_covers_of_the_canvas_is_transparent(frames: int, wanted: Any) -> None:
    picture = read_picture(io.BytesIO(placed(8, frames=frames)), frames=wanted)
    alpha = np.zeros((8, 9), np.uint8)
    alpha[1:4, 2:6] = 255
    assert picture.has_alpha
    assert np.array_equal(picture.frames[0][:, :, -1], alpha)
    assert (picture.frames[0][1:4, 2:6, :3] == [69, 70, 71]).all()
    assert ("frames-left-out" in [note.code for note in picture.notes]) == (frames == 2 and wanted == "first")


@pytest.mark.parametrize("frames", [1, 2])
def test_a_frame_without_a_palette_is_gray_and_that_is_said(frames: int) -> None:
    data = placed(8, palette=False, frames=frames)
    picture = read_picture(io.BytesIO(data), frames="all")
    shown = picture.frames[0][1:4, 2:6]
    assert (shown[:, :, 0] == shown[0, 0, 0]).all()
    assert [note.code for note in picture.damage] == ["damaged"]
    assert "palette" in failure(data, strict=True).message
