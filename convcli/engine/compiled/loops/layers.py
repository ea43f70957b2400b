"""The loop for layers with many outputs or inputs in float32: sums of a block of outputs and pixels stay in registers.

A vector has neighboring pixels of one plane. It is loaded once for all outputs of the block, and each weight once for
all pixels, so that the multipliers are the limit. Squares of values that are consecutive in the input, some of a pixel
beside those of the next ones, are exchanged in registers as rows of the ring.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic, register_jitable

from convcli.engine.compiled.loops.kit import FLOAT32, INT64, PLAIN, Vectors, data_of, jit
from convcli.engine.compiled.loops.passes import move
from convcli.engine.compiled.loops.strips import transposer
from convcli.engine.compiled.tables.layers import CHAIN, SQUARE
from convcli.engine.planning.layers import outputs_of, step_of


@cache
def make(source, size):
    """Return the loop for pictures of a dtype, by vectors of `size` bytes."""
    block = step_of(size)
    compute = _computer(size)
    fill_ring = _filler(source == "float32")

    @jit
    def layers_band(
        source, out, rows, columns, down, beside, weights, begin, counts, starts, ahead, offsets,
        line, width, outputs, planes, lines, step_down, step_right, height, reach, inner_first, inner_last, tile, part,
        fill, divisor, ring, floats, sums, at, first, last,
    ):  # fmt: skip
        """Correlate the output rows first … last - 1; return that no value was clipped.

        See `convcli.engine.compiled.tables.layers` for the parameters.
        """
        maps = rows, columns, (inner_first, inner_last)
        shape = height, planes, step_right, lines, part
        left = 0
        while left < width:
            # The last tile and the last block may compute pixels again.
            left = min(left, width - min(tile, width))
            here = min(tile, width - left)
            groups = here + (reach + step_right - 1) // step_right
            filled = first * step_down
            for y in range(first, last):
                top = y * step_down
                start = max(filled, top)
                filled = top + height
                fill_ring(ring, shape, source, floats, line, maps, fill, start, filled, left * step_right, groups)
                move(at, down, beside, top, height, lines * part)
                k = 0
                while k < here:
                    k = min(k, here - block)
                    place = (y * width + left + k) * outputs
                    for group in range(len(begin)):
                        values = ring, k + ahead[group], at
                        to = out, place + begin[group], outputs, offsets, begin[group]
                        compute(counts[group], sums, values, weights, starts[group], divisor, to)
                    k += block
            left += tile
        return 0

    return layers_band


def _computer(size):
    """Return the function that computes and writes a block of some outputs that are computed together."""
    largest = outputs_of(size)
    by_count = [_for_outputs(size, largest >> each) for each in range(largest.bit_length())]
    whole, half, quarter = by_count[:3]
    eighth = by_count[-1]

    @register_jitable
    def compute(count, sums, values, weights, start, divisor, to):
        if count == largest:
            whole(sums, values, weights, start, divisor, to)
        elif 2 * count == largest:
            half(sums, values, weights, start, divisor, to)
        elif 4 * count == largest:
            quarter(sums, values, weights, start, divisor, to)
        else:
            eighth(sums, values, weights, start, divisor, to)

    return compute


def _for_outputs(size, together):
    """Return the function that computes and writes a block of `together` outputs."""
    block = step_of(size)
    add, weave = (_plain_add, _plain_weave) if PLAIN else (_add, _weave)
    add, weave = add(size, together), weave(size, together)

    @register_jitable
    def compute(sums, values, weights, start, divisor, to):
        ring, own, at = values
        out, place, outputs, offsets, begin = to
        taps = len(at)
        for tap in range(0, taps, CHAIN):
            add(sums, ring, own, at, weights, start, tap, min(tap + CHAIN, taps), tap == 0)
        if divisor != 1:
            for each in range(together * block):
                sums[each] /= divisor
        weave(out, place, outputs, sums, offsets, begin)

    return compute


def _filler(is_float):
    """Return the function that fills the ring: with `step` pixels a group, and a line for every value of a group.

    Values that are not floats become floats in a line of their own first.
    """
    exchange = transposer("float32", SQUARE)

    @jit
    def fill_ring(ring, shape, source, floats, line, maps, fill, start, stop, first, count):
        """Write `count` groups from padded column `first` on of the padded rows start … stop - 1."""
        rows, columns, inner = maps
        height, planes, step, lines, part = shape
        wide = planes * step
        begin = min(max((inner[0] - first + step - 1) // step, 0), count)
        # Squares may be wider than a group.
        end = (inner[1] - first - (lines - wide + planes - 1) // planes) // step
        for row in range(start, stop):
            base = row % height * lines * part
            is_inside = rows[row] >= 0 and end > begin
            squares = (min(end, count) - begin) // SQUARE if is_inside else 0
            own = rows[row] * line + columns[first + begin * step] * planes if is_inside else 0
            if not is_float and squares > 0:
                from_value = np.uint64(own)
                for each in range(squares * SQUARE * wide + lines - wide):
                    floats[each] = np.float32(source[from_value + np.uint64(each)])
            for square in range(squares):
                k = square * SQUARE
                for each in range(0, lines, SQUARE):
                    to, place = base + each * part + begin + k, k * wide + each
                    if is_float:
                        exchange(ring, to, part, source, own + place, wide)
                    else:
                        exchange(ring, to, part, floats, place, wide)
            inside = begin + squares * SQUARE
            _fill_rest(ring, base, (wide, planes, step, part), source, line, rows[row], columns, fill, first, 0, begin)
            _fill_rest(
                ring, base, (wide, planes, step, part), source, line, rows[row], columns, fill, first, inside, count
            )

    return fill_ring


@jit
def _fill_rest(ring, base, shape, source, line, row, columns, fill, first, start, stop):
    """Write the groups start … stop - 1 of a row, value by value."""
    wide, planes, step, part = shape
    for place in range(wide):
        phase, plane = divmod(place, planes)
        for k in range(start, stop):
            index = first + k * step + phase
            is_inside = row >= 0 and index < len(columns) and columns[index] >= 0
            value = np.float32(source[row * line + columns[index] * planes + plane]) if is_inside else fill
            ring[base + place * part + k] = value


def _plain_add(size, together):
    block = step_of(size)

    @register_jitable
    def add(sums, values, start, at, weights, before, first, last, is_first):
        for output in range(together):
            for k in range(block):
                total = sums.dtype.type(0) if is_first else sums[output * block + k]
                for tap in range(first, last):
                    total += weights[before + tap * together + output] * values[start + at[tap] + k]
                sums[output * block + k] = total

    return add


def _plain_weave(size, together):
    block = step_of(size)

    @register_jitable
    def weave(out, place, pitch, sums, offsets, begin):
        for output in range(together):
            for k in range(block):
                out[place + k * pitch + output] = sums[output * block + k] + offsets[begin + output]

    return weave


def _add(size, together):
    """Return the function that sets sums (output, pixel) to those of the taps first … last - 1, or adds these."""
    block = step_of(size)
    lanes = ir.VectorType(FLOAT32, size // 4)
    row = block // lanes.count

    def emit(context, builder, signature, arguments):
        vectors = Vectors(builder)
        sums, values, at, weights = (
            data_of(context, builder, signature.args[index], arguments[index]) for index in (0, 1, 3, 4)
        )
        start, before, first, last, is_first = (arguments[index] for index in (2, 5, 6, 7, 8))

        def add_tap(tap, totals):
            place = builder.add(vectors.load(at, tap, INT64), start)
            found = [vectors.load(values, vectors.after(place, index * lanes.count), lanes) for index in range(row)]
            own = builder.add(before, builder.mul(tap, vectors.number(INT64, together)))
            changed = []
            for output in range(together):
                weight = vectors.spread(vectors.load(weights, vectors.after(own, output), FLOAT32), lanes.count)
                for index, value in enumerate(found):
                    changed.append(vectors.sum_of_product(totals[output * row + index], value, weight))
            return changed

        totals = vectors.loop(first, last, [vectors.number(lanes, 0)] * (together * row), add_tap)
        places = [vectors.number(INT64, index * lanes.count) for index in range(together * row)]
        with builder.if_else(is_first) as (then, otherwise):
            with then:
                for place, total in zip(places, totals, strict=True):
                    vectors.store(total, sums, place)
            with otherwise:
                for place, total in zip(places, totals, strict=True):
                    vectors.store(vectors.sum(vectors.load(sums, place, lanes), total), sums, place)
        return context.get_dummy_value()

    @intrinsic
    def add(_context, sums, values, start, at, weights, before, first, last, is_first):
        return types.void(sums, values, start, at, weights, before, first, last, is_first), emit

    return add


def _weave(size, together):
    """Return the function that writes sums (output, pixel) with the outputs of a pixel side by side."""
    block = step_of(size)
    lanes = ir.VectorType(FLOAT32, size // 4)
    pixels = lanes.count // together  # in a vector of all outputs
    low = [lane for each in range(lanes.count // 2) for lane in (each, lanes.count + each)]
    high = [lane + lanes.count // 2 for lane in low]

    def emit(context, builder, signature, arguments):
        vectors = Vectors(builder)
        out, sums, offsets = (data_of(context, builder, signature.args[index], arguments[index]) for index in (0, 3, 4))
        place, pitch, begin = (arguments[index] for index in (1, 2, 5))
        plus = [
            vectors.spread(vectors.load(offsets, vectors.after(begin, output), FLOAT32), lanes.count)
            for output in range(together)
        ]
        for first in range(0, block, lanes.count):
            found = [
                vectors.sum(vectors.load(sums, vectors.number(INT64, output * block + first), lanes), plus[output])
                for output in range(together)
            ]
            # Each round interleaves the first half with the second.
            for _ in range(together.bit_length() - 1):
                halves = zip(found[: together // 2], found[together // 2 :], strict=True)
                found = [vectors.shuffle(*both, order) for both in halves for order in (low, high)]
            for index, each in enumerate(found):
                for pixel in range(pixels):
                    own = vectors.shuffle(each, each, range(pixel * together, (pixel + 1) * together))
                    number = vectors.number(INT64, first + index * pixels + pixel)
                    vectors.store(own, out, builder.add(place, builder.mul(pitch, number)))
        return context.get_dummy_value()

    @intrinsic
    def weave(_context, out, place, pitch, sums, offsets, begin):
        return types.void(out, place, pitch, sums, offsets, begin), emit

    return weave
