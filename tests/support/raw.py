"""Photographs as sensors see them, made by tifffile: a DNG of a scene, of which every pixel has one color."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tifffile import TiffWriter

HEIGHT, WIDTH = 60, 80
_DOWN, _RIGHT = np.mgrid[0:HEIGHT, 0:WIDTH]
# Light, smooth so that what lies between the pixels of a color is known: red rises to the right, green downward.
SCENE: NDArray[np.float64] = np.stack([_RIGHT / WIDTH, _DOWN / HEIGHT, np.full((HEIGHT, WIDTH), 0.5)], axis=2) * 0.4

_FROM_XYZ = (32405, -15372, -4985, -9693, 18760, 416, 556, -2040, 10572)  # to linear sRGB, in 10 000ths
_CFA = 32803


def mosaic(scene: NDArray[np.float64] = SCENE) -> NDArray[np.uint16]:
    """Return what a sensor sees of light: red, green and blue in a square of four."""
    seen = scene[:, :, 1].copy()
    seen[::2, ::2], seen[1::2, 1::2] = scene[::2, ::2, 0], scene[1::2, 1::2, 2]
    return (seen * 65_535 + 0.5).astype(np.uint16)


def dng(
    scene: NDArray[np.float64] = SCENE, orientation: int = 1, extra: tuple[Any, ...] = (), order: str = "<"
) -> bytes:
    """Return a DNG whose colors are those of sRGB under daylight, with further tags."""
    matrix = [number for value in _FROM_XYZ for number in (value, 10_000)]
    tags = [
        (50706, "B", 4, (1, 4, 0, 0), True),  # the version of DNG
        (33421, "H", 2, (2, 2), True),
        (33422, "B", 4, (0, 1, 1, 2), True),
        (50721, "2i", 9, matrix, True),
        (50728, "2I", 3, (1, 1, 1, 1, 1, 1), True),
        (50717, "I", 1, 65_535, True),
        (271, "s", 0, "A maker", True),
        (272, "s", 0, "A camera", True),
        (274, "H", 1, orientation, True),
        *extra,
    ]
    stream = io.BytesIO()
    with TiffWriter(stream, byteorder=order) as file:  # type: ignore[arg-type]  # a literal
        file.write(mosaic(scene), photometric=_CFA, extratags=tags, metadata=None)
    return stream.getvalue()
