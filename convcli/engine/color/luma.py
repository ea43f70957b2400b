"""Luma: the brightness of a color, taken from it to be filtered, and put back.

The brightness of (R, G, B) is

    Y = 0.299 R + 0.587 G + 0.114 B         of levels: luma of ITU-R BT.601, the Y of JPEG, Pillow, OpenCV and the
                                            filter ``luma``
    Y = 0.2126 R + 0.7152 G + 0.0722 B      of light: luminance, by the primaries of sRGB (IEC 61966-2-1, BT.709)

A pixel of brightness Y that is to have Y' becomes (R, G, B) + (Y' − Y): its color differences R − Y and B − Y, which
are Cb and Cr up to a factor, stay the same, and where Y' is Y every channel is exactly the same. The Y of gray is
exactly its level.

Where that leaves 0 to full scale, clipping each channel by itself would change the hue. Instead the color gets paler:
Y' is clipped, and all color differences are multiplied by the largest number up to 1 that brings every channel into
the range. Brightness and hue stay, saturation falls.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import DTypeLike

from convcli.array_types import Array, Bools
from convcli.engine.bands import for_each_band
from convcli.engine.color.light import Light
from convcli.engine.planning.arithmetic import between_layers
from convcli.engine.values import Levels, to_integers

_OF_LEVELS = (0.299, 0.114)  # of red and of blue; green has the rest
_OF_LIGHT = (0.2126, 0.0722)
_BAND_PIXELS = 1 << 13  # of three floats each they fit the second-level cache


def brightness(levels: Array, light: Light) -> Array:
    """Return the brightness of colors (height, width, 3) as floats (height, width, 1), in the unit of `light`.

    It is luma of levels, or luminance of light.
    """
    values = np.empty((*levels.shape[:2], 1), between_layers(levels.dtype))

    def work(first: int, last: int) -> int:
        values[first:last, :, 0] = _brightness(_one_thread(light).of(_planes(levels[first:last])), light)
        return 0

    _in_bands(work, levels, light)
    return values


def with_brightness(
    levels: Array, wanted: Array, light: Light, dtype: DTypeLike, full_scale: float, visible: Bools | None = None
) -> Levels:
    """Return colors (height, width, 3) of the same hue with another brightness.

    Parameters
    ----------
    wanted
        (height, width, 1): the new brightness, in the unit of `light`.
    dtype
        Of the result. Integers: colors out of range are made paler, then rounded half up; floats stay out of range.
    full_scale
        White in the result.
    visible
        (height, width, 1): the pixels that are counted; None for all.

    Returns
    -------
    Levels
        (height, width, 3), and how many values were out of range or no numbers.
    """
    result = np.empty(levels.shape, dtype)
    not_numbers: list[int] = []
    scale = full_scale / light.full_scale
    # The values beyond which levels round out of range.
    bounds = _one_thread(light).of(np.array([[[-0.5], [full_scale + 0.5]]]) / scale).ravel()

    def work(first: int, last: int) -> int:
        alone = _one_thread(light)
        values = alone.of(_planes(levels[first:last]))
        goal = wanted[first:last, :, 0].astype(values.dtype, copy=False)
        _change_brightness(values, _brightness(values, light), goal)
        if result.dtype.kind == "f":
            result[first:last] = (alone.back(values) * scale).transpose(1, 2, 0)
            return 0
        counted = True if visible is None else visible[first:last, :, 0]
        outside = (values < bounds[0]) | (values >= bounds[1])
        not_numbers.append(int(np.count_nonzero(np.isnan(values) & counted)))
        _make_paler(values, goal, light.full_scale)
        result[first:last] = to_integers(alone.back(values) * scale, dtype, "clip").values.transpose(1, 2, 0)
        return int(np.count_nonzero(outside & counted))

    clipped = _in_bands(work, levels, light)
    return Levels(result, clipped, sum(not_numbers))


def _planes(levels: Array) -> Array:
    """Return contiguous planes (3, height, width), which take half the time below."""
    return np.ascontiguousarray(levels.transpose(2, 0, 1))


def _brightness(planes: Array, light: Light) -> Array:
    red, green, blue = planes
    of_red, of_blue = map(planes.dtype.type, _OF_LIGHT if light.linear else _OF_LEVELS)
    # As differences from green, so that gray is exactly its level.
    brightness: Array = green + of_red * (red - green) + of_blue * (blue - green)
    if not np.isfinite(brightness).all():
        # Differences of infinite values are no numbers.
        plain = of_red * red + (1 - of_red - of_blue) * green + of_blue * blue
        brightness = np.where(np.isfinite(brightness), brightness, plain)
    return brightness


def _change_brightness(planes: Array, given: Array, wanted: Array) -> None:
    """Change the brightness of colors (3, height, width) in place; what was infinitely bright becomes gray."""
    is_infinite = np.isinf(given)
    if not is_infinite.any():
        planes += wanted - given
        return
    planes += np.subtract(wanted, given, out=np.zeros_like(given), where=~is_infinite)
    np.copyto(planes, wanted, where=is_infinite & (wanted != given))


def _make_paler(planes: Array, wanted: Array, full_scale: float) -> None:
    """Reduce the saturation of colors (3, height, width) of a brightness (height, width) to fit the range, in place."""
    outside = (planes.min(axis=0) < 0) | (planes.max(axis=0) > full_scale)
    if not outside.any():
        return
    gray = np.clip(wanted, 0, full_scale)
    color = np.subtract(planes, wanted, out=np.zeros_like(planes), where=planes != wanted)
    room = np.where(color > 0, full_scale - gray, gray)
    size = np.abs(color)
    share = np.divide(room, size, out=np.ones_like(size), where=size > room)
    saturation = share.min(axis=0)
    color = np.multiply(color, saturation, out=np.zeros_like(color), where=saturation > 0)  # it may be infinite
    np.copyto(planes, gray + color, where=outside)


def _one_thread(light: Light) -> Light:
    """Return the same unit for a band, which runs in a thread already."""
    return Light(light.full_scale, light.linear)


def _in_bands(work: Callable[[int, int], int], levels: Array, light: Light) -> int:
    return for_each_band(work, len(levels), _BAND_PIXELS // levels.shape[1], light.threads)
