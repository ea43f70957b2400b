"""Lag sums: the moments of a whole region from products of the picture with itself, shifted.

The moment of two taps s and t is the sum over positions p of x[p + s] · x[p + t]. Except at the ends of the rows it
depends on the lag t − s alone. So the products are summed once per lag over the columns that every tap covers (the
core), and the rest of a tap's columns follows from the strips at both ends, by a recursion along the lag. Sums are made
row by row, and then added up for the rows of each tap.

All lags of a row at once are one matrix product: the row cut into blocks of `_BLOCK` values, times the same blocks
wider by the lags on both sides, has every lag on its diagonals. With BLAS it is faster than one sum per lag, though
most products lie beside the diagonals.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from convcli.array_types import Array, Floats
from convcli.lazy import dataclass
from convcli.learning.moments.region import Region, center_of

# Values in a block: wide enough for BLAS, narrow enough to waste little beside the diagonals. Of 4 to 36 the quickest
# for every kernel from 2 to 15 columns, with matrices whose width is a multiple of 4.
_BLOCK = 12
# Rows at once, at least: fewer make more calls, more leave the cache.
_ROWS = 48
# A product of two bytes less 128 is at most 2^14, and floats of 32 bits are exact up to 2^24.
_EXACT_PRODUCTS = 2**10


def has_lags(region: Region) -> bool:
    """Return whether a region is wide enough for blocks to pay."""
    return region.width >= 4 * (_BLOCK + region.size[1])


def lag_moments(region: Region) -> Floats:
    """Return what `window_moments` gives for all positions, float64 (outputs, taps + 2, taps + 2)."""
    step = max(_ROWS // region.inputs, 4 * region.size[0])
    total = _Sums.zero(region)
    for start in range(0, region.height, step):
        _add_band(total, region.rows(start, min(start + step, region.height)))
    # The columns of the source left and right of the core, with those that lags reach from there.
    rim = region.size[1] - 1
    end = rim + _full_blocks(region) * _BLOCK
    left = _strip_gram(region, slice(0, 2 * rim))
    right = _strip_gram(region, slice(end - rim, region.width + rim))
    return _assembled(region, total, left, right)


@dataclass
class _Sums:
    """Sums over rows p and columns q of a region.

    `core`, (inputs, inputs, height, height, 2 · width − 1), is of x[a, p + i, q] · x[b, p + i', q + lag] over the
    core's columns, for i ≤ i' only; `cross`, (outputs, inputs, height, width), of y[o, p, q] · x[a, p + i, q + j];
    `ones`, (inputs, height, width), of x[a, p + i, q + j]; `squares` and `targets`, (outputs), of y² and y.
    """

    core: Floats
    cross: Floats
    ones: Floats
    squares: Floats
    targets: Floats

    @classmethod
    def zero(cls, region: Region) -> _Sums:
        (height, width), inputs, outputs = region.size, region.inputs, region.outputs
        core, cross = (inputs, inputs, height, height, 2 * width - 1), (outputs, inputs, height, width)
        return cls(*(np.zeros(shape) for shape in (core, cross, cross[1:], outputs, outputs)))


def _add_band(sums: _Sums, region: Region) -> None:
    (height, width), rim, count = region.size, region.size[1] - 1, region.height
    blocks, full = -(-region.width // _BLOCK), _full_blocks(region)
    are_bytes = region.source.dtype == region.target.dtype == np.uint8
    dtype = np.dtype(np.float32 if are_bytes and region.width <= _EXACT_PRODUCTS * _BLOCK else np.float64)
    source = _planes(region.source, blocks * _BLOCK + 2 * rim, dtype)
    target = _planes(region.target, blocks * _BLOCK, dtype)
    wide = _cut(source, blocks, _BLOCK + 2 * rim)
    narrow = _side_by_side(target.reshape(*target.shape[:2], blocks, _BLOCK).transpose(1, 2, 0, 3))
    core = _side_by_side(wide[:, :full, :, rim : rim + _BLOCK])
    for down in range(height):
        lags = _diagonals(core[: len(wide) - down], wide[down:, :full], 2 * rim + 1)
        for row in range(height - down):
            sums.core[:, :, row, row + down] += lags[row : row + count].sum(axis=0)
    for row in range(height):
        sums.cross[:, :, row] += _diagonals(narrow, wide[row : row + count], width).sum(axis=0)
    sums.ones += _tap_sums(source, region)
    # Down the blocks of a row: so few squares are exact in float32.
    sums.squares += np.einsum("rbol,rbol->rol", narrow, narrow).sum(axis=(0, 2), dtype=np.float64)
    sums.targets += target.sum(axis=2).sum(axis=1, dtype=np.float64)


def _full_blocks(region: Region) -> int:
    """Return the number of blocks of the core: columns from the kernel's width − 1 on that every tap covers."""
    return (region.width - region.size[1] + 1) // _BLOCK


def _planes(array: Array, width: int, dtype: np.dtype[Any]) -> Array:
    """Return (channels, rows, width), centered, with zeros behind the end."""
    height, columns, channels = array.shape
    planes = np.zeros((channels, height, width), dtype)
    np.subtract(array.transpose(2, 0, 1), dtype.type(center_of(array.dtype)), out=planes[:, :, :columns], dtype=dtype)
    return planes


def _cut(planes: Array, blocks: int, width: int) -> Array:
    """Return (rows, blocks, channels, width): a block's columns and those of the lags beside it."""
    channel, row, column = planes.strides
    channels, rows, _ = planes.shape
    overlapping = as_strided(planes, (rows, blocks, channels, width), (row, _BLOCK * column, channel, column))
    return np.ascontiguousarray(overlapping)  # BLAS takes no overlapping blocks


def _side_by_side(blocks: Array) -> Array:
    """Return (rows, blocks, channels, columns), a block's channels side by side in memory; one needs no copy."""
    return blocks if blocks.shape[2] == 1 else np.ascontiguousarray(blocks)


def _diagonals(blocks: Array, wide: Array, count: int) -> Floats:
    """Return (rows, channels, channels of wide, count): sums of a value times the one 0 … count − 1 columns on.

    `blocks` and `wide` are (rows, blocks, channels, columns).
    """
    rows, number, channels, columns = wide.shape
    left = blocks.reshape(rows, number, -1).transpose(0, 2, 1)
    products = np.matmul(left, wide.reshape(rows, number, -1))
    products = products.reshape(rows, -1, _BLOCK, channels, columns)
    row, first, down, second, right = products.strides
    shape = (rows, products.shape[1], channels, count, _BLOCK)
    diagonals = as_strided(products, shape, (row, first, second, right, down + right))
    sums: Floats = diagonals.sum(axis=4, dtype=np.float64)
    return sums


def _tap_sums(source: Array, region: Region) -> Floats:
    """Return (inputs, height, width): the sum of the values that each tap covers."""
    height, width = region.size
    ends = source[:, :, region.width : region.width + width - 1] - source[:, :, : width - 1]
    first = source[:, :, : region.width].sum(axis=2, dtype=np.float64)
    rows = first[:, :, np.newaxis] + np.concatenate(
        [np.zeros((*ends.shape[:2], 1)), np.cumsum(ends, axis=2, dtype=np.float64)], axis=2
    )
    return np.stack([rows[:, row : row + region.height].sum(axis=1) for row in range(height)], axis=1)


def _strip_gram(region: Region, columns: slice) -> Floats:
    """Return (inputs, height, columns, inputs, height, columns): sums of products over the rows."""
    strip = region.source[:, columns].astype(np.float64) - center_of(region.source.dtype)
    windows = sliding_window_view(strip, region.size[0], axis=0)  # positions, columns, inputs, height
    table = windows.transpose(0, 2, 3, 1).reshape(region.height, -1)
    shape = (region.inputs, region.size[0], strip.shape[1])
    return (table.T @ table).reshape(*shape, *shape)


def _assembled(region: Region, sums: _Sums, left: Floats, right: Floats) -> Floats:
    taps, outputs = region.taps, region.outputs
    moments = np.zeros((outputs, taps + 2, taps + 2))
    moments[:, :taps, :taps] = _gram(region, sums.core, left, right)
    moments[:, taps, :taps] = moments[:, :taps, taps] = sums.ones.ravel()
    cross = sums.cross.reshape(outputs, taps)
    moments[:, -1, :taps] = moments[:, :taps, -1] = cross
    moments[:, taps, taps] = region.height * region.width
    moments[:, -1, taps] = moments[:, taps, -1] = sums.targets
    moments[:, -1, -1] = sums.squares
    return moments


def _gram(region: Region, core: Floats, left: Floats, right: Floats) -> Floats:
    """Return (taps, taps): the sums of the core and the strips."""
    (height, width), rim, inputs = region.size, region.size[1] - 1, region.inputs
    gram = np.zeros((inputs, height, width, inputs, height, width))
    for row in range(width):
        for column in range(width):
            lag = core[..., rim + column - row]  # inputs, inputs, height, height
            gram[:, :, row, :, :, column] = lag.transpose(0, 2, 1, 3)
    gram += _left_of_core(left, width) + _right_of_core(right, width)
    flat = gram.reshape(region.taps, region.taps)
    # The core holds sums where the second tap's row is not above the first's.
    rows = np.tile(np.arange(height).repeat(width), inputs)
    upper = rows[:, np.newaxis] <= rows
    return np.where(upper, flat, flat.T)


def _left_of_core(strip: Floats, width: int) -> Floats:
    """Return the sums along the lag from column j to before the core, for each pair of taps (j, j')."""
    rim = width - 1
    inputs, height = strip.shape[:2]
    result = np.zeros((inputs, height, width, inputs, height, width))
    # The second tap reaches up to 2 · rim columns from the left strip.
    running = np.zeros((inputs, height, inputs, height, 2 * rim + 1))
    for column in range(rim - 1, -1, -1):
        moved = np.zeros_like(running)
        moved[..., : 2 * rim] = running[..., 1:] + strip[:, :, column]
        running = moved
        result[:, :, column] = running[..., :width]
    return result


def _right_of_core(strip: Floats, width: int) -> Floats:
    """Return the sums along the lag from behind the core to the end of each tap, for each pair of taps."""
    rim = width - 1
    inputs, height, columns = strip.shape[:3]
    result = np.zeros((inputs, height, width, inputs, height, width))
    # The strip begins `rim` columns before the core's end, for lags to the left.
    rest = columns - 2 * rim
    running = np.zeros((inputs, height, inputs, height, columns))
    for behind in range(rest + rim):
        moved = strip[:, :, behind + rim].copy()
        moved[..., 1:] += running[..., :-1]
        running = moved
        tap = behind + 1 - rest
        if tap >= 0:
            first = rest + rim - 1
            result[:, :, tap] = running[..., first : first + width]
    return result
