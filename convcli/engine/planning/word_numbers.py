"""Numbers for pictures of 16 bits: weights as one or two words of 16 bits, whose products are summed in 32 bits.

With values v less 2¹⁵, from -2¹⁵ to 2¹⁵ - 1, a sum Σ h v of words h fits 32 bits where Σ|h| < 2¹⁶. Integer weights are
one word: with their sum S and T = S + first, levels are ⌊T / d⌋ (see `byte_numbers`), computed in float64 as
T · r + 1/(2d), or exactly for powers of two. |T| is below 2³³, so that all roundings together are below 2⁻¹⁸ < 1/(2d).

Fractions are fixed point: W = round(w c 2ᵏ) = h 2ᵏ + l, with the largest whole c with which h fits, and the sums of l
are taken in chains that fit. Each sum of a chain is cut off by 2ˢ, so that all of them fit together; cutting off is
even over the range below 2ˢ, whose middle is added again.

**Levels by a shift.** Where c is 2ᵗ, and t is 15 or a little less, h Σ + l Σ / 2ᵏ in whole numbers is a level times 2ᵗ,
and a shift makes levels of it, in a quarter of the instructions of float64. What is cut off of l Σ is even over one,
and the sum begins with a whole number: the errors are (2⁻ᵗ)² / 12 of variance more, and half of 2⁻ᵗ. Levels less 2¹⁵
times 2ᵗ have to fit 32 bits. The same holds for integer weights over 2ᵗ, without errors.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Floats
from convcli.engine.planning.byte_numbers import (
    LARGEST_SHARE,
    first_sum,
    fixed_point,
    is_whole,
    positive_divisor,
    quotient,
)
from convcli.lazy import dataclass

MIDDLE = 2**15

# Sums of magnitudes of words are below it.
_MOST = 2**16

# The most bits of the second word.
_LOW_BITS = 15


@dataclass(frozen=True, eq=False)
class Words:
    """Weights as words: levels are ⌊high · factors[0] + low · factors[1] + begin⌋ of the sums of values less 2¹⁵."""

    high: NDArray[np.int16]  # (height, width)
    low: NDArray[np.int16] | None  # the same; None where the weights are integers
    factors: tuple[float, float]
    shift: int  # of every chain of low sums
    begin: float  # without what the shifts cut off
    cut: float  # what each shift cuts off, on average, in levels
    whole: int = -1  # t, where levels are made by a shift; else negative
    low_by: int = 0  # the shift of the sum of low sums then

    def offset(self, chains: int) -> int:
        """Return what sums begin with, for levels by a shift: of levels less 2¹⁵, and half of what is cut off."""
        exact = math.ldexp(self.begin + self.cut * chains - MIDDLE, self.whole)
        return math.floor(exact + (0 if self.low is None else 1))


def words_of(weights: Floats, divisor: float, bias: float) -> Words | None:
    """Return weights (height, width) over a divisor as words, or None where too many values would be off.

    `bias` is in levels.
    """
    if is_whole(weights):
        return _whole(weights, divisor, bias)
    weights = weights / divisor
    magnitude, largest = float(np.abs(weights).sum()), float(np.abs(weights).max())
    # Rounding adds a half of a unit to each, and `fixed_point` one.
    scale = math.floor(min((_MOST - 2 - 1.5 * weights.size) / magnitude, (MIDDLE - 3) / largest))
    if scale <= 0:
        return None
    power = scale.bit_length() - 1
    by_shift = _fixed(weights, bias, 1 << power, power) if _fits(magnitude, float(weights.sum()), bias, power) else None
    return by_shift or _fixed(weights, bias, scale, -1)


def _fits(magnitude: float, total: float, bias: float, power: int) -> bool:
    """Return whether levels less 2¹⁵, times 2 to a power, fit 32 bits."""
    return MIDDLE * magnitude + abs(MIDDLE * (total - 1) + bias + 0.5) + 2 < 2.0 ** (31 - power)


def _fixed(weights: Floats, bias: float, scale: int, power: int) -> Words | None:
    """Return weights in fixed point, times `scale`; where that is 2 to a `power`, levels are made by a shift."""
    for bits in range(8, _LOW_BITS + 1):
        whole = fixed_point(weights * scale, bits)
        high = (whole + (1 << bits - 1)) >> bits
        low = whole - (high << bits)
        # All sums of the second words together, in 32 bits, with a bit for what is cut off.
        shift = max(0, int(np.abs(low).sum() * MIDDLE).bit_length() - 30)
        unit = 1 / (scale << bits)
        share = expected_share(weights, whole, unit, shift)
        if power >= 0:
            share = math.hypot(share, 0.8 * 2.0**-power / math.sqrt(12)) + 2.0**-power / 2
        if share <= LARGEST_SHARE and (power < 0 or shift <= bits):
            begin = MIDDLE * math.fsum(weights.ravel().tolist()) + bias + 0.5
            factors, cut = (1 / scale, unit * 2**shift), unit * (2**shift - 1) / 2
            words = high.astype(np.int16), low.astype(np.int16)
            return Words(*words, factors, shift, begin, cut, power, bits - shift)
    return None


def _whole(weights: Floats, divisor: float, bias: float) -> Words | None:
    scaled = positive_divisor(weights, divisor)
    if scaled is None:
        return None
    weights, by = scaled
    first = first_sum(by, bias)
    if np.abs(weights).max() >= MIDDLE or np.abs(weights).sum() >= _MOST or abs(first) >= 2**32:
        return None
    factor, half = quotient(by)
    total, magnitude = int(weights.sum()), int(np.abs(weights).sum())
    begin = (MIDDLE * total + first) * factor + half
    is_power = by & (by - 1) == 0
    fits = MIDDLE * magnitude + abs(MIDDLE * total + first - MIDDLE * by) < 2**31
    whole = by.bit_length() - 1 if is_power and fits else -1
    return Words(weights.astype(np.int16), None, (factor, 0.0), 0, begin, 0.0, whole)


def expected_share(weights: Floats, whole: NDArray[np.int64], unit: float, shift: int) -> float:
    """Return the share of values of noise that fixed point rounds to the other side.

    With errors e of the weights, a sum of values u, even from -2¹⁵ to 2¹⁵, is off by E = Σ e u: the mean of the values
    has the true weights. The variance of u is 2³² / 12; that of what a shift by s cuts off is (2ˢ unit)² / 12, at most
    once a weight. E is nearly normal, with a mean magnitude of 0.8 of its root mean square, and a share of |E| has a
    half between the true sum and the computed one.
    """
    errors = whole * unit - weights
    return 0.8 * math.sqrt((float((errors**2).sum()) * _MOST**2 + errors.size * (unit * 2**shift) ** 2) / 12)


def chain_ends(low: NDArray[np.int64]) -> list[int]:
    """Return where chains of taps (taps, rows) end, and 0: each sums as many as fit for all rows."""
    ends, total = [0], np.zeros(low.shape[1])
    for tap, each in enumerate(np.abs(low.astype(np.int64))):
        if (total + each).max() >= _MOST:
            ends.append(tap)
            total = np.zeros(low.shape[1])
        total = total + each
    return [*ends, len(low)]
