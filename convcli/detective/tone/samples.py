"""Samples: positions of a pair, their taps and their targets."""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from convcli.array_types import Array, Bools
from convcli.detective.scene import is_judging
from convcli.lazy import dataclass

_SPARSEST = 0.02  # share of usable pixels: of fewer, fewer are drawn
_AT_ONCE = 256  # windows: a cache holds them


@dataclass(frozen=True, eq=False)
class Samples:
    """Values of a pair, in shares of full scale.

    `taps`, float32 (count, side² − 1), are the differences of the taps from the middle one, in the order of the rows,
    without it; `middle` and `target` are (count,). `black` and `white` tell where the target is clipped.
    """

    taps: Array
    middle: Array
    target: Array
    black: Bools
    white: Bools

    @property
    def is_clipped(self) -> bool:
        """True where any target is clipped."""
        return bool(self.black.any() or self.white.any())

    @property
    def side(self) -> int:
        """Rows and columns of the kernel."""
        return math.isqrt(self.taps.shape[1] + 1)


def drawn_positions(
    shape: tuple[int, ...], usable: Bools | None, half: int, count: int, *, judging: bool
) -> tuple[Array, Array]:
    """Draw up to `count` rows and columns, always the same, of the rows that judge or of the others.

    They are `half` pixels from the rim of a picture of `shape`, and where `usable`, (height, width), is true.
    """
    height, width = shape[:2]
    rows = np.arange(half, height - half)
    rows = rows[is_judging(rows) == judging]
    drawn = np.random.default_rng(judging)
    if usable is not None:
        share = max(float(usable[rows, half : width - half].mean()), _SPARSEST)
        number = round(count / share)
        row, column = drawn.choice(rows, number), drawn.integers(half, width - half, number)
        is_inside = usable[row, column]
        return row[is_inside][:count], column[is_inside][:count]
    return drawn.choice(rows, count), drawn.integers(half, width - half, count)


def sampled(
    source: Array,
    target: Array,
    side: int,
    count: int,
    *,
    judging: bool,
    levels: bool,
    usable: Bools | None = None,
) -> Samples:
    """Draw up to `count` positions, always the same, of the rows that judge or of the others.

    `source` and `target`, (height, width, channels) of one shape, are in shares of full scale; `levels` says that the
    target is clipped to 0 … 1. With `usable`, (height, width), only positions where it is true are drawn.
    """
    half = side // 2
    row, column = drawn_positions(source.shape, usable, half, count, judging=judging)
    middle = source[row, column].ravel()
    taps = _taps(source, row - half, column - half, side)
    wanted = target[row, column].ravel()
    return Samples(taps, middle, wanted, (wanted <= 0) & levels, (wanted >= 1) & levels)


def _taps(source: Array, top: Array, left: Array, side: int) -> Array:
    """Return the values of windows less those in their middles, which are left out: (count · channels, side² − 1)."""
    windows = sliding_window_view(source, (side, side), axis=(0, 1))
    channels, middle = source.shape[2], side * side // 2
    taps = np.empty((len(top) * channels, side * side - 1), np.float32)
    # Window by window: tap by tap, every value would be written far from the one before.
    for first in range(0, len(top), _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        under = windows[top[some], left[some]].reshape(-1, side * side)
        rows = taps[first * channels :][: len(under)]
        np.subtract(under[:, :middle], under[:, middle, np.newaxis], out=rows[:, :middle])
        np.subtract(under[:, middle + 1 :], under[:, middle, np.newaxis], out=rows[:, middle:])
    return taps
