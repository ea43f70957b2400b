"""The compiled loops of the Numba engine, all of them: their cache is keyed by this one file.

Every loop runs over a tile of a row and is written for LLVM to vectorise: plain sums,
unsigned indices (signed ones cost a wrap-around test that blocks vectorisation), up to
six taps in one expression (fewer passes over the sums). Types are those of the arrays:
``ring`` gives the arithmetic. Two output rows in one pass, whose loads overlap, were tried:
12 % faster for 9×9 floats, slower for integers, and twice the code.

All functions let go of the interpreter lock; none starts threads.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np

from convcli.engine import cache

CACHED = cache.prepare()

# Elements of a row that are worked on at a time: the ring of a 15×15 kernel then takes 240 KB of one core's L2 cache.
# Measured: 2048 took 1.1 times as long, 1024 and 512 1.2 and 1.6 times.
TILE = 4096


def jit(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile without the interpreter lock; divisions follow IEEE instead of raising.

    A product and its sum are rounded once, together, where the processor can: a tenth faster for floats, and nearer to
    the true sum. Nothing else of the arithmetic is left to the compiler.
    """
    compiled: Callable[..., Any] = numba.njit(nogil=True, cache=CACHED, error_model="numpy", fastmath={"contract"})(
        function
    )
    return compiled


@jit
def fill_row(ring, base, line, row, first, count, plane, pitch, columns, inner, fill):
    """Write `count` padded values from padded column `first` on into the ring at `base`, converted, with the border.

    A row or column of -1 lies outside and holds `fill`. Column x of `plane` stands at x · pitch + plane of `line`.
    """
    cast = ring.dtype.type
    if row < 0:
        for k in range(count):
            ring[base + np.uint64(k)] = fill
        return
    start = min(max(inner[0] - first, 0), count)
    stop = max(min(inner[1] - first, count), start)
    for k in range(start):
        column = columns[first + k]
        ring[base + np.uint64(k)] = cast(line[column * pitch + plane]) if column >= 0 else fill
    if stop > start:
        own = np.uint64(columns[first + start] * pitch + plane)
        to = base + np.uint64(start)
        if pitch == 1:
            for k in range(stop - start):
                each = np.uint64(k)
                ring[to + each] = cast(line[own + each])
        else:
            for k in range(stop - start):
                ring[to + np.uint64(k)] = cast(line[own + np.uint64(k * pitch)])
    for k in range(stop, count):
        column = columns[first + k]
        ring[base + np.uint64(k)] = cast(line[column * pitch + plane]) if column >= 0 else fill


@jit
def clear(total, count):
    """total[k] = 0."""
    for index in range(count):
        total[np.uint64(index)] = 0


@jit
def add_six(total, values, at, weights, tap, step, count):
    """total[k] += the sum of weights[t] · values[at[t] + k · step] over six taps from `tap` on."""
    cast = total.dtype.type
    a, b, c = at[tap], at[tap + 1], at[tap + 2]
    d, e, f = at[tap + 3], at[tap + 4], at[tap + 5]
    u, v, w = weights[tap], weights[tap + 1], weights[tap + 2]
    x, y, z = weights[tap + 3], weights[tap + 4], weights[tap + 5]
    if step == 1:
        for index in range(count):
            k = np.uint64(index)
            left = cast(cast(u * values[a + k]) + cast(v * values[b + k])) + cast(w * values[c + k])
            right = cast(cast(x * values[d + k]) + cast(y * values[e + k])) + cast(z * values[f + k])
            total[k] = cast(total[k] + cast(cast(left) + cast(right)))
    else:
        for index in range(count):
            k = np.uint64(index * step)
            left = cast(cast(u * values[a + k]) + cast(v * values[b + k])) + cast(w * values[c + k])
            right = cast(cast(x * values[d + k]) + cast(y * values[e + k])) + cast(z * values[f + k])
            total[np.uint64(index)] = cast(total[np.uint64(index)] + cast(cast(left) + cast(right)))


