"""Outer products for pictures of 8 bits: weights along the rows as signed bytes, or as float32.

Rows are filtered first, from bytes. With weights in fixed point the sums along them are integers of 32 bits, which
become floats in units of 2⁻ˢ; the weights of the columns take these units back. There are as few bits as keep the
promise, since small weights then have fewer digits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Floats
from convcli.engine.planning.byte_numbers import (
    FULL,
    LARGEST_SHARE,
    first_sum,
    fixed_point,
    is_whole,
    positive_divisor,
    signed_digits,
)
from convcli.engine.planning.factors import Factor
from convcli.lazy import dataclass

# Sums of n products in float32 are off by about their magnitude · √n · 2⁻²⁵. Measured on noise, binary and photographic
# pictures for 5×5 to 161×161: up to this bound fewer than half of what is promised are rounded to the other side.
_FLOAT32_BOUND = 24.0

# The largest weight of three signed digits, less one that `fixed_point` may add.
_LARGEST = 127 * 65793 - 1

# The most bits of a fraction, and the variance of noise from 0 to 255.
_MOST_BITS = 60
_VARIANCE = (256**2 - 1) / 12


@dataclass(frozen=True, eq=False)
class Outer:
    """Outer products for sums in float32: levels are floor((begin + sum of products) / divisor)."""

    columns: Floats  # (factors, height)
    rows: Floats  # (factors, width)
    begin: float
    divisor: int

    @property
    def digits(self) -> tuple[NDArray[np.int8], Floats] | None:
        """The rows as signed bytes, and the units of their sums; None where too many values would be off.

        The digits are (3, factors, width), the least first, the units (factors,).
        """
        most = np.array([0 if is_whole(row) else fraction_bits(row) for row in self.rows])
        for bits in range(self._usual_bits - 1, _MOST_BITS + 1):
            own = np.minimum(most, bits)
            fixed = np.array([fixed_point(row, each) for row, each in zip(self.rows, own.tolist(), strict=True)])
            units = 2.0**-own
            if expected_share(self.columns, fixed * units[:, np.newaxis] - self.rows) <= LARGEST_SHARE:
                return signed_digits(fixed), units
            if (own == most).all():
                break
        return None

    @property
    def _usual_bits(self) -> int:
        """The bits with which errors of half a unit at most, evenly spread, would just keep the promise."""
        noise, alike = (self.columns**2).sum(axis=1) * _VARIANCE, self.columns.sum(axis=1) ** 2 * (FULL / 2) ** 2
        share = 0.8 * math.sqrt(float(np.maximum(noise, alike).sum()) * self.rows.shape[1] / 12)
        return min(max(math.ceil(math.log2(max(share, 1e-9) / LARGEST_SHARE)), 2), _MOST_BITS)


def outer_products(factors: Sequence[Factor], weights: Floats, divisor: float, bias: float) -> Outer | None:
    """Return factors of weights for sums in float32, or None where such sums would not keep the promise.

    `bias` is in levels. All sums of integers are below 2²⁴, whatever the order: those of one row as well.
    """
    columns, rows = np.array([each.column for each in factors]), np.array([each.row for each in factors])
    if not is_whole(weights):
        magnitude = float(np.abs(columns).sum(axis=1) @ np.abs(rows).sum(axis=1)) / abs(divisor)
        is_fine = magnitude * math.sqrt(columns.size + rows.size) <= _FLOAT32_BOUND
        return Outer(columns / divisor, rows, bias + 0.5, 1) if is_fine else None
    scaled = positive_divisor(columns, divisor)
    if scaled is None or not (is_whole(columns) and is_whole(rows)):
        return None
    columns, by = scaled
    begin = first_sum(by, bias)
    return Outer(columns, rows, begin, by) if FULL * float(np.abs(weights).sum()) + abs(begin) < 2**24 else None


def fraction_bits(row: Floats) -> int:
    """Return the largest s for which row · 2ˢ fit three digits, and their sums over bytes 32 bits.

    The sums are at most 255 (Σ|row| 2ˢ + n): fixed point changes each of the n weights by less than one.
    """
    magnitude, largest = float(np.abs(row).sum()), float(np.abs(row).max())
    bits = 0
    while (
        bits < _MOST_BITS
        and largest * 2.0 ** (bits + 1) < _LARGEST
        and FULL * (magnitude * 2.0 ** (bits + 1) + len(row)) < 2**31
    ):
        bits += 1
    return bits


def expected_share(columns: Floats, errors: Floats) -> float:
    """Return the share of values that errors of the rows' weights round to the other side.

    It is that of `byte_numbers.expected_share`, for the errors Σ column · errors of the plane: of noise, or of black
    and white in rows that are all alike, if that is more. There errors do not average out along a column of positive
    weights.
    """
    plane = columns.T @ errors
    noise, alike = float((plane**2).sum()) * _VARIANCE, float((plane.sum(axis=0) ** 2).sum()) * (FULL / 2) ** 2
    return 0.8 * math.sqrt(max(noise, alike) + (FULL / 2 * float(plane.sum())) ** 2)
