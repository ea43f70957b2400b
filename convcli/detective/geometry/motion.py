"""Motion: the map of positions to offsets that most tiles of a picture follow.

Of a few of the clearest tiles the map that they have is tried (RANSAC), and least squares over those that follow the
best. A similarity is tried first; an affine map and a projective one have to suit more tiles by some.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

from convcli.array_types import Array, Bools

_INLIER = 1.0  # pixels
_CLOSE = 0.3
_FEWEST = 6  # tiles that agree
_AFFINE = 12  # tiles from which a map has more than a turn, a scale and a shift
_MORE = 0.12  # of the tiles, that have to follow a map with more to it
_SINGULAR = 1e-6
_OF_SIMILARITY = 4  # numbers
_STEEPEST = 0.3  # of a position, by which it moves, and of its distance by a perspective: from there tiles show little


class Motion(NamedTuple):
    """The map of a position p to its place (p + `matrix` · p + `shift`) / (1 + `tilt` · p).

    `agreement` is the share of the tiles that follow it, `error` the uncertainty of the rim, in pixels.
    """

    matrix: Array
    shift: Array
    tilt: Array
    agreement: float
    error: float

    @property
    def homography(self) -> Array:
        """The map of (row, column, 1), (3, 3)."""
        return np.block([[np.eye(2) + self.matrix, self.shift[:, np.newaxis]], [self.tilt, np.ones(1)]])


def agreed(middles: Array, offsets: Array, peaks: Array) -> Motion | None:
    """Return the map of middles to offsets that most tiles follow; None where they follow none.

    Both are (tiles, 2), rows and columns in pixels; the `peaks` tell how clear an offset is.
    """
    unit = float(np.abs(middles).max()) or 1.0
    places, moves = middles / unit, offsets / unit
    similarity, *others = designs(places, moves)
    clear = np.argsort(-peaks)[: max(len(peaks) // 2, 2)]
    design, agree = similarity, _followed(similarity, moves, clear, unit)
    for other in others:
        follow = _followed(other, moves, clear, unit)
        if follow.sum() >= max(_AFFINE, agree.sum() + _MORE * len(agree)):
            design, agree = other, follow
    if agree.sum() < _FEWEST:
        return None
    numbers = _solved(design, moves, agree)
    off = unit * np.hypot(*(design @ numbers - moves).T)
    close = agree & (off < max(_CLOSE, float(np.median(off[agree]))))
    error = float(2 * np.sqrt((off[close] ** 2).mean() / close.sum()))
    if design is similarity and close.sum() >= _AFFINE:
        design = others[0]
    return motion_of(_solved(design, moves, close), unit, float(agree.mean()), error)


def designs(places: Array, moves: Array) -> list[Array]:
    """Return the rows of each map, (places, 2, numbers): offset = rows · numbers.

    They are a similarity, an affine map and a projective one, of `places` in a unit that makes them at most 1, and of
    the `moves` there.
    """
    rows, columns = places.T
    ones, zeros = np.ones_like(rows), np.zeros_like(rows)
    similarity = np.stack([np.stack([ones, zeros, rows, columns], 1), np.stack([zeros, ones, columns, -rows], 1)], 1)
    affine = np.stack(
        [
            np.stack([ones, zeros, rows, columns, zeros, zeros], 1),
            np.stack([zeros, ones, zeros, zeros, rows, columns], 1),
        ],
        1,
    )
    tilts = -(places + moves)[:, :, np.newaxis] * places[:, np.newaxis, :]
    return [similarity, affine, np.concatenate([affine, tilts], axis=2)]


def _followed(design: Array, moves: Array, clear: Array, unit: float) -> Bools:
    """Return the tiles that follow the map which most follow, of those that a few of the clear ones have."""
    size = design.shape[2]
    groups = np.array(list(itertools.combinations(clear, size // 2)))
    if not groups.size:
        return np.zeros(len(moves), bool)
    systems = design[groups].reshape(-1, size, size)
    usable = np.abs(np.linalg.det(systems)) > _SINGULAR
    if not usable.any():
        return np.zeros(len(moves), bool)
    numbers = np.linalg.solve(systems[usable], moves[groups[usable]].reshape(-1, size, 1))[..., 0]
    if size > _OF_SIMILARITY:
        numbers = numbers[np.abs(numbers[:, 2:]).max(axis=1) < _STEEPEST]
    if not len(numbers):
        return np.zeros(len(moves), bool)
    off = np.einsum("tik,gk->gti", design, numbers) - moves
    agree = unit * np.hypot(off[..., 0], off[..., 1]) < _INLIER
    return np.asarray(agree[agree.sum(axis=1).argmax()])


def _solved(design: Array, moves: Array, chosen: Bools) -> Array:
    system = design[chosen].reshape(-1, design.shape[2])
    return np.asarray(np.linalg.lstsq(system, moves[chosen].ravel(), rcond=None)[0])


def motion_of(numbers: Array, unit: float, agreement: float, error: float) -> Motion:
    """Return the motion by the numbers of any of the maps, in units of positions."""
    if len(numbers) == _OF_SIMILARITY:
        p, q = numbers[2:]
        matrix = np.array([[p, q], [-q, p]])
    else:
        matrix = numbers[2:6].reshape(2, 2)
    tilt = numbers[6:] / unit if len(numbers) > 6 else np.zeros(2)
    return Motion(matrix, numbers[:2] * unit, tilt, agreement, error)