@jit
def add_three(total, values, at, weights, tap, step, count):
    """total[k] += the sum of weights[t] · values[at[t] + k · step] over three taps from `tap` on."""
    cast = total.dtype.type
    a, b, c = at[tap], at[tap + 1], at[tap + 2]
    u, v, w = weights[tap], weights[tap + 1], weights[tap + 2]
    for index in range(count):
        k = np.uint64(index)
        moved = np.uint64(index * step)
        pair = cast(cast(u * values[a + moved]) + cast(v * values[b + moved]))
        total[k] = cast(total[k] + cast(pair + cast(w * values[c + moved])))


@jit
def add_two(total, values, at, weights, tap, step, count):
    """total[k] += the sum of weights[t] · values[at[t] + k · step] over two taps from `tap` on."""
    cast = total.dtype.type
    a, b = at[tap], at[tap + 1]
    u, v = weights[tap], weights[tap + 1]
    for index in range(count):
        k = np.uint64(index)
        moved = np.uint64(index * step)
        total[k] = cast(total[k] + cast(cast(u * values[a + moved]) + cast(v * values[b + moved])))


@jit
def add_one(total, values, at, weight, step, count):
    """total[k] += weight · values[at + k · step]."""
    cast = total.dtype.type
    for index in range(count):
        k = np.uint64(index)
        total[k] = cast(total[k] + cast(weight * values[at + np.uint64(index * step)]))


@jit
def add_taps(total, values, at, weights, first, last, step, count):
    """Add the taps first … last - 1 to `total`. A tap that is not there is not multiplied: 0 · NaN is NaN."""
    tap = first
    while tap + 6 <= last:
        add_six(total, values, at, weights, tap, step, count)
        tap += 6
    if tap + 3 <= last:
        add_three(total, values, at, weights, tap, step, count)
        tap += 3
    if tap + 2 <= last:
        add_two(total, values, at, weights, tap, step, count)
    elif tap < last:
        add_one(total, values, at[tap], weights[tap], step, count)


@jit
def store(total, line, divisor, offset, highest):
    """Write total / divisor + offset, clipped to 0 … highest and cut off unless highest < 0; count the clipped.

    `divisor`, `offset` and `highest` are arrays of one value: their dtype is that of the division.
    """
    wide = divisor.dtype.type
    cast = line.dtype.type
    by, plus, most = divisor[0], offset[0], highest[0]
    lowest = wide(0)
    is_divided = by != 1
    # A count of 16 bits holds a tile's and fits the lanes of the values: one of 64 takes as long as all the rest.
    fitting = np.int16(0)
    for index in range(len(line)):
        k = np.uint64(index)
        value = wide(total[k])
        if is_divided:
            value = wide(value / by)
        value = wide(value + plus)
        bound = value
        if most >= 0:
            # In this order NaN becomes 0, which it does not equal.
            bound = min(value if value > lowest else lowest, most)
            fitting = np.int16(fitting + (bound == value))
        line[k] = cast(bound)
    return len(line) - fitting if most >= 0 else 0


@jit
def spread(values, line, first, step):
    """Write values to every so manieth place of a line: apart from `store`, whose sums then stay vectors."""
    for index in range(len(values)):
        line[np.uint64(first + index * step)] = values[np.uint64(index)]


@jit
def fill_ring(ring, height, source, maps, fill, start, stop, planes, first, count):
    """Bring `count` values from padded column `first` on of the padded rows start … stop - 1 into the ring."""
    rows, columns, inner = maps
    pitch = len(ring) // (height * planes)
    for row in range(start, stop):
        for plane in range(planes):
            base = np.uint64((row % height * planes + plane) * pitch)
            fill_row(ring, base, source[rows[row]], rows[row], first, count, plane, planes, columns, inner, fill)


