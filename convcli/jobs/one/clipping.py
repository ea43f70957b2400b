"""Advice on values that were clipped, by the filter that made them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from convcli.filters import (
    Abs,
    AvgPool,
    Combine,
    Conv,
    Geometry,
    Layer,
    LeakyReLU,
    MaxPool,
    Pipeline,
    Pixelate,
    Rank,
    ReLU,
    Unsharp,
    tree_size,
)
from convcli.words import listed

_MOST_LAYERS = 1000  # of branches that are looked through
_ROUNDING = 1e-6  # of a sum of weights, against that of their absolute values


def clipping_advice(pipeline: Pipeline, ranges: Sequence[str], *, of_floats: bool) -> str:
    """Return what keeps the clipped values, as the rest of a sentence; nothing where that would spoil the picture.

    The weights of a gradient add up to 0, so its values lie around black, and one of the `ranges` is wanted, as for
    floats beyond 0 and 1. A sharpening has a sum of 1: for a few edges the whole picture would turn gray. A blur of a
    larger sum lacks its divisor.
    """
    gain = flat_gain(pipeline.layers)
    if of_floats or gain == 0:
        return f"; --range {listed(ranges, 'or')} keeps them" if ranges else ""
    if gain is None or gain <= 1 or pipeline.conv is None:
        return ""
    return f"; the weights add up to {gain:.4g}, and --normalize sum makes that 1"


def flat_gain(layers: Iterable[Layer]) -> float | None:
    """Return the factor by which layers multiply a flat area; None where there is none, or channels are mixed."""
    gain = 1.0
    for layer in layers:
        factor = _factor(layer)
        if factor is None or (gain * factor < 0 and not isinstance(layer, Conv | Geometry)):
            return None
        gain *= factor
    return 1.0 if math.isclose(gain, 1, rel_tol=_ROUNDING) else gain


def _factor(layer: Layer) -> float | None:
    match layer:
        case Conv(kernel=kernel):
            sums = kernel.weights.reshape(kernel.output_channels or 1, -1).sum(axis=1)
            if (np.abs(sums) <= _ROUNDING * np.abs(kernel.weights).sum()).all():
                return 0.0
            return None if kernel.weights.ndim > 2 else float(sums[0]) / kernel.divisor
        case Unsharp() | MaxPool() | AvgPool(divisor=None) | Rank() | Pixelate() | Geometry():
            return 1.0
        case Abs() | ReLU() | LeakyReLU():
            return 1.0
        case Combine(branches=branches) if branches and tree_size((layer,)) <= _MOST_LAYERS:
            return 0.0 if all(flat_gain(each) == 0 for each in branches) else None
    return None
