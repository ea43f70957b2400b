"""Kernels that smooth: no weight is negative, and their sum is 1."""

from __future__ import annotations

import math

from convcli.catalog.formulas import Plane, radius_of, scaled


def box(size: int = 3) -> Plane:
    """Return ones over their number: the mean of size × size pixels."""
    return Plane([[1.0] * size for _ in range(size)], float(size * size))


def gaussian(sigma: float | None = None, size: int | None = None) -> Plane:
    """Return exp(−(x² + y²) / 2σ²), scaled to the sum 1.

    The standard deviation σ is in pixels; from `size` alone it is 0.3 · ((size − 1) / 2 − 1) + 0.8, OpenCV's rule, and
    with neither 1. Without `size`, the weights on a side, the kernel reaches `radius_of` σ from its center.
    """
    if sigma is None:
        sigma = 1.0 if size is None else 0.3 * ((size - 1) / 2 - 1) + 0.8
    if size is None:
        size = 2 * radius_of(sigma) + 1
    distances = [(place - (size - 1) / 2) / sigma for place in range(size)]
    # The innermost weight is 1 before the scaling, so that the sum cannot underflow where sigma is tiny.
    innermost = min(each * each for each in distances)
    bell = [math.exp((innermost - each * each) / 2) for each in distances]
    total = math.fsum(bell)
    line = [each / total for each in bell]
    return Plane([[down * right for right in line] for down in line])


def binomial(size: int = 3) -> Plane:
    """Return the products of a row of Pascal's triangle with itself, over 4 ** (size − 1)."""
    line = [float(math.comb(size - 1, place)) for place in range(size)]
    return Plane([[down * right for right in line] for down in line], 4.0 ** (size - 1))


def disk(radius: float = 3) -> Plane:
    """Return a disk of one height, scaled to the sum 1: each weight is the part of its pixel that the disk covers."""
    reach = math.ceil(radius - 0.5)
    quarter = [[_covered(x, y, radius) for x in range(reach + 1)] for y in range(reach + 1)]
    return scaled([[quarter[abs(y)][abs(x)] for x in range(-reach, reach + 1)] for y in range(-reach, reach + 1)])


def motion(length: float = 9, angle: float = 0) -> Plane:
    """Return a line through the center, scaled to the sum 1: the blur of a camera that moved.

    A weight is 1 − d for a pixel at the distance d < 1 from the line, which reaches from the center of the first of
    `length` pixels, 1 or more, to that of the last. The angle is in degrees, counter-clockwise from the right.
    """
    half = (length - 1) / 2
    # Exact where the line runs along the pixels: cos(90°) is no zero in floats.
    right, up = (round(each, 15) for each in (math.cos(math.radians(angle)), math.sin(math.radians(angle))))

    def weight(x: int, y: int) -> float:
        along = min(max(x * right - y * up, -half), half)
        return max(0.0, 1 - math.hypot(x - along * right, y + along * up))

    columns, rows = (math.ceil(round(half * abs(each), 12) + 1) - 1 for each in (right, up))
    # Beside a slanted line there are weights in one more row or column; where they are all zero it is left out.
    grid = [[weight(x, y) for x in range(-columns - 1, columns + 2)] for y in range(-rows - 1, rows + 2)]
    grid = grid if any(grid[0]) else grid[1:-1]
    if not any(row[0] for row in grid):
        grid = [row[1:-1] for row in grid]
    return scaled(grid)


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
