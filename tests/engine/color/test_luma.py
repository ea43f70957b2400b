"""Brightness taken out of colors and put back: what is kept, and what gives way."""

from __future__ import annotations

import colorsys
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from convcli.engine import Light, brightness, with_brightness

RANDOM = np.random.default_rng(11)


def colors(dtype: type[np.integer[Any]], shape: tuple[int, int] = (120, 90)) -> NDArray[Any]:
    """Colors of every kind, the extreme ones among them."""
    full = np.iinfo(dtype).max
    array = RANDOM.integers(0, full + 1, (*shape, 3))
    array[::3] = np.where(array[::3] > full // 2, full, 0)
    return array.astype(dtype)


@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_colors_with_their_own_brightness_are_themselves(dtype: type[np.integer[Any]], linear: bool) -> None:
    full = float(np.iinfo(dtype).max)
    light = Light(full, linear)
    array = colors(dtype, (400, 300))
    values, clipped, _ = with_brightness(array, brightness(array, light), light, dtype, full)
    np.testing.assert_array_equal(values, array)
    assert clipped == 0


def test_every_eighth_color_of_eight_bits_is_itself() -> None:
    numbers = np.arange(3, 1 << 24, 8, dtype=np.uint32)
    array = np.stack([numbers >> 16, numbers >> 8 & 255, numbers & 255], axis=-1).astype(np.uint8).reshape(1024, -1, 3)
    for linear in (False, True):
        light = Light(255.0, linear, threads=2)
        np.testing.assert_array_equal(
            with_brightness(array, brightness(array, light), light, np.uint8, 255.0)[0], array
        )


def test_brightness_of_levels_is_that_of_pillow() -> None:
    array = colors(np.uint8)
    pillow = np.asarray(Image.fromarray(array).convert("L")).astype(int)
    assert np.abs(np.floor(brightness(array, Light(255.0))[:, :, 0] + 0.5) - pillow).max() <= 1
    assert np.mean(np.floor(brightness(array, Light(255.0))[:, :, 0] + 0.5) != pillow) < 0.01


def test_brightness_of_light_is_the_luminance_of_srgb() -> None:
    white, red, green, blue = np.eye(4, 3, k=-1)
    array = (np.array([[white + 1, red, green, blue]]) * 255).astype(np.uint8)
    found = brightness(array, Light(255.0, linear=True)).ravel() / 255
    np.testing.assert_allclose(found, [1, 0.2126, 0.7152, 0.0722], rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_brightness_of_gray_is_its_level_exactly(dtype: type[np.integer[Any]]) -> None:
    full = int(np.iinfo(dtype).max)
    levels = np.arange(full + 1, dtype=dtype).reshape(16, -1, 1)
    np.testing.assert_array_equal(brightness(np.repeat(levels, 3, axis=2), Light(full)), levels)


@pytest.mark.parametrize("linear", [False, True])
def test_gray_stays_gray(linear: bool) -> None:
    light = Light(255.0, linear)
    array = np.repeat(RANDOM.integers(0, 256, (50, 60, 1)).astype(np.uint8), 3, axis=2)
    wanted = brightness(array, light) + RANDOM.normal(0, 120, (50, 60, 1))
    values, clipped, _ = with_brightness(array, wanted, light, np.uint8, 255.0)
    assert (values == values[:, :, :1]).all()
    assert clipped % 3 == 0
    assert clipped > 300


@pytest.mark.parametrize("full", [255.0, 65_535.0])
def test_inside_the_range_the_same_is_added_to_every_channel(full: float) -> None:
    dtype = np.uint8 if full == 255 else np.uint16
    array = (RANDOM.integers(80, 170, (40, 50, 3)) * (full / 255)).astype(dtype)
    light = Light(full)
    added = RANDOM.integers(-70, 70, (40, 50, 1))
    values, clipped, _ = with_brightness(array, brightness(array, light) + added, light, dtype, full)
    np.testing.assert_array_equal(values.astype(int) - array, np.broadcast_to(added, array.shape))
    assert clipped == 0


def test_outside_the_range_hue_and_brightness_are_kept() -> None:
    """In 16 bits, so that rounding hides nothing; the hue by the standard library's formula."""
    full = 65_535.0
    array = colors(np.uint16)
    light = Light(full)
    own = brightness(array, light)
    goal = np.clip(own + RANDOM.normal(0, 20_000, own.shape), 1, full - 1)
    values, clipped, _ = with_brightness(array, goal, light, np.uint16, full)
    plain = array + (goal - own)
    outside = np.floor(plain + 0.5)
    assert clipped == np.count_nonzero((outside < 0) | (outside > full)) > 1000
    assert np.abs(brightness(values, light) - goal).max() <= 0.5
    for before, after in zip(plain.reshape(-1, 3), values.reshape(-1, 3), strict=True):
        spread = int(after.max()) - int(after.min())
        if spread > 2000:
            difference = abs(_hue(before) - _hue(after))
            assert min(difference, 1 - difference) < 1e-3
    inside = ~((plain < 0) | (plain > full)).any(axis=2)
    np.testing.assert_array_equal(values[inside], np.floor(plain[inside] + 0.5))


def test_colors_get_no_paler_than_it_takes() -> None:
    light = Light(255.0)
    array = np.array([[[255, 40, 40], [10, 200, 10], [255, 0, 0]]], dtype=np.uint8)
    goal = brightness(array, light) + np.array([[[30.0], [-60.0], [0.0]]])
    values, _, _ = with_brightness(array, goal, light, np.float64, 255.0)
    assert values.max() > 255  # floats are left alone
    whole, clipped, _ = with_brightness(array, goal, light, np.uint8, 255.0)
    assert whole.max(axis=2)[0, 0] == 255
    assert whole.min(axis=2)[0, 1] == 0
    np.testing.assert_array_equal(whole[0, 2], [255, 0, 0])
    assert clipped == 3  # red of the first pixel, red and blue of the second


def test_a_brightness_outside_is_white_or_black() -> None:
    array = colors(np.uint8, (10, 10))
    for goal, shown in ((400.0, 255), (-30.0, 0)):
        values, clipped, _ = with_brightness(array, np.full((10, 10, 1), goal), Light(255.0), np.uint8, 255.0)
        assert (values == shown).all()
        assert 0 < clipped <= values.size


def _hue(color: NDArray[Any]) -> float:
    low, high = float(color.min()), float(color.max())
    red, green, blue = ((float(each) - low) / (high - low) for each in color)
    return colorsys.rgb_to_hsv(red, green, blue)[0]
