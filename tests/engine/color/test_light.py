"""The curve of sRGB, against its formula written once more, value by value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from convcli.engine import Light, to_integers


def light_of(level: float) -> float:
    """IEC 61966-2-1 for one level, 0 to 1."""
    return level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_every_level_is_itself_again(dtype: type[np.integer[Any]]) -> None:
    full = np.iinfo(dtype).max
    levels = np.arange(full + 1, dtype=dtype).reshape(16, -1, 1)
    light = Light(full, linear=True)
    again, clipped, _ = to_integers(light.back(light.of(levels)), dtype, "clip")
    np.testing.assert_array_equal(again, levels)
    assert clipped == 0


@pytest.mark.parametrize(("dtype", "close"), [(np.uint8, 1e-4), (np.uint16, 1e-9)])
def test_levels_stand_for_the_light_of_srgb(dtype: type[np.integer[Any]], close: float) -> None:
    full = int(np.iinfo(dtype).max)
    levels = np.linspace(0, full, 200).astype(dtype)
    found = Light(full, linear=True).of(levels.reshape(10, 20, 1)).ravel()
    expected = [full * light_of(int(level) / full) for level in levels]
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=close)
    assert found.dtype == (np.float32 if dtype is np.uint8 else np.float64)


def test_half_the_light_of_white_is_level_188() -> None:
    half = Light(255.0, linear=True).back(np.full((1, 1, 1), 127.5))
    assert half.item() == pytest.approx(187.516, abs=1e-3)


def test_floats_have_the_light_of_the_levels_between_which_they_lie() -> None:
    light = Light(255.0, linear=True)
    between = light.of(np.full((1, 1, 1), 100.5)).item()
    assert between == pytest.approx(255 * light_of(100.5 / 255))


def test_outside_of_the_range_the_curve_goes_on_and_is_mirrored() -> None:
    light = Light(255.0, linear=True)
    values = np.linspace(-600, 900, 31).reshape(1, -1, 1)
    levels = light.back(values.copy())
    assert (np.diff(levels.ravel()) > 0).all()
    np.testing.assert_allclose(levels[:, :11][:, ::-1], -light.back(-values[:, :11][:, ::-1]))
    np.testing.assert_allclose(light.of(levels), values, atol=0.01)


def test_alpha_is_no_light() -> None:
    levels = np.full((4, 5, 4), 100, np.uint8)
    light = Light(255.0, linear=True)
    found = light.of(levels, 3)
    assert (found[:, :, 3] == 100).all()
    assert (found[:, :, :3] < 50).all()
    np.testing.assert_allclose(light.back(found, 3), 100, atol=1e-3)


def test_what_is_not_linear_stays_what_it_is() -> None:
    levels = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    light = Light(255.0)
    np.testing.assert_array_equal(light.back(light.of(levels)), levels)


def test_threads_change_nothing() -> None:
    levels = np.random.default_rng(1).integers(0, 256, (300, 200, 3)).astype(np.uint8)
    one, two = (Light(255.0, linear=True, threads=threads) for threads in (1, 2))
    np.testing.assert_array_equal(one.of(levels), two.of(levels))
    np.testing.assert_array_equal(one.back(one.of(levels)), two.back(two.of(levels)))
