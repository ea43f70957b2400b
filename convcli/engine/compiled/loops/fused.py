"""The loop whose sums become levels in registers: bytes, levels of 16 bits, or float32 as they are.

Rows of float32 are what the sums take: inside the picture they are read where they are, and not by way of a ring.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from itertools import chain
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic, register_jitable

from convcli.engine.compiled.loops.kit import FLOAT32, FLOAT64, INT16, INT64, PLAIN, Vectors, data_of, jit
from convcli.engine.compiled.loops.passes import fill_ring, move
from convcli.engine.compiled.loops.storing import line_filler, store_floats, store_levels, store_wide_levels
from convcli.engine.compiled.tables.fused import CHAINS, ROWS, step_of, vectors_of

_ELEMENTS = {"int16": INT16, "float32": FLOAT32, "float64": FLOAT64}

# The rows of the taps of each list.
_LISTS = ((0,), (0, 1), (1,))


@cache
def make(source, dtype, size):
    """Return the loop for pictures of one dtype and sums of another, by vectors of `size` bytes."""
    step = step_of(dtype, size)
    fill_line = line_filler(_plain_block(source, step) if PLAIN else _block(source, dtype, size), step, ROWS)
    add_in_place = _adding_in_place(fill_line) if source == dtype else _not_in_place

    @jit
    def fused_band(
        source, out, rows, columns, ends, down, beside, weights,
        line, width, height, reach, inner_first, inner_last, tile, long_tile, begin_inside, end_inside, part,
        fill, begin, shift, factor, half, ring, at, spare, first, last,
    ):  # fmt: skip
        """Correlate the output rows first … last - 1; return how many values were clipped.

        See `convcli.engine.compiled.tables.fused` for the parameters.
        """
        maps = rows, columns, (inner_first, inner_last)
        taps = at, weights, ends[0], ends[1], ends[2], ends[3]
        scale = begin, shift, factor, half
        clipped = 0
        left = 0
        while left < width:
            is_inside = begin_inside <= left < end_inside
            here = min(long_tile, end_inside - left) if is_inside else min(tile, width - left)
            if left < begin_inside:
                here = min(here, begin_inside - left)
            filled = first
            for y in range(first, last, ROWS):
                lines = min(ROWS, last - y)
                place = y * width + left
                if is_inside and lines == ROWS and _are_inside(rows, y, y + height):
                    own = columns[left]
                    for tap in range(len(at)):
                        at[tap] = rows[y + down[tap]] * line + own + beside[tap]
                    clipped += add_in_place(out, place, width, here, source, taps, scale, spare)
                    continue
                start = max(filled, y)
                filled = y + height
                fill_ring(ring, (height, 1, part), source, line, maps, fill, start, filled, 1, left, here + reach)
                move(at, down, beside, y, height, part)
                clipped += fill_line(out, place, width, here, lines, ring, 1, taps, scale, spare)
            left += here
        return clipped

    return fused_band


@jit
def _are_inside(rows, first, last):
    outside = 0
    for row in range(first, last):
        outside += rows[row] < 0
    return outside == 0


def _adding_in_place(fill_line):
    """Return the function that sums what is under the taps in the picture itself."""

    @jit
    def add(out, place, width, here, source, taps, scale, spare):
        return fill_line(out, place, width, here, ROWS, source, 1, taps, scale, spare)

    return add


@register_jitable
def _not_in_place(_out, _place, _width, _here, _source, _taps, _scale, _spare):
    return 0


def _plain_block(source, step):
    highest = 0 if source == "float32" else np.iinfo(source).max

    @register_jitable
    def block(out, place, pitch, values, start, taps, scale, valid):
        at, weights, one, both, two, end = taps
        ends = one, both, two, end
        begin, shift, factor, half = scale
        cast = values.dtype.type
        clipped = 0
        for row in range(ROWS):
            for k in range(step):
                total = begin
                for tap in range(ends[row], ends[row + 2]):
                    total = cast(total + cast(weights[tap * ROWS + row] * values[start + at[tap] + k]))
                to = place + row * pitch + k
                if highest == 0:
                    out[to] = np.float32(total / cast(factor)) + np.float32(half)
                    continue
                level = np.int64(total) >> shift if values.itemsize == 2 else np.floor(total * factor + half)
                bound = min(max(level, 0), highest)
                if k < valid[0] and row < valid[1] and bound != level:
                    clipped += 1
                out[to] = bound
        return clipped

    return block


@dataclass(frozen=True)
class _Block:
    """The vectors of a block in the code that is built."""

    vectors: Vectors
    lanes: Any  # the type of a vector
    row: int  # vectors of a row
    values: Any
    start: Any  # of the block in the values
    at: Any
    weights: Any
    chain: int  # products that are summed before they are added to the total

    def with_taps(self, sums, parts):
        """Return the sums (row, vector) with the products of the taps of three lists, for the rows of `_LISTS`."""
        sums = [list(each) for each in sums]
        for rows, first, last in zip(_LISTS, parts, parts[1:], strict=False):
            carried = list(chain.from_iterable(sums[row] for row in rows))
            held = self.vectors.loop(first, last, carried, partial(self._with_tap, rows))
            for number, row in enumerate(rows):
                sums[row] = held[number * self.row : (number + 1) * self.row]
        return sums

    def _with_tap(self, rows, tap, sums):
        vectors, lanes = self.vectors, self.lanes
        first = vectors.builder.mul(tap, vectors.number(INT64, ROWS))
        weights = [vectors.load(self.weights, vectors.after(first, row), lanes.element) for row in rows]
        spread = [vectors.spread(weight, lanes.count) for weight in weights]
        place = vectors.builder.add(vectors.load(self.at, tap, INT64), self.start)
        places = [vectors.after(place, lanes.count * index) for index in range(self.row)]
        found = [vectors.load(self.values, each, lanes) for each in places]
        return [
            vectors.sum_of_product(total, spread[number // self.row], found[number % self.row])
            for number, total in enumerate(sums)
        ]

    def with_chains(self, begin, ends):
        """Return the sums (row, vector) of all taps from `begin` on, chain after chain."""
        vectors, builder = self.vectors, self.vectors.builder
        length = vectors.number(INT64, self.chain)

        def part(first):
            last = vectors.smaller(builder.add(first, length), ends[3])
            inner = (vectors.smaller(vectors.larger(end, first), last) for end in ends[1:3])
            return [first, *inner, last]

        def with_chain(number, totals):
            nothing = [[vectors.number(self.lanes, 0)] * self.row] * ROWS
            first = builder.add(ends[0], builder.mul(vectors.after(number, 1), length))
            sums = chain.from_iterable(self.with_taps(nothing, part(first)))
            return [vectors.sum(total, each) for total, each in zip(totals, sums, strict=True)]

        sums = self.with_taps([[begin] * self.row] * ROWS, part(ends[0]))
        others = builder.sdiv(vectors.after(builder.sub(ends[3], ends[0]), -1), length)
        totals = vectors.loop(vectors.number(INT64, 0), others, list(chain.from_iterable(sums)), with_chain)
        return [totals[: self.row], totals[self.row :]]


def _block(source, dtype, size):
    """Return the function that computes and stores a block: see `line_filler`."""
    element = _ELEMENTS[dtype]
    row = vectors_of(size)
    lanes = ir.VectorType(element, step_of(dtype, size) // row)

    def emit(context, builder, signature, arguments):
        vectors = Vectors(builder)
        out, place, pitch, values, start, taps, scale, valid = arguments
        out, values = (data_of(context, builder, signature.args[index], arguments[index]) for index in (0, 3))
        at, weights, *ends = (builder.extract_value(taps, index) for index in range(6))
        at, weights = (data_of(context, builder, *each) for each in zip(signature.args[5], (at, weights), strict=False))
        begin, shift, factor, half = (builder.extract_value(scale, index) for index in range(4))
        if element == FLOAT32:
            factor, half = (builder.fptrunc(each, element) for each in (factor, half))
        begin, by, plus = (vectors.spread(each, lanes.count) for each in (begin, factor, half))
        sums = _Block(vectors, lanes, row, values, start, at, weights, CHAINS[dtype]).with_chains(begin, ends)
        if source == "float32":
            return store_floats(vectors, sums, (factor, half), out, place, pitch)
        if element == INT16:
            by = vectors.spread(builder.trunc(shift, element), lanes.count)
            levels = [[builder.ashr(each, by) for each in line] for line in sums]
        else:
            levels = [[vectors.sum_of_product(plus, each, by) for each in line] for line in sums]
        store = store_wide_levels if element == FLOAT64 else store_levels
        return store(vectors, levels, out, place, pitch, valid)

    @intrinsic
    def block(_context, out, place, pitch, values, start, taps, scale, valid):
        return types.int64(out, place, pitch, values, start, taps, scale, valid), emit

    return block
