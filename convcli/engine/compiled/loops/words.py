"""The loop for 16 bits by products of words: a lane of 32 bits holds the values of two rows.

One instruction multiplies them by two weights, words of 16 bits, and adds the products to a sum of 32 bits. Weights are
one word, or two: see `convcli.engine.planning.word_numbers`.
"""

from __future__ import annotations

from functools import cache, partial

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic, register_jitable

from convcli.engine.compiled.loops.kit import FLOAT64, INT32, INT64, PLAIN, Vectors, data_of, jit
from convcli.engine.compiled.loops.storing import line_filler, store_signed_levels, store_wide_levels
from convcli.engine.compiled.tables.words import ROWS, STEP, VECTORS

_LANES = ir.VectorType(INT32, STEP // VECTORS)


@cache
def make(**_size):
    """Return the loop."""
    fill_line = line_filler(_plain_block if PLAIN else _block, STEP, ROWS)

    @jit
    def words_band(
        source, out, rows, columns, weights, down, across, ends,
        width, height, reach, inner_first, inner_last, tile, part, fill, digits, shift, factor, low_factor, begin,
        whole, low_by, offset, pairs, at, spare, first, last,
    ):  # fmt: skip
        """Correlate the output rows first … last - 1; return how many values were clipped.

        See `convcli.engine.compiled.tables.words` for the parameters.
        """
        taps = at, weights, ends, digits, shift
        scale = factor, low_factor, begin, whole, low_by, offset
        clipped = 0
        left = 0
        while left < width:
            here = min(tile, width - left)
            span = here + reach
            start = min(max(inner_first - left, 0), span)
            stop = max(min(inner_last - left, span), start)
            filled = first
            for y in range(first, last, ROWS):
                end = y + 2 * height
                for top in range(filled, end, 2):
                    slot = (top - first) // 2 % height
                    lines = rows[top], rows[top + 1]
                    _fill_pairs(pairs, slot * part, source, lines, columns, left, (start, stop, span), fill)
                filled = end
                slot = (y - first) // 2 % height
                for tap in range(len(at)):
                    of_tap = slot + down[tap]
                    at[tap] = (of_tap if of_tap < height else of_tap - height) * part + across[tap]
                clipped += fill_line(
                    out, y * width + left, width, here, min(ROWS, last - y), pairs, 1, taps, scale, spare
                )
            left += tile
        return clipped

    return words_band


@jit
def _fill_pairs(pairs, base, source, lines, columns, left, span, fill):
    """Write the pairs of two rows that begin at `lines`, -1 outside, for padded columns from `left` on.

    Of `span` columns those from the first to the second number are inside.
    """
    start, stop, count = span
    above, below = lines
    middle = np.int32(0x8000)
    if above < 0 or below < 0:
        start = stop = count
    for k in range(start):
        pairs[base + k] = _pair(source, above, below, columns[left + k], fill)
    if stop > start:
        column = columns[left + start]
        to, high, low = np.uint64(base + start), np.uint64(above + column), np.uint64(below + column)
        for each in range(stop - start):
            k = np.uint64(each)
            first, second = np.int32(source[high + k]), np.int32(source[low + k])
            pairs[to + k] = np.int32(first ^ middle) | np.int32(np.int32(second ^ middle) << np.int32(16))
    for k in range(stop, count):
        pairs[base + k] = _pair(source, above, below, columns[left + k], fill)


@jit
def _pair(source, above, below, column, fill):
    """Return the values of two rows less the middle, as two words."""
    first = np.int64(source[above + column]) - 0x8000 if above >= 0 and column >= 0 else fill
    second = np.int64(source[below + column]) - 0x8000 if below >= 0 and column >= 0 else fill
    return np.int32((first & 0xFFFF) | (second << 16))


@register_jitable
def _word(pair, row):
    """Return the first or second word of a pair."""
    return np.int64(np.int16(np.int64(pair) & 0xFFFF)) if row == 0 else np.int64(pair) >> 16


@register_jitable
def _plain_block(out, place, pitch, values, start, taps, scale, valid):
    at, weights, ends, _digits, shift = taps
    factor, low_factor, begin, whole, low_by, offset = scale
    clipped = 0
    for row in range(ROWS):
        for k in range(STEP):
            high = low = 0
            for chain in range(len(ends) - 1):
                total = 0
                for tap in range(ends[chain], ends[chain + 1]):
                    pair = values[start + at[tap] + k]
                    own = 2 * (tap * ROWS + row)
                    for each in range(2):
                        high += _word(weights[own], each) * _word(pair, each)
                        total += _word(weights[own + 1], each) * _word(pair, each)
                low += total >> shift
            if whole >= 0:
                level = ((high + (low >> low_by) + offset) >> whole) + 0x8000
            else:
                level = np.int64(np.floor(high * factor + (low * low_factor + begin)))
            bound = min(max(level, 0), 65535)
            if k < valid[0] and row < valid[1] and bound != level:
                clipped += 1
            out[place + row * pitch + k] = bound
    return clipped


def _add_tap(vectors, start, arrays, digits, tap, sums):
    """Return sums (row, digit, vector) with the products of a tap."""
    values, at, weights = arrays
    builder = vectors.builder
    place = builder.add(vectors.load(at, tap, INT64), start)
    found = [vectors.load(values, vectors.after(place, index * _LANES.count), _LANES) for index in range(VECTORS)]
    first = builder.mul(tap, vectors.number(INT64, 2 * ROWS))
    changed = []
    for number in range(ROWS * digits):
        own = 2 * number // digits
        weight = vectors.spread(vectors.load(weights, vectors.after(first, own), INT32), _LANES.count)
        changed += [
            vectors.dot_words(sums[number * VECTORS + index], value, weight) for index, value in enumerate(found)
        ]
    return changed


def _sums(vectors, start, arrays, chains, shift):
    """Return the sums of the first words and of the second, each (row, vector)."""
    builder = vectors.builder
    ends, count = chains
    zeros = [vectors.number(_LANES, 0)] * (ROWS * VECTORS)

    def with_chain(number, carried):
        bounds = (vectors.load(ends, vectors.after(number, each), INT64) for each in (0, 1))
        high, low = carried[: len(zeros)], carried[len(zeros) :]
        rows = [range(row * VECTORS, (row + 1) * VECTORS) for row in range(ROWS)]
        both = [each for row in rows for part in (high, zeros) for each in part[row.start : row.stop]]
        both = vectors.loop(*bounds, both, partial(_add_tap, vectors, start, arrays, 2))
        parts = [both[each * VECTORS : (each + 1) * VECTORS] for each in range(2 * ROWS)]
        chain = [each for part in parts[1::2] for each in part]
        low = [vectors.sum(total, builder.ashr(each, shift)) for total, each in zip(low, chain, strict=True)]
        return [each for part in parts[::2] for each in part] + low

    return vectors.loop(vectors.number(INT64, 0), count, [*zeros, *zeros], with_chain)


def _emit_block(context, builder, signature, arguments):
    vectors = Vectors(builder)
    out, place, pitch, values, start, taps, scale, valid = arguments
    out, values = (data_of(context, builder, signature.args[index], arguments[index]) for index in (0, 3))
    at, weights, ends, digits, shift = (builder.extract_value(taps, index) for index in range(5))
    chains = builder.sub(
        builder.extract_value(context.make_array(signature.args[5][2])(context, builder, ends).shape, 0),
        vectors.number(INT64, 1),
    )
    at, weights, ends = (
        data_of(context, builder, *each) for each in zip(signature.args[5], (at, weights, ends), strict=False)
    )
    arrays = values, at, weights
    by = vectors.spread(builder.trunc(shift, INT32), _LANES.count)
    zeros = [vectors.number(_LANES, 0)] * (ROWS * VECTORS)
    with builder.if_else(builder.icmp_signed("==", digits, vectors.number(INT64, 1))) as (then, otherwise):
        with then:
            begin, end = (vectors.load(ends, each, INT64) for each in (vectors.number(INT64, 0), chains))
            single = vectors.loop(begin, end, zeros, partial(_add_tap, vectors, start, arrays, 1)) + zeros
            after_single = builder.block
        with otherwise:
            double = _sums(vectors, start, arrays, (ends, chains), by)
            after_double = builder.block
    sums = []
    for one, two in zip(single, double, strict=True):
        phi = builder.phi(_LANES)
        phi.add_incoming(one, after_single)
        phi.add_incoming(two, after_double)
        sums.append(phi)
    high, low = sums[: len(zeros)], sums[len(zeros) :]
    place = out, place, pitch, valid
    whole = builder.extract_value(scale, 3)
    with builder.if_else(builder.icmp_signed(">=", whole, vectors.number(INT64, 0))) as (then, otherwise):
        with then:
            shifted = _store_shifted(vectors, high, low, scale, place)
            after_shift = builder.block
        with otherwise:
            divided = _store_divided(vectors, high, low, scale, place)
            after_quotient = builder.block
    clipped = builder.phi(INT64)
    clipped.add_incoming(shifted, after_shift)
    clipped.add_incoming(divided, after_quotient)
    return clipped


def _store_shifted(vectors, high, low, scale, place):
    """Store the levels of sums by a shift; return how many are clipped."""
    builder = vectors.builder
    by, low_by, offset = (
        vectors.spread(builder.trunc(builder.extract_value(scale, index), INT32), _LANES.count) for index in (3, 4, 5)
    )
    totals = [
        builder.add(one, builder.add(builder.ashr(two, low_by), offset)) for one, two in zip(high, low, strict=True)
    ]
    levels = [builder.ashr(total, by) for total in totals]
    return store_signed_levels(vectors, [levels[:VECTORS], levels[VECTORS:]], *place)


def _store_divided(vectors, high, low, scale, place):
    """Store the levels of sums by quotients in float64; return how many are clipped."""
    builder, half = vectors.builder, _LANES.count // 2
    wide = ir.VectorType(FLOAT64, half)
    factor, low_factor, begin = (vectors.spread(builder.extract_value(scale, index), half) for index in range(3))
    levels = []
    for both in zip(high, low, strict=True):
        for lanes in (range(half), range(half, 2 * half)):
            parts = [builder.sitofp(vectors.shuffle(each, each, lanes), wide) for each in both]
            rest = vectors.sum_of_product(begin, parts[1], low_factor)
            levels.append(vectors.sum_of_product(rest, parts[0], factor))
    return store_wide_levels(vectors, [levels[: 2 * VECTORS], levels[2 * VECTORS :]], *place)


@intrinsic
def _block(_context, out, place, pitch, values, start, taps, scale, valid):
    """Compute and store a block: see `line_filler`."""
    return types.int64(out, place, pitch, values, start, taps, scale, valid), _emit_block
