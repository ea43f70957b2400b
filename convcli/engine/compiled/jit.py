"""The compiled loops of the Numba engine: they fill a ring of converted rows, sum products, and store the results.

Loops are written for LLVM to vectorize: with unsigned indices (signed ones take a wrap-around test that blocks
vectorization) and the types of the arrays; ``ring`` has the arithmetic. Products are summed in
`convcli.engine.compiled.vectors`; the cache is keyed by both files.

All functions release the interpreter lock; none starts threads. The two band loops exceed 40 lines, since each part cut
off would pass a dozen positions.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numba
import numpy as np

from convcli.engine.compiled import cache
from convcli.engine.compiled.vectors import BLOCK_BYTES, ROWS, add_block

# With NUMBA_DISABLE_JIT nothing is compiled, so nothing cached.
CACHED = cache.set_up() and not numba.config.DISABLE_JIT  # type: ignore[attr-defined]  # filled at run time

# Most bytes of the ring of rows for a tile of columns: half of a core's L2 cache.
RING_BYTES = 600_000

# Sums of a row per pass: with the values under their taps they fit the L1 cache.
SUMS = 1920

# Products of float32 that are summed before they are added to the total, which bounds their error (see
# `convcli.engine.planning.arithmetic`). Of other dtypes twice as many, which takes a twentieth less time for float64.
TAPS = 64

# Divisions follow IEEE instead of raising. The compiler may fuse a product and its sum, which are then rounded once: a
# tenth faster for floats, and more exact. It has no other freedom in the arithmetic.
jit: Callable[..., Any] = partial(numba.njit, nogil=True, error_model="numpy", fastmath={"contract"})
# For loops called from outside, whose code includes all others.
cached: Callable[..., Any] = jit(cache=CACHED)


@jit
def fill_row(ring, base, line, row, first, step, count, plane, pitch, columns, inner, fill):
    """Write `count` padded values into the ring at `base`, converted, with the border.

    They are those of the padded columns first, first + step, …; a row or column of -1 lies outside and holds `fill`.
    Column x of `plane` is at x · pitch + plane of `line`.
    """
    cast = ring.dtype.type
    if row < 0:
        for k in range(count):
            ring[base + np.uint64(k)] = fill
        return
    start = min(max((inner[0] - first + step - 1) // step, 0), count)
    stop = max(min((inner[1] - first + step - 1) // step, count), start)
    for k in range(start):
        column = columns[first + k * step]
        ring[base + np.uint64(k)] = cast(line[column * pitch + plane]) if column >= 0 else fill
    if stop > start:
        own = np.uint64(columns[first + start * step] * pitch + plane)
        to = base + np.uint64(start)
        if pitch * step == 1:
            for k in range(stop - start):
                each = np.uint64(k)
                ring[to + each] = cast(line[own + each])
        else:
            for k in range(stop - start):
                ring[to + np.uint64(k)] = cast(line[own + np.uint64(k * pitch * step)])
    for k in range(stop, count):
        column = columns[first + k * step]
        ring[base + np.uint64(k)] = cast(line[column * pitch + plane]) if column >= 0 else fill


@jit
def add_taps(sums, values, start, at, weights, ends, group, count, is_first):
    """Set sums[r, k] to the sum of weights[t, r] · values[start + at[t] + k], for at least `count` values of a row.

    The taps t of a group are in three lists, for the first row, for both, and for the second: list i starts at
    ends[3 · group + i] and ends where the next starts. Weights of zero are in no list, since 0 · NaN is NaN. Unless
    `is_first`, the products are added to the sums.
    """
    block = BLOCK_BYTES // values.itemsize
    begin, end = ends[3 * group], ends[3 * group + 3]
    step = TAPS if values.itemsize == 4 else 2 * TAPS
    for first in range(begin, max(end, begin + 1), step):
        last = min(first + step, end)
        part = first, min(max(ends[3 * group + 1], first), last), min(max(ends[3 * group + 2], first), last), last
        for k in range(0, count, block):
            add_block(sums, k, values, start + k, at, weights, part, is_first and first == begin)


@jit
def store_line(sums, row, count, out, y, left, scale, plane):
    """Write sums[row, k] / divisor + offset to out[y, left + k], clipped to 0 … highest; return how many were clipped.

    With highest < 0 nothing is clipped. Divisor, offsets of the planes and highest are arrays of the dtype of the
    division. Fractions are cut off.
    """
    divisor, offsets, highest = scale
    wide = divisor.dtype.type
    cast = out.dtype.type
    by, plus, most = divisor[0], offsets[plane], highest[0]
    lowest = wide(0)
    is_divided = by != 1
    # A count of 16 bits suffices for a line and has the width of the values; one of 64 takes as long as all the rest.
    fitting = np.int16(0)
    for index in range(count):
        k = np.uint64(index)
        value = wide(sums[row, k])
        if is_divided:
            value = wide(value / by)
        value = wide(value + plus)
        bound = value
        if most >= 0:
            # In this order NaN becomes 0, and counts as clipped.
            bound = min(value if value > lowest else lowest, most)
            fitting = np.int16(fitting + (bound == value))
        out[y, np.uint64(left) + k] = cast(bound)
    return count - fitting if most >= 0 else 0


@jit
def store(sums, row, count, out, place, outputs, plane, values, scale):
    """Store a line of an output plane from (y, left) on, through `values` if there are several planes."""
    y, left = place
    if outputs == 1:
        return store_line(sums, row, count, out, y, left, scale, 0)
    clipped = store_line(sums, row, count, values, 0, 0, scale, plane)
    # In a loop of its own, since scattered values are not vectorized.
    first = left * outputs + plane
    for k in range(count):
        out[y, np.uint64(first + k * outputs)] = values[0, np.uint64(k)]
    return clipped


@jit
def fill_ring(ring, source, maps, fill, start, stop, planes, step, first, count):
    """Fill the ring with `count` values from padded column `first` on of the padded rows start … stop - 1.

    With a stride `step` to the right, a line of the ring has `step` parts, so that the values under a tap are adjacent.
    """
    rows, columns, inner = maps
    height, pitch = len(ring) // planes, ring.shape[1]
    flat = ring.reshape(-1)
    for row in range(start, stop):
        for plane in range(planes):
            for phase in range(step):
                base = np.uint64((row % height * planes + plane) * pitch + phase * (pitch // step))
                each = (count - phase + step - 1) // step
                line = source[rows[row]]
                fill_row(flat, base, line, rows[row], first + phase, step, each, plane, planes, columns, inner, fill)


@jit
def move(at, down, beside, top, height, pitch):
    """Set at[t] to the index of tap t in a ring of `height` rows while row `top` is the first that is covered."""
    for tap in range(len(at)):
        # A remainder per tap would take longer than all the rest.
        row = top % height + down[tap]
        at[tap] = (row if row < height else row - height) * pitch + beside[tap]


@jit
def tile_of(width, bytes_of_column):
    """Return the columns of a tile."""
    return min(width, max(RING_BYTES // bytes_of_column, SUMS))


@cached
def direct_band(source, out, first, last, maps, planes, strides, cover, taps, fill, scale):
    """Correlate the output rows first … last - 1, tap by tap; return how many values were clipped.

    `source` and `out` are (rows, values in a row); interleaved channels are one plane, whose columns are values.
    `maps` has the row map, column map and inner columns of the plan; `planes` counts those of the input; `strides` are
    (down, right); `cover` has the rows under `ROWS` rows of the output, and the columns less one. `taps` has the ends
    of lists (see `add_taps`), one group per plane of the output, and of each tap the rows down, plane, columns across
    and weight. `fill` is the value of a constant border; `scale` has the divisor, the offsets of the output planes, and
    the highest value (see `store_line`).
    """
    ends, down, plane_of, across, weights = taps
    (height, reach), step = cover, strides[1]
    outputs = len(ends) // 3
    width = out.shape[1] // outputs
    room = BLOCK_BYTES // weights.itemsize
    tile = tile_of(width, height * planes * step * weights.itemsize)
    part = tile + reach // step + room
    ring = np.zeros((height * planes, part * step), weights.dtype)
    flat = ring.reshape(-1)
    sums = np.zeros((ROWS, SUMS + room), weights.dtype)
    values = np.empty((1, SUMS), out.dtype)
    beside = (plane_of * step + across % step) * part + across // step
    at = np.empty_like(beside)
    clipped = 0
    for left in range(0, width, tile):
        columns = min(tile, width - left)
        span = (columns - 1) * step + 1 + reach
        filled = first * strides[0]
        for y in range(first, last, ROWS):
            top = y * strides[0]
            start = max(filled, top)
            filled = top + height
            fill_ring(ring, source, maps, fill, start, filled, planes, step, left * step, span)
            move(at, down, beside, top, height, planes * ring.shape[1])
            for begin in range(0, columns, SUMS):
                count = min(SUMS, columns - begin)
                for plane in range(outputs):
                    add_taps(sums, flat, begin, at, weights, ends, plane, count, True)
                    for row in range(min(ROWS, last - y)):
                        place = y + row, left + begin
                        clipped += store(sums, row, count, out, place, outputs, plane, values, scale)
    return clipped


@cached
def separable_band(source, out, first, last, maps, stride, cover, column_taps, row_taps, fill, scale):
    """Correlate as `direct_band` does, one plane by its factors: down its columns into lines, then along the lines.

    Column taps and row taps are ends of lists, one group per factor; rows down, or the line; columns across; weights.
    """
    column_ends, down, _, column_weights = column_taps
    row_ends, line_of, across, row_weights = row_taps
    height, reach = cover
    width = out.shape[1]
    room = BLOCK_BYTES // row_weights.itemsize
    tile = tile_of(width, height * row_weights.itemsize)
    ring = np.zeros((height, tile + reach + room), row_weights.dtype)
    flat = ring.reshape(-1)
    lines = np.zeros((ROWS, SUMS + reach + room), row_weights.dtype)
    sums = np.zeros((ROWS, SUMS + room), row_weights.dtype)
    row_at = line_of * lines.shape[1] + across
    beside = np.zeros_like(down)
    at = np.empty_like(down)
    clipped = 0
    for left in range(0, width, tile):
        columns = min(tile, width - left)
        filled = first * stride
        for y in range(first, last, ROWS):
            top = y * stride
            start = max(filled, top)
            filled = top + height
            fill_ring(ring, source, maps, fill, start, filled, 1, 1, left, columns + reach)
            move(at, down, beside, top, height, ring.shape[1])
            for begin in range(0, columns, SUMS):
                count = min(SUMS, columns - begin)
                for factor in range(len(row_ends) // 3):
                    add_taps(lines, flat, begin, at, column_weights, column_ends, factor, count + reach, True)
                    add_taps(sums, lines.reshape(-1), 0, row_at, row_weights, row_ends, factor, count, factor == 0)
                for row in range(min(ROWS, last - y)):
                    clipped += store(sums, row, count, out, (y + row, left + begin), 1, 0, out, scale)
    return clipped


def compilations() -> int:
    """Return how many loops this process has compiled, not counting those loaded from the cache."""
    return sum(sum(each.stats.cache_misses.values()) for each in (direct_band, separable_band))


def cache_folder() -> Path:
    """Return the folder of the compiled code."""
    return Path(direct_band.stats.cache_path)
