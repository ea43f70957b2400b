"""Arithmetic: the numbers that products and sums are computed in.

Integers wherever a kernel allows it: their sums are exact, and so are halves between two levels. Sums of fractions are
rounded; the dtype is chosen so that this hardly ever reaches the result.

The error of a sum of products, in floats of the spacing eps at 1, is at most

    c · eps · (sum of |weights| · largest |value| + |bias|),    c = 36 + n / 128 + m / 2

for n weights other than 0 and m input channels of an output, and twice that where a plane is applied by factors. Each
of the d roundings between a product and the result changes it by at most eps / 2 of itself, so all together change the
sum by d · eps / 2 · sum of |weights| · largest |value|, whatever the signs (Higham, Accuracy and Stability of Numerical
Algorithms, chapter 4). The conversion of the weight, the product, the division and the bias are 4 roundings; the sums
are

- in NumPy at most 31 in a chain of 32 taps, then as many as the tree that adds the chains is high, twice: taps of equal
  weights are a tree in the tree. 72 + n / 64 is more than 4 + 31 + 2 · log2(n / 16). BLAS sums m channels in a chain.
- in Numba 63 in a chain of 64 taps, and n / 64 of the chains. Chains of float64 are twice as long, where
  c = 68 + n / 256.

Two passes by factors have the roundings of both, and the magnitudes of factors are bounded by `plan`. Measured for
kernels of 3×3 to 41×41 with all patterns of signs: up to 4 eps in place of c.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from convcli.array_types import Floats
from convcli.engine.planning.factors import Factor
from convcli.lazy import dataclass

# Integers below the first bound are exact in the type; quotients of them below the second round as the true ones do.
_EXACT = (
    (np.dtype(np.int16), 2**15, 2**24),
    (np.dtype(np.float32), 2**24, 2**24),
    (np.dtype(np.float64), 2**53, 2**53),
)

# Weights are taken for fractions up to this denominator, since people write four decimals. Finer ones make halves too
# rarely to matter.
_LARGEST_DENOMINATOR = 10_000
# But for powers of two: weights of float32 that are products of eighths and sixteenths have no others.
_LARGEST_POWER = 2**16
# The relative error of a fraction in float64 is half its last place, of a quotient of two a little more.
_CLOSE = 1e-14
_EXACT_INTEGERS = 2.0**53  # are all those below it in float64

# A sum of n products in float32 is off by about its sum of magnitudes · √n · 2⁻²⁵. Measured on noise and on smooth
# pictures, 8 bits, kernels of 3×3 to 31×31: up to this bound fewer than 1 value in 10 000 is rounded to the wrong side.
_FLOAT32_BOUND = 64.0

# What is left of a sum of weights that cancel, as a share of the sum of their magnitudes.
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Numbers:
    """Weights (output planes, input planes of a group, height, width) and divisor, exact in sums of `dtype`."""

    weights: Floats
    divisor: float
    dtype: np.dtype[Any]


def exact_numbers(weights: Floats, divisor: float, dtype: np.dtype[Any]) -> Numbers | None:
    """Return integer weights and a divisor of the same meaning for input of a dtype, or None if there are none."""
    if dtype.kind != "u":
        return None
    denominator = _common_denominator(weights / divisor)
    if denominator is None:
        if not (divisor.is_integer() and (weights == np.rint(weights)).all()):
            return None
    else:
        weights, divisor = np.rint(weights / divisor * denominator), float(denominator)
    highest = np.iinfo(dtype).max
    largest_sum = float(np.abs(weights).sum(axis=(1, 2, 3)).max()) * highest
    # Two quotients differ by at least 1 / divisor; a quarter of that keeps a half apart from its neighbors.
    finest = 4 * abs(divisor) * highest
    for candidate, sums, quotients in _EXACT:
        # Sums over planes are computed by BLAS, which has no integers.
        if largest_sum < sums and finest < quotients and (candidate.kind == "f" or weights.shape[1] == 1):
            return Numbers(weights, divisor, candidate)
    return None


def rounded_dtype(
    weights: Floats, factors: Sequence[Factor], dtype: np.dtype[Any], result: np.dtype[Any]
) -> np.dtype[Any]:
    """Return the dtype of sums with fractional weights, for input of `dtype` and a `result`."""
    if dtype.kind == "f" or result == np.float64:
        return np.result_type(dtype, result, np.float32)
    if factors:
        magnitude = sum(float(np.abs(each.column).sum() * np.abs(each.row).sum()) for each in factors)
        products = sum(len(each.column) + len(each.row) for each in factors)
    else:
        magnitude = float(np.abs(weights).sum(axis=(1, 2, 3)).max())
        products = weights[0].size
    is_fine = dtype.itemsize == 1 and magnitude * math.sqrt(products) <= _FLOAT32_BOUND
    return np.dtype(np.float32 if is_fine else np.float64)


def between_layers(dtype: DTypeLike) -> np.dtype[Any]:
    """Return the dtype of the values between layers for input of `dtype`."""
    return np.dtype(np.float32 if np.dtype(dtype) in (np.uint8, np.float32) else np.float64)


def full_scale_of(dtype: DTypeLike) -> float:
    """Return the value of a bias of 1 in arrays of a dtype: its largest integer, or 1 for floats."""
    dtype = np.dtype(dtype)
    return float(np.iinfo(dtype).max) if dtype.kind == "u" else 1.0


def _common_denominator(weights: Floats) -> int | None:
    """Return the smallest number that makes all weights integers, or None if it is too large."""
    scaled = weights * _LARGEST_POWER
    if np.abs(scaled).max() < _EXACT_INTEGERS and (scaled == np.rint(scaled)).all():
        return _LARGEST_POWER // math.gcd(_LARGEST_POWER, *scaled.astype(np.int64).ravel().tolist())
    denominator = 1
    # `numpy.unique` would import numpy.ma: a twentieth of the time of a small picture.
    fractional = [weight for weight in set(np.abs(weights).ravel().tolist()) if not weight.is_integer()]
    if fractional:
        from fractions import Fraction  # 2 ms that most kernels can do without
    for weight in fractional:
        fraction = Fraction(weight).limit_denominator(_LARGEST_DENOMINATOR)
        if abs(fraction - Fraction(weight)) > _CLOSE * weight:
            return None
        denominator = math.lcm(denominator, fraction.denominator)
        if denominator > _LARGEST_DENOMINATOR:
            return None
    return denominator
