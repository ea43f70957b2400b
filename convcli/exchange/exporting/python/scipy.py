"""Code for SciPy."""

from __future__ import annotations

from convcli.exchange.exporting.handed import Handed
from convcli.exchange.exporting.python.program import program
from convcli.filters import Pipeline

_UNDER = '''
def under(plane, weights):
    """Return the sums of products for every position of the kernel inside the plane."""
    height, width = (side - reach + 1 for side, reach in zip(plane.shape, weights.shape))
    row, column = (reach // 2 for reach in weights.shape)
    sums = ndimage.correlate(plane, weights, mode="constant")
    return sums[row : row + height, column : column + width]
'''


_OF_RANK = '''
def of_rank(plane, size, rank):
    """Return the value of a rank for every position of the window inside the plane."""
    height, width = (side - reach + 1 for side, reach in zip(plane.shape, size))
    row, column = (reach // 2 for reach in size)
    return ndimage.rank_filter(plane, rank, size=size)[row : row + height, column : column + width]
'''


def export(pipeline: Pipeline, ending: str = "") -> Handed:  # noqa: ARG001 - one form for every file
    """Return a program of `scipy.ndimage.correlate`, a call per kernel; UsageError as `program`."""
    return program(pipeline, "SciPy", "from scipy import ndimage", _UNDER, _OF_RANK)
