"""Colors that are neither gray nor RGB, at any depth: CMYK and Lab."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.image.samples import WHITE
from convcli.note import Note

# D50, which Lab refers to, and light of sRGB from XYZ under it, adapted to D65 by Bradford's matrix.
_D50 = np.array([0.9642, 1.0, 0.8249])
_TO_LIGHT = np.array(
    [[3.1338561, -1.6168667, -0.4906146], [-0.9787684, 1.9161415, 0.0334540], [0.0719453, -0.2289914, 1.4052427]]
)
_BEND = 6 / 29  # of the curve of Lab


def of_inks(inks: Array, icc: bytes) -> tuple[Array, Note]:
    """Return sRGB (height, width, 3) of CMYK (height, width, 4), by its profile or else by what each ink absorbs."""
    note = Note("converted", "its CMYK colors are converted to RGB")
    if icc[16:20] == b"CMYK" and inks.dtype.kind == "u":
        from imagecodecs import CmsError, cms_profile, cms_transform

        try:
            given = np.ascontiguousarray(inks)
            found: Array = cms_transform(given, icc, cms_profile("srgb"), colorspace="cmyk", outcolorspace="rgb")
        except (CmsError, ValueError):
            pass  # a profile that nobody can use: as without one
        else:
            return found, note
    white = float(np.iinfo(inks.dtype).max) if inks.dtype.kind == "u" else 1.0
    light = 1 - inks / white
    return _levels(light[:, :, :3] * light[:, :, 3:], inks.dtype), note


def of_lab(values: Array, *, is_icc: bool) -> tuple[Array, Note]:
    """Return sRGB (height, width, 3) of CIE L*a*b* in 8 or 16 bits; the ICC's has a and b around the middle."""
    note = Note("converted", "its Lab colors are converted to RGB")
    bits = 8 * values.dtype.itemsize
    if values.dtype.kind == "f":
        lightness, opponents = values[:, :, :1].astype(np.float64), values[:, :, 1:].astype(np.float64)
    else:
        lightness = values[:, :, :1] * (100 / (2**bits - 1))
        signed = values[:, :, 1:].astype(np.int64)
        signed = signed - 2 ** (bits - 1) if is_icc else signed - 2**bits * (signed >= 2 ** (bits - 1))
        opponents = signed / 2 ** (bits - 8)
    middle = (lightness + 16) / 116
    bent = np.concatenate([middle + opponents[:, :, :1] / 500, middle, middle - opponents[:, :, 1:] / 200], axis=2)
    light = np.where(bent > _BEND, bent**3, 3 * _BEND**2 * (bent - 4 / 29)) * _D50 @ _TO_LIGHT.T
    light = np.clip(light, 0, 1)
    levels = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return _levels(levels, values.dtype), note


def _levels(shares: Array, dtype: np.dtype[np.generic]) -> Array:
    """Return shares of white in the depth of what they were made of."""
    if dtype.kind == "f":
        return shares.astype(np.float32)
    white = 255 if dtype.itemsize == 1 else WHITE
    return np.floor(np.clip(shares, 0, 1) * white + 0.5).astype(np.uint8 if dtype.itemsize == 1 else np.uint16)
