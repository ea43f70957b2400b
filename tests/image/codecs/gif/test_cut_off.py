"""GIF files that break off: what is there is read with a warning, and the rest is one color."""

from __future__ import annotations

import io
import struct
import time

import numpy as np
import pytest
from PIL import Image

from convcli.image import read_picture
from convcli.image.codecs.gif.frames import until_damage
from tests.image.codecs.gif.test_codec import GREEN, RED, gif
from tests.support.encoding import by_pillow
from tests.support.noise import noise
from tests.support.reading import failure, read_all


def shown(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def colors(kind: str) -> bytes:
    """Return a GIF of 64×50 pixels by Pillow, which codes few pixels or many by one code."""
    smooth = (np.add.outer(np.arange(50) * 2, np.arange(64)) // 9).astype(np.uint8)
    values = {"noise": noise(3, 50, 64), "few": noise(3, 50, 64, top=3), "smooth": smooth}[kind]
    image = Image.fromarray(values)
    image.putpalette([level for index in range(256) for level in (index, 255 - index, 7)])
    return by_pillow(image, "GIF", interlace=False, optimize=False)


@pytest.mark.parametrize("kind", ["noise", "few", "smooth"])
def test_pixels_up_to_the_break_are_those_of_the_whole(kind: str) -> None:
    data = colors(kind)
    whole = shown(data)
    fill = whole.reshape(-1, 3).min(axis=0) * 0 + [0, 255, 7]
    counts = []
    for length in range(len(data) - 700 if kind != "smooth" else len(data) * 3 // 4, len(data) - 3, 11):
        try:
            picture = read_picture(io.BytesIO(data[:length]))
        except Exception as error:
            assert "% of the picture is missing" in str(error)  # noqa: PT017 - some lengths are too short
            continue
        (damage,) = picture.damage
        pixels = picture.frames[0].reshape(-1, 3)
        there = 50 * 64 - round(float(damage.split(": ")[1].split()[0]) / 100 * 50 * 64)
        # The share has one digit behind the point, of 3 pixels.
        np.testing.assert_array_equal(pixels[: there - 4], whole.reshape(-1, 3)[: there - 4])
        assert (pixels[there + 4 :] == fill).all()
        counts.append(there)
    assert len(counts) > 5
    assert counts == sorted(counts)
    assert len(set(counts)) > 3
    assert "is damaged" in failure(data[:-30], strict=True).message
    assert "% of the picture is missing" in failure(data[:850]).message  # of whose 792 have no codes


def test_a_transparent_frame_is_transparent_below() -> None:
    data = gif((1, (0, 0, 6, 4), 1))
    cut = data[:-8]
    picture = read_picture(io.BytesIO(cut))
    assert picture.has_alpha
    pixels = picture.frames[0].reshape(-1, 4)
    there = int((pixels[:, 3] == 255).sum())
    assert 12 <= there < 24
    assert (pixels[:there] == RED).all()
    assert "transparent in its place" in picture.damage[0]


def test_an_animation_keeps_its_whole_frames() -> None:
    data = gif((1, (0, 0, 6, 4), 1), (1, (0, 0, 6, 4), 2), (1, (0, 0, 6, 4), 3))
    picture = read_all(data[:-8])
    assert [tuple(frame[0, 0, :3]) for frame in picture.frames] == [RED[:3], GREEN[:3]]
    assert picture.damage == ("its end is missing: 2 of its frames are there",)
    assert "is damaged" in failure(data[:-8], frames="all", strict=True).message


def test_a_frame_with_too_few_pixels_is_completed_and_those_behind_stay() -> None:
    data = gif((1, (0, 0, 6, 4), 1), (1, (0, 0, 6, 4), 2))
    at = data.index(b",")
    higher = data[: at + 7] + struct.pack("<H", 5) + data[at + 9 :]
    higher = higher[:8] + struct.pack("<H", 5) + higher[10:]
    picture = read_all(higher)
    assert len(picture.frames) == 2
    assert (picture.frames[0][:4] == RED).all()
    assert not picture.frames[0][4, :, 3].any()
    assert (picture.frames[1][:4, :, :3] == GREEN[:3]).all()
    assert "20.0 % of the picture is transparent" in picture.damage[0]


def test_frames_before_one_that_is_damaged_inside_are_there() -> None:
    frames = [Image.fromarray(noise(each, 40, 50)) for each in range(3)]
    data = by_pillow(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=40)
    whole = read_all(data)
    at = data.rindex(b",\0\0\0\0")  # the last frame
    broken = data[: at + 900] + bytes(each ^ 255 for each in data[at + 900 : at + 910]) + data[at + 910 :]
    picture = read_all(broken)
    np.testing.assert_array_equal(picture.frames, whole.frames[: len(picture.frames)])
    assert (len(picture.frames), picture.damage) == (2, ("a frame of it is damaged: 2 frames before it are there",))
    failure(broken, frames="all", strict=True)
    read_all(broken, max_pixels=3 * 40 * 50)
    for large in (broken[:6] + b"\xff" * 4 + broken[10:], broken[:6] + b"\0" * 4 + broken[10:]):
        failure(large, frames="all")
    assert until_damage(broken, (50, 40), 40 * 50) is None


def test_an_interlaced_picture_that_breaks_off_is_refused() -> None:
    image = Image.fromarray(noise(3, 50, 64))
    data = by_pillow(image, "GIF", interlace=True)
    assert "truncated or damaged: it is interlaced" in failure(data[:-200]).message


def test_codes_without_pixels_end_soon() -> None:
    codes = b"\xff" + b"\x24\x49\x92" * 85  # that begin anew
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(3) + b"\xff\xff\xff"
    data = head + b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\2" + codes * 20_000 + b"\0;"
    start = time.process_time()
    assert "damaged" in failure(data).message
    assert time.process_time() - start < 2
