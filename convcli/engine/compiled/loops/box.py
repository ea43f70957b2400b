"""Equal weights over a rectangle: sums that move down the columns, a row in and a row out, and then along the rows.

So the height of the rectangle costs nothing. Sums of 16 bits are added up along the rows in registers, where they are
divided too. Those of 32 bits move along the rows as well, and its width costs nothing. All are exact.
"""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic, register_jitable

from convcli.engine.compiled.loops.kit import FLOAT32, INT8, INT16, INT32, INT64, PLAIN, Vectors, data_of, jit
from convcli.engine.compiled.loops.passes import fill_row
from convcli.engine.compiled.loops.storing import store_levels
from convcli.engine.compiled.tables.box import BLOCK_BYTES, UNROLLED

# Measured: vectors of 64 bytes take a twentieth longer.
_SIZE = 32


def make(source, sums):
    """Return the loop for pictures and sums of the dtypes."""
    store = _storing_quotients() if sums == "uint16" else _storing_levels(source == "uint8")

    @jit
    def box_band(
        source, out, rows, columns,
        pitch, width, height, across, channels, inner_first, inner_last, tile, fill,
        multiplier, shift, weight, begin, factor, half, highest, single,
        sums, lines, first, last,
    ):  # fmt: skip
        """Correlate the output rows first … last - 1; return how many values were clipped.

        See `convcli.engine.compiled.tables.box` for the parameters.
        """
        inner = inner_first, inner_last
        scale = weight, begin, factor, half, highest
        clipped = 0
        left = 0
        while left < width:
            here = min(tile, width - left)
            span = here + (across - 1) * channels
            place = left, span
            for y in range(first, last):
                if y == first:
                    for row in range(y, y + height):
                        _enter(sums, source, pitch, rows[row], lines, place, columns, inner, fill, row == y)
                else:
                    _move_down(
                        sums, source, pitch, rows[y + height - 1], rows[y - 1], lines, place, columns, inner, fill
                    )
                size = here, channels, across
                clipped += store(out, y * width + left, sums, span, size, scale, multiplier, shift, single)
            left += tile
        return clipped

    return box_band


def _storing_quotients():
    """Return the function that sums along a line of sums of 16 bits and writes their quotients."""
    in_block, step = _quotients()

    @jit
    def store(out, to, sums, _span, size, scale, multiplier, shift, _single):
        here, channels, across = size
        k = 0
        if not PLAIN:
            while k <= here - step:
                in_block(out, to + k, sums, k, channels, across, int(scale[1]), multiplier, shift)
                k += step
        _divide(out, to, sums, k, here, channels, across, np.uint32(scale[1]), multiplier, shift)
        return 0

    return store


