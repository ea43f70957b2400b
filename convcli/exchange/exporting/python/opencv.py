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


def export(pipeline: Pipeline, ending: str = "") -> Handed:  # noqa: ARG001 - one form for every file
    """Return a program of `cv2.filter2D`, a call per kernel; UsageError as `program`."""
    return program(pipeline, "OpenCV", "import cv2", _UNDER)
