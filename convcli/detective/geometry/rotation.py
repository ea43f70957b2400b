"""Rotation: a small turn and a scale about the center, which no kernel makes.

Coarse angles and scales are tried at a small size. The source warped by the best is then compared with the target tile
by tile: the shifts of the tiles are those of a similarity, which is added to the first; a few times.
"""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.geometry.phase import offset_between
from convcli.detective.geometry.views import correlation, shrunk

_SMALL = 110  # pixels of the smaller side, about, for the coarse search
_ANGLES = np.arange(-10, 10.5, 1.0)  # degrees
_SCALES = (0.94, 0.97, 1.0, 1.03, 1.06)
_INSIDE = 0.9  # of the half diagonal of a square: beyond, a turn brings in other pixels
_TILE, _TILES = 96, 6
_ROUNDS = 4
_STILL = 4e-3  # degrees
_INLIER = 1.0  # pixels
_FEWEST = 8  # tiles that agree


class Rotation(NamedTuple):
    """TARGET is INPUT turned counter-clockwise by `degrees` and enlarged by `scale` about the center, then shifted.

    `shift` is in pixels (down, right); `agreement` the share of the tiles that move with it.
    """

    degrees: float
    scale: float
    shift: tuple[float, float]
    agreement: float


def find_rotation(source: Array, target: Array) -> Rotation | None:
    """Return the rotation between two gray pictures of one shape; None where the tiles have none in common."""
    degrees, scale = _coarse(source, target)
    shift = np.zeros(2)
    agreement = 0.0
    for _ in range(_ROUNDS):
        moved = warped(source, degrees, scale, (float(shift[0]), float(shift[1])))
        found = _by_tiles(moved, target)
        if found is None:
            return None
        shift += _matrix(degrees, scale) @ found.shift
        degrees, scale, agreement = degrees + found.degrees, scale * found.scale, found.agreement
        if abs(found.degrees) < _STILL:
            break
    return Rotation(degrees, scale, (float(shift[0]), float(shift[1])), agreement)


def warped(picture: Array, degrees: float, scale: float, shift: tuple[float, float] = (0.0, 0.0)) -> Array:
    """Return a gray picture turned, enlarged and shifted, by bilinear interpolation; the rim is repeated outside."""
    height, width = picture.shape
    center = np.array([(height - 1) / 2, (width - 1) / 2])
    matrix = _matrix(degrees, scale)
    rows, columns = np.arange(height) - center[0], np.arange(width) - center[1]
    at = [
        np.clip(
            matrix[axis, 0] * rows[:, np.newaxis] + matrix[axis, 1] * columns + center[axis] + shift[axis],
            0,
            picture.shape[axis] - 1.001,
        )
        for axis in (0, 1)
    ]
    row, column = (each.astype(np.intp) for each in at)
    down, right = (each - whole for each, whole in zip(at, (row, column), strict=True))
    first = row * width + column
    flat = picture.ravel()
    upper = flat[first] * (1 - right) + flat[first + 1] * right
    lower = flat[first + width] * (1 - right) + flat[first + width + 1] * right
    return np.asarray(upper * (1 - down) + lower * down)


def _matrix(degrees: float, scale: float) -> Array:
    """Return the matrix from (row, column) of the turned picture to those of the first, about the center."""
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    return np.array([[cosine, sine], [-sine, cosine]]) / scale


def _coarse(source: Array, target: Array) -> tuple[float, float]:
    factor = max(1, min(source.shape) // _SMALL)
    small, other = (_detail(shrunk(each, factor)) for each in (source, target))
    rows, columns = (np.linspace(-1, 1, side) for side in small.shape)
    inside = np.hypot(rows[:, np.newaxis], columns) < _INSIDE

    def likeness(turn: tuple[float, float]) -> float:
        return abs(correlation(warped(small, *turn)[inside], other[inside]))

    degrees, scale = max(itertools.product(_ANGLES, _SCALES), key=likeness)
    return float(degrees), scale


def _detail(picture: Array, reach: int = 8) -> Array:
    """Return a picture less its means of (2 · reach + 1)² pixels."""
    padded = np.pad(picture, reach, mode="edge")
    for axis in (0, 1):
        sums = np.cumsum(padded, axis)
        sums = np.concatenate([np.zeros_like(sums.take([0], axis)), sums], axis)
        length = 2 * reach + 1
        padded = (
            sums.take(range(length, sums.shape[axis]), axis) - sums.take(range(sums.shape[axis] - length), axis)
        ) / length
    return np.asarray(picture - padded)


def _by_tiles(moved: Array, target: Array) -> Rotation | None:
    """Return the small rotation that the shifts of tiles have in common."""
    height, width = target.shape
    tile = min(_TILE, height // 2, width // 2)
    middles, shifts, peaks = [], [], []
    for top, left in itertools.product(*(np.linspace(0, side - tile, _TILES).astype(int) for side in (height, width))):
        part = np.s_[top : top + tile, left : left + tile]
        down, right, peak = offset_between(moved[part], target[part])
        middles.append((top + tile / 2 - height / 2, left + tile / 2 - width / 2))
        shifts.append((down, right))
        peaks.append(peak)
    return _similarity(np.array(middles), np.array(shifts), np.array(peaks))


def _similarity(middles: Array, shifts: Array, peaks: Array) -> Rotation | None:
    """Return the similarity most tiles agree on (RANSAC of two of the clearest tiles, then least squares)."""
    rows, columns = middles.T
    ones, zeros = np.ones_like(rows), np.zeros_like(rows)
    # down = a + p · row + q · column; right = b − q · row + p · column
    design = np.stack([np.stack([ones, zeros, rows, columns], 1), np.stack([zeros, ones, columns, -rows], 1)], 1)
    clear = np.argsort(-peaks)[: len(peaks) // 2]
    best: Bools = np.zeros(len(rows), bool)
    for first, second in itertools.combinations(clear, 2):
        chosen = [first, second]
        system = design[chosen].reshape(4, 4)
        if abs(np.linalg.det(system)) < 1e-9:
            continue
        motion = np.linalg.solve(system, shifts[chosen].ravel())
        agree = np.hypot(*(design @ motion - shifts).T) < _INLIER
        best = agree if agree.sum() > best.sum() else best
    if best.sum() < _FEWEST:
        return None
    motion = np.linalg.lstsq(design[best].reshape(-1, 4), shifts[best].ravel(), rcond=None)[0]
    degrees = math.degrees(math.atan2(motion[3], 1 + motion[2]))
    return Rotation(degrees, 1 / math.hypot(motion[3], 1 + motion[2]), (motion[0], motion[1]), float(best.mean()))
