"""Warps: placements that are more than a turn and another size, in words."""

from __future__ import annotations

import math

import numpy as np

from convcli.array_types import Array
from convcli.detective.geometry.placement import Placement, corners_of


def warp_of(placement: Placement, shape: tuple[int, ...], least: float) -> str:
    """Return words for what a placement of a target of `shape` is beside a turn and another size; empty for nothing.

    What moves no corner by `least` pixels of INPUT is nothing.
    """
    matrix, half = placement.matrix, np.array(shape[:2]) / 2

    def moved(change: Array) -> float:
        return float((np.abs(change) @ half).max())

    corners = corners_of(shape)
    affine = placement._replace(tilt=(0.0, 0.0))
    bent = float(np.abs(placement.at(corners) - affine.at(corners)).max())
    if bent > least:
        return "a perspective"
    is_straight = moved(matrix - np.diag(np.diag(matrix))) < least
    if is_straight or moved(matrix - _turn_in(matrix)) < least:
        return ""
    slope = matrix - np.eye(2)
    for axis, (row, column) in (("horizontal", (1, 0)), ("vertical", (0, 1))):
        rest = slope.copy()
        rest[row, column] = 0
        if moved(rest) < least:
            return f"a {axis} shear by {math.degrees(math.atan(abs(slope[row, column]))):.1f}°"
    return "an affine map that is no turn"


def _turn_in(matrix: Array) -> Array:
    """Return the turn and the scale that are nearest to a matrix."""
    (a, b), (c, d) = matrix
    p, q = (a + d) / 2, (b - c) / 2
    return np.array([[p, q], [-q, p]])
