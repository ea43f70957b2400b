"""Fourier transforms of strips: of `size` rows of `lanes` numbers each, along the rows, every lane by itself.

They are Stockham's, with radix 4 and at the end 2: from one strip into another, in natural order on both sides (Van
Loan, Computational Frameworks for the Fast Fourier Transform, 1992, section 1.7). The inverse is the same transform
with real and imaginary parts exchanged. What is done to vectors is written in vectors by hand.
"""

from __future__ import annotations

from functools import cache
from typing import no_type_check

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic, register_jitable

from convcli.engine.compiled.loops.butterflies import butterflies, place_of, turned, vector_of
from convcli.engine.compiled.loops.kit import INT32, INT64, PLAIN, Vectors, data_of, jit


@cache  # so that its functions are compiled once for all loops of a process
@no_type_check
def transformer(number, lanes):
    """Return a function that transforms a strip of `values` into one of `target`, by way of `work`.

    Strips begin at (re, im) and (to_re, to_im); their rows are `row` and `to_row` numbers apart. `work` has room for
    two complex strips. `turns` are cosines and negative sines of the full circle in `size` steps, which are 16 or more.
    """
    butterfly, pair = butterflies(number, lanes)

    @jit
    def stage(values, re, im, row, target, to_re, to_im, to_row, size, done, turns):
        """Replace `done` transforms of a length each by four times as many of a quarter of it."""
        cosines, sines = turns
        quarter = size // (4 * done)
        for p in range(quarter):
            one = np.uint64(p * done)
            two, three = one + one, one + one + one
            by = cosines[one], sines[one], cosines[two], sines[two], cosines[three], sines[three]
            here, there = done * p * row, 4 * done * p * to_row
            for _ in range(done):
                butterfly(
                    values, re + here, im + here, done * quarter * row,
                    target, to_re + there, to_im + there, done * to_row, by,
                )  # fmt: skip
                here += row
                there += to_row

    @jit
    def transform(values, re, im, row, target, to_re, to_im, to_row, work, size, turns):
        strip = size * lanes
        stage(values, re, im, row, work, 0, strip, lanes, size, 1, turns)
        here, there = 0, 2 * strip
        done = 4
        while done * 4 < size:
            stage(work, here, here + strip, lanes, work, there, there + strip, lanes, size, done, turns)
            here, there = there, here
            done *= 4
        if done * 4 == size:
            stage(work, here, here + strip, lanes, target, to_re, to_im, to_row, size, done, turns)
            return
        for q in range(done):
            pair(work, here + q * lanes, done * lanes, target, to_re + q * to_row, done * to_row)
            pair(work, here + strip + q * lanes, done * lanes, target, to_im + q * to_row, done * to_row)

    return transform


