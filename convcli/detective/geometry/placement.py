"""Placement: the position of TARGET's pixels in INPUT, by an affine map.

A first placement is refined by tiles: INPUT is sampled where a tile of TARGET lies, and phase correlation tells by how
much it is off. The offsets of all tiles are those of a similarity, or of an affine map near one.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.geometry.phase import offsets_between
from convcli.detective.geometry.views import correlation, shrunk

_TILE, _TILES = 64, 5
_BAND = 16  # rows that are interpolated at a time: more leave the cache
_LEAST = 8  # pixels a side of a tile
_SMALL = 192  # pixels of the smaller side, about, where tiles are compared first
_ROUNDS = 3
_STILL = 0.02  # pixels
_INLIER = 1.0  # pixels
_CLOSE = 0.3
_FEWEST = 6  # tiles that agree
_AFFINE = 12  # tiles from which a map has more than a turn, a scale and a shift


class Placement(NamedTuple):
    """The position in INPUT of a position in TARGET: `matrix` · (position − middle of TARGET) + `center`.

    Positions are (row, column) from the corner of the picture, whose first pixel has its middle at 0.5. `agreement` is
    the share of the tiles that follow the map, `error` the uncertainty of the rim, in pixels of TARGET.
    """

    matrix: Array
    center: Array
    agreement: float = 0.0
    error: float = 0.0

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
        return np.stack([self.center - self.matrix @ half, self.center + self.matrix @ half])

    def most(self, other: Placement, shape: tuple[int, ...]) -> float:
        """Return the farthest that a corner of a target of `shape` lies from where it lies by another placement."""
        matrix = np.linalg.solve(other.matrix, self.matrix) - np.eye(2)
        shift = np.linalg.solve(other.matrix, self.center - other.center)
        return float(np.abs(shift).max() + (np.abs(matrix) @ (np.array(shape) / 2)).max())


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
        here = Placement(placement.matrix * factor / coarse, (placement.center - placement.matrix @ offset) / coarse)
        for _ in range(_ROUNDS):
            here, most = _by_tiles(small, other, here)
            if here.agreement == 0 or most < _STILL:
                break
        if here.agreement == 0:
            return placement._replace(agreement=0.0)
        matrix = here.matrix * coarse / factor
        center = here.center * coarse + matrix @ offset
        placement = Placement(matrix, center, here.agreement, here.error * factor)
    return placement


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


def _keys(a: float) -> Callable[[Array], Array]:
    """Return Keys' cubic of a."""

    def weights(x: Array) -> Array:
        inner, outer = ((a + 2) * x - (a + 3)) * x * x + 1, ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
        return np.where(x < 1, inner, np.where(x < 2, outer, np.zeros((), x.dtype)))

    return weights


# By name, how far it reaches, in pixels, and the weight of a pixel by its distance. All cubics are called bicubic: that
# of Pillow's `rotate`, that of OpenCV, and that of its other makers.
INTERPOLATION: dict[str, tuple[int, Callable[[Array], Array]]] = {
    "nearest": (1, lambda x: np.where(x <= 0.5, *np.array([1, 0], x.dtype))),
    "bilinear": (1, lambda x: np.maximum(1 - x, 0)),
    "bicubic": (2, _keys(-1.0)),
    "bicubic-0.75": (2, _keys(-0.75)),
    "bicubic-0.5": (2, _keys(-0.5)),
}


def interpolated(
    picture: Array, placement: Placement, shape: tuple[int, ...], name: str, part: tuple[slice, slice]
) -> tuple[Array, Bools]:
    """Return what a part of TARGET shows of a picture, (height, width, channels), and where that is inside of it."""
    rows, columns = part
    starts = range(rows.start, rows.stop, _BAND)
    bands = [slice(start, min(start + _BAND, rows.stop)) for start in starts]
    values, inside = zip(
        *(_interpolated(picture, placement, shape, name, (band, columns)) for band in bands), strict=True
    )
    return np.concatenate(values), np.concatenate(inside)


def _interpolated(
    picture: Array, placement: Placement, shape: tuple[int, ...], name: str, part: tuple[slice, slice]
) -> tuple[Array, Bools]:
    down, right = _positions(placement, shape, part)
    height, width, channels = picture.shape
    reach, weights = INTERPOLATION[name]
    above, before = np.floor(down - 0.5).astype(np.intp), np.floor(right - 0.5).astype(np.intp)
    past_above, past_left = ((at - 0.5 - first).astype(np.float32) for at, first in ((down, above), (right, before)))
    flat = picture.reshape(-1, channels)
    values = np.zeros((*down.shape, channels), np.float32)
    steps = range(1 - reach, reach + 1)
    across = [weights(np.abs(past_left - step)) for step in steps]
    columns = [np.clip(before + step, 0, width - 1) for step in steps]
    for step in steps:
        share = weights(np.abs(past_above - step))
        row = np.clip(above + step, 0, height - 1) * width
        for column, other in zip(columns, across, strict=True):
            values += flat[row + column] * (share * other)[..., np.newaxis]
    # The rim is one pixel wide where programs differ.
    is_inside = (down > reach) & (down < height - reach) & (right > reach) & (right < width - reach)
    return values, is_inside


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


