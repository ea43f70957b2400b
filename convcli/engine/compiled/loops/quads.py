"""The loop for 8 bits by products of bytes: a lane of 32 bits holds the values of four rows.

One instruction multiplies them by four weights, signed bytes, and adds the products to a sum of 32 bits. Larger weights
are digits in base 256, one to three (see `convcli.engine.planning.byte_numbers`). Measured for 12 megapixels of 3
channels: the time of 9×9 weights is 0.54 of that of floats.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic, register_jitable

from convcli.engine.compiled.loops.kit import FLOAT32, INT8, INT16, INT32, INT64, PLAIN, Vectors, data_of, jit
from convcli.engine.compiled.loops.storing import line_filler, store_levels
from convcli.engine.compiled.tables.quads import COLUMNS, ROWS, step_of, vectors_of


@cache
def make(pieces, size):
    """Return the loop for weights of 1 or 3 digits, by vectors of `size` bytes."""
    step = step_of(pieces, size)
    fill_line = line_filler(_plain_block(pieces, step) if PLAIN else _block(pieces, size), step, ROWS)

    @jit
    def quads_band(
        source, out, rows, columns, weights, down, across, starts,
        width, height, reach, inner_first, inner_last, tile, part, fill, shift, factor, half,
        quads, at, spare, first, last,
    ):  # fmt: skip
        """Correlate the output rows first … last - 1; return how many values were clipped.

        See `convcli.engine.compiled.tables.quads` for the parameters.
        """
        slots = 2 * height - 1
        scale = starts, shift, factor, half
        clipped = 0
        left = 0
        while left < width:
            here = min(tile, width - left)
            span = here + reach
            start = min(max(inner_first - left, 0), span)
            stop = max(min(inner_last - left, span), start)
            filled = first
            for y in range(first, last, ROWS):
                end = y + 4 * height
                for top in range(filled, end - 2, 2):
                    slot = (top - first) // 2 % slots
                    lines = rows[top], rows[top + 1], rows[top + 2], rows[top + 3]
                    fill_quads(quads, slot * part, source, lines, columns, left, start, stop, span, fill)
                filled = end - 2
                slot = (y - first) // 2 % slots
                for tap in range(len(at)):
                    of_tap = slot + 2 * down[tap]
                    at[tap] = (of_tap if of_tap < slots else of_tap - slots) * part + across[tap]
                clipped += fill_line(
                    out, y * width + left, width, here, min(ROWS, last - y), quads, 4, (at, weights), scale, spare
                )
            left += tile
        return clipped

    return quads_band


@jit
def _fill_quad(quads, place, source, lines, column, fill):
    for row in range(4):
        line = lines[row]
        quads[place + row] = source[line + column] if line >= 0 and column >= 0 else fill


@register_jitable
def _plain_weave(quads, place, source, first, second, third, fourth):
    for k in range(COLUMNS):
        quads[place + 4 * k] = source[first + k]
        quads[place + 4 * k + 1] = source[second + k]
        quads[place + 4 * k + 2] = source[third + k]
        quads[place + 4 * k + 3] = source[fourth + k]


@intrinsic
def _weave(_context, quads, place, source, first, second, third, fourth):
    """Write the values of four rows in turn, of `COLUMNS` columns that start at the given places."""
    return types.void(quads, place, source, first, second, third, fourth), _emit_weave


def _emit_weave(context, builder, signature, arguments):
    vectors = Vectors(builder)
    target, source = (data_of(context, builder, signature.args[index], arguments[index]) for index in (0, 2))
    rows = [vectors.load(source, start, ir.VectorType(INT8, COLUMNS)) for start in arguments[3:]]
    pairs = [_woven(vectors, *rows[:2]), _woven(vectors, *rows[2:])]
    words = [[builder.bitcast(half, ir.VectorType(INT16, COLUMNS // 2)) for half in pair] for pair in pairs]
    quads = [quad for left, right in zip(*words, strict=True) for quad in _woven(vectors, left, right)]
    for index, each in enumerate(quads):
        place = vectors.after(arguments[1], COLUMNS * index)
        vectors.store(builder.bitcast(each, ir.VectorType(INT8, COLUMNS)), target, place)
    return context.get_dummy_value()


def _woven(vectors, left, right):
    """Return the lanes of two vectors in turn, as two vectors."""
    count = left.type.count
    lanes = [lane for pair in zip(range(count), range(count, 2 * count), strict=True) for lane in pair]
    return [vectors.shuffle(left, right, lanes[:count]), vectors.shuffle(left, right, lanes[count:])]


weave = _plain_weave if PLAIN else _weave


@jit
def fill_quads(quads, base, source, lines, columns, left, start, stop, span, fill):
    """Write the quads of four rows that begin at `lines`, -1 outside, for `span` padded columns from `left` on."""
    if min(lines) < 0 or stop - start < COLUMNS:
        start = stop = span
    for k in range(start):
        _fill_quad(quads, base + 4 * k, source, lines, columns[left + k], fill)
    k = start
    while k < stop:
        k = min(k, stop - COLUMNS)
        column = columns[left + start] + k - start
        weave(quads, base + 4 * k, source, lines[0] + column, lines[1] + column, lines[2] + column, lines[3] + column)
        k += COLUMNS
    for k in range(stop, span):
        _fill_quad(quads, base + 4 * k, source, lines, columns[left + k], fill)


def _plain_block(pieces, step):
    @register_jitable
    def block(out, place, pitch, quads, start, taps, scale, valid):
        at, weights = taps
        starts, shift, factor, half = scale
        clipped = 0
        for row in range(ROWS):
            for k in range(step):
                total = 0
                for piece in range(pieces):
                    part = np.int64(starts[piece])
                    for tap in range(len(at)):
                        for each in range(4):
                            weight = np.int64(weights[((tap * ROWS + row) * pieces + piece) * 4 + each])
                            part += weight * np.int64(quads[start + at[tap] + 4 * k + each])
                    total += (part << (8 * piece)) >> 8 if pieces == 3 and piece else part >> 8 if pieces == 3 else part
                level = total >> shift if shift >= 0 else np.int64(np.floor(total * factor + half))
                bound = min(max(level, 0), 255)
                if k < valid[0] and row < valid[1] and bound != level:
                    clipped += 1
                out[place + row * pitch + k] = bound
        return clipped

    return block


def _block(pieces, size):
    """Return the function that computes and stores a block: see `line_filler`."""
    count = vectors_of(pieces, size)
    lanes = ir.VectorType(INT32, size // 4)

    def sums_of(vectors, values, start, taps, weights, starts):
        """Return the sums by row, digit and vector."""
        builder = vectors.builder
        at, ends = taps
        begin = [
            vectors.spread(vectors.load(starts, vectors.number(INT64, piece), INT32), lanes.count)
            for piece in range(pieces)
        ]

        def add_tap(tap, sums):
            offset = builder.add(builder.load(builder.gep(at, [tap])), start)
            found = [vectors.load(values, vectors.after(offset, size * index), lanes) for index in range(count)]
            if size == 16:  # signed bytes: less 128
                found = [builder.xor(each, vectors.number(lanes, -0x7F7F7F80)) for each in found]
            first = builder.mul(tap, vectors.number(INT64, 4 * ROWS * pieces))
            changed = []
            for number in range(ROWS * pieces):
                four = vectors.spread(vectors.load(weights, vectors.after(first, 4 * number), INT32), lanes.count)
                for index, value in enumerate(found):
                    changed.append(vectors.dot(sums[number * count + index], value, four))
            return changed

        carried = [begin[piece] for _ in range(ROWS) for piece in range(pieces) for _ in range(count)]
        sums = vectors.loop(vectors.number(INT64, 0), ends, carried, add_tap)
        return [[sums[(row * pieces + piece) * count :][:count] for piece in range(pieces)] for row in range(ROWS)]

    def total_of(vectors, digits):
        """Return the sum of the sums of digits, in units of the second of three."""
        if pieces == 1:
            return digits[0]
        eight = vectors.number(lanes, 8)
        high = vectors.sum(vectors.builder.shl(digits[2], eight), digits[1])
        return vectors.sum(high, vectors.builder.ashr(digits[0], eight))

    def emit(context, builder, signature, arguments):
        vectors = Vectors(builder)
        out, values = (data_of(context, builder, signature.args[index], arguments[index]) for index in (0, 3))
        taps, scale = (
            [builder.extract_value(arguments[index], each) for each in range(count)]
            for index, count in ((5, 2), (6, 4))
        )
        at, weights = (data_of(context, builder, *each) for each in zip(signature.args[5], taps, strict=True))
        starts = data_of(context, builder, signature.args[6][0], scale[0])
        array_of_taps = context.make_array(signature.args[5][0])(context, builder, taps[0])
        number_of_taps = builder.extract_value(array_of_taps.shape, 0)
        sums = sums_of(vectors, values, arguments[4], (at, number_of_taps), weights, starts)
        totals = [[total_of(vectors, digits) for digits in zip(*row, strict=True)] for row in sums]
        return _store_divided(vectors, totals, scale[1:], (out, *arguments[1:3], arguments[7]), lanes.count)

    @intrinsic
    def block(_context, out, place, pitch, values, start, taps, scale, valid):
        return types.int64(out, place, pitch, values, start, taps, scale, valid), emit

    return block


def _store_divided(vectors, totals, scale, place, lanes):
    """Store the levels of totals, by a shift or, where that is negative, by a factor; return how many are clipped."""
    builder, (shift, factor, half) = vectors.builder, scale
    is_shift = builder.icmp_signed(">=", shift, vectors.number(shift.type, 0))
    with builder.if_else(is_shift, likely=True) as (then, otherwise):
        with then:
            by = vectors.spread(builder.trunc(shift, INT32), lanes)
            shifted = store_levels(vectors, [[builder.ashr(each, by) for each in row] for row in totals], *place)
            after_shift = builder.block
        with otherwise:
            factors, halves = (vectors.spread(each, lanes) for each in (factor, half))
            floats = ir.VectorType(FLOAT32, lanes)
            quotients = [
                [vectors.sum_of_product(halves, builder.sitofp(each, floats), factors) for each in row]
                for row in totals
            ]
            divided = store_levels(vectors, quotients, *place)
            after_quotient = builder.block
    clipped = builder.phi(INT64)
    clipped.add_incoming(shifted, after_shift)
    clipped.add_incoming(divided, after_quotient)
    return clipped