@jit
def direct_band(source, out, first, last, maps, planes, strides, cover, taps, fill, scale):
    """Correlate the output rows first … last - 1, tap by tap; return how many values were clipped.

    Parameters
    ----------
    source, out
        (rows, values in a row).
    maps
        Rows and columns of the input for the padded picture's, and the columns that are its own.
        Interleaved channels are one plane, whose columns are values.
    planes
        Of the input; those of the output follow from the taps.
    strides
        (down, right).
    cover
        Rows that the kernel covers, and columns less one.
    taps
        Output plane o has the taps starts[o] … starts[o + 1] - 1; rows down, plane, columns across and weight of each.
    fill
        Value of a constant border.
    scale
        Divisor, offsets of the output planes, highest value (see `store`).
    """
    starts, down, plane_of, across, weights = taps
    divisor, offsets, highest = scale
    height, reach = cover
    outputs = len(starts) - 1
    width = out.shape[1] // outputs
    tile = min(TILE, width)
    pitch = (tile - 1) * strides[1] + 1 + reach
    ring = np.empty(height * planes * pitch, weights.dtype)
    total = np.empty(tile, weights.dtype)
    values = np.empty(tile, out.dtype)
    at = np.empty(len(weights), np.uint64)
    clipped = 0
    for left in range(0, width, tile):
        count = min(tile, width - left)
        span = (count - 1) * strides[1] + 1 + reach
        filled = first * strides[0]
        for y in range(first, last):
            top = y * strides[0]
            start = max(filled, top)
            filled = top + height
            fill_ring(ring, height, source, maps, fill, start, filled, planes, left * strides[1], span)
            for tap in range(len(weights)):
                at[tap] = np.uint64(((top + down[tap]) % height * planes + plane_of[tap]) * pitch + across[tap])
            for plane in range(outputs):
                clear(total, count)
                add_taps(total, ring, at, weights, starts[plane], starts[plane + 1], strides[1], count)
                offset = offsets[plane : plane + 1]
                if outputs == 1:
                    clipped += store(total, out[y, left : left + count], divisor, offset, highest)
                else:
                    clipped += store(total, values[:count], divisor, offset, highest)
                    spread(values[:count], out[y], left * outputs + plane, outputs)
    return clipped


@jit
def separable_band(source, out, first, last, maps, stride, cover, column_taps, row_taps, fill, scale):
    """Correlate as `direct_band` does, one plane by its factors: down its columns into a line, then along the line.

    Factor f has the taps starts[f] … starts[f + 1] - 1 of each of the two: offset and weight.
    """
    column_starts, down, column_weights = column_taps
    row_starts, across, row_weights = row_taps
    divisor, offset, highest = scale
    height, reach = cover
    width = out.shape[1]
    tile = min(TILE, width)
    pitch = tile + reach
    ring = np.empty(height * pitch, row_weights.dtype)
    lines = np.empty(pitch, row_weights.dtype)
    total = np.empty(tile, row_weights.dtype)
    at = np.empty(len(column_weights), np.uint64)
    clipped = 0
    for left in range(0, width, tile):
        count = min(tile, width - left)
        span = count + reach
        filled = first * stride
        for y in range(first, last):
            top = y * stride
            start = max(filled, top)
            filled = top + height
            fill_ring(ring, height, source, maps, fill, start, filled, 1, left, span)
            for tap in range(len(column_weights)):
                at[tap] = np.uint64((top + np.intp(down[tap])) % height * pitch)
            clear(total, count)
            for factor in range(len(column_starts) - 1):
                clear(lines, span)
                add_taps(lines, ring, at, column_weights, column_starts[factor], column_starts[factor + 1], 1, span)
                add_taps(total, lines, across, row_weights, row_starts[factor], row_starts[factor + 1], 1, count)
            clipped += store(total, out[y, left : left + count], divisor, offset, highest)
    return clipped


def compilations() -> int:
    """Return how many loops this process has compiled, those loaded from the cache not counted."""
    loops: tuple[Any, ...] = (direct_band, separable_band)  # Numba's dispatchers
    return sum(sum(each.stats.cache_misses.values()) for each in loops)


def kept_in() -> Path:
    """Return the folder of the compiled code."""
    folder: str = direct_band.stats.cache_path  # type: ignore[attr-defined]  # of Numba's dispatchers
    return Path(folder)
