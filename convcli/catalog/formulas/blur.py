"""Kernels that smooth: no weight is negative, and their sum is 1."""

from __future__ import annotations

import math

from convcli.catalog.formulas import Plane, pascal, radius_of, scaled

_NARROWEST = 1e-3  # a sigma for 0: every weight but the innermost is 0
# The rows of OpenCV for a size without sigma; those of the other sizes follow from the formula.
_ROWS_OF_SIZES = {
    1: (1,),
    3: (1, 2, 1),
    5: (1, 4, 6, 4, 1),
    7: (2, 7, 14, 18, 14, 7, 2),
    9: (4, 13, 30, 51, 60, 51, 30, 13, 4),
}


def box(size: int = 3, height: int | None = None, width: int | None = None) -> Plane:
    """Return ones over their number: the mean of size × size pixels, or of height × width."""
    rows, columns = height or size, width or size
    return Plane([[1.0] * columns for _ in range(rows)], float(rows * columns))


def gaussian(
    sigma: float | None = None, size: int | None = None, sigma_x: float | None = None, sigma_y: float | None = None
) -> Plane:
    """Return exp(−x² / 2σx² − y² / 2σy²), scaled to the sum 1.

    The standard deviations are in pixels: `sigma` that of both axes, else `sigma_x` and `sigma_y`, of which 0 leaves an
    axis alone. From `size` alone they follow as in OpenCV: the sizes up to 9 have rows of their own, others
    σ = 0.3 · ((size − 1) / 2 − 1) + 0.8. With neither they are 1. Without `size`, the weights on a side, the kernel
    reaches `radius_of` σ from its center.
    """
    if sigma_x is None or sigma_y is None:
        if sigma is None and size in _ROWS_OF_SIZES:
            row = [float(each) for each in _ROWS_OF_SIZES[size]]
            return _products(row, row, sum(row) ** 2)
        if sigma is None:
            sigma = 1.0 if size is None else 0.3 * ((size - 1) / 2 - 1) + 0.8
        sigma_x = sigma_y = sigma
    row = _bell(sigma_x, size)
    return _products(row if sigma_x == sigma_y else _bell(sigma_y, size), row)


def binomial(size: int = 3) -> Plane:
    """Return the products of a row of Pascal's triangle with itself, over 4 ** (size − 1)."""
    line = pascal(size)
    return _products(line, line, 4.0 ** (size - 1))


def disk(radius: float = 3) -> Plane:
    """Return a disk of one height, scaled to the sum 1: each weight is the part of its pixel that the disk covers."""
    reach = math.ceil(radius - 0.5)
    quarter = [[_covered(x, y, radius) for x in range(reach + 1)] for y in range(reach + 1)]
    return scaled([[quarter[abs(y)][abs(x)] for x in range(-reach, reach + 1)] for y in range(-reach, reach + 1)])


def motion(length: float = 9, angle: float = 0) -> Plane:
    """Return a line through the center, scaled to the sum 1: the blur of a camera that moved.

    A weight is 1 − d for a pixel at the distance d < 1 from the line, or from its end if the pixel is as far from the
    center. The line reaches from the center of the first of `length` pixels, 1 or more, to that of the last; the angle
    is in degrees, counter-clockwise from the right. These are the weights of MATLAB's fspecial('motion').
    """
    half = (length - 1) / 2
    # Exact where the line runs along the pixels: cos(90°) is no zero in floats.
    right, up = (round(each, 15) for each in (math.cos(math.radians(angle)), math.sin(math.radians(angle))))

    def weight(x: int, y: int) -> float:
        beside = x * up + y * right
        # The distance to the end counts for pixels a little before it, too, as in MATLAB.
        beyond = half - abs(x * right - y * up) if math.hypot(x, y) >= half else 0.0
        return max(0.0, 1 - math.hypot(beside, beyond))

    columns, rows = (math.ceil(round(half * abs(each), 12) + 1) - 1 for each in (right, up))
    # Beside a slanted line there are weights in one more row or column; where they are all zero it is left out.
    grid = [[weight(x, y) for x in range(-columns - 1, columns + 2)] for y in range(-rows - 1, rows + 2)]
    grid = grid if any(grid[0]) else grid[1:-1]
    if not any(row[0] for row in grid):
        grid = [row[1:-1] for row in grid]
    return scaled(grid)


def _products(column: list[float], row: list[float], divisor: float = 1.0) -> Plane:
    """Return the products of a column and a row."""
    return Plane([[down * right for right in row] for down in column], divisor)


def _bell(sigma: float, size: int | None) -> list[float]:
    """Return a row of exp(−x² / 2σ²), scaled to the sum 1, that reaches `radius_of` σ unless it has a size."""
    if size is None:
        size = 2 * radius_of(sigma) + 1
    sigma = sigma or _NARROWEST
    distances = [(place - (size - 1) / 2) / sigma for place in range(size)]
    # The innermost weight is 1 before the scaling, so that the sum cannot underflow where sigma is tiny.
    innermost = min(each * each for each in distances)
    bell = [math.exp((innermost - each * each) / 2) for each in distances]
    total = math.fsum(bell)
    return [each / total for each in bell]


def _covered(x: int, y: int, radius: float) -> float:
    """Return the area of the pixel at (x, y) ≥ 0 that lies in the circle around (0, 0)."""
    # The pixels on an axis are two halves, the one at the center four quarters.
    mirrored = (1 if x else 2) * (1 if y else 2)
    return mirrored * _area(max(x - 0.5, 0), x + 0.5, max(y - 0.5, 0), y + 0.5, radius)


def _area(left: float, right: float, low: float, high: float, radius: float) -> float:
    """Return the integral of min(√(r² − x²), high) − low over the x from left to right where it is positive."""

    def chord(height: float) -> float:
        return math.sqrt(max(radius * radius - height * height, 0))

    def under_arc(x: float) -> float:
        return (x * chord(x) + radius * radius * math.asin(min(x / radius, 1))) / 2

    full = min(max(chord(high), left), right)  # up to here the pixel is covered from low to high
    end = min(max(chord(low), left), right)
    return (full - left) * (high - low) + under_arc(end) - under_arc(full) - (end - full) * low