def _storing_levels(is_bytes):
    """Return the function that sums along a line of sums of 32 bits and writes their levels."""
    in_block, step = _levels()
    slide = _plain_slide if PLAIN else _slide

    @jit
    def store(out, to, sums, span, size, scale, _multiplier, _shift, single):
        here, channels, across = size
        slid = span + 4
        slide(sums, slid, channels, across, here // channels)
        clipped = 0
        k = 0
        if is_bytes and not PLAIN and single:
            while k <= here - step:
                clipped += in_block(out, to + k, sums, slid + k, scale[0], scale[1], scale[2], scale[3])
                k += step
        return clipped + _scale(out, to, sums, slid, k, here, scale)

    return store


@jit
def _enter(sums, source, pitch, row, lines, place, columns, inner, fill, is_first):
    """Add a padded row to the sums of the columns, or set them to it."""
    left, span = place
    cast = sums.dtype.type
    fill_row(lines, np.uint64(0), source, row * pitch, row, left, 1, span, 0, 1, columns, inner, fill)
    for index in range(span):
        k = np.uint64(index)
        sums[k] = cast(lines[k]) if is_first else cast(sums[k] + cast(lines[k]))


@jit
def _move_down(sums, source, pitch, new, old, lines, place, columns, inner, fill):
    """Add the padded row `new` to the sums of the columns, and take away `old`."""
    left, span = place
    if new < 0 or old < 0:
        fill_row(lines, np.uint64(0), source, new * pitch, new, left, 1, span, 0, 1, columns, inner, fill)
        fill_row(lines, np.uint64(span), source, old * pitch, old, left, 1, span, 0, 1, columns, inner, fill)
        _replace(sums, 0, lines, 0, span, span)
        return
    start = min(max(inner[0] - left, 0), span)
    stop = max(min(inner[1] - left, span), start)
    if stop > start:
        own = columns[left + start]
        _replace(sums, start, source, new * pitch + own, old * pitch + own, stop - start)
    _replace_one_by_one(sums, source, new * pitch, old * pitch, columns, left, 0, start)
    _replace_one_by_one(sums, source, new * pitch, old * pitch, columns, left, stop, span)


@jit
def _replace_one_by_one(sums, source, new, old, columns, left, first, last):
    """Replace, in the sums of the padded columns left + first … left + last - 1, the values of a row by another's."""
    cast = sums.dtype.type
    for k in range(first, last):
        column = columns[left + k]
        # Sums over columns outside do not change.
        if column >= 0:
            sums[k] = cast(cast(sums[k] + cast(source[new + column])) - cast(source[old + column]))


@jit
def _replace(sums, to, values, new, old, count):
    """Add the values from `new` on to the sums from `to` on, and take away those from `old` on."""
    cast = sums.dtype.type
    own, one, other = np.uint64(to), np.uint64(new), np.uint64(old)
    for index in range(count):
        k = np.uint64(index)
        sums[own + k] = cast(cast(sums[own + k] + cast(values[one + k])) - cast(values[other + k]))


@jit
def _divide(out, to, sums, first, last, channels, across, begin, multiplier, shift):
    """Write ⌊(begin + sum along the row) / divisor⌋ (see `planning.boxes`)."""
    for k in range(first, last):
        total = np.uint32(begin)
        for column in range(across):
            total = np.uint32(total + sums[k + column * channels])
        out[to + k] = np.uint8(np.uint32(np.uint32(total * np.uint32(multiplier)) >> np.uint32(16)) >> shift)


@jit
def _scale(out, to, sums, at, first, last, scale):
    """Write the whole part of (sum · weight + begin) · factor + half, clipped; return how many were clipped."""
    weight, begin, factor, half, highest = scale
    cast = out.dtype.type
    own, place = np.uint64(at + first), np.uint64(to + first)
    fitting = 0
    for index in range(last - first):
        k = np.uint64(index)
        value = (np.float64(sums[own + k]) * weight + begin) * factor + half
        bound = min(max(value, 0.0), highest)
        fitting += bound == value
        out[place + k] = cast(np.int32(bound))
    return last - first - fitting


@register_jitable
def _plain_slide(sums, to, channels, across, pixels):
    """Slide as `_slide` does, without vectors."""
    for channel in range(channels):
        total = np.int32(0)
        for column in range(across):
            total += sums[channel + column * channels]
        for pixel in range(pixels):
            place = channel + pixel * channels
            sums[to + place] = total
            if pixel + 1 < pixels:
                total += np.int32(sums[place + across * channels] - sums[place])


@intrinsic
def _slide(_context, sums, to, channels, across, pixels):
    """Set sums[to + k] to the sum of `across` values from sums[k] on, `channels` ≤ 4 apart; for as many pixels.

    A pixel is a vector of four values, the last of which belong to the next one. `UNROLLED` pixels more than there are
    may be written.
    """

    def emit(context, builder, signature, arguments):
        vectors = Vectors(builder)
        data = data_of(context, builder, signature.args[0], arguments[0])
        _, to, channels, across, pixels = arguments
        four, none = ir.VectorType(INT32, 4), vectors.number(INT64, 0)

        def add(_index, carried):
            place, total = carried
            return [builder.add(place, channels), builder.add(total, vectors.load(data, place, four))]

        ahead, total = vectors.loop(none, across, [none, vectors.number(four, 0)], add)

        def move(_index, carried):
            behind, total = carried
            for _ in range(UNROLLED):
                vectors.store(total, data, builder.add(behind, to))
                new, old = (vectors.load(data, each, four) for each in (builder.add(behind, ahead), behind))
                # The difference does not wait for the pixel before.
                total = builder.add(total, builder.sub(new, old))
                behind = builder.add(behind, channels)
            return [behind, total]

        turns = builder.udiv(vectors.after(pixels, UNROLLED - 1), vectors.number(INT64, UNROLLED))
        vectors.loop(none, turns, [none, total], move)
        return context.get_dummy_value()

    return types.void(sums, to, channels, across, pixels), emit


def _quotients():
    """Return a function that sums along a row and divides, and how many values it writes."""
    lanes = _SIZE // 2
    count = BLOCK_BYTES // _SIZE
    kind, wide, levels = (ir.VectorType(each, lanes) for each in (INT16, INT32, INT8))

    def emit(context, builder, signature, arguments):
        vectors = Vectors(builder)
        out, sums = (data_of(context, builder, signature.args[each], arguments[each]) for each in (0, 2))
        _, to, _, start, channels, across, begin, multiplier, shift = arguments
        first = vectors.spread(builder.trunc(begin, INT16), lanes)
        by, places = vectors.spread(multiplier, lanes), vectors.spread(shift, lanes)

        def add(_index, carried):
            place, *totals = carried
            found = [vectors.load(sums, vectors.after(place, lanes * index), kind) for index in range(count)]
            return [builder.add(place, channels), *map(builder.add, totals, found)]

        _, *totals = vectors.loop(vectors.number(INT64, 0), across, [start, *[first] * count], add)
        for index, total in enumerate(totals):
            product = builder.mul(builder.zext(total, wide), builder.zext(by, wide))
            high = builder.trunc(builder.lshr(product, vectors.number(wide, 16)), kind)
            found = builder.trunc(builder.lshr(high, places), levels)
            vectors.store(found, out, vectors.after(to, lanes * index))
        return context.get_dummy_value()

    @intrinsic
    def quotients(_context, out, to, sums, start, channels, across, begin, multiplier, shift):
        return types.void(out, to, sums, start, channels, across, begin, multiplier, shift), emit

    return quotients, lanes * count


def _levels():
    """Return a function that makes levels of sums, in float32, and how many values it writes."""
    lanes = _SIZE // 4
    count = BLOCK_BYTES // _SIZE
    kind, floats = ir.VectorType(INT32, lanes), ir.VectorType(FLOAT32, lanes)

    def emit(context, builder, signature, arguments):
        vectors = Vectors(builder)
        out, sums = (data_of(context, builder, signature.args[each], arguments[each]) for each in (0, 2))
        _, to, _, start, *scale = arguments
        weight, begin, factor, half = (vectors.spread(builder.fptrunc(each, FLOAT32), lanes) for each in scale)
        found = [vectors.load(sums, vectors.after(start, lanes * index), kind) for index in range(count)]
        totals = [vectors.sum_of_product(begin, builder.sitofp(each, floats), weight) for each in found]
        scaled = [vectors.sum_of_product(half, each, factor) for each in totals]
        whole = vectors.number(INT64, lanes * count), vectors.number(INT64, 1)
        valid = context.make_tuple(builder, types.UniTuple(types.int64, 2), whole)
        return store_levels(vectors, [scaled], out, to, vectors.number(INT64, 0), valid)

    @intrinsic
    def levels(_context, out, to, sums, start, weight, begin, factor, half):
        return types.int64(out, to, sums, start, weight, begin, factor, half), emit

    return levels, lanes * count
