"""The end of loops: sums become levels, or float32 as they are, in registers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial, reduce
from itertools import chain
from typing import Any

import numpy as np
from llvmlite import ir

from convcli.engine.compiled.loops.kit import FLOAT32, INT16, INT32, INT64, Vectors, jit

# Unsigned, the bits of negative numbers are larger than those of all others, for integers and floats.
_ABOVE = {INT16: (INT16, 256), INT32: (INT32, 256), FLOAT32: (INT32, int(np.float32(256).view(np.int32)))}


def store_levels(
    vectors: Vectors,
    sums: Sequence[Sequence[Any]],
    out: Any,
    place: Any,
    pitch: Any,
    valid: Any,
    by_lanes: bool = False,
) -> Any:
    """Write the whole part of sums, clipped to bytes; return how many of the valid were clipped.

    Sums are vectors of int16, int32 or float32. Row r goes to out[place + r · pitch] and the following; `valid` are
    (values in a row, rows). With `by_lanes` the order of the values of four vectors is that of `Vectors.packed`.
    """
    builder = vectors.builder
    each = sums[0][0].type
    integer, least = _ABOVE[each.element]
    lanes = ir.VectorType(integer, each.count)
    flat = list(chain.from_iterable(sums))
    row = len(sums[0])
    patterns = [builder.bitcast(value, lanes) for value in flat]
    above = vectors.number(lanes, least)
    largest = reduce(partial(vectors.extreme, "umax"), patterns)
    levels = flat if each == lanes else [builder.fptosi(value, lanes) for value in flat]
    is_outside = [builder.icmp_unsigned(">=", pattern, above) for pattern in (largest, *patterns)]
    some = builder.icmp_unsigned("!=", vectors.bits(is_outside[0]), ir.Constant(ir.IntType(each.count), 0))
    if integer == INT32 and len(flat) % 4 == 0:
        _store_packed(vectors, levels, out, place, pitch, row, by_lanes)
        before = builder.block
        with builder.if_then(some, likely=False):
            clipped = _count(
                vectors, *(_in_order(vectors, is_outside[1:], row) if by_lanes else (is_outside[1:], row)), valid
            )
            after = builder.block
        return _merged(builder, (clipped, after), (vectors.number(INT64, 0), before))
    with builder.if_else(some, likely=False) as (then, otherwise):
        with then:
            clipped = _count(vectors, is_outside[1:], row, valid)
            lowest, highest = vectors.number(lanes, 0), vectors.number(lanes, 255)
            clip = (vectors.extreme("smin", vectors.extreme("smax", level, lowest), highest) for level in levels)
            _store(vectors, list(clip), out, place, pitch, row)
            clipping = builder.block
        with otherwise:
            _store(vectors, levels, out, place, pitch, row)
            fitting = builder.block
    return _merged(builder, (clipped, clipping), (vectors.number(INT64, 0), fitting))


def _merged(builder: Any, *values: tuple[Any, Any]) -> Any:
    """Return the value of the block that control comes from, of values with their blocks."""
    merged = builder.phi(values[0][0].type)
    for value, block in values:
        merged.add_incoming(value, block)
    return merged


def store_wide_levels(
    vectors: Vectors, sums: Sequence[Sequence[Any]], out: Any, place: Any, pitch: Any, valid: Any
) -> Any:
    """Write the whole part of sums in float64, clipped to 16 bits, as `store_levels` does."""
    builder = vectors.builder
    lanes = sums[0][0].type
    flat = list(chain.from_iterable(sums))
    lowest, highest = vectors.number(lanes, 0), vectors.number(lanes, float(np.nextafter(65536, 0)))
    # Sums may exceed integers of 32 bits.
    bound = [builder.select(builder.fcmp_ordered("<", each, lowest), lowest, each) for each in flat]
    bound = [builder.select(builder.fcmp_ordered(">", each, highest), highest, each) for each in bound]
    is_outside = [builder.fcmp_ordered("!=", each, value) for each, value in zip(bound, flat, strict=True)]
    integers = ir.VectorType(INT32, lanes.count)
    _store(vectors, [builder.fptosi(each, integers) for each in bound], out, place, pitch, len(sums[0]))
    return _count_some(vectors, is_outside, len(sums[0]), valid)


def store_signed_levels(
    vectors: Vectors, sums: Sequence[Sequence[Any]], out: Any, place: Any, pitch: Any, valid: Any
) -> Any:
    """Write levels less 2¹⁵ in int32, clipped to 16 bits, as `store_levels` does."""
    builder = vectors.builder
    lanes = sums[0][0].type
    flat = list(chain.from_iterable(sums))
    lowest, highest = vectors.number(lanes, -(2**15)), vectors.number(lanes, 2**15 - 1)
    bound = [vectors.extreme("smin", vectors.extreme("smax", each, lowest), highest) for each in flat]
    is_outside = [builder.icmp_signed("!=", each, value) for each, value in zip(bound, flat, strict=True)]
    levels = [builder.xor(each, vectors.number(lanes, 2**15)) for each in bound]
    _store(vectors, levels, out, place, pitch, len(sums[0]))
    return _count_some(vectors, is_outside, len(sums[0]), valid)


def _count_some(vectors: Vectors, is_outside: Sequence[Any], row: int, valid: Any) -> Any:
    """Return how many lanes of rows of `row` vectors are true and valid, which few are."""
    builder, lanes = vectors.builder, is_outside[0].type
    some = builder.icmp_unsigned("!=", vectors.bits(reduce(builder.or_, is_outside)), ir.Constant(_mask(lanes), 0))
    before = builder.block
    with builder.if_then(some, likely=False):
        clipped = _count(vectors, is_outside, row, valid)
        clipping = builder.block
    return _merged(builder, (vectors.number(INT64, 0), before), (clipped, clipping))


def store_floats(
    vectors: Vectors, sums: Sequence[Sequence[Any]], scale: tuple[Any, Any], out: Any, place: Any, pitch: Any
) -> Any:
    """Write sums / divisor + offset of a `scale` of these two; return that none was clipped."""
    builder = vectors.builder
    divisor, offset = scale
    lanes = sums[0][0].type
    row = len(sums[0])
    flat = list(chain.from_iterable(sums))
    by, plus = vectors.spread(divisor, lanes.count), vectors.spread(offset, lanes.count)
    is_one = builder.fcmp_ordered("==", divisor, vectors.number(divisor.type, 1))
    with builder.if_else(is_one, likely=True) as (then, otherwise):
        with then:
            as_they_are = builder.block
        with otherwise:
            quotients = [builder.fdiv(each, by) for each in flat]
            divided = builder.block
    for number, each in enumerate(flat):
        value = builder.phi(lanes)
        value.add_incoming(each, as_they_are)
        value.add_incoming(quotients[number], divided)
        flat[number] = value
    for number, value in enumerate(flat):
        line, column = divmod(number, row)
        start = builder.add(place, builder.mul(pitch, vectors.number(INT64, line)))
        vectors.store(builder.fadd(value, plus), out, vectors.after(start, column * lanes.count))
    return vectors.number(INT64, 0)


def _mask(lanes: Any) -> Any:
    return ir.IntType(lanes.count)


def _count(vectors: Vectors, is_outside: Sequence[Any], row: int, valid: Any) -> Any:
    """Return how many lanes of rows of `row` vectors are true and valid."""
    builder = vectors.builder
    columns, rows = (builder.extract_value(valid, index) for index in (0, 1))
    bits = [vectors.bits(each) for each in is_outside]
    size = is_outside[0].type.count
    total = vectors.number(INT64, 0)
    for number, mask in enumerate(bits):
        line, column = divmod(number, row)
        left = builder.sub(columns, vectors.number(INT64, column * size))
        none, full = vectors.number(INT64, 0), vectors.number(INT64, size)
        left = vectors.smaller(vectors.larger(left, none), full)
        left = builder.select(builder.icmp_signed(">", rows, vectors.number(INT64, line)), left, none)
        first = builder.sub(builder.shl(vectors.number(INT64, 1), left), vectors.number(INT64, 1))
        if size == 64:  # by which no number of 64 bits is shifted
            first = builder.select(builder.icmp_signed("==", left, full), vectors.number(INT64, -1), first)
        total = builder.add(total, builder.ctpop(builder.and_(builder.zext(mask, INT64), first)))
    return total


def _in_order(vectors: Vectors, truths: Sequence[Any], row: int) -> tuple[list[Any], int]:
    """Return truths of lanes, in rows of `row` vectors, as those of bytes, and how many vectors a row has then."""
    lanes = ir.VectorType(INT32, truths[0].type.count)
    numbers = [vectors.builder.zext(each, lanes) for each in truths]
    found = [vectors.packed(numbers[first : first + 4]) for first in range(0, len(numbers), 4)]
    return [vectors.builder.icmp_unsigned("!=", each, vectors.number(each.type, 0)) for each in found], row // 4


def _store(vectors: Vectors, levels: Sequence[Any], out: Any, place: Any, pitch: Any, row: int) -> None:
    size = levels[0].type.count
    # Two vectors become bytes in fewer steps, where they are not made longer than any that the processor has.
    group = 1 if size * levels[0].type.element.width == 512 else 2
    level = out.type.pointee
    for number in range(0, len(levels), group):
        line, column = divmod(number, row)
        joined = vectors.joined(levels[number : number + group])
        start = vectors.builder.add(place, vectors.builder.mul(pitch, vectors.number(INT64, line)))
        narrow = vectors.builder.trunc(joined, ir.VectorType(level, joined.type.count))
        vectors.store(narrow, out, vectors.after(start, column * size))


def _store_packed(
    vectors: Vectors, levels: Sequence[Any], out: Any, place: Any, pitch: Any, row: int, by_lanes: bool
) -> None:
    """Clip and store vectors of int32, in rows of `row`."""
    builder, size = vectors.builder, levels[0].type.count
    # The four bytes of every vector that are together, for all its lanes of 16 bytes.
    order = [lane * 4 + each for each in range(4) for lane in range(size // 4)]
    for number in range(0, len(levels), 4):
        found = vectors.packed(levels[number : number + 4])
        if not by_lanes:
            fours = builder.bitcast(found, ir.VectorType(INT32, size))
            found = builder.bitcast(vectors.shuffle(fours, fours, order), found.type)
        for first, last in _parts_by_row(number, row):
            line, column = divmod(number + first, row)
            start = builder.add(place, builder.mul(pitch, vectors.number(INT64, line)))
            own = found
            if last - first < 4:
                own = vectors.shuffle(found, found, range(first * size, last * size))
            vectors.store(own, out, vectors.after(start, column * size))


def _parts_by_row(number: int, row: int) -> list[tuple[int, int]]:
    """Return the parts of the four vectors from a number on that lie in one row of `row` each."""
    ends = [each for each in range(1, 4) if (number + each) % row == 0]
    return list(zip([0, *ends], [*ends, 4], strict=True))


def line_filler(block, step, rows):
    """Return a function that computes a line of a tile in blocks of `step` values and `rows` rows.

    `block(out, place, pitch, values, start, taps, scale, valid)` writes a whole one: where that is more than there is
    room for, it goes to `spare` first. A block's values start `unit` times its place further.
    """

    @jit
    def fill_line(out, place, width, columns, lines, values, unit, taps, scale, spare):
        clipped = 0
        whole = columns // step * step if lines == rows else 0
        for k in range(0, whole, step):
            clipped += block(out, place + k, width, values, k * unit, taps, scale, (step, rows))
        for k in range(whole, columns, step):
            count = min(step, columns - k)
            clipped += block(spare, 0, step, values, k * unit, taps, scale, (count, lines))
            for row in range(lines):
                for each in range(count):
                    out[place + row * width + k + each] = spare[row * step + each]
        return clipped

    return fill_line
