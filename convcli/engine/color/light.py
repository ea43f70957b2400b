"""Light: conversion between the levels of a picture and linear light, by the curve of sRGB.

Levels are spaced as eyes see them, and an average of levels is darker than the light of both: a red and a green line
side by side look yellow from afar, and their average in levels is a dark olive. By IEC 61966-2-1:1999, with a level v
and light L as fractions of full scale,

    L = v / 12.92                      for v ≤ 0.04045,    else ((v + 0.055) / 1.055) ^ 2.4
    v = 12.92 · L                      for L ≤ 0.0031308,  else 1.055 · L ^ (1 / 2.4) − 0.055

Filtered values may leave 0 to 1. Above, the curve continues; below it is mirrored, f(−x) = −f(x), as in scRGB
(IEC 61966-2-2) and in CSS Color 4, so that nothing is clipped before the values are brought into the range of a file.
Every level of 8 bits (in float32) and of 16 bits (in float64) survives the conversion and its inverse.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from convcli.array_types import Array
from convcli.engine.bands import for_each_band
from convcli.engine.planning.arithmetic import between_layers
from convcli.lazy import dataclass

_BAND_VALUES = 1 << 15  # as floats they fit the second-level cache


@dataclass(frozen=True)
class Light:
    """The unit of values while they are filtered: levels or linear light.

    Parameters
    ----------
    full_scale
        White, both as level and as light: a bias of 50% is half the light of white.
    linear
        True for light, false for levels.
    threads
        The number of threads that convert.
    """

    full_scale: float
    linear: bool = False
    threads: int = 1

    def of(self, levels: Array, colors: int | None = None) -> Array:
        """Return levels as floats, or their light.

        Parameters
        ----------
        levels
            (height, width, channels), 0 to full scale in uint8 or uint16; or floats, which may be outside.
        colors
            The number of channels that are colors; None for all. The others, such as alpha, stay levels.

        Returns
        -------
        numpy.ndarray
            float32 for uint8 and float32, else float64.
        """
        values = np.empty(levels.shape, between_layers(levels.dtype))

        def convert(rows: slice) -> None:
            values[rows] = levels[rows]
            if self.linear:
                values[rows, :, :colors] = self._light(levels[rows, :, :colors])

        self._in_bands(convert, levels)
        return values

    def back(self, values: Array, colors: int | None = None) -> Array:
        """Convert filtered values of the unit of `of` to levels, in place; floats, which may be out of range."""
        full_scale = values.dtype.type(self.full_scale)

        def convert(rows: slice) -> None:
            part = values[rows, :, :colors]
            part[...] = from_light(part / full_scale) * full_scale

        if self.linear:
            self._in_bands(convert, values)
        return values

    def _light(self, levels: Array) -> Array:
        if levels.dtype.kind == "u":
            return _table(levels.dtype)[levels]  # a third of the time of the formula
        full_scale = levels.dtype.type(self.full_scale)
        light: Array = to_light(levels / full_scale) * full_scale
        return light

    def _in_bands(self, convert: Callable[[slice], None], array: Array) -> None:
        def work(first: int, last: int) -> int:
            convert(slice(first, last))
            return 0

        for_each_band(work, len(array), _BAND_VALUES // max(array[0].size, 1), self.threads)


@cache
def _table(dtype: np.dtype[Any]) -> Array:
    """Return the light of every level of an integer dtype."""
    full = np.iinfo(dtype).max
    return (to_light(np.arange(full + 1) / full) * full).astype(between_layers(dtype))


def to_light(levels: Array) -> Array:
    """Return the light that levels of sRGB, in shares of full scale, stand for (IEC 61966-2-1)."""
    size = np.abs(levels)
    light: Array = np.where(size <= 0.04045, size / 12.92, ((size + 0.055) / 1.055) ** 2.4)
    return np.copysign(light, levels, out=light)


def from_light(light: Array) -> Array:
    """Return the levels of sRGB, in shares of full scale, for light (IEC 61966-2-1)."""
    size = np.abs(light)
    levels: Array = np.where(size <= 0.0031308, size * 12.92, 1.055 * size ** (1 / 2.4) - 0.055)
    return np.copysign(levels, light, out=levels)
