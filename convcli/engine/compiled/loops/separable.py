"""The loop that correlates one plane by its factors: down its columns into lines, then along the lines."""

from __future__ import annotations

from convcli.engine.compiled.loops.kit import jit
from convcli.engine.compiled.loops.passes import add_taps, fill_ring, move, store_line
from convcli.engine.compiled.tables.passes import ROWS, SUMS


def make(**_dtypes):
    """Return the loop, which takes arrays of any dtypes."""
    return separable_band


@jit
def separable_band(
    source, out, rows, columns, column_ends, down, beside, column_weights, row_ends, row_at, row_weights, offsets,
    line, width, step_down, height, reach, inner_first, inner_last, tile, part, room, fill, divisor, highest,
    ring, lines, sums, at, first, last,
):  # fmt: skip
    """Correlate the output rows first … last - 1, one plane by its factors; return how many values were clipped.

    See `convcli.engine.compiled.tables.separable` for the parameters.
    """
    maps = rows, columns, (inner_first, inner_last)
    scale = divisor, offsets, highest
    clipped = 0
    left = 0
    while left < width:
        columns_here = min(tile, width - left)
        filled = first * step_down
        for y in range(first, last, ROWS):
            top = y * step_down
            start = max(filled, top)
            filled = top + height
            fill_ring(ring, (height, 1, part), source, line, maps, fill, start, filled, 1, left, columns_here + reach)
            move(at, down, beside, top, height, part)
            for begin in range(0, columns_here, SUMS):
                count = min(SUMS, columns_here - begin)
                for factor in range(len(row_ends) // 3):
                    pitch = SUMS + reach + room
                    add_taps(lines, pitch, ring, begin, at, column_weights, column_ends, factor, count + reach, True)
                    add_taps(sums, SUMS + room, lines, 0, row_at, row_weights, row_ends, factor, count, factor == 0)
                for row in range(min(ROWS, last - y)):
                    place = (y + row) * width + left + begin
                    clipped += store_line(sums, row * (SUMS + room), count, out, place, scale, 0)
        left += tile
    return clipped
