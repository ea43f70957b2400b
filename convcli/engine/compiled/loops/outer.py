"""Outer products on bytes: along the rows into a ring of floats, then down the ring, straight into bytes.

A plane of several factors has as many lines of the ring for a row of the picture; down the ring they are more taps.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic, register_jitable

from convcli.engine.compiled.loops.kit import FLOAT32, INT8, INT32, INT64, PLAIN, Vectors, data_of, jit
from convcli.engine.compiled.loops.passes import fill_row, move
from convcli.engine.compiled.loops.storing import line_filler, store_levels
from convcli.engine.compiled.tables.outer import CHAIN, DIGITS, along_of, rows_of, vectors_of


def make(line, size):
    """Return the loop by vectors of `size` bytes, along lines of `line`: float32, or uint8 for products of bytes."""
    rows_at_once, step = rows_of(size), vectors_of(size) * size // 4
    of_bytes = line == "uint8"
    add_along, block = (_plain_parts if PLAIN else _parts)(of_bytes, size)
    fill_ring = _line_of(of_bytes, add_along, along_of(line) * size // 4)
    fill_line = line_filler(block, step, rows_at_once)

    @jit
    def outer_band(
        source, out, rows, columns, across, along, digits, ends, order, down, beside, weights,
        pitch, width, step_down, height, reach, inner_first, inner_last, tile, part, factors, fill, begin, factor, half,
        values, ring, at, spare, first, last,
    ):  # fmt: skip
        """Correlate the output rows first … last - 1; return how many values were clipped.

        See `convcli.engine.compiled.tables.outer` for the parameters.
        """
        inner = inner_first, inner_last
        scale = begin, factor, half
        taps = at, weights, len(at)
        weights_along = along, digits, ends, order
        lines = factors * part
        room = len(values) - tile - reach
        clipped = 0
        left = 0
        while left < width:
            here = min(tile, width - left)
            filled = first * step_down
            y = first
            while y < last:
                top = y * step_down
                start = max(filled, top)
                filled = top + height
                for row in range(start, filled):
                    span = here + reach
                    fill_row(
                        values, np.uint64(0), source, rows[row] * pitch, rows[row], left, 1, span, 0, 1, columns,
                        inner, fill,
                    )  # fmt: skip
                    if not of_bytes:
                        # Blocks run over the end, where there may be numbers that take long.
                        for k in range(span, span + room):
                            values[k] = values[span - 1]
                    # Rows are far apart in memory, where the processor does not foresee them.
                    ahead = max(rows[min(row + rows_at_once, len(rows) - 1)], 0) * pitch + left
                    for number in range(factors):
                        place = row % height * lines + number * part
                        fill_ring(ring, place, here, values, across, weights_along, number, source, ahead)
                move(at, down, beside, top, height, lines)
                count = min(rows_at_once, last - y)
                clipped += fill_line(out, y * width + left, width, here, count, ring, 1, taps, scale, spare)
                y += rows_at_once
            left += tile
        return clipped

    return outer_band


def _line_of(of_bytes, add_along, step):
    """Return the function that sums a line of the ring, for a factor, by blocks of `step` values."""

    @register_jitable
    def fill_ring(ring, place, here, values, across, weights, number, source, ahead):
        along, digits, ends, order = weights
        k = 0
        while k < here:
            if of_bytes:
                add_along(ring, place + k, values, k, across, (digits, ends, order), number, source, ahead + k)
            else:
                add_along(ring, place + k, values, k, across, along, number, source, ahead + k)
            k += step

    return fill_ring


def _parts(of_bytes, size):
    """Return the functions that sum along a line, and down the ring."""
    count = along_of("uint8" if of_bytes else "float32")
    add_along = _digits(size, count) if of_bytes else _along(size, count)
    return add_along, _down(size, rows_of(size), vectors_of(size), of_bytes)


def _plain_parts(of_bytes, size):
    step = along_of("uint8" if of_bytes else "float32") * size // 4
    add_along = _plain_digits(step) if of_bytes else _plain_along(step)
    return add_along, _plain_down(rows_of(size), vectors_of(size) * size // 4)


def _plain_along(step):
    @register_jitable
    def along(ring, place, values, start, across, weights, number, _source, _ahead):
        for k in range(step):
            total = np.float32(0)
            for tap in range(len(across)):
                total += np.float32(values[start + across[tap] + k] * weights[number * len(across) + tap])
            ring[place + k] = total

    return along


def _plain_digits(step):
    @register_jitable
    def along(ring, place, values, start, across, weights, number, _source, _ahead):
        digits, ends, order = weights
        count = ends[3 * number + 2]
        # The values of a quad are order[1] apart.
        for k in range(step):
            total = 0
            for quad in range(number * count, (number + 1) * count):
                for piece in range(DIGITS):
                    for each in range(4):
                        value = np.int64(values[start + across[quad] + k + each * order[1]])
                        weight = np.int64(digits[(quad * DIGITS + piece) * 4 + each])
                        total += (value * weight) << (8 * piece)
            ring[place + k] = np.float32(total)

    return along


def _plain_down(rows, step):
    @register_jitable
    def block(out, place, pitch, values, start, taps, scale, valid):
        at, weights, count = taps
        begin, factor, half = scale
        clipped = 0
        for row in range(rows):
            for k in range(step):
                total = begin
                for tap in range(count):
                    total += np.float32(weights[tap * rows + row] * values[start + at[tap] + k])
                level = np.floor(np.float32(total * factor + half))
                bound = min(max(level, np.float32(0)), np.float32(255))
                if k < valid[0] and row < valid[1] and bound != level:
                    clipped += 1
                out[place + row * pitch + k] = np.uint8(bound)
        return clipped

    return block


def _in_chains(vectors, first, last, totals, zeros, add_tap):
    """Return totals with all taps first … last - 1; those of a chain are summed before they are added."""
    builder = vectors.builder
    chain = vectors.number(INT64, CHAIN)

    def end_of(start):
        end = builder.add(start, chain)
        return builder.select(builder.icmp_signed("<", end, last), end, last)

    totals = vectors.loop(first, end_of(first), totals, add_tap)
    more = builder.sdiv(builder.sub(builder.sub(last, first), vectors.number(INT64, 1)), chain)

    def add_chain(index, held):
        start = builder.add(first, builder.mul(vectors.after(index, 1), chain))
        sums = vectors.loop(start, end_of(start), zeros, add_tap)
        return [vectors.sum(total, each) for total, each in zip(held, sums, strict=True)]

    return vectors.loop(vectors.number(INT64, 0), more, totals, add_chain)


def _along(size, count):
    """Return the function that sums `count` vectors of products along a line of floats, for a factor."""
    lanes = size // 4
    kind = ir.VectorType(FLOAT32, lanes)

    def emit(context, builder, signature, arguments):
        vectors = Vectors(builder)
        ring, values, across, weights = (
            data_of(context, builder, signature.args[each], arguments[each]) for each in (0, 2, 4, 5)
        )
        _, place, _, start, _, _, number, _, ahead = arguments
        vectors.prefetch(data_of(context, builder, signature.args[7], arguments[7]), ahead, lanes * count)
        taps = context.make_array(signature.args[4])(context, builder, arguments[4]).nitems
        first = builder.mul(number, taps)

        def add_tap(tap, sums):
            origin = builder.add(vectors.load(across, tap, INT64), start)
            weight = vectors.spread(vectors.load(weights, builder.add(first, tap), FLOAT32), lanes)
            found = [vectors.load(values, vectors.after(origin, lanes * index), kind) for index in range(count)]
            return [vectors.sum_of_product(total, each, weight) for total, each in zip(sums, found, strict=True)]

        zeros = [vectors.number(kind, 0.0)] * count
        for index, each in enumerate(_in_chains(vectors, vectors.number(INT64, 0), taps, zeros, zeros, add_tap)):
            vectors.store(each, ring, vectors.after(place, lanes * index))
        return context.get_dummy_value()

    @intrinsic
    def along(_context, ring, place, values, start, across, weights, number, source, ahead):
        return types.void(ring, place, values, start, across, weights, number, source, ahead), emit

    return along


def _digits(size, count):
    """Return the function that sums `count` vectors of products along a line of bytes, for a factor.

    A lane has the four values of a quad of taps. Each part of 16 bytes of a vector has four sums, whose values are
    4 + 3 · (their distance) consecutive bytes, at most 16, which are put in order. So the sums of a vector are four of
    every 16, and four vectors have all: in the order of `Vectors.packed`.
    """
    lanes = size // 4
    kind, floats, all_bytes = ir.VectorType(INT32, lanes), ir.VectorType(FLOAT32, lanes), ir.VectorType(INT8, size)

    def emit(context, builder, signature, arguments):
        vectors = Vectors(builder)
        ring, values, across, source = (
            data_of(context, builder, signature.args[each], arguments[each]) for each in (0, 2, 4, 7)
        )
        digits, ends, order = (
            data_of(context, builder, kind, builder.extract_value(arguments[5], each))
            for each, kind in enumerate(signature.args[5])
        )
        _, place, _, start, _, _, number, _, ahead = arguments
        vectors.prefetch(source, ahead, lanes * count)
        own = builder.mul(number, vectors.number(INT64, 3))
        three, two, quads = (vectors.load(ends, vectors.after(own, each), INT64) for each in range(3))
        first = builder.mul(number, quads)
        pattern = vectors.load(order, vectors.number(INT64, 0), all_bytes)

        def add_quad(pieces, quad, sums):
            each = builder.add(first, quad)
            origin = builder.add(vectors.load(across, each, INT64), start)
            own = builder.mul(each, vectors.number(INT64, 4 * DIGITS))
            weights = [
                vectors.spread(vectors.load(digits, vectors.after(own, 4 * piece), INT32), lanes)
                for piece in range(pieces)
            ]
            changed = list(sums)
            for index in range(count):
                value = vectors.load(values, vectors.after(origin, 4 * index), all_bytes)
                value = vectors.call("llvm.x86.avx512.pshuf.b.512", all_bytes, value, pattern)
                for piece in range(pieces):
                    each = piece * count + index
                    changed[each] = vectors.dot(changed[each], value, weights[piece])
            return changed

        sums = [vectors.number(kind, 0)] * (count * DIGITS)
        bounds = vectors.number(INT64, 0), three, two, quads
        for pieces, begin, end in zip((3, 2, 1), bounds, bounds[1:], strict=False):
            sums = vectors.loop(begin, end, sums, partial(add_quad, pieces))
        eight = vectors.number(kind, 8)
        for index in range(count):
            low, middle, high = sums[index::count]
            total = builder.add(low, builder.shl(builder.add(middle, builder.shl(high, eight)), eight))
            vectors.store(builder.sitofp(total, floats), ring, vectors.after(place, lanes * index))
        return context.get_dummy_value()

    @intrinsic
    def along(_context, ring, place, values, start, across, weights, number, source, ahead):
        return types.void(ring, place, values, start, across, weights, number, source, ahead), emit

    return along


def _down(size, rows, count, by_lanes):
    """Return the function that computes and stores a block: see `line_filler`, and for `by_lanes` `store_levels`."""
    lanes = size // 4
    kind = ir.VectorType(FLOAT32, lanes)

    def emit(context, builder, signature, arguments):
        vectors = Vectors(builder)
        out, ring = (data_of(context, builder, signature.args[each], arguments[each]) for each in (0, 3))
        at, weights = (
            data_of(context, builder, signature.args[5][each], builder.extract_value(arguments[5], each))
            for each in (0, 1)
        )
        taps = builder.extract_value(arguments[5], 2)
        begin, factor, half = (vectors.spread(builder.extract_value(arguments[6], each), lanes) for each in range(3))

        def add_tap(tap, sums):
            origin = builder.add(vectors.load(at, tap, INT64), arguments[4])
            first = builder.mul(tap, vectors.number(INT64, rows))
            each = [
                vectors.spread(vectors.load(weights, vectors.after(first, row), FLOAT32), lanes) for row in range(rows)
            ]
            found = [vectors.load(ring, vectors.after(origin, lanes * index), kind) for index in range(count)]
            return [
                vectors.sum_of_product(total, each[number // count], found[number % count])
                for number, total in enumerate(sums)
            ]

        zeros = [vectors.number(kind, 0.0)] * (rows * count)
        totals = _in_chains(vectors, vectors.number(INT64, 0), taps, [begin] * (rows * count), zeros, add_tap)
        scaled = [vectors.sum_of_product(half, total, factor) for total in totals]
        by_rows = [scaled[row * count : (row + 1) * count] for row in range(rows)]
        return store_levels(vectors, by_rows, out, arguments[1], arguments[2], arguments[7], by_lanes)

    @intrinsic
    def block(_context, out, place, pitch, values, start, taps, scale, valid):
        return types.int64(out, place, pitch, values, start, taps, scale, valid), emit

    return block
