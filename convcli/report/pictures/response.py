"""The frequency response of a kernel."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Floats
from convcli.filters import Size2


def response(plane: Floats, rows: Floats, columns: Floats, dilation: Size2) -> Floats:
    """Return the magnitude (rows, columns) of the two-dimensional Fourier transform of a plane of weights.

    The weights (height, width) are divided by the divisor; `rows` and `columns` are frequencies downwards and to the
    right, in cycles per pixel. A dilation, the pixels (down, right) between weights, repeats the response.
    """
    height, width = plane.shape
    down = np.exp(-2j * np.pi * np.outer(rows, np.arange(height) * dilation[0]))
    right = np.exp(-2j * np.pi * np.outer(np.arange(width) * dilation[1], columns))
    magnitude: Floats = np.abs(down @ plane @ right)
    return magnitude


def square_response(plane: Floats, dilation: Size2, count: int) -> Floats:
    """Return the response (count, count) at frequencies from −0.5 to 0.5, zero in the middle."""
    frequencies = np.linspace(-0.5, 0.5, count)
    return response(plane, frequencies, frequencies, dilation)


def profiles(plane: Floats, dilation: Size2, count: int) -> dict[str, Floats]:
    """Return the response along the axes and their diagonal at `count` frequencies from 0 to 0.5."""
    frequencies, zero = np.linspace(0, 0.5, count), np.zeros(1)
    return {
        "horizontal": response(plane, zero, frequencies, dilation)[0],
        "vertical": response(plane, frequencies, zero, dilation)[:, 0],
        "diagonal": response(plane, frequencies, frequencies, dilation).diagonal(),
    }


def highest_response(planes: Floats, dilation: Size2, count: int) -> float:
    """Return the highest response of planes at `count` frequencies, as maps and as profiles."""
    highest = 0.0
    for plane in planes:
        curves = profiles(plane, dilation, count + 1).values()
        highest = max(highest, *(float(each.max()) for each in (square_response(plane, dilation, count), *curves)))
    # A kernel of zeros, or of rounding errors, has a scale too.
    return highest if highest > 1e-12 else 1.0
