"""Boxes: equal weights over a rectangle, whose sums follow from those of the neighboring pixels.

A level is the whole part of (sum · weight + begin) · factor + half, where the sum is one of integers, and exact. For
integer weights that is ⌊(S + ½) / d⌋, with S = sum · weight + begin (see `byte_numbers`): exact in float64 for any
divisor below 2³⁰, and in float32 as `byte_numbers` derives.

**Division in 16 bits.** With N = 16 + t and M = ⌈2ᴺ / d⌉, the product S · M is S · 2ᴺ / d + S · e / d, where
e = M · d - 2ᴺ < d. Since S / d is 1 / d or more below the next integer, ⌊S · M / 2ᴺ⌋ = ⌊S / d⌋ if S · e < 2ᴺ.
"""

from __future__ import annotations

import math

import numpy as np

from convcli.array_types import Floats
from convcli.engine.planning.byte_numbers import FULL, first_sum
from convcli.lazy import dataclass

# Columns that are summed in registers. Up to 16 that takes less time than sums that move along the rows.
_MOST_COLUMNS = 16

# The least weights for sums of 32 bits, which take as long as the products of so many.
_LEAST_WEIGHTS = 36

# A weight as close to 1 / n is meant to be it.
_CLOSE = 1e-13


@dataclass(frozen=True)
class Box:
    """A rectangle of equal weights, and what makes levels of the sums of its values."""

    top: int  # the first row and column of the kernel that are not 0
    left: int
    height: int
    width: int
    weight: float
    begin: float
    divisor: int  # 1 where the weights are no integers
    short: tuple[int, int] | None  # M and t of the division in 16 bits, where all sums fit them
    single: bool  # float32 has the levels

    @property
    def half(self) -> float:
        """Half of the smallest step of the quotients, which is added to them."""
        return 0.5 / self.divisor if self.weight.is_integer() else 0.0


def box_of(plane: Floats, divisor: float, bias: float, full: int) -> Box | None:
    """Return the box that a plane of weights is, or None if it is none, or other loops take less time.

    `full` is the largest value of pictures, `bias` is in levels.
    """
    rows, columns = np.flatnonzero(plane.any(axis=1)), np.flatnonzero(plane.any(axis=0))
    if not len(rows):
        return None
    top, left, bottom, right = map(int, (rows[0], columns[0], rows[-1] + 1, columns[-1] + 1))
    if (plane[top:bottom, left:right] != plane[top, left]).any():
        return None
    height, width = bottom - top, right - left
    weight, by = _fraction(float(plane[top, left]), divisor)
    is_whole = weight.is_integer()
    begin = float(first_sum(by, bias)) if is_whole else bias + 0.5
    largest = full * height * width
    short = None
    # Such sums are not clipped. A column has one value more while it moves.
    if weight == 1 and width <= _MOST_COLUMNS and height < FULL and begin >= 0 and full == FULL:
        short = short_division(by, int(largest + begin)) if largest + begin < (FULL + 1) * by else None
    if largest >= 2**31 or (height * width < _LEAST_WEIGHTS and short is None):
        return None
    single = is_whole and full == FULL and by < 2**14 and largest * abs(weight) + abs(begin) < 2**24
    return Box(top, left, height, width, weight, begin, by, short, single)


def short_division(divisor: int, largest: int) -> tuple[int, int] | None:
    """Return M and t, with which ⌊S · M / 2¹⁶⁺ᵗ⌋ is ⌊S / divisor⌋ for 0 ≤ S ≤ largest, in 16 bits; else None."""
    if largest >= 2**16 or divisor < 2:
        return None
    shift = (divisor - 1).bit_length() - 1
    multiplier = -(-(2 ** (16 + shift)) // divisor)
    rest = multiplier * divisor - 2 ** (16 + shift)
    return (multiplier, shift) if multiplier < 2**16 and largest * rest < 2 ** (16 + shift) else None


def _fraction(weight: float, divisor: float) -> tuple[float, int]:
    """Return a weight and a positive divisor: integers, if the quotient is one of small integers; else over 1."""
    if weight.is_integer() and divisor.is_integer() and abs(divisor) < 2**30:
        common = math.gcd(int(weight), int(divisor))
        return math.copysign(1, divisor) * weight / common, abs(int(divisor)) // common
    weight /= divisor
    parts = round(1 / abs(weight)) if abs(weight) > 2**-30 else 0
    if parts and abs(parts * abs(weight) - 1) <= _CLOSE:
        return math.copysign(1, weight), parts
    return weight, 1
