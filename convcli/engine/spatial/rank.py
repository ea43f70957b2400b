"""Rank filters: the smallest, the middle or the largest value of the window around each pixel.

Minima and maxima are taken along the columns, then along the rows, of windows that double in size.

A median is computed by a network of minima and maxima (`engine.spatial.network`), or, of a wide window, by parting a
copy of each window at its middle.

Windows with values that do not count, NaN and hidden colors, have fewer values, and are sorted one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import prod
from threading import local
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from convcli.array_types import Array, Bools
from convcli.engine.bands import for_each_band
from convcli.engine.part import OUTSIDE
from convcli.engine.planning.borders import border_sources
from convcli.engine.spatial.network import median_network
from convcli.filters import DEFAULT_BORDER, Median, Min, Rank, Size2

# The arrays of a network in a tile: they fit the second-level cache, and calls of NumPy cost less than their work.
_TILE_BYTES = 1 << 20
_LEAST_TILE = 1 << 13  # values
# Pixels of a window whose network takes less time than copying every window and parting it at its middle.
_LARGEST_NETWORK = 25 * 25
_SORTED_AT_ONCE = 1 << 20  # values of windows that are sorted one by one


def rank_filtered(
    layer: Rank,
    values: Array,
    *,
    full_scale: float,
    visible: Bools | None = None,
    sees_outside: bool = True,
    threads: int = 1,
) -> Array:
    """Return the value of a rank in the window around each pixel, of the same shape and dtype.

    Parameters
    ----------
    values
        (height, width, channels), uint8, uint16, float32 or float64.
    full_scale
        A constant border of 1.
    visible
        (height, width, 1): False where a pixel does not count. Where none of a window does, the pixel keeps its value.
    sees_outside
        Whether a constant border counts, beside what is visible.
    """
    if layer.size == (1, 1):
        return values.copy()
    padded = _Padded(layer, values, full_scale)
    is_counted = None if visible is None else padded.around(visible, bool(sees_outside))
    if visible is not None and visible.all() and (sees_outside or padded.repeats):
        visible = is_counted = None
    has_number = None if is_counted is None else np.broadcast_to(is_counted, (*is_counted.shape[:2], values.shape[2]))
    if values.dtype.kind == "f" and np.isnan(values).any():
        is_number = ~np.isnan(padded.all())
        has_number = is_number if is_counted is None else is_counted & is_number
    if has_number is None:
        return _ranked(layer, padded, threads)
    result = _ranked_among(layer, padded, has_number, threads)
    alone = ~_slid(np.maximum, has_number, layer.size)
    if alone.any():
        seen = True if is_counted is None else _slid(np.maximum, is_counted, layer.size)
        empty = values if values.dtype.kind == "u" else np.where(seen, values.dtype.type(np.nan), values)
        np.copyto(result, empty, where=alone)
    return result


def ranked_position(layer: Rank, values: Array, at: Size2, full_scale: float, visible: Bools | None = None) -> Size2:
    """Return the row and column of the value that is the result at a position; itself where that is of the border.

    `values` are (height, width, 1), the others as in `rank_filtered`.
    """
    padded = _Padded(layer, values, full_scale)
    rows, columns = (each[start : start + side] for each, start, side in zip(padded.axes, at, layer.size, strict=True))
    under = np.ix_(rows, columns)
    has_rank = (rows[:, np.newaxis] != OUTSIDE) & (columns != OUTSIDE) & ~np.isnan(values[under][:, :, 0])
    if visible is not None:
        has_rank &= visible[under][:, :, 0]
    wanted = rank_filtered(layer, values, full_scale=full_scale, visible=visible)[at][0]
    found = np.argwhere(has_rank & (values[under][:, :, 0] == wanted))
    return (int(rows[found[0][0]]), int(columns[found[0][1]])) if len(found) else at


class _Padded:
    """Values with their border; parts of them are made where they are wanted."""

    def __init__(self, layer: Rank, values: Array, full_scale: float) -> None:
        border = layer.border or DEFAULT_BORDER
        self.values = values
        self.rows, self.columns = self.axes = tuple(
            border_sources(border, margin[0], length + sum(margin), length)
            for margin, length in zip(layer.margins, values.shape[:2], strict=True)
        )
        self.repeats = border.name != "constant"
        self.shape = len(self.rows), len(self.columns), values.shape[2]
        fill = border.value * full_scale
        if values.dtype.kind == "u":
            fill = min(max(np.floor(fill + 0.5), 0), np.iinfo(values.dtype).max)
        self.fill = values.dtype.type(fill)

    def part(self, rows: slice, columns: slice) -> Array:
        """Return some rows and columns of the padded values."""
        return self._taken(self.values, self.rows[rows], self.columns[columns], self.fill)

    def all(self) -> Array:
        """Return all of the padded values."""
        return self.part(slice(None), slice(None))

    def around(self, array: Array, fill: Any) -> Array:
        """Return an array of as many pixels, with the same border, but of another value where it is constant."""
        return self._taken(array, self.rows, self.columns, fill)

    @staticmethod
    def _taken(array: Array, rows: NDArray[np.intp], columns: NDArray[np.intp], fill: Any) -> Array:
        part = array[rows[:, np.newaxis], columns]
        part[rows == OUTSIDE] = fill
        part[:, columns == OUTSIDE] = fill
        return part


def _ranked(layer: Rank, padded: _Padded, threads: int) -> Array:
    """Return the result where every value counts."""
    result = np.empty_like(padded.values, order="C")
    height, width = layer.size
    ranked, values = _way(layer)
    tile_rows, tile_columns = _tile_size(layer.size, values, result)

    def work(first: int, last: int) -> int:
        for left in range(0, result.shape[1], tile_columns):
            right = min(left + tile_columns, result.shape[1])
            part = padded.part(slice(first, last + height - 1), slice(left, right + width - 1))
            result[first:last, left:right] = ranked(part)
        return 0

    for_each_band(work, len(result), tile_rows, threads)
    return result


def _way(layer: Rank) -> tuple[Callable[[Array], Array], int]:
    """Return the function for the values of a padded part, and how many values it holds for each of them."""
    if not isinstance(layer, Median):
        return partial(_slid, np.minimum if isinstance(layer, Min) else np.maximum, size=layer.size), 4
    if prod(layer.size) > _LARGEST_NETWORK:
        return partial(_partitioned, size=layer.size), 1
    network = median_network(*layer.size)
    return partial(network.compute, scratch=local()), network.slots


def _partitioned(padded: Array, size: Size2) -> Array:
    """Return the medians of all windows, each of which is copied and parted at its middle."""
    # Of 8 bits, partitions take eight times as long as of 16.
    windows = sliding_window_view(padded.astype(np.uint16) if padded.itemsize == 1 else padded, size, (0, 1))
    result = np.empty(windows.shape[:3], padded.dtype)
    middle = prod(size) // 2
    for row, line in zip(result, windows, strict=True):
        copied = line.reshape(-1, prod(size))
        copied.partition(middle, axis=1)
        row[...] = copied[:, middle].reshape(row.shape)
    return result


def _tile_size(size: Size2, held: int, result: Array) -> Size2:
    """Return rows and columns of a tile that hold so many values each, so that its rim takes little beside it."""
    height, width = size
    most = max(_TILE_BYTES // (held * result.itemsize), _LEAST_TILE) // result.shape[2]
    rows = max(round((most * height / width) ** 0.5), 4 * height)
    rows = max(min(rows, len(result)), 1)
    return rows, max(most // (rows + height - 1), 4 * width)


def _slid(change: Callable[..., Any], padded: Array, size: Size2) -> Array:
    """Return the minima or maxima of all windows, taken along the columns, then along the rows."""
    for axis, side in enumerate(size):
        lines = padded.swapaxes(0, axis)
        covered = 1
        while covered < side:
            step = min(covered, side - covered)
            lines = change(lines[:-step], lines[step:])
            covered += step
        padded = lines.swapaxes(0, axis)
    return padded


def _ranked_among(layer: Rank, padded: _Padded, has_number: Bools, threads: int) -> Array:
    """Return the result where some values of the padded picture do not count."""
    if not isinstance(layer, Median):
        neutral = _highest(padded.values) if isinstance(layer, Min) else _lowest(padded.values)
        seen = np.where(has_number, padded.all(), neutral)
        return np.ascontiguousarray(_slid(np.minimum if isinstance(layer, Min) else np.maximum, seen, layer.size))
    result = _ranked(layer, padded, threads)
    incomplete = ~_slid(np.minimum, has_number, layer.size) & _slid(np.maximum, has_number, layer.size)
    windows = sliding_window_view(padded.all(), layer.size, (0, 1))
    counted = sliding_window_view(has_number, layer.size, (0, 1))
    at = np.nonzero(incomplete)
    step = max(1, _SORTED_AT_ONCE // prod(layer.size))
    for first in range(0, len(at[0]), step):
        some = tuple(axis[first : first + step] for axis in at)
        known: Bools = counted[some]
        chosen: Array = np.where(known, windows[some], _highest(result)).reshape(len(known), -1)
        chosen.sort(axis=1)
        ranks = np.count_nonzero(known, axis=(1, 2)) // 2
        result[some] = np.take_along_axis(chosen, ranks[:, np.newaxis], axis=1)[:, 0]
    return result


def _highest(values: Array) -> Any:
    return values.dtype.type(np.inf if values.dtype.kind == "f" else np.iinfo(values.dtype).max)


def _lowest(values: Array) -> Any:
    return values.dtype.type(-np.inf if values.dtype.kind == "f" else 0)
