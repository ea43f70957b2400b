"""Animated PNG, written and read back."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from convcli.image import Picture
from convcli.image.animation import Animation
from tests.support.encoding import by_convcli
from tests.support.noise import noise
from tests.support.reading import read_all

RNG = np.random.default_rng(5)


RED, GREEN, BLUE, NONE = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255), (0, 0, 0, 0)


def test_an_animated_png_of_16_bits_keeps_them() -> None:
    frames = tuple(noise(RNG, 4, 5, 1, dtype=np.uint16) for _ in range(2))
    picture = read_all(by_convcli(Picture(frames, animation=Animation((1000 / 30, 1001 / 30))), "png"))
    assert all(map(np.array_equal, picture.frames, frames))
    assert picture.animation is not None
    assert np.allclose(picture.animation.durations, (1000 / 30, 1001 / 30))


def test_an_animated_png_counts_parts_of_a_second_however_long_a_frame_is_shown() -> None:
    durations = (0.0, 100 / 3, 999.9, 100_123.0, 123_456.7, 65_535_000.0)
    frames = tuple(noise(RNG, 2, 2, 1) for _ in durations)
    picture = read_all(by_convcli(Picture(frames, animation=Animation(durations)), "png"))
    assert picture.animation is not None
    # Within less than the finest step that two numbers up to 65535 leave there.
    assert np.allclose(picture.animation.durations, durations, rtol=0, atol=0.02)


def test_the_still_picture_of_a_png_is_no_frame() -> None:
    still, *frames = (Image.new("RGB", (5, 4), color) for color in ("white", "red", "blue"))
    stream = io.BytesIO()
    still.save(stream, "PNG", save_all=True, default_image=True, append_images=frames, duration=[10, 20])
    picture = read_all(stream.getvalue())
    assert [tuple(frame[0, 0]) for frame in picture.frames] == [RED[:3], BLUE[:3]]
    assert picture.animation == Animation((10, 20), 0)
    assert "programs that show no animation" in picture.notes[0]
