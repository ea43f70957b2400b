"""Placement: the position of TARGET's pixels in INPUT, by an affine or a projective map.

A first placement is refined by tiles: INPUT is sampled where a tile of TARGET lies, and phase correlation tells by how
much it is off. The offsets of all tiles are those of a similarity, or of an affine map near one; where many more tiles
follow it, of any affine map, or of a projective one.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from convcli.array_types import Array
from convcli.detective.geometry.motion import agreed
from convcli.detective.geometry.phase import offsets_between
from convcli.detective.geometry.views import correlation, shrunk

_TILE, _TILES = 64, 5
_LEAST = 8  # pixels a side of a tile
_SMALL = 192  # pixels of the smaller side, about, where tiles are compared first
_ROUNDS = 3
_STILL = 0.02  # pixels
_CLOSE, _THERE = 0.3, 2.0  # pixels
_FEWEST = 6  # tiles


class Placement(NamedTuple):
    """The position in INPUT of a position in TARGET: `matrix` · p / (1 + `tilt` · p) + `center`.

    p is the position less the middle of TARGET. Positions are (row, column) from the corner of the picture, whose first
    pixel has its middle at 0.5. `agreement` is the share of the tiles that follow the map, `error` the uncertainty of
    the rim, in pixels of TARGET. Without a `tilt` the map is affine.
    """

    matrix: Array
    center: Array
    agreement: float = 0.0
    error: float = 0.0
    tilt: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def of(cls, homography: Array, agreement: float, error: float) -> Placement:
        """Return the placement by its map of (row, column, 1) to the same in INPUT, (3, 3)."""
        homography = homography / homography[2, 2]
        center, tilt = homography[:2, 2], homography[2, :2]
        return cls(homography[:2, :2] - np.outer(center, tilt), center, agreement, error, (tilt[0], tilt[1]))

    @property
    def homography(self) -> Array:
        """The map of (row, column, 1), from the middle of TARGET, to the same in INPUT, (3, 3)."""
        tilt = np.array(self.tilt)
        upper = np.column_stack([self.matrix + np.outer(self.center, tilt), self.center])
        return np.vstack([upper, [*tilt, 1.0]])

    def at(self, positions: Array) -> Array:
        """Return the positions in INPUT of some in TARGET, from its middle, (count, 2) each."""
        nearness = 1 + positions @ np.array(self.tilt)
        return np.asarray(positions @ self.matrix.T / nearness[:, np.newaxis] + self.center)

    @property
    def degrees(self) -> float:
        """The turn of INPUT that makes TARGET, counter-clockwise."""
        (a, b), (c, d) = self.matrix
        return math.degrees(math.atan2(b - c, a + d))

    @property
    def scale(self) -> float:
        """The size of what TARGET shows, in TARGET over INPUT."""
        return 1 / math.sqrt(abs(float(np.linalg.det(self.matrix))))

    def corners(self, shape: tuple[int, ...]) -> Array:
        """Return the positions in INPUT of the first corner and of the last of a target of `shape`."""
        half = np.array(shape[:2]) / 2
        return self.at(np.stack([-half, half]))

    def most(self, other: Placement, shape: tuple[int, ...]) -> float:
        """Return the farthest that a corner of a target of `shape` lies from where it lies by another placement."""
        corners = corners_of(shape)
        return float(np.abs(np.linalg.solve(other.matrix, (self.at(corners) - other.at(corners)).T)).max())


def corners_of(shape: tuple[int, ...]) -> Array:
    """Return the four corners of a picture of `shape`, from its middle, (4, 2)."""
    return np.asarray(np.array(list(itertools.product((-1, 1), repeat=2))) * np.array(shape[:2]) / 2)


def turned_by(degrees: float, scale: float) -> Array:
    """Return the matrix of a turn counter-clockwise and an enlargement."""
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    return np.array([[cosine, sine], [-sine, cosine]]) / scale


def refined(source: Array, target: Array, start: Placement, detail: int = 1) -> Placement:
    """Return the placement that most tiles agree on, from one near it; gray pictures, (height, width) each.

    `detail` is the size of the smallest detail of TARGET, in pixels: below it there is noise alone.
    """
    placement = start
    step = 1 / start.scale
    least = max(detail, round(1 / step))  # an enlarged picture has no detail at its size
    factors = {max(least, min(target.shape) // _SMALL), least}
    for factor in sorted(factors, reverse=True):
        coarse = max(1, math.floor(factor * step + 0.01))
        small, other = shrunk(source, coarse), shrunk(target, factor)
        offset = _rest(target.shape, factor)
        # The middle of the smaller target is not that of the target, where a rest was left out.
        to_small = np.array([[factor, 0, -offset[0]], [0, factor, -offset[1]], [0, 0, 1]])
        here = Placement.of(_enlarged(placement.homography @ to_small, 1 / coarse), 0.0, 0.0)
        for _ in range(_ROUNDS):
            here, most = _by_tiles(small, other, here)
            if here.agreement == 0 or most < _STILL:
                break
        if here.agreement == 0:
            return placement._replace(agreement=0.0)
        whole = _enlarged(here.homography @ np.linalg.inv(to_small), coarse)
        placement = Placement.of(whole, here.agreement, here.error * factor)
    return placement


def _enlarged(homography: Array, factor: float) -> Array:
    """Return a map to positions in INPUT that are multiplied by a factor."""
    return np.asarray(np.array([[factor], [factor], [1]]) * homography)


def _rest(shape: tuple[int, ...], factor: int) -> Array:
    return np.array([(side - side // factor * factor) / 2 for side in shape])


def sampled(picture: Array, rows: Array, columns: Array) -> Array:
    """Return a gray picture between its pixels, by bilinear interpolation; the rim is repeated outside."""
    height, width = picture.shape
    row, column = np.clip(rows - 0.5, 0, height - 1.001), np.clip(columns - 0.5, 0, width - 1.001)
    above, before = row.astype(np.intp), column.astype(np.intp)
    down, right = row - above, column - before
    first = above * width + before
    flat = picture.ravel()
    upper = flat[first] * (1 - right) + flat[first + 1] * right
    lower = flat[first + width] * (1 - right) + flat[first + width + 1] * right
    return np.asarray(upper * (1 - down) + lower * down)


def about_middle(placement: Placement, source: tuple[int, ...], target: tuple[int, ...]) -> Iterator[Placement]:
    """Yield turns about the middle of INPUT that are near a placement, by degrees of one decimal and as they are.

    The middle is that of the picture, or the pixel below and to the right of it, as OpenCV's users write it.
    """
    near = _STILL + 5 * placement.error + _CLOSE
    scale = round(placement.scale, 2)
    if abs(placement.scale / scale - 1) * max(target[:2]) / 2 > near:
        scale = placement.scale
    for digits, pixel in itertools.product((1, 3), (0.0, 0.5)):
        matrix = turned_by(round(placement.degrees, digits), scale)
        # A target of another size shows as much of the rim on all sides.
        center = np.array(source[:2]) / 2 + pixel - matrix @ np.full(2, pixel)
        if np.abs(placement.center - center).max() <= near:
            yield placement._replace(matrix=matrix, center=center)


def positions_of(placement: Placement, shape: tuple[int, ...], part: tuple[slice, slice]) -> tuple[Array, Array]:
    """Return the rows and columns in INPUT of the pixels of a part of TARGET."""
    down, right = _from_middle(shape, part)
    (a, b), (c, d) = placement.matrix
    top, left = placement.center
    rows, columns = a * down + b * right, c * down + d * right
    if any(placement.tilt):
        first, second = placement.tilt
        nearness = 1 + first * down + second * right
        rows, columns = rows / nearness, columns / nearness
    return rows + top, columns + left


def _from_middle(shape: tuple[int, ...], part: tuple[slice, slice]) -> tuple[Array, Array]:
    """Return the rows, (height, 1), and the columns of a part of TARGET, from its middle."""
    down = np.arange(part[0].start, part[0].stop)[:, np.newaxis] + 0.5 - shape[0] / 2
    return down, np.arange(part[1].start, part[1].stop) + 0.5 - shape[1] / 2


def slopes_of(placement: Placement, shape: tuple[int, ...], part: tuple[slice, slice]) -> tuple[Array, ...]:
    """Return the rows in INPUT per row and per column of TARGET, and the columns per row and column, of a part."""
    (a, b), (c, d) = placement.matrix
    if not any(placement.tilt):
        return tuple(np.asarray(each, np.float32) for each in (a, b, c, d))
    down, right = _from_middle(shape, part)
    first, second = placement.tilt
    nearness = 1 + first * down + second * right
    row, column = (a * down + b * right) / nearness, (c * down + d * right) / nearness
    slopes = a - row * first, b - row * second, c - column * first, d - column * second
    return tuple((each / nearness).astype(np.float32) for each in slopes)


def shown_at(picture: Array, placement: Placement, shape: tuple[int, ...], part: tuple[slice, slice]) -> Array:
    """Return what a part of TARGET, of `shape`, shows of a gray picture."""
    return sampled(picture, *positions_of(placement, shape, part))


def tile_likeness(source: Array, target: Array, placement: Placement) -> float:
    """Return the correlation, without its sign, of tiles of TARGET with what they show, each less its mean."""
    _, moved, shown = _tiles(source, target, placement)
    if not len(moved):
        return 0.0
    moved, shown = (each - each.mean(axis=(1, 2), keepdims=True) for each in (moved, shown))
    return abs(correlation(moved, shown))


def share_there(source: Array, target: Array, top: int, left: int) -> float:
    """Return the share of the tiles of TARGET that lie where all of it seems to, at INPUT's size."""
    _, moved, shown = _tiles(source, target, Placement(np.eye(2), np.array([top, left]) + np.array(target.shape) / 2))
    if not len(moved):
        return 0.0
    offsets = np.array(offsets_between(moved, shown, is_small=True))[:, :2]
    return float((np.abs(offsets).max(axis=1) < _THERE).mean())


