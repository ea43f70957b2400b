"""Placements by pixels: the offsets of tiles tell a place to hundredths of a pixel, its pixels to thousandths."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.detective.geometry.interpolation import interpolated
from convcli.detective.geometry.motion import designs, motion_of
from convcli.detective.geometry.placement import Placement

_ROUNDS = 6
_STILL = 1e-3  # pixels
_FARTHEST = 3.0  # pixels that a placement may move: from there it is no refinement
_RIM = 2  # pixels of a window
_FEWEST = 8  # values for each number

_Window = tuple[slice, slice]


def by_pixels(
    placement: Placement, view: Array, target: Array, windows: list[_Window], *, is_warped: bool
) -> Placement:
    """Return the placement near a first one that leaves least of some windows of TARGET, by Gauss-Newton steps.

    The pictures are gray, (height, width) each. A gain and an offset between them are found, too. A placement that is
    not warped stays a turn and an enlargement of all sides alike.
    """
    unit = max(target.shape) / 2
    best = placement
    for _ in range(_ROUNDS):
        equations = [_equations(best, view, target, window, unit, is_warped=is_warped) for window in windows]
        system, shown = (np.concatenate(each) for each in zip(*equations, strict=True))
        if len(system) < _FEWEST * system.shape[1]:
            return placement
        *numbers, gain, _ = np.linalg.lstsq(system, shown, rcond=None)[0]
        motion = motion_of(np.array(numbers) / (gain or 1.0), unit, 0.0, 0.0)
        now = Placement.of(best.homography @ motion.homography, placement.agreement, placement.error)
        moved, best = now.most(best, target.shape), now
        if not now.most(placement, target.shape) < _FARTHEST:
            return placement
        if moved < _STILL:
            break
    return best


def _equations(
    placement: Placement, view: Array, target: Array, window: _Window, unit: float, *, is_warped: bool
) -> tuple[Array, Array]:
    """Return what a pixel of a window becomes by each number of a motion, a gain and an offset; and what it is."""
    values, inside = interpolated(view[..., np.newaxis], placement, target.shape, "bicubic", window)
    made, shown = values[..., 0], target[window]
    counts = inside & np.isfinite(shown)
    counts[:_RIM] = counts[-_RIM:] = counts[:, :_RIM] = counts[:, -_RIM:] = False
    down, right = np.gradient(made)
    slopes = np.stack([down, right], axis=-1)[counts]
    starts = [each.start + 0.5 - side / 2 for each, side in zip(window, target.shape, strict=True)]
    places = (np.argwhere(counts) + starts) / unit
    similarity, _, projective = designs(places, np.zeros_like(places))
    moves = np.einsum("pi,pik->pk", slopes, projective if is_warped else similarity) * unit
    return np.column_stack([moves, made[counts], np.ones(len(places))]), shown[counts]
