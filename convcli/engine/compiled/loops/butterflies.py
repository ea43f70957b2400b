"""Butterflies: the steps of Fourier transforms, on four rows and on two of a strip (see `strips`)."""

from __future__ import annotations

from typing import no_type_check

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic, register_jitable

from convcli.engine.compiled.loops.kit import FLOAT32, FLOAT64, INT64, PLAIN, Vectors, data_of


@no_type_check
def butterflies(number, lanes):
    """Return the functions that transform four rows, and two."""
    return (_plain_butterfly(lanes), _plain_pair(lanes)) if PLAIN else _in_vectors(number, lanes)


def vector_of(number, lanes):
    """Return the type of vectors of `lanes` numbers."""
    return ir.VectorType(FLOAT32 if number == "float32" else FLOAT64, lanes)


@no_type_check
def place_of(vectors, start, step, times):
    """Return start + step · times."""
    return vectors.builder.add(start, vectors.builder.mul(step, vectors.number(INT64, times)))


@no_type_check
def _plain_butterfly(lanes):
    @register_jitable
    def butterfly(values, re, im, step, target, to_re, to_im, apart, by):
        for lane in range(lanes):
            a, b, c, d = (
                complex(values[re + lane], values[im + lane]),
                complex(values[re + step + lane], values[im + step + lane]),
                complex(values[re + 2 * step + lane], values[im + 2 * step + lane]),
                complex(values[re + 3 * step + lane], values[im + 3 * step + lane]),
            )
            found = (
                a + c + (b + d),
                complex(by[0], by[1]) * (a - c - 1j * (b - d)),
                complex(by[2], by[3]) * (a + c - (b + d)),
                complex(by[4], by[5]) * (a - c + 1j * (b - d)),
            )
            for each in range(4):
                target[to_re + each * apart + lane] = found[each].real
                target[to_im + each * apart + lane] = found[each].imag

    return butterfly


@no_type_check
def _plain_pair(lanes):
    @register_jitable
    def pair(values, at, step, target, to, apart):
        for lane in range(lanes):
            first, second = values[at + lane], values[at + step + lane]
            target[to + lane] = first + second
            target[to + apart + lane] = first - second

    return pair


@no_type_check
def _in_vectors(number, lanes):
    """Return the butterflies of four and of two rows."""
    kind = vector_of(number, lanes)

    def emit_four(context, builder, signature, arguments):
        vectors = Vectors(builder)
        values, target = (data_of(context, builder, signature.args[index], arguments[index]) for index in (0, 4))
        _, re, im, step, _, to_re, to_im, apart, by = arguments
        turns = [vectors.spread(builder.extract_value(by, index), lanes) for index in range(6)]
        a, b, c, d = (
            tuple(vectors.load(values, place_of(vectors, start, step, row), kind) for start in (re, im))
            for row in range(4)
        )
        add, subtract, times = builder.fadd, builder.fsub, turned(builder)
        even, odd = _each(add, a, c), _each(subtract, a, c)
        other, (across, along) = _each(add, b, d), _each(subtract, b, d)
        # i times the difference of b and d is (-along, across).
        third = subtract(odd[0], along), add(odd[1], across)
        first = add(odd[0], along), subtract(odd[1], across)
        found = (
            _each(add, even, other),
            times(first, *turns[:2]),
            times(_each(subtract, even, other), *turns[2:4]),
            times(third, *turns[4:]),
        )
        for row, value in enumerate(found):
            for start, part in zip((to_re, to_im), value, strict=True):
                vectors.store(part, target, place_of(vectors, start, apart, row))
        return context.get_dummy_value()

    def emit_two(context, builder, signature, arguments):
        vectors = Vectors(builder)
        values, target = (data_of(context, builder, signature.args[index], arguments[index]) for index in (0, 3))
        _, at, step, _, to, apart = arguments
        first, second = (vectors.load(values, place_of(vectors, at, step, row), kind) for row in range(2))
        vectors.store(builder.fadd(first, second), target, to)
        vectors.store(builder.fsub(first, second), target, builder.add(to, apart))
        return context.get_dummy_value()

    @intrinsic
    def butterfly(_context, values, re, im, step, target, to_re, to_im, apart, by):
        return types.void(values, re, im, step, target, to_re, to_im, apart, by), emit_four

    @intrinsic
    def pair(_context, values, at, step, target, to, apart):
        return types.void(values, at, step, target, to, apart), emit_two

    return butterfly, pair


@no_type_check
def _each(operation, left, right):
    return operation(left[0], right[0]), operation(left[1], right[1])


@no_type_check
def turned(builder):
    """Return the function that emits the product of a complex number and cosine + i · sine."""
    fused = {"flags": ("contract",)}

    def times(value, cosine, sine):
        re, im = value
        return (
            builder.fsub(builder.fmul(re, cosine, **fused), builder.fmul(im, sine, **fused), **fused),
            builder.fadd(builder.fmul(re, sine, **fused), builder.fmul(im, cosine, **fused), **fused),
        )

    return times
