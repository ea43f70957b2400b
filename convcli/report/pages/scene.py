"""A test picture, for filters that are shown without a picture of the user's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_HEIGHT, _WIDTH = 300, 420
_RINGS = 190  # side of the square of rings
_FINEST = 0.5  # cycles per pixel at its rim
_STRIPES = (12, 8, 5, 3, 2)  # pixels of a stripe


def sample_scene() -> NDArray[np.uint8]:
    """Return a picture (height, width, 3) of rings that get finer outwards, discs, stripes, a ramp and noise."""
    rows, columns = np.mgrid[:_HEIGHT, :_WIDTH].astype(np.float64)
    scene = np.stack([90 + 100 * columns / _WIDTH, 120 + 60 * rows / _HEIGHT, 190 - 90 * columns / _WIDTH], axis=2)
    _put_rings(scene[15 : 15 + _RINGS, 15 : 15 + _RINGS])
    for x, y, radius, color in (
        (275, 65, 46, (214, 60, 44)),
        (345, 90, 38, (250, 204, 70)),
        (290, 130, 30, (28, 40, 66)),
    ):
        scene[(columns - x) ** 2 + (rows - y) ** 2 < radius**2] = color
    left = 225
    for width in _STRIPES:
        scene[175:205, left : left + 5 * width] = np.where(
            (columns[:30, : 5 * width] // width % 2)[:, :, None], 240, 20
        )
        left += 5 * width + 8
    scene[225:285, 15:205] = np.linspace(0, 255, 190)[:, np.newaxis]
    scene[225:285, 225:300] = np.random.default_rng(7).normal(128, 40, (60, 75, 1))
    scene[225:285, 318:405] = 235
    scene[235:275:8, 326:397] = 20
    scene[235:275, 326:397:14] = 20
    levels: NDArray[np.uint8] = np.rint(np.clip(scene, 0, 255)).astype(np.uint8)
    return levels


def _put_rings(area: NDArray[np.float64]) -> None:
    """Draw rings whose frequency grows with the distance from the middle, up to `_FINEST`."""
    side = len(area)
    rows, columns = np.mgrid[:side, :side] - (side - 1) / 2
    squared = rows**2 + columns**2
    radius = side / 2
    rings = 127.5 * (1 + np.cos(np.pi * _FINEST * squared / radius))
    area[squared <= radius**2] = rings[squared <= radius**2][:, np.newaxis]
