"""Numbers for pictures of 8 bits: weights as signed bytes or of other dtypes, and what makes levels of their sums.

A level is floor(sum / divisor) of a whole sum, which begins with a whole number for the bias and the half that rounds.
For whole weights, their sum S, a divisor d > 0 and a bias of b levels, floor(S / d + b + 1/2) is
floor((S + floor(d (b + 1/2))) / d), since S is whole. So levels are exact wherever the sums and the quotient are.

**Quotients.** A divisor that is a power of two is a shift. With any other d < 2¹⁴ the quotient of T is computed in
float32 as T · r + h with r = 1/d and h = 1/(2d): (T + 1/2) / d is 1/(2d) or more from a whole number. For 0 ≤ T < 256 d
the conversion of T is exact, and the value below 256: the error of r makes at most 256 · 2⁻²⁴ = 2⁻¹⁶, the roundings of
the product, where it is rounded, and of the sum 2⁻¹⁷ each. Together that is 2⁻¹⁵ < 1/(2d). Beyond, the conversion of T,
the product and the sum are monotonic, so that T ≥ 256 d becomes 256 or more, and T < 0 less than 0.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Floats
from convcli.lazy import dataclass

FULL = 255

# The most that three digits from -128 to 127 hold with either sign, and two.
_THREE_DIGITS = 127 * 65793
_TWO_DIGITS = 127 * 257

# Divisors that are no power of two are below it.
_LARGEST_DIVISOR = 2**14

# Of a bias: what float64 leaves of a product such as 0.2 · 255 counts as whole.
_DECIMALS = 6

# The largest expected share of noise that may be rounded to the other side. The promise is 1 in 10 000; sums of
# pictures of black and white alone have √3 times the errors.
LARGEST_SHARE = 0.5e-4


@dataclass(frozen=True, eq=False)
class Digits:
    """Weights as signed bytes: levels are floor((begin + sum of weight · value) / divisor).

    Weights are Σ digits[p] · 256ᵖ. With three digits the divisor is a multiple of 256, so that the sum can be divided
    by 256 first, downward.
    """

    digits: NDArray[np.int8]  # (1 or 3, height, width)
    begin: int
    divisor: int

    @property
    def unit(self) -> int:
        """The number that sums are divided by first."""
        return 256 if len(self.digits) == 3 else 1


@dataclass(frozen=True, eq=False)
class Fused:
    """Weights for sums in a dtype: levels are floor((begin + sum of weight · value) / divisor)."""

    weights: Floats  # (height, width)
    dtype: str  # int16, float32 or float64
    begin: float
    divisor: float  # a power of two, or for floats below 2¹⁴


def is_whole(weights: Floats) -> bool:
    """Return whether all weights are integers."""
    return bool((weights == np.rint(weights)).all())


def whole_digits(weights: Floats, divisor: float, bias: float) -> Digits | None:
    """Return integer weights (height, width) as one digit each, or three of which the least is 0; exact, or None.

    `bias` is in levels. The sums fit 32 bits.
    """
    scaled = positive_divisor(weights, divisor)
    if scaled is None:
        return None
    weights, by = scaled
    begin = first_sum(by, bias)
    if FULL * float(np.abs(weights).sum()) + abs(begin) >= 2**31:
        return None
    largest = np.abs(weights).max()
    if largest <= 127:
        return Digits(weights[np.newaxis].astype(np.int8), begin, by)
    return (
        Digits(signed_digits(weights.astype(np.int64) * 256), begin * 256, by * 256) if largest <= _TWO_DIGITS else None
    )


def fixed_digits(weights: Floats, bias: float) -> Digits | None:
    """Return weights (height, width) as fixed point in three digits, or None where too many values would be off."""
    bits = fraction_bits(weights, bias)
    if bits < 8:
        return None
    whole = fixed_point(weights, bits)
    if expected_share(weights, whole, bits) > LARGEST_SHARE:
        return None
    return Digits(signed_digits(whole), first_sum(2**bits, bias), 2**bits)


def fraction_bits(weights: Floats, bias: float) -> int:
    """Return the largest s for which weights · 2ˢ fit three digits, and the sums over 256 fit 32 bits.

    The largest weight, and one more for `fixed_point`, has to stay below 127 · 65793. The sums are at most
    255 Σ|w| 2ˢ, and begin with (bias + 1/2) 2ˢ; one level more is for roundings.
    """
    magnitude, largest = float(np.abs(weights).sum()), float(np.abs(weights).max())
    bits = 0
    while (
        bits < 38
        and largest * 2.0 ** (bits + 1) < _THREE_DIGITS - 2
        and (FULL * magnitude + abs(bias) + 2) * 2.0 ** (bits - 7) < 2**31
    ):
        bits += 1
    return bits


def fixed_point(weights: Floats, bits: int) -> NDArray[np.int64]:
    """Return weights · 2^bits as integers whose sum is that of the weights, rounded, so that flat areas are right.

    What rounding each weight leaves of the sum goes to the weights that were rounded furthest the other way.
    """
    exact = (weights * 2.0**bits).ravel()
    whole = np.rint(exact).astype(np.int64)
    miss = round(math.fsum(exact.tolist())) - int(whole.sum())
    rest = np.where(exact == 0, 0, exact - whole)  # a weight of 0 is no tap
    order = np.argsort(-rest if miss > 0 else rest, kind="stable")
    whole[order[: abs(miss)]] += np.sign(miss)
    return whole.reshape(weights.shape)


def expected_share(weights: Floats, whole: NDArray[np.int64], bits: int) -> float:
    """Return the share of values of noise that fixed point rounds to the other side.

    With errors e of the weights and values x = 127.5 + u, u uniform from -127.5 to 127.5, a sum is off by
    E = Σ e u + 127.5 Σ e; nothing else is rounded. The variance of u is (256² - 1) / 12. E is nearly normal, and its
    mean magnitude 0.8 of its root mean square. Sums are spread evenly between two halves, so that a share of |E| has a
    half between the true sum and the computed one.
    """
    errors = whole / 2.0**bits - weights
    return 0.8 * math.sqrt(float((errors**2).sum()) * (256**2 - 1) / 12 + (127.5 * float(errors.sum())) ** 2)


def whole_fused(weights: Floats, divisor: float, bias: float, full: int = FULL) -> Fused | None:
    """Return integer weights (height, width) for exact sums of levels up to `full`, or None where none are exact.

    Levels of 16 bits are summed and divided in float64. The quotient is right as derived above: with 0 ≤ T < 2¹⁶ d the
    error of r makes at most 2⁻³⁷, each rounding as much, which is less than 1/(2d).
    """
    scaled = positive_divisor(weights, divisor)
    if scaled is None:
        return None
    weights, by = scaled
    begin = first_sum(by, bias)
    largest = full * float(np.abs(weights).sum()) + abs(begin)
    if full > FULL:
        return Fused(weights, "float64", begin, by) if largest < 2**53 else None
    if largest < 2**15 and _is_power_of_two(by):
        return Fused(weights, "int16", begin, by)
    return Fused(weights, "float32", begin, by) if largest < 2**24 else None


def quotient(divisor: int) -> tuple[float, float]:
    """Return factor and half: floor(sum · factor + half) is floor(sum / divisor) of a whole sum (see above)."""
    return 1 / divisor, 0.0 if _is_power_of_two(divisor) else 0.5 / divisor


def positive_divisor(weights: Floats, divisor: float) -> tuple[Floats, int] | None:
    """Return weights and a positive divisor of the same meaning, or None where the quotient would not be exact."""
    weights, divisor = (-weights, -divisor) if divisor < 0 else (weights, divisor)
    if divisor % 1:
        return None
    by = int(divisor)
    return (weights, by) if by < _LARGEST_DIVISOR or (_is_power_of_two(by) and by < 2**30) else None


def first_sum(divisor: int, bias: float) -> int:
    """Return the whole number that sums begin with, for a bias in levels (see above)."""
    return math.floor(round(divisor * (bias + 0.5), _DECIMALS))


def signed_digits(whole: NDArray[np.int64]) -> NDArray[np.int8]:
    """Return integers as three signed digits in base 256, the least first."""
    low = ((whole + 128) & 255) - 128
    rest = (whole - low) >> 8
    middle = ((rest + 128) & 255) - 128
    return np.array([low, middle, (rest - middle) >> 8]).astype(np.int8)


def _is_power_of_two(number: int) -> bool:
    return number & (number - 1) == 0
