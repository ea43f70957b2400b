"""Factors: a plane of weights as a sum of outer products.

Filtering with a plane of rank r takes r · (height + width) products per pixel in place of height · width.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convcli.array_types import Floats

# Singular values below this share of the largest are rounding errors of the weights; entries below this share of a
# vector's largest, of the decomposition.
_ROUNDING = 1e-13


@dataclass(frozen=True, eq=False)
class Factor:
    """One outer product: column[i] · row[j]."""

    column: Floats
    row: Floats


def low_rank_factors(plane: Floats) -> tuple[Factor, ...]:
    """Return the factors of a plane by singular value decomposition, the largest first."""
    left, values, right = np.linalg.svd(plane, full_matrices=False)
    scale = np.sqrt(values)
    return tuple(
        Factor(_without_rounding(left[:, index] * scale[index]), _without_rounding(right[index] * scale[index]))
        for index in np.flatnonzero(values > _ROUNDING * values[0])
    )


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
