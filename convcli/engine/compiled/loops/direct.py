"""The loop that correlates tap by tap."""

from __future__ import annotations

from convcli.engine.compiled.loops.kit import jit
from convcli.engine.compiled.loops.passes import add_taps, fill_ring, move, store
from convcli.engine.compiled.tables.passes import ROWS, SUMS


def make(**_dtypes):
    """Return the loop, which takes arrays of any dtypes."""
    return direct_band


@jit
def direct_band(
    source, out, rows, columns, ends, down, beside, weights, offsets,
    line, width, planes, step_down, step_right, height, reach, inner_first, inner_last, tile, part, room,
    fill, divisor, highest, ring, sums, values, at, first, last,
):  # fmt: skip
    """Correlate the output rows first … last - 1, tap by tap; return how many values were clipped.

    See `convcli.engine.compiled.tables.direct` for the parameters.
    """
    outputs = len(ends) // 3
    maps = rows, columns, (inner_first, inner_last)
    scale = divisor, offsets, highest
    shape = height, planes, part * step_right
    clipped = 0
    left = 0
    while left < width:
        columns_here = min(tile, width - left)
        span = (columns_here - 1) * step_right + 1 + reach
        filled = first * step_down
        for y in range(first, last, ROWS):
            top = y * step_down
            start = max(filled, top)
            filled = top + height
            fill_ring(ring, shape, source, line, maps, fill, start, filled, step_right, left * step_right, span)
            move(at, down, beside, top, height, planes * part * step_right)
            for begin in range(0, columns_here, SUMS):
                count = min(SUMS, columns_here - begin)
                for plane in range(outputs):
                    add_taps(sums, SUMS + room, ring, begin, at, weights, ends, plane, count, True)
                    for row in range(min(ROWS, last - y)):
                        place = ((y + row) * width + left + begin) * outputs
                        clipped += store(sums, row * (SUMS + room), count, out, place, outputs, plane, values, scale)
        left += tile
    return clipped
