"""Light as LogLuv in a TIFF, by libtiff: the logarithm of the luminance, and u' and v' of the CIE of 1976.

"LogLuv encoding for full-gamut, high-dynamic range images" by Gregory Ward Larson, Journal of Graphics Tools 3, 1998.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from imagecodecs import tiff_decode
from tifffile import TiffPage

from convcli.array_types import Array
from convcli.image.metadata import SRGB_CHROMATICITIES
from convcli.image.pillow.silence import without_stderr
from convcli.image.samples import Samples
from convcli.note import Note

LOG_L, LOG_LUV = 32844, 32845  # kinds of colors
_EQUAL_ENERGY = (1 / 3, 1 / 3)  # x and y of the white that such files have where they do not say
_WHITE = 318  # a tag
_NOTE = Note("converted", "its light as LogLuv becomes floats of 32 bits, of the colors of sRGB")
_NOTE_GRAY = Note("converted", "its light as LogL becomes floats of 32 bits")


def light_samples(file: bytes, page: TiffPage) -> Samples:
    """Decode a page whose strips or tiles were checked; raise what libtiff raises on damage."""
    with without_stderr():
        decoded: Array = tiff_decode(file, index=page.index)
    if int(page.photometric) == LOG_L:
        return Samples(_luminance(decoded).reshape(*decoded.shape[:2], 1), notes=(_NOTE_GRAY,), linear=True)
    if decoded.dtype != np.float32 or decoded.ndim != 3:
        raise ValueError("light that is not decoded to floats")
    white = page.tags.valueof(_WHITE)
    toward = _to_rgb(_point(white) or _EQUAL_ENERGY)
    return Samples(np.ascontiguousarray(decoded @ toward.T, np.float32), notes=(_NOTE,), linear=True)


def _luminance(codes: Array) -> Array:
    """Return the light of codes of 16 bits: a sign, and steps of a 256th of a stop from 2**-64; 0 stays."""
    if codes.dtype.kind == "f":
        return codes.astype(np.float32)
    steps = (codes & 0x7FFF).astype(np.float64)
    light = np.where(steps == 0, 0, np.exp2((steps + 0.5) / 256 - 64))
    return np.where(codes < 0, -light, light).astype(np.float32)


def _point(tag: object) -> tuple[float, float] | None:
    """Return x and y of a tag of two fractions; None for what is none."""
    if not isinstance(tag, tuple) or len(tag) != 4 or not all(tag):
        return None
    return tag[0] / tag[1], tag[2] / tag[3]


def _to_rgb(white: tuple[float, float]) -> Array:
    """Return the matrix from XYZ to light of the primaries of sRGB, in which that white is 1, 1, 1."""
    points = [SRGB_CHROMATICITIES[at : at + 2] for at in (2, 4, 6)]
    primaries = np.array([_xyz(each) for each in points]).T
    scale = np.linalg.solve(primaries, _xyz(white))
    return np.linalg.inv(primaries * scale)


def _xyz(point: Sequence[float]) -> Array:
    x, y = point
    return np.array([x / y, 1, (1 - x - y) / y])
