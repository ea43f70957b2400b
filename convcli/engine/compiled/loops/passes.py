"""The parts of direct and separable loops: they fill a ring of converted rows, sum products, and store the results.

Loops are written for LLVM to vectorize: with unsigned indices (signed ones take a wrap-around test that blocks
vectorization) and the types of the arrays; ``ring`` has the arithmetic. Products are summed in
`convcli.engine.compiled.loops.vectors`. Arrays are flat: see `convcli.engine.compiled.convention`.
"""

from __future__ import annotations

import numpy as np

from convcli.engine.compiled.loops.kit import jit
from convcli.engine.compiled.loops.vectors import add_block
from convcli.engine.compiled.tables.passes import BLOCK_BYTES

# Products of float32 that are summed before they are added to the total, which bounds their error (see
# `convcli.engine.planning.arithmetic`). Of other dtypes twice as many, which takes a twentieth less time for float64.
TAPS = 64


@jit
def fill_row(ring, base, source, line, row, first, step, count, plane, pitch, columns, inner, fill):
    """Write `count` padded values into the ring at `base`, converted, with the border.

    They are those of the padded columns first, first + step, …; a row or column of -1 lies outside and holds `fill`.
    Column x of `plane` is at line + x · pitch + plane of `source`.
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
        ring[base + np.uint64(k)] = cast(source[line + column * pitch + plane]) if column >= 0 else fill
    if stop > start:
        own = np.uint64(line + columns[first + start * step] * pitch + plane)
        to = base + np.uint64(start)
        if pitch * step == 1:
            for k in range(stop - start):
                each = np.uint64(k)
                ring[to + each] = cast(source[own + each])
        else:
            for k in range(stop - start):
                ring[to + np.uint64(k)] = cast(source[own + np.uint64(k * pitch * step)])
    for k in range(stop, count):
        column = columns[first + k * step]
        ring[base + np.uint64(k)] = cast(source[line + column * pitch + plane]) if column >= 0 else fill


@jit
def add_taps(sums, pitch, values, start, at, weights, ends, group, count, is_first):
    """Set sums[r, k] to the sum of weights[t, r] · values[start + at[t] + k], for at least `count` values of a row.

    Rows of sums have `pitch` values, those of weights two. The taps t of a group are in three lists, for the first row,
    for both, and for the second: list i starts at ends[3 · group + i] and ends where the next starts. Weights of zero
    are in no list, since 0 · NaN is NaN. Unless `is_first`, the products are added to the sums.
    """
    block = BLOCK_BYTES // values.itemsize
    begin, end = ends[3 * group], ends[3 * group + 3]
    step = TAPS if values.itemsize == 4 else 2 * TAPS
    first = begin
    while first == begin or first < end:
        last = min(first + step, end)
        part = first, min(max(ends[3 * group + 1], first), last), min(max(ends[3 * group + 2], first), last), last
        k = 0
        while k < count:
            add_block(sums, k, pitch, values, start + k, at, weights, part, is_first and first == begin)
            k += block
        first += step


@jit
def store_line(sums, start, count, out, place, scale, plane):
    """Write sums[start + k] / divisor + offset to out[place + k], clipped to 0 … highest; return how many were clipped.

    With highest < 0 nothing is clipped. Divisor, offsets of the planes and highest have the dtype of the division.
    Fractions are cut off.
    """
    divisor, offsets, highest = scale
    wide = offsets.dtype.type
    offset = offsets[plane]
    cast = out.dtype.type
    lowest = wide(0)
    is_divided = divisor != 1
    # A count of 16 bits suffices for a line and has the width of the values; one of 64 takes as long as all the rest.
    fitting = np.int16(0)
    for index in range(count):
        k = np.uint64(index)
        value = wide(sums[np.uint64(start) + k])
        if is_divided:
            value = wide(value / divisor)
        value = wide(value + offset)
        bound = value
        if highest >= 0:
            # In this order NaN becomes 0, and counts as clipped.
            bound = min(value if value > lowest else lowest, highest)
            fitting = np.int16(fitting + (bound == value))
        out[np.uint64(place) + k] = cast(bound)
    return count - fitting if highest >= 0 else 0


@jit
def fill_ring(ring, shape, source, line, maps, fill, start, stop, step, first, count):
    """Fill the ring with `count` values from padded column `first` on of the padded rows start … stop - 1.

    `shape` of the ring is (rows, planes, values of a row); a row of `source` has `line` values. With a stride `step` to
    the right, a line of the ring has `step` parts, so that the values under a tap are adjacent.
    """
    rows, columns, inner = maps
    height, planes, pitch = shape
    for row in range(start, stop):
        for plane in range(planes):
            for phase in range(step):
                base = np.uint64((row % height * planes + plane) * pitch + phase * (pitch // step))
                each = (count - phase + step - 1) // step
                begin = rows[row] * line
                fill_row(
                    ring, base, source, begin, rows[row], first + phase, step, each, plane, planes, columns, inner, fill
                )


@jit
def move(at, down, beside, top, height, pitch):
    """Set at[t] to the index of tap t in a ring of `height` rows while row `top` is the first that is covered."""
    for tap in range(len(at)):
        # A remainder per tap would take longer than all the rest.
        row = top % height + down[tap]
        at[tap] = (row if row < height else row - height) * pitch + beside[tap]


@jit
def store(sums, start, count, out, place, outputs, plane, values, scale):
    """Store a line of an output plane from value `place` on, through `values` if there are several planes."""
    if outputs == 1:
        return store_line(sums, start, count, out, place, scale, 0)
    clipped = store_line(sums, start, count, values, 0, scale, plane)
    # In a loop of its own, since scattered values are not vectorized.
    for k in range(count):
        out[np.uint64(place + plane + k * outputs)] = values[np.uint64(k)]
    return clipped