@cache
@no_type_check
def transposer(number, lanes):
    """Return a function that copies a square of lanes × lanes numbers, with rows and columns exchanged."""
    if PLAIN:

        @register_jitable
        def transpose(target, to, to_step, values, at, step):
            for row in range(lanes):
                for column in range(lanes):
                    target[to + column * to_step + row] = values[at + row * step + column]

        return transpose

    def emit(context, builder, signature, arguments):
        vectors = Vectors(builder)
        target, values = (data_of(context, builder, signature.args[index], arguments[index]) for index in (0, 3))
        _, to, to_step, _, at, step = arguments
        kind = vector_of(number, lanes)
        rows = [vectors.load(values, place_of(vectors, at, step, row), kind) for row in range(lanes)]
        low = [lane for each in range(lanes // 2) for lane in (each, lanes + each)]
        high = [lane + lanes // 2 for lane in low]
        # Each round interleaves the first half of the rows with the second.
        for _ in range(lanes.bit_length() - 1):
            halves = zip(rows[: lanes // 2], rows[lanes // 2 :], strict=True)
            rows = [vectors.shuffle(*both, order) for both in halves for order in (low, high)]
        for column, row in enumerate(rows):
            vectors.store(row, target, place_of(vectors, to, to_step, column))
        return context.get_dummy_value()

    @intrinsic
    def transpose(_context, target, to, to_step, values, at, step):
        return types.void(target, to, to_step, values, at, step), emit

    return transpose


@cache
@no_type_check
def multiplier(number, lanes):
    """Return a function that multiplies a complex vector of `work` by one of `factors`."""
    if PLAIN:

        @register_jitable
        def multiply(work, re, im, factors, at, beside):
            for lane in range(lanes):
                a, b = work[re + lane], work[im + lane]
                c, d = factors[at + lane], factors[beside + lane]
                work[re + lane] = a * c - b * d
                work[im + lane] = a * d + b * c

        return multiply

    def emit(context, builder, signature, arguments):
        vectors = Vectors(builder)
        work, factors = (data_of(context, builder, signature.args[index], arguments[index]) for index in (0, 3))
        _, re, im, _, at, beside = arguments
        kind = vector_of(number, lanes)
        value = tuple(vectors.load(work, place, kind) for place in (re, im))
        factor = tuple(vectors.load(factors, place, kind) for place in (at, beside))
        for part, place in zip(turned(builder)(value, *factor), (re, im), strict=True):
            vectors.store(part, work, place)
        return context.get_dummy_value()

    @intrinsic
    def multiply(_context, work, re, im, factors, at, beside):
        return types.void(work, re, im, factors, at, beside), emit

    return multiply


@no_type_check
def reader(number, lanes):
    """Return a function that writes unsigned integers less `middle` as a vector of numbers."""
    if PLAIN:

        @register_jitable
        def read(work, to, values, at, middle):
            for lane in range(lanes):
                work[to + lane] = values[at + lane] - middle

        return read

    def emit(context, builder, signature, arguments):
        vectors = Vectors(builder)
        work, values = (data_of(context, builder, signature.args[index], arguments[index]) for index in (0, 2))
        _, to, _, at, middle = arguments
        levels = vectors.load(values, at, ir.VectorType(values.type.pointee, lanes))
        wide = builder.sitofp(builder.zext(levels, ir.VectorType(INT32, lanes)), vector_of(number, lanes))
        vectors.store(builder.fsub(wide, vectors.spread(middle, lanes)), work, to)
        return context.get_dummy_value()

    @intrinsic
    def read(_context, work, to, values, at, middle):
        return types.void(work, to, values, at, middle), emit

    return read


@no_type_check
def writer(number, lanes):
    """Return a function that writes the whole part of `values` + `plus`, clipped; it returns how many were clipped."""
    if PLAIN:

        @register_jitable
        def write(out, to, values, at, plus, highest):
            clipped = 0
            for lane in range(lanes):
                value = values[at + lane] + plus
                bound = min(max(value, 0), highest)
                clipped += bound != value
                out[to + lane] = int(bound)
            return clipped

        return write

    def emit(context, builder, signature, arguments):
        vectors = Vectors(builder)
        out, values = (data_of(context, builder, signature.args[index], arguments[index]) for index in (0, 2))
        _, to, _, at, plus, highest = arguments
        kind = vector_of(number, lanes)
        value = builder.fadd(vectors.load(values, at, kind), vectors.spread(plus, lanes))
        lowest, most = vectors.number(kind, 0), vectors.spread(highest, lanes)
        below, above = builder.fcmp_ordered("<", value, lowest), builder.fcmp_ordered(">", value, most)
        bound = builder.select(above, most, builder.select(below, lowest, value))
        levels = builder.fptosi(bound, ir.VectorType(INT32, lanes))
        vectors.store(builder.trunc(levels, ir.VectorType(out.type.pointee, lanes)), out, to)
        return builder.zext(builder.ctpop(vectors.bits(builder.or_(below, above))), INT64)

    @intrinsic
    def write(_context, out, to, values, at, plus, highest):
        return types.int64(out, to, values, at, plus, highest), emit

    return write
