"""Kernels that respond to change: their sum is zero, or nearly so."""

from __future__ import annotations

import math
from itertools import pairwise

from convcli.catalog.formulas import Plane, pascal
from convcli.catalog.formulas.blur import gaussian

DIRECTIONS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")

# The eight places around the center, clockwise from the upper left, as (row, column).
_RING = ((0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0))
_KIRSCH = (5.0, 5.0, 5.0, -3.0, -3.0, -3.0, -3.0, -3.0)
_ROBINSON = (1.0, 2.0, 1.0, 0.0, -1.0, -2.0, -1.0, 0.0)


def kirsch(direction: str | None = None) -> Plane | list[Plane]:
    """Return the compass kernel that answers to light in a direction, or those of all eight (Kirsch, 1971)."""
    return _compass(_KIRSCH, direction)


def robinson(direction: str | None = None) -> Plane | list[Plane]:
    """Return Sobel's kernel turned into a direction, or into all eight (Robinson, 1977)."""
    return _compass(_ROBINSON, direction)


def log(sigma: float = 1, size: int | None = None) -> Plane:
    """Return the Laplacian of a Gaussian, (x² + y² − 2σ²) / σ⁴ times the Gaussian, less its mean.

    Cutting the kernel off leaves a small sum; without its mean a flat area becomes exactly zero.
    The center is negative.
    """
    bell, _ = gaussian(sigma, size)
    middle = (len(bell) - 1) / 2
    raw = [
        [((x - middle) ** 2 + (y - middle) ** 2 - 2 * sigma**2) / sigma**4 * weight for x, weight in enumerate(row)]
        for y, row in enumerate(bell)
    ]
    mean = math.fsum(weight for row in raw for weight in row) / len(raw) ** 2
    return Plane([[weight - mean for weight in row] for row in raw])


def dog(sigma1: float = 1, sigma2: float | None = None) -> Plane:
    """Return the difference of two Gaussians of the sum 1, that of `sigma1` pixels minus the wider one of `sigma2`.

    If not given, `sigma2` is 1.6 · sigma1, close to the Laplacian of a Gaussian (Marr and Hildreth, 1980). Each reaches
    four of its own σ.
    """
    wide = gaussian(1.6 * sigma1 if sigma2 is None else sigma2).weights
    narrow = gaussian(sigma1).weights
    size = max(len(narrow), len(wide))
    narrow, wide = _centered(narrow, size), _centered(wide, size)
    return Plane([[a - b for a, b in zip(*rows, strict=True)] for rows in zip(narrow, wide, strict=True)])


def sobel_x(size: int = 3) -> Plane:
    """Return the gradient from left to right of an odd size, as OpenCV's getDerivKernels.

    A difference of neighbors, smoothed by Pascal's triangle: by a row of size − 1 along the rows, of size along the
    columns.
    """
    difference = [left - right for left, right in pairwise([0.0, *pascal(size - 1), 0.0])]
    return Plane([[down * right for right in difference] for down in pascal(size)])


def sobel_y(size: int = 3) -> Plane:
    """Return the gradient from top to bottom, the transpose of that from left to right."""
    return Plane([list(column) for column in zip(*sobel_x(size).weights, strict=True)])


def sobel(size: int = 3) -> list[Plane]:
    """Return both gradients, each over the sum of its positive weights and √2.

    So the root of the sum of their squares is that of the mean of squares, and no step of full scale clips.
    """
    planes = [sobel_x(size), sobel_y(size)]
    positive = math.fsum(weight for row in planes[0].weights for weight in row if weight > 0)
    return [Plane(plane.weights, positive * math.sqrt(2)) for plane in planes]


def gabor(
    sigma: float = 2,
    theta: float = 0,
    lambda_: float = 4,
    gamma: float = 0.5,
    psi: float = 0,
    size: int | None = None,
) -> Plane:
    """Return a wave under a bell: exp(−(x'² + γ² y'²) / 2σ²) · cos(2π x' / λ + ψ), as OpenCV's getGaborKernel.

    x' = x cos θ + y sin θ and y' = −x sin θ + y cos θ, with the direction θ across the stripes and the phase ψ of the
    wave at the center in radians, the wavelength λ and the standard deviation σ of the bell across the wave in pixels;
    γ is the width of the bell across the wave over that along the stripes. Without `size`, an odd number of weights on
    a side, the kernel reaches three σ.
    """
    cosine, sine = math.cos(theta), math.sin(theta)
    along = sigma / gamma
    columns = round(max(abs(3 * sigma * cosine), abs(3 * along * sine)))
    rows = round(max(abs(3 * sigma * sine), abs(3 * along * cosine)))
    if size is not None:
        columns = rows = size // 2

    def weight(x: int, y: int) -> float:
        across, beside = x * cosine + y * sine, -x * sine + y * cosine
        bell = math.exp(-(across**2) / (2 * sigma**2) - beside**2 / (2 * along**2))
        return bell * math.cos(2 * math.pi * across / lambda_ + psi)

    # OpenCV lays x and y out from the largest to the smallest.
    return Plane([[weight(x, y) for x in range(columns, -columns - 1, -1)] for y in range(rows, -rows - 1, -1)])


def _centered(weights: list[list[float]], size: int) -> list[list[float]]:
    """Return a square of an odd side in the middle of zeros, `size` weights on a side."""
    around = (size - len(weights)) // 2
    beside = [0.0] * around
    above, below = ([[0.0] * size for _ in range(around)] for _ in range(2))
    return [*above, *([*beside, *row, *beside] for row in weights), *below]


def _compass(ring: tuple[float, ...], direction: str | None) -> Plane | list[Plane]:
    if direction is None:
        return [_turned(ring, steps) for steps in range(len(DIRECTIONS))]
    return _turned(ring, DIRECTIONS.index(direction))


def _turned(ring: tuple[float, ...], steps: int) -> Plane:
    """Return the ring around a zero, turned clockwise by so many steps of 45°."""
    weights = [[0.0] * 3 for _ in range(3)]
    for index, value in enumerate(ring):
        row, column = _RING[(index + steps) % len(_RING)]
        weights[row][column] = value
    return Plane(weights)
