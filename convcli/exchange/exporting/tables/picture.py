"""The weights of a kernel as a gray picture."""

from __future__ import annotations

import numpy as np

from convcli.exchange.exporting.handed import Handed, number
from convcli.exchange.exporting.kernels import only_kernel, plane_of
from convcli.exchange.exporting.tables.arrays import plain_weights
from convcli.filters import Pipeline

_WHITE = 65535
_MIDDLE = 32768


def export(pipeline: Pipeline, ending: str = "") -> Handed:  # noqa: ARG001 - one form for every file
    """Return levels of 16 bits, black 0 and white the largest weight, or mid-gray 0 where some are negative.

    Raises UsageError where the filter is not one plane.
    """
    _, notes = plain_weights(pipeline, "a picture")
    conv = only_kernel(pipeline, "a picture")
    plane = plane_of(conv, "a picture") / conv.kernel.divisor
    largest = float(np.abs(plane).max()) or 1.0
    is_signed = bool((plane < 0).any())
    levels = plane / largest * (_WHITE - _MIDDLE) + _MIDDLE if is_signed else plane / largest * _WHITE
    back = f"convcli import FILE --white {number(largest)}{' --zero gray' if is_signed else ''}"
    zero = "mid-gray is a weight of 0" if is_signed else "black is a weight of 0"
    lines = (f"{zero}, white is {largest:.6g}; {back} reads it back",)
    return Handed(np.rint(levels).astype(np.uint16), notes, lines)
