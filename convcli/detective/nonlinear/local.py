"""Local contrast: values that follow those of INPUT, by a curve that changes slowly over the picture.

In a small window the curve is one polynomial, whose constant and slope change linearly with the position. What it
leaves is compared with what a kernel, and one curve for the whole picture, leave.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from convcli.array_types import Array
from convcli.detective.scene import Scene
from convcli.lazy import dataclass

_SIDE = 9  # pixels of a window
_POSITIONS = 300
_CLEARLY = 0.36  # of the error of the best kernel, curve or change of colors: filters that smooth leave 0.45
_BY_VALUE = 0.3  # of the error that the position alone leaves: a blur leaves less
_BINS = 256
_FLAT = 0.2  # of the windows: their contrast is noise
_LEAST = 4.0  # times the floor: less is no change
_SHADING = "brightness that changes over the picture"
_COLORS = 3000
_RIDGE = 1e-7
_SHADED = 0.25  # of the error of the best of these, up to which shading explains it

_AS_IT_WAS, _KEPT = 1e-4, 0.1  # of full scale, and of the windows that no local contrast leaves as they were
_BY_LINE = 1.3  # times the error of curves in windows, that lines leave where a mask shades


@dataclass(frozen=True)
class Local:
    """The name of what was found, and the error that local curves leave, in shares of full scale."""

    text: str
    error: float


def local_contrast(scene: Scene, best: float) -> Local | None:
    """Return the name of local contrast, or of shading, if that is what made the target.

    `best` is the error of the best kernel.
    """
    windows = _windows(scene)
    if windows is None:
        return None
    source, target, places = windows
    down, right = (each.ravel() for each in np.mgrid[-1 : 1 : _SIDE * 1j, -1 : 1 : _SIDE * 1j].astype(np.float32))
    middle = source - source.mean(axis=1, keepdims=True)
    scaled = middle / (middle.std(axis=1, keepdims=True) + 1e-3)
    one = np.ones_like(scaled)
    position = [one, one * down, one * right]
    by_value = [scaled, scaled**2, scaled * down, scaled * right, scaled**3]
    error = _left(position + by_value, target)
    best = min(best, _one_curve(source, target, scene.source.shape[2]))
    if error > _CLEARLY * best or error > _BY_VALUE * _left(position, target) or best < _LEAST * scene.floor:
        return None
    if _smooths(source, target):
        is_shaded = _shading(source, target, places) < _SHADED * best
        return Local(_SHADING, error) if is_shaded else None
    best = min(best, _colors(scene))
    if error > _CLEARLY * best:
        return None
    if _shading(source, target, places) < _SHADED * best:
        return Local(_SHADING, error)
    if not _keeps_parts(source, target, scene.level):
        return Local("local contrast", error)
    by_line = [scaled, scaled * down, scaled * right]
    return Local(_SHADING, error) if _left(position + by_line, target) < _BY_LINE * error else None


def _keeps_parts(source: Array, target: Array, level: float) -> bool:
    """Return whether many windows are as they were: a mask tells where something was laid over a picture."""
    off = np.abs(target - source).max(axis=1)
    return bool((off <= max(level, _AS_IT_WAS)).mean() > _KEPT)


def _windows(scene: Scene) -> tuple[Array, Array, Array] | None:
    """Return windows of INPUT and TARGET, (count, pixels), and the places of their middles, (count, 2) of −1 … 1."""
    height, width, channels = scene.target.shape
    if min(height, width) < 3 * _SIDE or scene.source.shape != scene.target.shape:
        return None
    random = np.random.default_rng(5)
    row, column = (random.integers(0, side - _SIDE, 2 * _POSITIONS) for side in (height, width))
    first, second = (
        sliding_window_view(each, (_SIDE, _SIDE), axis=(0, 1))[row, column].reshape(-1, _SIDE * _SIDE)
        for each in (scene.source, scene.target)
    )
    places = np.repeat(np.stack([2 * row / height - 1, 2 * column / width - 1], axis=1), channels, axis=0)
    free = np.ones(len(first), bool)
    if scene.usable is not None:
        inside = sliding_window_view(scene.usable, (_SIDE, _SIDE))[row, column].all(axis=(1, 2))
        free = np.repeat(inside, channels)
    if scene.level:  # clipped values follow no polynomial
        free &= (second.min(axis=1) > 0) & (second.max(axis=1) < 1)
    free = np.repeat(free.reshape(-1, channels).all(axis=1), channels)  # the channels of a place stay together
    free &= np.cumsum(free) <= _POSITIONS * channels
    return (first[free], second[free], places[free]) if free.sum() >= _POSITIONS // 3 else None


def _left(basis: list[Array], target: Array) -> float:
    """Return the root mean square error of the best sum of functions in each window."""
    design = np.stack(basis, axis=2)
    gram = (design.swapaxes(1, 2) @ design).astype(np.float64)
    gram[:, np.arange(len(basis)), np.arange(len(basis))] += _RIDGE * design.shape[1]
    slope = (design.swapaxes(1, 2) @ target[:, :, np.newaxis]).astype(np.float64)
    off = target - (design @ np.linalg.solve(gram, slope).astype(np.float32))[:, :, 0]
    freedom = design.shape[1] / (design.shape[1] - len(basis))
    return float(np.sqrt(np.mean(np.square(off), dtype=np.float64) * freedom))


def _smooths(source: Array, target: Array) -> bool:
    """Return whether contrast is taken from where there is little of it, as filters that smooth between edges do."""
    spread = source.std(axis=1)
    is_textured = spread > np.quantile(spread, _FLAT)
    spread, ratio = spread[is_textured], target.std(axis=1)[is_textured] / spread[is_textured]
    return bool(np.median(ratio) < 1 and np.corrcoef(np.log(spread), ratio)[0, 1] > 0)


def _one_curve(source: Array, target: Array, channels: int) -> float:
    """Return the root mean square error of one curve of each channel for the whole picture."""
    errors = [_curved(source[index::channels], target[index::channels]) for index in range(channels)]
    return float(np.sqrt(np.mean(np.square(errors))))


def _curved(source: Array, target: Array) -> float:
    cell = np.clip(source * _BINS, 0, _BINS - 1).astype(np.intp).ravel()
    counts = np.bincount(cell, minlength=_BINS) + 1e-9
    centers, means = (np.bincount(cell, each.ravel(), _BINS) / counts for each in (source, target))
    crossed = np.bincount(cell, (source * target).ravel(), _BINS) / counts - centers * means
    spreads = np.bincount(cell, np.square(source).ravel(), _BINS) / counts - centers**2
    slopes = crossed / (spreads + 1e-6)
    off = target.ravel() - means[cell] - slopes[cell] * (source.ravel() - centers[cell])
    return float(np.sqrt(np.mean(np.square(off))))


def _colors(scene: Scene) -> float:
    """Return the root mean square error of a change of colors: a polynomial of degree 3 of the channels."""
    channels = scene.source.shape[2]
    random = np.random.default_rng(6)
    row, column = (random.integers(0, side, _COLORS) for side in scene.target.shape[:2])
    source, target = scene.source[row, column], scene.target[row, column]
    powers = [each for each in product(range(4), repeat=channels) if sum(each) <= 3]
    design = np.stack([np.prod(source ** np.array(each), axis=1) for each in powers], axis=1)
    off = target - design @ np.linalg.lstsq(design, target, rcond=None)[0]
    return float(np.sqrt(np.mean(np.square(off))))


def _shading(source: Array, target: Array, places: Array) -> float:
    """Return the root mean square error of a gain and an offset that are polynomials of the place, of degree 4."""
    down, right = (places[:, axis, np.newaxis] for axis in (0, 1))
    powers = [down**first * right**second for first in range(5) for second in range(5 - first)]
    ones = np.ones_like(source)
    design = np.stack([*(ones * each for each in powers), *(source * each for each in powers)], axis=2)
    design = design[:, ::8].reshape(-1, 2 * len(powers))
    wanted = target[:, ::8].ravel()
    solution = np.linalg.lstsq(design, wanted, rcond=None)[0]
    return float(np.sqrt(np.mean(np.square(wanted - design @ solution))))
