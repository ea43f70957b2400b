"""Regions: parts of a picture that the kernel of the rest does not explain.

The moments of every tile determine the error of any kernel there. The kernel of the tile that suits the others best is
the first; tiles that do not fit are left out, and the kernel is that of the rest, until they stay the same.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.scene import Scene
from convcli.lazy import dataclass

SIDE = 5
_TILE = 64
_FEWEST = 300  # values of a tile
_FEWEST_TILES = 6
_FACTOR = 2.5  # times the error of the others, beyond which a tile does not fit
_FLOOR = 0.4  # levels: less is rounding
_ROUNDS = 8
_MOST = 0.45  # the share of tiles that may not fit
_CLEAR = 0.5  # of the error with all tiles, below which that of the others has to be
_GRID = 8  # pixels of a cell of the mask
_COLORS, _SHADES, _ENOUGH = 3, 16, 8  # channels, shades of each that are told apart, and pixels of a color
# Of what is off in a region: most that colors leave, and least that is of known ones. Vibrance leaves 0.2, regions 1.
_BY_COLOR, _KNOWN = 0.6, 0.1


@dataclass(frozen=True, eq=False)
class Region:
    """A rectangle, and the share of the picture that differs."""

    x: int
    y: int
    width: int
    height: int
    share: float

    def outside(self, scene: Scene) -> Bools:
        """Return the pixels of a scene, (height, width), that are not in the region."""
        pixels = np.ones(scene.target.shape[:2], bool)
        top, left = self.y - scene.top, self.x - scene.left
        pixels[max(top, 0) : max(top + self.height, 0), max(left, 0) : max(left + self.width, 0)] = False
        return pixels


def fitting_pixels(scene: Scene) -> Bools | None:
    """Return the pixels, (height, width), of the tiles that one kernel explains; None where those are all, or few."""
    if not scene.levels or min(scene.target.shape[:2]) < 3 * _TILE:
        return None
    moments, counts = _tile_moments(scene)
    known = counts >= _FEWEST
    if known.sum() < _FEWEST_TILES:
        return None
    weights = min(
        (_solved(each) for each in moments[known]),
        key=lambda each: float(np.median(_errors(each, moments, counts)[known])),
    )
    fits = known
    floor = _FLOOR * scene.level
    for _ in range(_ROUNDS):
        errors = _errors(weights, moments, counts)
        usual = float(np.median(errors[fits]))
        now = known & (errors <= max(_FACTOR * usual, floor))
        if not now.any():
            return None
        weights = _solved(moments[now].sum(axis=0))
        if (now == fits).all():
            break
        fits = now
    everywhere = _solved(moments[known].sum(axis=0))
    rest = _rms(weights, moments[fits], counts[fits])
    whole = _rms(everywhere, moments[known], counts[known])
    return _without_tiles(scene, known & ~fits, known) if rest < _CLEAR * whole else None


def alike_pixels(scene: Scene, predicted: Array) -> Bools | None:
    """Return the pixels of the tiles where a prediction is as good as in most; None where those are all, or few."""
    if min(scene.target.shape[:2]) < 3 * _TILE:
        return None
    squares = np.square((np.clip(predicted, 0, 1) if scene.levels else predicted) - scene.target).mean(axis=2)
    errors = np.array([float(np.sqrt(squares[tile].mean())) for tile in _tiles(scene)])
    known = np.ones(len(errors), bool)
    outside = errors > max(_FACTOR * float(np.median(errors)), _FLOOR * scene.level)
    return _without_tiles(scene, outside, known)


def _without_tiles(scene: Scene, outside: Bools, known: Bools) -> Bools | None:
    if not outside.any() or outside.sum() > _MOST * known.sum():
        return None
    pixels = np.ones(scene.target.shape[:2], bool)
    for index, (rows, columns) in enumerate(_tiles(scene)):
        if outside[index]:
            pixels[max(0, rows.start - SIDE) : rows.stop + SIDE, max(0, columns.start - SIDE) : columns.stop + SIDE] = (
                False
            )
    return pixels


def _tile_moments(scene: Scene) -> tuple[Array, Array]:
    """Return the moments of (taps, 1, target) of every tile, (tiles, taps + 2, taps + 2), and its number of values."""
    moments, counts = [], []
    for rows, columns in _tiles(scene):
        values = _design(scene, rows, columns)
        wanted = values[:, -1]
        free = (wanted > scene.level / 2) & (wanted < 1 - scene.level / 2)
        if scene.usable is not None:
            free &= np.repeat(scene.usable[rows, columns].ravel(), scene.target.shape[2])
        values = values[free].astype(np.float64)
        moments.append(values.T @ values)
        counts.append(len(values))
    return np.array(moments), np.array(counts)


def _tiles(scene: Scene) -> Iterator[tuple[slice, slice]]:
    half = SIDE // 2
    edges = [
        np.linspace(half, side - half, max(1, round(side / _TILE)) + 1).astype(int) for side in scene.target.shape[:2]
    ]
    for top, bottom in zip(edges[0], edges[0][1:], strict=False):
        for left, right in zip(edges[1], edges[1][1:], strict=False):
            yield slice(top, bottom), slice(left, right)


def _design(scene: Scene, rows: slice, columns: slice) -> Array:
    half = SIDE // 2
    offsets = range(-half, half + 1)
    taps = [
        scene.source[rows.start + down : rows.stop + down, columns.start + right : columns.stop + right].ravel()
        for down in offsets
        for right in offsets
    ]
    return np.stack([*taps, np.ones_like(taps[0]), scene.target[rows, columns].ravel()], axis=1)


def _solved(moments: Array) -> Array:
    gram = moments[:-1, :-1] + 1e-7 * max(moments[-2, -2], 1.0) * np.eye(len(moments) - 1)
    return np.asarray(np.linalg.solve(gram, moments[:-1, -1]))


def _errors(weights: Array, moments: Array, counts: Array) -> Array:
    solution = np.append(weights, -1)
    squares = np.einsum("i,tij,j->t", solution, moments, solution)
    return np.asarray(np.sqrt(np.maximum(squares, 0) / np.maximum(counts, 1)))


def _rms(weights: Array, moments: Array, counts: Array) -> float:
    return float(np.sqrt((_errors(weights, moments, counts) ** 2 * counts).sum() / counts.sum()))


def rectangle(scene: Scene, predicted: Array) -> Region | None:
    """Return the largest patch of cells where a scene is not as predicted, by its place in the picture."""
    half = SIDE // 2
    error = np.abs((np.clip(predicted, 0, 1) if scene.levels else predicted) - scene.target).max(axis=2)
    if scene.usable is not None:
        error = np.where(scene.usable, error, 0)
    error = error[half : len(error) - half, half : error.shape[1] - half]
    rows, columns = (side // _GRID for side in error.shape)
    cells = error[: rows * _GRID, : columns * _GRID].reshape(rows, _GRID, columns, _GRID).mean(axis=(1, 3))
    least = max(scene.level, 4 * float(np.median(cells)))
    wrong = cells > least
    patch = max(_patches(wrong), key=len, default=[])
    if not patch:
        return None
    at = np.array(patch)
    (top, left), (bottom, right) = at.min(axis=0) * _GRID, (at.max(axis=0) + 1) * _GRID
    box = error[top:bottom, left:right] > least
    inside = [np.flatnonzero(box.any(axis=axis)) for axis in (1, 0)]
    if inside[0].size:
        top, bottom = top + int(inside[0][0]), top + int(inside[0][-1]) + 1
        left, right = left + int(inside[1][0]), left + int(inside[1][-1]) + 1
    x, y = int(left) + half + scene.left, int(top) + half + scene.top
    return Region(x, y, int(right - left), int(bottom - top), float(wrong.mean()))


def _patches(wrong: Bools) -> Iterator[list[tuple[int, int]]]:
    """Yield the patches of cells that touch each other, over a gap of one cell too."""
    left = {(int(row), int(column)) for row, column in np.argwhere(wrong)}
    while left:
        patch, edge = [], [left.pop()]
        while edge:
            row, column = edge.pop()
            patch.append((row, column))
            near = {
                (row + down, column + right)
                for down in range(-2, 3)
                for right in range(-2, 3)
                if (row + down, column + right) in left
            }
            left -= near
            edge += near
        yield patch


def is_by_color(scene: Scene, predicted: Array, region: Region) -> bool:
    """Return whether a region only has more of the colors that are off outside of it too: no place was changed.

    Of a region, pixels of the same colors beside it are as predicted.
    """
    if scene.source.shape[2] != _COLORS:
        return False
    off = (np.clip(predicted, 0, 1) if scene.levels else predicted) - scene.target
    cells = np.clip(scene.source * _SHADES, 0, _SHADES - 1).astype(np.intp) @ np.array([_SHADES**2, _SHADES, 1])
    outside = region.outside(scene)
    counted = np.ones(outside.shape, bool) if scene.usable is None else scene.usable
    counts = np.bincount(cells[outside & counted], minlength=_SHADES**3)
    sums = [
        np.bincount(cells[outside & counted], each[outside & counted], _SHADES**3) for each in np.moveaxis(off, 2, 0)
    ]
    means = np.stack(sums, axis=1) / np.maximum(counts, 1)[:, np.newaxis]
    inside = ~outside & (counts >= _ENOUGH)[cells]
    left, whole = (float(np.square(each[inside]).sum()) for each in (off - means[cells], off))
    return left < _BY_COLOR * whole and whole > _KNOWN * float(np.square(off[~outside]).sum())
