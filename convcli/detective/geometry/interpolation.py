"""Interpolation: the values of a picture between its pixels, as programs turn and warp it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.geometry.placement import Placement, positions_of, slopes_of
from convcli.detective.geometry.programs import cubic

_BAND = 16  # rows that are interpolated at a time: more leave the cache
_EVEN = 0.02  # of a pixel, by which an interpolation reaches further than a whole number of them


def _keys(a: float) -> Callable[[Array], Array]:
    """Return Keys' cubic of a."""

    def weights(x: Array) -> Array:
        inner, outer = ((a + 2) * x - (a + 3)) * x * x + 1, ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
        return np.where(x < 1, inner, np.where(x < 2, outer, np.zeros((), x.dtype)))

    return weights


class Interpolation(NamedTuple):
    """An interpolation: the pixels that it reaches, and the weight of a pixel by its distance.

    That is the distance along an axis, whose weights are multiplied, or (`is_round`) in the plane.
    """

    reach: int
    weights: Callable[[Array], Array]
    is_round: bool = False


# All cubics are called bicubic: that of Pillow's `rotate`, that of OpenCV, and that of its other makers. ImageMagick
# distorts by the round one.
INTERPOLATION: dict[str, Interpolation] = {
    "nearest": Interpolation(1, lambda x: np.where(x <= 0.5, *np.array([1, 0], x.dtype))),
    "bilinear": Interpolation(1, lambda x: np.maximum(1 - x, 0)),
    "bicubic": Interpolation(2, _keys(-1.0)),
    "bicubic-0.75": Interpolation(2, _keys(-0.75)),
    "bicubic-0.5": Interpolation(2, _keys(-0.5)),
    "robidoux": Interpolation(2, cubic(0.37821576, 0.31089212), is_round=True),
}


def interpolated(
    picture: Array, placement: Placement, shape: tuple[int, ...], name: str, part: tuple[slice, slice]
) -> tuple[Array, Bools]:
    """Return what a part of TARGET shows of a picture, (height, width, channels), and where that is inside of it."""
    rows, columns = part
    starts = range(rows.start, rows.stop, _BAND)
    bands = [slice(start, min(start + _BAND, rows.stop)) for start in starts]
    values, inside = zip(
        *(_interpolated(picture, placement, shape, name, (band, columns)) for band in bands), strict=True
    )
    return np.concatenate(values), np.concatenate(inside)


def _interpolated(
    picture: Array, placement: Placement, shape: tuple[int, ...], name: str, part: tuple[slice, slice]
) -> tuple[Array, Bools]:
    down, right = positions_of(placement, shape, part)
    height, width, channels = picture.shape
    above, before = np.floor(down - 0.5).astype(np.intp), np.floor(right - 0.5).astype(np.intp)
    past_above, past_left = ((at - 0.5 - first).astype(np.float32) for at, first in ((down, above), (right, before)))
    reach, weights = _weights_of(INTERPOLATION[name], placement, shape, part)
    flat = picture.reshape(-1, channels)
    values = np.zeros((*down.shape, channels), np.float32)
    total = np.zeros(down.shape, np.float32)
    steps = range(1 - reach, reach + 1)
    columns = [np.clip(before + step, 0, width - 1) for step in steps]
    for step in steps:
        row = np.clip(above + step, 0, height - 1) * width
        for column, share in zip(
            columns, weights(past_above - step, [past_left - each for each in steps]), strict=True
        ):
            total += share
            values += flat[row + column] * share[..., np.newaxis]
    values /= total[..., np.newaxis]
    # The rim is one pixel wide where programs differ.
    is_inside = (down > reach) & (down < height - reach) & (right > reach) & (right < width - reach)
    return values, is_inside


def _weights_of(
    kind: Interpolation, placement: Placement, shape: tuple[int, ...], part: tuple[slice, slice]
) -> tuple[int, Callable[[Array, list[Array]], Iterator[Array]]]:
    """Return how far an interpolation reaches, and its weights by the distances down and those to the right.

    One in the plane gets wider where a placement makes a picture smaller, along the axes of an ellipse.
    """
    if not kind.is_round:
        return kind.reach, lambda down, rights: _along_axes(kind.weights, down, rights)
    a, b, c, d = slopes_of(placement, shape, part)
    # The ellipse that a circle in TARGET is in INPUT; it is no narrower than a pixel.
    first, cross, second = a * a + b * b, a * c + b * d, c * c + d * d
    mean, half = (first + second) / 2, (first - second) / 2
    spread = np.hypot(half, cross)
    narrow, wide = (1 / np.maximum(each, 1) for each in (mean + spread, mean - spread))
    shape_of = (narrow - wide) / np.maximum(2 * spread, np.float32(1e-9))
    plain = (narrow + wide) / 2
    of_down, of_both, of_right = plain + shape_of * half, 2 * shape_of * cross, plain - shape_of * half

    def in_plane(down: Array, rights: list[Array]) -> Iterator[Array]:
        for right in rights:
            squared = of_down * down * down + of_both * down * right + of_right * right * right
            yield kind.weights(np.sqrt(np.maximum(squared, 0)))

    largest = float(np.sqrt(np.max(mean + spread)))
    return math.ceil(kind.reach * max(largest, 1.0) - _EVEN), in_plane


def _along_axes(weights: Callable[[Array], Array], down: Array, rights: list[Array]) -> Iterator[Array]:
    share = weights(np.abs(down))
    yield from (share * weights(np.abs(right)) for right in rights)
