"""The places of a filtered picture's pixels in the file that they were made of."""

from __future__ import annotations

from dataclasses import replace
from math import prod

import numpy as np

from convcli import engine
from convcli.errors import ConvcliError
from convcli.filters import Geometry, Pipeline, Resize, untouched_path

_MOST_PIXELS = 1 << 24  # of a picture whose places are computed one by one
_CLOSE = 1e-3  # pixels

Steps = tuple[float, float, float, float, float, float]


def steps_of(pipeline: Pipeline, size: tuple[int, int]) -> Steps | None:
    """Return a to f of x = a·u + b·v + c and y = d·u + e·v + f, where column u and row v of the output lie at x and y.

    None where the output has no such places: of a linear layer, or of a picture too large to compute them.
    """
    try:
        moves = untouched_path(pipeline)
        return (1, 0, 0, 0, 1, 0) if moves is None else _measured(_exact(moves), size)
    except ConvcliError:
        return None


def _exact(moves: Pipeline) -> Pipeline:
    """Return layers whose resampling keeps a ramp a ramp near the edges, where wider filters do not."""
    layers = (replace(layer, filter="bilinear") if isinstance(layer, Resize) else layer for layer in moves.layers)
    return Pipeline(tuple(layers))


def _measured(moves: Pipeline, size: tuple[int, int]) -> Steps | None:
    """Move a picture of each pixel's column and row, and read from what comes out where it was."""
    extent, (down, right) = (field := moves.table((1, *size))[-1].receptive_field).extent, field.stride
    if extent is None:
        return None
    if not any(isinstance(layer, Geometry) for layer in moves.layers):  # alike everywhere, so that a corner will do
        sides = (8 * (extent[0] + round(16 * down)), 8 * (extent[1] + round(16 * right)))
        size = min(size[0], sides[0]), min(size[1], sides[1])
    if prod(size) > _MOST_PIXELS:
        return None
    rows, columns = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float64)
    found = engine.apply_pipeline(moves, np.stack([columns, rows], axis=2), full_scale=1, dtype=np.dtype(np.float64))
    places = found.values
    high, wide = places.shape[:2]
    if min(high, wide) < 2:
        return None
    # Inside, since at the edges borders take the place of pixels.
    top, bottom, left, end = high // 4, max(3 * high // 4, high // 4 + 1), wide // 4, max(3 * wide // 4, wide // 4 + 1)
    across = (places[top, end] - places[top, left]) / (end - left)
    below = (places[bottom, left] - places[top, left]) / (bottom - top)
    start = places[top, left] - across * left - below * top
    if np.abs(start + across * end + below * bottom - places[bottom, end]).max() > _CLOSE:
        return None
    (a, d), (b, e), (c, f) = (np.round(each, 6) + 0.0 for each in (across, below, start))
    return float(a), float(b), float(c), float(d), float(e), float(f)
