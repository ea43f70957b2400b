"""Formulas: kernels that follow from a few numbers.

Plain Python, nested lists, no NumPy: names and parameters of families are known at once. A fixed
matrix is never here but in ``kernels/``. Coordinates run to the right and down; angles counter-clockwise.
"""

from __future__ import annotations

import math
from typing import NamedTuple


class Plane(NamedTuple):
    """Weights in rows, and the divisor that belongs to them."""

    weights: list[list[float]]
    divisor: float = 1.0


class Sharpening(NamedTuple):
    """A sharpening that is no kernel: `amount` of what a blur takes away is added where it exceeds `threshold`."""

    blur: Plane
    sigma: float
    amount: float
    threshold: float


def scaled(weights: list[list[float]]) -> Plane:
    """Return the plane with the sum 1."""
    total = math.fsum(weight for row in weights for weight in row)
    return Plane([[weight / total for weight in row] for row in weights])


def pascal(size: int) -> list[float]:
    """Return a row of Pascal's triangle, of so many numbers."""
    return [float(math.comb(size - 1, place)) for place in range(size)]


def radius_of(sigma: float) -> int:
    """Return the radius of a Gaussian, in pixels: int(4σ + 0.5), scipy's rule."""
    return int(4 * sigma + 0.5)
