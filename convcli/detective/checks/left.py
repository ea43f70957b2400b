"""Root mean square errors of a picture, of all of it and of its inside, band by band."""

from __future__ import annotations

import math

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.lossy.residual_map import ResidualMap

_ROWS = 256  # that are summed at a time


def rms_of(error: Array, counted: Bools | None = None) -> float:
    """Return the root mean square of an error, (height, width, channels), where it counts, band by band."""
    squares, count = 0.0, 0
    for start in range(0, len(error), _ROWS):
        rows = slice(start, start + _ROWS)
        band = error[rows]
        if counted is not None:
            band = band[np.broadcast_to(counted[rows], band.shape)]
        squares += float(np.square(band, dtype=np.float64).sum())
        count += band.size
    return math.sqrt(squares / count) if count else 0.0


def rms_inside(
    error: Array, residual: ResidualMap, side: int, counted: Bools | None, rows: Array | None
) -> float | None:
    """Return the root mean square of an error less the rim: other borders, and filters that leave it, are no fault.

    `rows` are those of the picture that the error has, None for all. It is None where nothing else counts.
    """
    reach = side // 2 + residual.cell
    above, below = (reach, -reach) if rows is None else np.searchsorted(rows, (reach, residual.size[0] - reach))
    inner = np.s_[above:below, reach:-reach]
    counts = None if counted is None else counted[inner]
    is_empty = not error[inner].size or (counts is not None and not counts.any())
    return None if is_empty else rms_of(error[inner], counts)


def unchanged(source: Array, target: Array) -> float:
    """Return the mean squared error of doing nothing, at most a fifth of that of one color."""
    variance = 0.2 * float(target.var())
    return min(variance, rms_of(source - target) ** 2) if source.shape == target.shape else variance
