"""Curve: a smooth function of tones, by its values at a few knots."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property, lru_cache

import numpy as np

from convcli.array_types import Array
from convcli.lazy import dataclass

_PARTS = 8  # straight lines from knot to knot
_NEAR = 0.05 / 255
_FAR = 1e4  # no value lies further from the knots
_BEYOND = 0.8
_RISE = 1.0  # of the slope there: steeper lines end sooner, as the file holds no level beyond 2
_MOST, _SHORT = 1.99, 1e-5  # a level at the end of the lines there, and the least length of one
_FEWEST, _LEVELS = 30, 24  # pixels of a level, and levels that have so many
_KNOTS, _RIDGE = 17, 1e-4  # of a curve


@dataclass(frozen=True, eq=False)
class Curve:
    """The natural cubic spline through its knots, in straight lines; beyond the knots as in the last of these.

    `knots`, rising, and `values` are (count,), in shares of full scale. Two make a line. A curve that `is_linear` has
    straight lines from knot to knot; one that `is_flat` is constant beyond its knots.
    """

    knots: Array
    values: Array
    is_linear: bool = False
    is_flat: bool = False

    def __call__(self, values: Array) -> Array:
        """Return the values of the function."""
        return np.asarray(np.interp(values, *self._lines), np.float32)

    @cached_property
    def at(self) -> Array:
        """The ends of the straight lines."""
        if self.is_linear or len(self.knots) == 2:
            return self.knots
        parts = np.arange(_PARTS) / _PARTS
        inner = self.knots[:-1, np.newaxis] + parts * np.diff(self.knots)[:, np.newaxis]
        return np.append(inner.ravel(), self.knots[-1])

    @cached_property
    def matrix(self) -> Array:
        """(ends, knots): from the values at the knots to those at the ends."""
        if self.is_linear or len(self.knots) == 2:
            return np.eye(len(self.knots))
        return _spline(tuple(self.knots.tolist()))

    @cached_property
    def heights(self) -> Array:
        """The values at the ends of the straight lines."""
        return np.asarray(self.matrix @ self.values)

    @cached_property
    def _lines(self) -> tuple[Array, Array]:
        """The ends of the straight lines and the values there, from far below to far above."""
        at, heights = self.at, self.heights
        if self.is_flat:
            return at, heights
        first = heights[0] - _FAR * (heights[1] - heights[0]) / (at[1] - at[0])
        last = heights[-1] + _FAR * self._last_slope
        return np.concatenate([[at[0] - _FAR], at, [at[-1] + _FAR]]), np.concatenate([[first], heights, [last]])

    def cells(self, values: Array) -> tuple[Array, Array]:
        """Return the straight line of each value, and its position from 0 to 1 in it; outside beyond the knots."""
        at = self.at
        cell = np.clip(np.searchsorted(at, values) - 1, 0, len(at) - 2)
        return cell, ((values - at[cell]) / np.diff(at)[cell]).astype(np.float32)

    def basis(self, values: Array) -> Array:
        """Return (…, knots): the change of the function at the values with those at the knots."""
        cell, share = self.cells(values)
        matrix, share = self.matrix.astype(np.float32), share[..., np.newaxis]
        return np.asarray(matrix[cell] * (1 - share) + matrix[cell + 1] * share)

    def slope(self, values: Array) -> Array:
        """Return the slope of the function at the values."""
        slopes = np.diff(self.heights) / np.diff(self.at)
        return np.asarray(slopes[self.cells(values)[0]], np.float32)

    @cached_property
    def ends(self) -> Array:
        """(points, 2): few points whose straight lines give the function from far below black to far above white."""
        at, heights = self.at, self.heights
        if not self.is_linear:
            chosen = _needed(at, heights)
            at, heights = at[chosen], heights[chosen]
        if not self.is_flat:
            slopes = (self.heights[1] - self.heights[0]) / (self.at[1] - self.at[0]), self._last_slope
            low, high = _reach(float(heights[0]), -slopes[0]), _reach(float(heights[-1]), slopes[1])
            at = np.concatenate([[at[0] - low], at, [at[-1] + high]])
            heights = np.concatenate([[heights[0] - slopes[0] * low], heights, [heights[-1] + slopes[1] * high]])
        return np.stack([at, heights], axis=1)

    def is_within(self, most: float) -> bool:
        """Return whether no value of a picture becomes one that is off it by more."""
        at = np.clip(np.append(self.knots, (0, 1)), 0, 1)
        return bool(np.abs(self(at) - at).max() <= most)

    @property
    def line(self) -> tuple[float, float]:
        """The slope and the offset of a line."""
        slope = (self.values[-1] - self.values[0]) / (self.knots[-1] - self.knots[0])
        return float(slope), float(self.values[0] - slope * self.knots[0])

    @property
    def mean_slope(self) -> float:
        """The slope from the first knot to the last, without its sign."""
        return float(abs((self.heights[-1] - self.heights[0]) / (self.at[-1] - self.at[0])))

    @property
    def _last_slope(self) -> float:
        return float((self.heights[-1] - self.heights[-2]) / (self.at[-1] - self.at[-2]))

    @property
    def is_identity(self) -> bool:
        """The function leaves levels of 8 bits as they are."""
        return bool(np.abs(self.heights - self.at).max() < 0.25 / 255)

    def on(self, knots: Array) -> Curve:
        """Return the function by its values at other knots."""
        return replace(self, knots=knots, values=np.asarray(self(knots), np.float64))


def _reach(height: float, slope: float) -> float:
    """Return the length of the last line, from a height on, that ends within the levels that a file holds."""
    length = _BEYOND * min(1.0, _RISE / max(abs(slope), _RISE))
    end = height + slope * length
    return length if abs(end) <= _MOST else max((float(np.clip(end, -_MOST, _MOST)) - height) / slope, _SHORT)


def _needed(at: Array, heights: Array) -> Array:
    """Return the numbers of the points that straight lines need, to a twentieth of a level."""
    chosen, start = [0], 0
    while start < len(at) - 1:
        runs = at[start + 1 :] - at[start]
        lowest = np.maximum.accumulate((heights[start + 1 :] - _NEAR - heights[start]) / runs)
        highest = np.minimum.accumulate((heights[start + 1 :] + _NEAR - heights[start]) / runs)
        slopes = (heights[start + 1 :] - heights[start]) / runs
        # The line to a point has to pass all between: within the bounds that those give.
        passes = np.append(True, (slopes[1:] >= lowest[:-1]) & (slopes[1:] <= highest[:-1]))
        start += 1 + int(np.flatnonzero(passes)[-1])
        chosen.append(start)
    return np.array(chosen)


@lru_cache(maxsize=32)
def _spline(knots: tuple[float, ...]) -> Array:
    """Return the matrix of a natural cubic spline, from the values at knots to those at the ends of its lines."""
    at = np.array(knots)
    count, steps = len(at), np.diff(at)
    left, right = np.zeros((count, count)), np.zeros((count, count))
    left[0, 0] = left[-1, -1] = 1
    for index in range(1, count - 1):
        before, after = steps[index - 1], steps[index]
        left[index, index - 1 : index + 2] = before / 6, (before + after) / 3, after / 6
        right[index, index - 1 : index + 2] = 1 / before, -1 / before - 1 / after, 1 / after
    bends = np.linalg.solve(left, right)  # second derivatives
    share = np.arange(_PARTS)[np.newaxis, :, np.newaxis] / _PARTS
    values, step = np.eye(count), steps[:, np.newaxis, np.newaxis]
    first = (1 - share) * values[:-1, np.newaxis] + ((1 - share) ** 3 - (1 - share)) * step**2 / 6 * bends[
        :-1, np.newaxis
    ]
    second = share * values[1:, np.newaxis] + (share**3 - share) * step**2 / 6 * bends[1:, np.newaxis]
    return np.concatenate([(first + second).reshape(-1, count), values[-1:]])


def spread_knots(values: Array, count: int) -> Array:
    """Return knots half way between quantiles of values and an even spacing."""
    quantiles = np.quantile(values, np.linspace(0.0005, 0.9995, count))
    even = np.linspace(quantiles[0], max(quantiles[-1], quantiles[0] + 1e-3), count)
    knots = 0.5 * quantiles + 0.5 * even
    return np.asarray(knots + 1e-5 * np.arange(count))


def curves_of_means(levels: Array, target: Array) -> tuple[Curve, ...] | None:
    """Return the curve of each channel that is nearest to the means of a target, over levels; None where few are known.

    What one pixel has of the colors of another, where these have half the size, is the same above and below.
    """
    counts = np.bincount(levels.ravel(), minlength=256)
    at = np.flatnonzero(counts >= _FEWEST)
    if len(at) < _LEVELS:
        return None
    knots = np.unique(np.quantile(at, np.linspace(0, 1, _KNOTS)).round()) / 255
    basis = Curve(knots, np.zeros(len(knots))).basis(at / 255).astype(np.float64)
    weights = counts[at] / counts[at].sum()
    gram = (basis.T * weights) @ basis + _RIDGE / len(knots) * np.eye(len(knots))
    curves = []
    for channel in range(target.shape[2]):
        means = np.bincount(levels.ravel(), target[..., channel].ravel(), 256)[at] / counts[at]
        start = np.interp(knots, at / 255, means)
        off = (basis.T * weights) @ (means - basis @ start)
        curves.append(Curve(knots, start + np.linalg.solve(gram, off)))
    return tuple(curves)
