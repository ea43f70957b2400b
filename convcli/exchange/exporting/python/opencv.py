"""Code for OpenCV."""

from __future__ import annotations

from convcli.exchange.exporting.handed import Handed
from convcli.exchange.exporting.python.program import program
from convcli.filters import Pipeline

_UNDER = '''
def under(plane, weights):
    """Return the sums of products for every position of the kernel inside the plane."""
    height, width = (side - reach + 1 for side, reach in zip(plane.shape, weights.shape))
    return cv2.filter2D(plane, cv2.CV_64F, weights, anchor=(0, 0))[:height, :width]
'''


_OF_RANK = '''
def of_rank(plane, size, rank):
    """Return the value of a rank for every position of the window inside the plane."""
    height, width = (side - reach + 1 for side, reach in zip(plane.shape, size))
    if rank in (0, size[0] * size[1] - 1):
        function = cv2.dilate if rank else cv2.erode
        return function(plane, np.ones(size, np.uint8), anchor=(0, 0))[:height, :width]
    reach = size[0] // 2
    found = cv2.medianBlur(plane.astype(np.float32), size[0]).astype(float)
    return found[reach : reach + height, reach : reach + width]
'''
_MEDIANS = ((3, 3), (5, 5))  # of floats


def export(pipeline: Pipeline, ending: str = "") -> Handed:  # noqa: ARG001 - one form for every file
    """Return a program of `cv2.filter2D`, a call per kernel; UsageError as `program`."""
    return program(pipeline, "OpenCV", "import cv2", _UNDER, _OF_RANK, _MEDIANS)
