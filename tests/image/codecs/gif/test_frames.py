"""GIF with frames over the limit or cut off."""

from __future__ import annotations

import io
import struct

from convcli.image import read_picture
from tests.support.reading import failure


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


def test_a_gif_cut_in_the_head_of_a_frame_is_damaged() -> None:
    data = gif(gif_image(4, 3), gif_image(4, 3), gif_image(4, 3)[:6])
    assert "stdin" in failure(data, frames="all").message
