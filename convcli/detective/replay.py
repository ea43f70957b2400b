"""The layers that do the steps around a kernel again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from convcli.array_types import Array
from convcli.catalog import load_filter
from convcli.detective.alignment import layers_of
from convcli.detective.explanation import Explanation
from convcli.detective.geometry.frame import Frame
from convcli.detective.tone.fit import Curve as FittedCurve
from convcli.engine import from_light, to_light
from convcli.filters import Curve, Layer
from convcli.learning import LearningPair

_BEYOND = 0.5  # of full scale, and of the values of the curve: a kernel before it goes beyond its points
_POINTS = 129  # of the curve of light


def layers_around(
    found: Explanation, frame: Frame, pair: LearningPair
) -> tuple[tuple[Layer, ...], tuple[Layer, ...]] | None:
    """Return the layers before the kernel, and those after it; None where one of the steps is no layer."""
    geometry = layers_of(frame, pair)
    if geometry is None:
        return None
    before: list[Layer] = list(geometry)
    after: list[Layer] = []
    if found.before:
        before += load_filter(found.before).layers
    if found.light:
        before.append(Curve(_points(to_light)))
    if found.curve is not None:
        after.append(Curve(_with_ends(found.curve)))
    elif found.light:
        after.append(Curve(_points(from_light)))
    return tuple(before), tuple(after)


def _with_ends(curve: FittedCurve) -> tuple[tuple[float, float], ...]:
    """Return the points of a curve, and one on each side, on its first and last line; the layer is flat beyond."""
    beyond = _BEYOND / np.maximum(np.abs(curve.slopes[[0, -1]]), 1)
    at = np.concatenate([[curve.at[0] - beyond[0]], curve.at, [curve.at[-1] + beyond[1]]])
    return tuple(zip(at.tolist(), curve(at).tolist(), strict=True))


def _points(curve: Callable[[Array], Array]) -> tuple[tuple[float, float], ...]:
    """Return points of the curve of light, or of that back, more where it bends more."""
    at = np.linspace(0, 1, _POINTS) ** 2
    return tuple(zip(at.tolist(), curve(at).tolist(), strict=True))
