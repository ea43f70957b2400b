"""Colors as OpenEXR stores them in a quarter of the pixels: luminance, and differences to it in its shares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from convcli.image.metadata import SRGB_CHROMATICITIES

Floats = NDArray[np.float32]

# Between two samples of a color, from the seven on each side, the nearest first: as OpenEXR's own library has them.
_TAPS = (0.627123, -0.186077, 0.087929, -0.043159, 0.019597, -0.007540, 0.002128)


def from_luminance(luminance: Floats, red: Floats, blue: Floats, points: Sequence[float]) -> Floats:
    """Return RGB (height, width, 3) of a luminance (height, width) and differences, of as many pixels or a quarter.

    `points` are x and y of red, green, blue and white; none for those of sRGB.
    """
    shares = _shares(points)
    reds, blues = ((1 + _enlarged(each, luminance.shape)) * luminance for each in (red, blue))
    greens = (luminance - shares[0] * reds - shares[2] * blues) / shares[1]
    return np.stack([reds, greens, blues], axis=2).astype(np.float32)


def _shares(points: Sequence[float]) -> NDArray[np.float64]:
    """Return the shares of red, green and blue in luminance."""
    if not points:
        *white, rx, ry, gx, gy, bx, by = SRGB_CHROMATICITIES
        points = (rx, ry, gx, gy, bx, by, *white)
    spots = np.reshape(np.asarray(points, np.float64), (4, 2))
    each = np.stack([spots[:, 0] / spots[:, 1], np.ones(4), (1 - spots.sum(axis=1)) / spots[:, 1]])
    shares: NDArray[np.float64] = np.linalg.solve(each[:, :3], each[:, 3])
    return shares


def _enlarged(values: Floats, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return values at every pixel, of which each second one across and down is there."""
    found = values.astype(np.float64)
    for axis in (1, 0):
        if found.shape[axis] < shape[axis]:
            found = np.moveaxis(_between(np.moveaxis(found, axis, 0), shape[axis]), 0, axis)
    if found.shape != tuple(shape):
        raise ValueError("colors of another size than the picture")
    return found


def _between(rows: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    if len(rows) != -(-count // 2):
        raise ValueError("colors of another size than the picture")
    result = np.empty((count, *rows.shape[1:]))
    result[::2] = rows
    places = np.arange(count // 2)
    result[1::2] = sum(
        tap * (rows[np.maximum(places - at, 0)] + rows[np.minimum(places + 1 + at, len(rows) - 1)])
        for at, tap in enumerate(_TAPS)
    )
    return result
