"""The layers that do the steps around a kernel again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from convcli.array_types import Array
from convcli.catalog import load_filter
from convcli.detective.explanation import Explanation
from convcli.detective.geometry.frame import Frame
from convcli.detective.geometry.views import seen
from convcli.engine import from_light, to_light
from convcli.filters import Crop, Curve, Layer, Mirror, Turn
from convcli.learning import LearningPair

_POINTS = 129  # of the curve of light


def layers_around(found: Explanation, frame: Frame, pair: LearningPair) -> tuple[tuple[Layer, ...], tuple[Layer, ...]]:
    """Return the layers before the kernel, and those after it."""
    before: list[Layer] = []
    after: list[Layer] = []
    if not frame.resized:
        before += _geometry_layers(frame, pair)
    if found.before:
        before += load_filter(found.before).layers
    if found.light:
        before.append(Curve(_points(to_light)))
    if found.curve is not None:
        after.append(Curve(tuple(zip(found.curve.at.tolist(), found.curve.values.tolist(), strict=True))))
    elif found.light:
        after.append(Curve(_points(from_light)))
    return tuple(before), tuple(after)


def _points(curve: Callable[[Array], Array]) -> tuple[tuple[float, float], ...]:
    """Return points of the curve of light, or of that back, more where it bends more."""
    at = np.linspace(0, 1, _POINTS) ** 2
    return tuple(zip(at.tolist(), curve(at).tolist(), strict=True))


def _geometry_layers(frame: Frame, pair: LearningPair) -> Iterator[Layer]:
    axis, degrees = frame.view
    if axis:
        yield Mirror(axis)
    if degrees:
        yield Turn(degrees)
    height, width = pair.target.shape[:2]
    if seen(pair.source, frame.view).shape[:2] != (height, width):
        yield Crop(frame.left, frame.top, width, height)
    elif frame.top or frame.left:
        yield from load_filter(f"shift:{-frame.left},{-frame.top},border=edge").layers