def _by_tiles(source: Array, target: Array, placement: Placement) -> tuple[Placement, float]:
    """Return the placement after the offsets of the tiles, and the farthest that a corner moves, in pixels."""
    middles, moved, shown = _tiles(source, target, placement)
    found = None
    if len(middles) >= _FEWEST:
        offsets = np.array(offsets_between(moved, shown, is_small=True))
        found = agreed(middles, offsets[:, :2], offsets[:, 2])
    if found is None:
        return placement._replace(agreement=0.0), 0.0
    now = Placement.of(placement.homography @ found.homography, found.agreement, found.error)
    return now, now.most(placement, target.shape)


def _tiles(source: Array, target: Array, placement: Placement) -> tuple[Array, Array, Array]:
    """Return the middles of tiles, from the middle of TARGET; what INPUT has there; and what TARGET has."""
    shape = np.array(target.shape)
    tile = min(_TILE, *(side // 2 for side in target.shape))
    corners = itertools.product(*(np.linspace(0, side - tile, _TILES).astype(int) for side in target.shape))
    middles, moved, shown = [], [], []
    for top, left in corners:
        part = slice(top, top + tile), slice(left, left + tile)
        middle = np.array([top, left]) + tile / 2 - shape / 2
        if tile >= _LEAST and _is_inside(placement.at(middle[np.newaxis])[0], source.shape):
            middles.append(middle)
            moved.append(shown_at(source, placement, target.shape, part))
            shown.append(target[part])
    return np.array(middles), np.array(moved), np.array(shown)


def _is_inside(position: Array, shape: tuple[int, ...]) -> bool:
    return bool((position > 0).all() and (position < shape).all())
