"""Blocks of 8×8 pixels that a JPEG was made of, and what a kernel makes of INPUT in them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.lossy.intervals import Intervals
from convcli.detective.lossy.jpeg import BRIGHTNESS, DCT, table
from convcli.lazy import dataclass

SIDE = 8
_ENDS = 3  # levels from black and white: nearer, what was clipped when decoding has other coefficients


@dataclass(frozen=True, eq=False)
class Blocks:
    """Some blocks: their windows of INPUT, `reach` pixels wider on each side, and TARGET's coefficients.

    `windows`, float32 (blocks, 8 + 2 · reach, 8 + 2 · reach, channels), are in levels; `values`, (blocks, 8, 8), are
    those of luma less 128; `steps`, (8, 8), the steps of the table; `is_fast` tells that the encoder had the fast DCT.
    """

    windows: Array
    values: Array
    steps: Array
    is_fast: bool = False

    def __len__(self) -> int:
        return len(self.values)

    @property
    def reach(self) -> int:
        """The pixels around a block."""
        return int(self.windows.shape[1] - SIDE) // 2

    def part(self, chosen: Array | slice) -> Blocks:
        """Return some of the blocks."""
        return replace(self, windows=self.windows[chosen], values=self.values[chosen])

    @property
    def intervals(self) -> Intervals:
        """The intervals of the coefficients."""
        return Intervals.of(self.values, self.steps, is_fast=self.is_fast)

    def inner(self, reach: int) -> Array:
        """Return the windows with fewer pixels around the blocks."""
        less = self.reach - reach
        return self.windows[:, less : self.windows.shape[1] - less, less : self.windows.shape[2] - less]


def luma_of(levels: Array) -> Array:
    """Return what a JPEG holds of brightness, of values (…, 1 or 3 channels)."""
    return levels @ BRIGHTNESS.astype(levels.dtype) if levels.shape[-1] == 3 else levels[..., 0]


def drawn(source: Array, target: Array, quality: int, reach: int, count: int, usable: Bools | None = None) -> Blocks:
    """Return about `count` blocks, evenly over the picture, without those next to the rim or near black or white.

    `source` and `target`, (height, width, 1 or 3), are in levels of 8 bits, the grid of the blocks begins at 0,0.
    `usable`, (height, width), tells which pixels say something, None for all.
    """
    rows, columns = (side // SIDE for side in target.shape[:2])
    cut = target[: rows * SIDE, : columns * SIDE]
    whole = cut.reshape(rows, SIDE, columns, SIDE, -1)
    free = (whole.min(axis=(1, 3, 4)) >= _ENDS) & (whole.max(axis=(1, 3, 4)) <= 255 - _ENDS)
    if free.sum() < 100:  # dark and bright pictures: those that are not clipped at least
        free = (whole.min(axis=(1, 3, 4)) > 0) & (whole.max(axis=(1, 3, 4)) < 255)
    if usable is not None:
        free &= usable[: rows * SIDE, : columns * SIDE].reshape(rows, SIDE, columns, SIDE).all(axis=(1, 3))
    at = _spread(free, -(-reach // SIDE), count)
    # A decoder's luma are whole levels, from which colors are rounded: over flat colors alike, in all of a block.
    luma = (
        (np.rint(luma_of(cut.astype(np.float32))) - 128)
        .reshape(rows, SIDE, columns, SIDE)
        .swapaxes(1, 2)[at[:, 0], at[:, 1]]
    )
    views = np.lib.stride_tricks.sliding_window_view(source, (SIDE + 2 * reach, SIDE + 2 * reach), axis=(0, 1))
    windows = views[at[:, 0] * SIDE - reach, at[:, 1] * SIDE - reach].transpose(0, 2, 3, 1)
    matrix = DCT.astype(np.float32)
    return Blocks(windows.astype(np.float32), matrix @ luma @ matrix.T, table(quality))


def _spread(free: Bools, margin: int, count: int) -> Array:
    """Return the rows and columns of `count` blocks, evenly drawn, `margin` from the rim."""
    inner = np.zeros_like(free)
    inner[margin : free.shape[0] - margin, margin : free.shape[1] - margin] = True
    at = np.argwhere(free & inner)
    return np.asarray(at[np.linspace(0, len(at) - 1, min(count, len(at))).astype(int)])


def coefficients_of(windows: Array) -> Array:
    """Return the coefficients of luma of blocks, (blocks, 8, 8, 1 or 3): (blocks · 64)."""
    matrix = DCT.astype(np.float32)
    return np.asarray(matrix @ luma_of(windows) @ matrix.T).ravel()


def tap_coefficients(windows: Array, side: int) -> Array:
    """Return the coefficients of a kernel's taps, float32 (blocks · 64, side² + 1).

    `windows` are (blocks, 7 + side, 7 + side).
    The last column is that of the bias, which changes the first coefficient of a block alone.
    """
    matrix = DCT.astype(np.float32)
    result = np.empty((len(windows), SIDE, SIDE, side * side + 1), np.float32)
    for down in range(side):
        part = matrix @ windows[:, down : down + SIDE]
        for right in range(side):
            result[..., down * side + right] = part[:, :, right : right + SIDE] @ matrix.T
    result[..., -1] = 0
    result[:, 0, 0, -1] = SIDE
    return result.reshape(-1, side * side + 1)