def _positions(placement: Placement, shape: tuple[int, ...], part: tuple[slice, slice]) -> tuple[Array, Array]:
    """Return the rows and columns in INPUT of the pixels of a part of TARGET."""
    down = np.arange(part[0].start, part[0].stop)[:, np.newaxis] + 0.5 - shape[0] / 2
    right = np.arange(part[1].start, part[1].stop) + 0.5 - shape[1] / 2
    (a, b), (c, d) = placement.matrix
    top, left = placement.center
    return a * down + b * right + top, c * down + d * right + left


def shown_at(picture: Array, placement: Placement, shape: tuple[int, ...], part: tuple[slice, slice]) -> Array:
    """Return what a part of TARGET, of `shape`, shows of a gray picture."""
    return sampled(picture, *_positions(placement, shape, part))


def tile_likeness(source: Array, target: Array, placement: Placement) -> float:
    """Return the correlation, without its sign, of tiles of TARGET with what they show, each less its mean."""
    _, moved, shown = _tiles(source, target, placement)
    if not len(moved):
        return 0.0
    moved, shown = (each - each.mean(axis=(1, 2), keepdims=True) for each in (moved, shown))
    return abs(correlation(moved, shown))


def _by_tiles(source: Array, target: Array, placement: Placement) -> tuple[Placement, float]:
    """Return the placement after the offsets of the tiles, and the farthest that a corner moves, in pixels."""
    middles, moved, shown = _tiles(source, target, placement)
    found = None
    if len(middles) >= _FEWEST:
        offsets = np.array(offsets_between(moved, shown, is_small=True))
        found = _agreed(middles, offsets[:, :2], offsets[:, 2])
    if found is None:
        return placement._replace(agreement=0.0), 0.0
    matrix = placement.matrix @ (np.eye(2) + found.matrix)
    now = Placement(matrix, placement.center + placement.matrix @ found.shift, found.agreement, found.error)
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
        if tile >= _LEAST and _is_inside(placement.matrix @ middle + placement.center, source.shape):
            middles.append(middle)
            moved.append(shown_at(source, placement, target.shape, part))
            shown.append(target[part])
    return np.array(middles), np.array(moved), np.array(shown)


def _is_inside(position: Array, shape: tuple[int, ...]) -> bool:
    return bool((position > 0).all() and (position < shape).all())


class _Motion(NamedTuple):
    """The map of positions to offsets, `matrix` · position + `shift`; the rest is that of a `Placement`."""

    matrix: Array
    shift: Array
    agreement: float
    error: float


def _agreed(middles: Array, offsets: Array, peaks: Array) -> _Motion | None:
    """Return the map of middles to offsets that most tiles follow; None where they follow none.

    Of every two of the clearest tiles the similarity is tried (RANSAC); least squares over those that follow the best.
    """
    rows, columns = middles.T
    ones, zeros = np.ones_like(rows), np.zeros_like(rows)
    # down = a + p · row + q · column; right = b − q · row + p · column
    design = np.stack([np.stack([ones, zeros, rows, columns], 1), np.stack([zeros, ones, columns, -rows], 1)], 1)
    clear = np.argsort(-peaks)[: max(len(peaks) // 2, 2)]
    best: Bools = np.zeros(len(rows), bool)
    for pair in itertools.combinations(clear, 2):
        system = design[list(pair)].reshape(4, 4)
        if abs(np.linalg.det(system)) < 1e-9:
            continue
        motion = np.linalg.solve(system, offsets[list(pair)].ravel())
        agree = np.hypot(*(design @ motion - offsets).T) < _INLIER
        best = agree if agree.sum() > best.sum() else best
    if best.sum() < _FEWEST:
        return None
    motion = np.linalg.lstsq(design[best].reshape(-1, 4), offsets[best].ravel(), rcond=None)[0]
    off = np.hypot(*(design @ motion - offsets).T)
    close = best & (off < max(_CLOSE, float(np.median(off[best]))))
    agreement = float(best.mean())
    error = float(2 * np.sqrt((off[close] ** 2).mean() / close.sum()))
    if close.sum() >= _AFFINE:
        full = np.stack([ones, rows, columns], 1)
        solved = np.linalg.lstsq(full[close], offsets[close], rcond=None)[0]
        return _Motion(solved[1:].T, solved[0], agreement, error)
    motion = np.linalg.lstsq(design[close].reshape(-1, 4), offsets[close].ravel(), rcond=None)[0]
    p, q = motion[2:]
    return _Motion(np.array([[p, q], [-q, p]]), motion[:2], agreement, error)
