"""Factors: a plane of weights as a sum of outer products.

Filtering with a plane of rank r takes r · (height + width) products per pixel in place of height · width.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from convcli.array_types import Floats
from convcli.lazy import dataclass

# The largest share of integer results that factors may round to the other side: half of what is promised.
LARGEST_SHARE = 5e-5

# Singular values below this share of the largest are rounding errors of the weights; entries below this share of a
# vector's largest, of the decomposition.
_ROUNDING = 1e-13


@dataclass(frozen=True, eq=False)
class Factor:
    """One outer product: column[i] · row[j]."""

    column: Floats
    row: Floats


def low_rank_factors(plane: Floats, tolerance: float = 0.0) -> tuple[Factor, ...]:
    """Return the factors of a plane by singular value decomposition, the largest first.

    As few as leave an `error` of at most the tolerance; with a tolerance of 0 all that are no rounding errors.
    """
    left, values, right = np.linalg.svd(plane, full_matrices=False)
    rest = plane
    factors: list[Factor] = []
    for index in np.flatnonzero(values > _ROUNDING * values[0]):
        if factors and error(rest) <= tolerance:
            break
        scale = np.sqrt(values[index])
        factors.append(Factor(_without_rounding(left[:, index] * scale), _without_rounding(right[index] * scale)))
        rest = rest - np.outer(factors[-1].column, factors[-1].row)
    return tuple(factors)


def error(rest: Floats) -> float:
    """Return twice the largest error of a sum of products, for values up to 1, where the weights are off by `rest`.

    Each value is ½ + u with |u| ≤ ½, so the sum is off by ½ Σe + Σ e·u, which is at most ½ (Σ|e| + |Σe|).
    """
    return float(np.abs(rest).sum() + abs(rest.sum()))


def largest_error(weights: Floats, source: np.dtype[Any], result: np.dtype[Any]) -> float:
    """Return the largest `error` of the weights that the results do not show, for arrays and results of the dtypes.

    Integers: a result is rounded to the other side if a half lies between the sum and the exact one. Fractions are
    spread evenly, so the share of such results is the mean difference in levels, which is at most highest / 2 · error.

    Floats of 32 bits: the difference of a sum is at most error · largest |value|, that of rounding each weight once is
    eps / 2 · Σ|weights| · largest |value|, and `arithmetic` has counted such a rounding. Floats of 64 bits: none.
    """
    if source.kind == result.kind == "u":
        return 2 / float(np.iinfo(source).max) * LARGEST_SHARE
    is_single = np.result_type(source, result, np.float32) == np.float32
    return float(np.finfo(np.float32).eps / 2 * np.abs(weights).sum()) if is_single else 0.0


def _without_rounding(vector: Floats) -> Floats:
    return np.where(np.abs(vector) > _ROUNDING * np.abs(vector).max(), vector, 0.0)


def integer_factors(plane: Floats) -> tuple[Factor, ...]:
    """Return the one factor of a plane of integers of rank 1, in integers; else nothing.

    Such a plane is a column of integers times a row of integers without a common divisor.
    """
    nonzero = np.flatnonzero(plane.any(axis=1))
    if not len(nonzero):
        return ()
    row = plane[nonzero[0]]
    row = row / np.gcd.reduce(np.abs(row).astype(np.int64))
    pivot = np.flatnonzero(row)[0]
    column = np.rint(plane[:, pivot] / row[pivot])
    return (Factor(column, row),) if np.array_equal(np.outer(column, row), plane) else ()
