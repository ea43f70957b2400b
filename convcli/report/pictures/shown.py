"""Values as they are shown: RGB of 8 bits, and the sources of pictures in a page."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from convcli.array_types import Array
from convcli.engine import laid_on
from convcli.report.pictures.drawing import png_of

Pixels = NDArray[np.uint8]
Size = tuple[int, int]

_COLORS = 160
_WORTH_EFFORT = 300_000  # values; to search for the smallest PNG of more takes seconds
_PIXELS_OF_A_BAND = 1 << 18


def in_rgb(frame: Array, low: float, high: float, *, has_alpha: bool = False) -> Pixels:
    """Return values (height, width, channels) in RGB, `low` black and `high` white; what is transparent, on white.

    Of other than one or three channels the first is shown. NaN is black.
    """
    levels: Pixels = np.empty((*frame.shape[:2], 3), np.uint8)
    for rows in bands(frame):
        levels[rows] = _rows_in_rgb(frame[rows], low, high, has_alpha=has_alpha)
    return levels


def bands(frame: Array) -> Iterator[slice]:
    """Yield rows of a picture (height, width, …) that are computed together, as floats of no more than some MB."""
    at_once = max(1, _PIXELS_OF_A_BAND // max(1, frame.shape[1]))
    for top in range(0, frame.shape[0], at_once):
        yield slice(top, top + at_once)


def _rows_in_rgb(frame: Array, low: float, high: float, *, has_alpha: bool) -> Pixels:
    with np.errstate(invalid="ignore", over="ignore"):
        shares = np.clip((frame.astype(np.float64) - low) / ((high - low) or 1.0), 0, 1)
    shares = np.nan_to_num(shares)
    if has_alpha:
        shares = laid_on(shares, [1.0] * (shares.shape[2] - 1), 1.0)
    colors = shares if shares.shape[2] == 3 else np.repeat(shares[:, :, :1], 3, axis=2)
    levels: Pixels = np.floor(255 * colors + 0.5).astype(np.uint8)
    return levels


def finite_range(*arrays: Array) -> tuple[float, float]:
    """Return the smallest and the largest finite value of arrays; zeros where there is none."""
    finite = [each[np.isfinite(each)] for each in arrays]
    ends = [float(end) for each in finite if each.size for end in (each.min(), each.max())] or [0.0]
    return min(ends), max(ends)


def within(pixels: Pixels, most: Size) -> Pixels:
    """Return a picture reduced to a height and width at most; a smaller one as it is."""
    height, width = pixels.shape[:2]
    factor = min(most[0] / height, most[1] / width)
    if factor >= 1:
        return pixels
    size = max(1, round(width * factor)), max(1, round(height * factor))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BOX))


def png_source(pixels: Pixels) -> str:
    """Return a picture as a URL of its own, without loss."""
    if pixels.size < _WORTH_EFFORT:
        return _source("png", png_of(pixels))
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "PNG")
    return _source("png", written.getvalue())


def drawing_source(pixels: Pixels) -> str:
    """Return a drawing as a URL of its own, in the few colors that it has."""
    written = io.BytesIO()
    Image.fromarray(pixels).quantize(_COLORS, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
    return _source("png", written.getvalue())


def jpeg_source(pixels: Pixels, quality: int = 85) -> str:
    """Return a picture as a URL of its own, as a JPEG of full color resolution."""
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "JPEG", quality=quality, subsampling=0)
    return _source("jpeg", written.getvalue())


def _source(kind: str, data: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"
