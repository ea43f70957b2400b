"""Animated GIF, composed and written."""

from __future__ import annotations

import io
import struct

import numpy as np
from PIL import Image, PngImagePlugin

from convcli.image import Picture
from convcli.image.animation import Animation
from tests.support.encoding import by_convcli
from tests.support.frames import alike, shown
from tests.support.noise import noise
from tests.support.reading import read_all

RNG = np.random.default_rng(5)


RED, GREEN, BLUE, NONE = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255), (0, 0, 0, 0)


def gif(*frames: tuple[int, tuple[int, int, int, int], int], size: tuple[int, int] = (6, 4)) -> bytes:
    """A GIF by hand: of each frame its disposal, its place, and its color, 0 for transparent."""
    table = bytes([9, 9, 9, 255, 0, 0, 0, 255, 0, 0, 0, 255])
    data = b"GIF89a" + struct.pack("<HHBBB", *size, 0x81, 0, 0) + table
    for disposal, (left, top, width, height), color in frames:
        codes = [4]  # begins anew before every pixel, so that all codes have 3 bits
        for _ in range(width * height):
            codes += [color, 4]
        bits = sum(code << 3 * index for index, code in enumerate([*codes, 5]))
        packed = bits.to_bytes(-(-3 * (len(codes) + 1) // 8), "little")
        data += b"!\xf9\x04" + struct.pack("<BHB", disposal << 2 | 1, 4, 0) + b"\0"
        data += b"," + struct.pack("<HHHHB", left, top, width, height, 0) + b"\x02"
        data += bytes([len(packed)]) + packed + b"\0"
    return data + b";"


def test_the_first_frame_of_a_large_gif_that_is_cut_off_is_read() -> None:
    data = gif(*[(1, (0, 0, 15, 15), 1)] * 300, size=(15, 15))
    assert len(data) > 40_000, "so that its parts are counted before"
    assert (read_all(data[:-2000], frames=0).frames[0][0, 0, :3] == RED[:3]).all()


def test_a_gif_is_composed_as_browsers_show_it() -> None:
    keep, clear, restore, unsaid = 1, 2, 3, 0
    data = gif(
        (keep, (0, 0, 6, 4), 1),
        (restore, (1, 1, 2, 2), 2),
        (clear, (2, 0, 2, 2), 3),
        (unsaid, (5, 3, 1, 1), 2),
        (keep, (0, 3, 1, 1), 0),  # transparent: what is below stays
        (keep, (4, 0, 9, 9), 3),  # stands out of the picture
    )
    expected = [np.full((4, 6, 4), RED, np.uint8)]
    expected += [expected[0].copy() for _ in range(5)]
    expected[1][1:3, 1:3] = GREEN
    expected[2][0:2, 2:4] = BLUE
    for frame in expected[3:]:
        frame[0:2, 2:4] = NONE
        frame[3, 5] = GREEN
    expected[5][:, 4:] = BLUE
    picture = read_all(data)
    assert picture.has_alpha
    assert all(map(alike, picture.frames, expected))
    alone = read_all(data, frames=3)
    assert alike(alone.frames[0], expected[3])
    assert alone.animation is None


def test_a_gif_has_a_palette_for_each_frame() -> None:
    frames = tuple(noise(RNG, 16, 16, 3) for _ in range(3))
    drawn, _ = shown(by_convcli(Picture(frames, animation=Animation((10, 10, 10))), "gif"))
    assert [np.array_equal(one[..., :3], other) for one, other in zip(drawn, frames, strict=True)] == [True] * 3


def test_the_comment_of_an_animated_gif_is_kept_and_no_text_passes_for_a_duration() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", "mine " * 100)
    texts.add_text("duration", "long")
    frames = [Image.new("RGB", (3, 3), color) for color in ("red", "blue")]
    stream = io.BytesIO()
    frames[0].save(stream, "PNG", save_all=True, append_images=frames[1:], duration=70, pnginfo=texts)
    picture = read_all(stream.getvalue())
    with Image.open(io.BytesIO(by_convcli(picture, "gif"))) as image:
        assert image.info["comment"] == b"mine " * 100
        assert image.n_frames == 2  # type: ignore[attr-defined]
