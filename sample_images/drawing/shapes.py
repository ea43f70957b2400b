"""Shapes as signed distances in pixels, negative inside; the distances give exact soft edges."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from drawing.color import Array

Point: TypeAlias = tuple[float, float]
Box: TypeAlias = tuple[float, float, float, float]


@dataclass(frozen=True)
class Shape:
    """A region of the plane.

    Parameters
    ----------
    box
        Left, top, right and bottom of a rectangle that holds the whole shape.
    distance
        From x (one row) and y (one column) to the distance from the edge, negative inside.
    """

    box: Box
    distance: Callable[[Array, Array], Array]


def disk(x: float, y: float, radius: float) -> Shape:
    """Make a filled circle."""
    box = (x - radius, y - radius, x + radius, y + radius)
    return Shape(box, lambda px, py: np.sqrt((px - x) ** 2 + (py - y) ** 2) - radius)


def polygon(points: Sequence[Point]) -> Shape:
    """Make a filled polygon; its corners may run either way round."""
    edges = list(zip(points, [*points[1:], points[0]], strict=True))

    def distance(x: Array, y: Array) -> Array:
        inside = reduce(np.logical_xor, (_crosses(x, y, a, b) for a, b in edges))
        return np.where(inside, -1.0, 1.0) * _nearest(x, y, edges)

    return Shape(_bounds(points), distance)


def stroke(points: Sequence[Point], width: float) -> Shape:
    """Make a line through the points with round ends and corners."""
    edges = list(pairwise(points))
    left, top, right, bottom = _bounds(points)
    half = width / 2
    return Shape(
        (left - half, top - half, right + half, bottom + half),
        lambda x, y: _nearest(x, y, edges) - half,
    )


def outline(shape: Shape, width: float) -> Shape:
    """Make a line of the given width along the edge of a shape."""
    left, top, right, bottom = shape.box
    half = width / 2
    return Shape(
        (left - half, top - half, right + half, bottom + half),
        lambda x, y: np.abs(shape.distance(x, y)) - half,
    )


def terrain(box: Box, crest: Callable[[Array], Array]) -> Shape:
    """Make the part of a box that lies below a line, given by its height over each x."""
    return Shape(box, lambda x, y: np.maximum(crest(x) - y, y - box[3]))


def overlap(a: Shape, b: Shape) -> Shape:
    """Keep what lies in both shapes."""
    low = [max(p, q) for p, q in zip(a.box[:2], b.box[:2], strict=True)]
    high = [min(p, q) for p, q in zip(a.box[2:], b.box[2:], strict=True)]
    return Shape((low[0], low[1], high[0], high[1]), lambda x, y: np.maximum(a.distance(x, y), b.distance(x, y)))


def rounded(left: float, top: float, right: float, bottom: float, radius: float) -> Shape:
    """Make an upright rectangle with round corners."""
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2

    def distance(x: Array, y: Array) -> Array:
        over_x = np.abs(x - middle_x) - (right - left) / 2 + radius
        over_y = np.abs(y - middle_y) - (bottom - top) / 2 + radius
        outside = np.sqrt(np.maximum(over_x, 0) ** 2 + np.maximum(over_y, 0) ** 2)
        return np.asarray(outside + np.minimum(np.maximum(over_x, over_y), 0) - radius)

    return Shape((left, top, right, bottom), distance)


def rectangle(left: float, top: float, right: float, bottom: float) -> Shape:
    """Make an upright rectangle."""
    return polygon([(left, top), (right, top), (right, bottom), (left, bottom)])


def bend(start: Point, control: Point, end: Point, steps: int = 16) -> list[Point]:
    """List points of the curve that leaves `start` towards `control` and arrives at `end` from it."""
    return [
        (
            (1 - t) ** 2 * start[0] + 2 * t * (1 - t) * control[0] + t * t * end[0],
            (1 - t) ** 2 * start[1] + 2 * t * (1 - t) * control[1] + t * t * end[1],
        )
        for t in (step / steps for step in range(steps + 1))
    ]


def _bounds(points: Sequence[Point]) -> Box:
    """Find the rectangle around the points."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _nearest(x: Array, y: Array, edges: Sequence[tuple[Point, Point]]) -> Array:
    """Measure the distance to the nearest of some line segments."""

    def squared(a: Point, b: Point) -> Array:
        along_x, along_y = b[0] - a[0], b[1] - a[1]
        length = along_x**2 + along_y**2 or 1.0
        t = np.clip(((x - a[0]) * along_x + (y - a[1]) * along_y) / length, 0, 1)
        return np.asarray((x - a[0] - t * along_x) ** 2 + (y - a[1] - t * along_y) ** 2)

    return np.sqrt(reduce(np.minimum, (squared(a, b) for a, b in edges)))


def _crosses(x: Array, y: Array, a: Point, b: Point) -> npt.NDArray[np.bool_]:
    """Return at which points a ray to the right crosses the edge from `a` to `b`."""
    if a[1] == b[1]:
        return np.zeros(np.broadcast_shapes(x.shape, y.shape), dtype=np.bool_)
    at = a[0] + (y - a[1]) * ((b[0] - a[0]) / (b[1] - a[1]))
    return np.asarray(((a[1] > y) != (b[1] > y)) & (x < at))
