"""Kernels that keep the picture and change its detail, or its place."""

from __future__ import annotations

from convcli.catalog.formulas import Plane, Sharpening
from convcli.catalog.formulas.blur import gaussian


def unsharp(sigma: float = 1, amount: float = 1, threshold: float = 0) -> Plane | Sharpening:
    """Return (1 + amount) · identity − amount · gaussian: the picture with more of what a blur takes away.

    With a threshold, only of what exceeds it, a fraction of full scale, as in Pillow and ImageMagick.
    """
    if threshold > 0:
        return Sharpening(gaussian(sigma), sigma, amount, threshold)
    return _identity_and(-amount, sigma, 1 + amount)


def highpass(sigma: float = 1) -> Plane:
    """Return identity − gaussian: what a blur takes away."""
    return _identity_and(-1, sigma, 1)


def shift(dx: int = 1, dy: int = 0) -> Plane:
    """Return a one that lies off the center: the picture moves dx pixels to the right and dy down."""
    weights = [[0.0] * (2 * abs(dx) + 1) for _ in range(2 * abs(dy) + 1)]
    weights[abs(dy) - dy][abs(dx) - dx] = 1.0
    return Plane(weights)


def _identity_and(share: float, sigma: float, center: float) -> Plane:
    weights = [[share * weight for weight in row] for row in gaussian(sigma).weights]
    middle = len(weights) // 2
    weights[middle][middle] += center
    return Plane(weights)
