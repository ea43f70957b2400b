"""Files of 16 bits a channel, written by hand."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.support.encoding import tiff
from tests.support.png import chunk, header, png_file

_RNG = np.random.default_rng(16)
COLOR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # of a PNG, by its channels


def deep(*shape: int) -> NDArray[np.uint16]:
    return _RNG.integers(0, 65536, shape, dtype=np.uint16)


def png(values: NDArray[np.uint16], before: bytes = b"", after: bytes = b"", *, interlaced: bool = False) -> bytes:
    """Write a PNG of 16 bits by the book: unfiltered rows, in seven passes where it is interlaced."""
    height, width, channels = values.shape
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    parts = [values[y::down, x::across] for y, x, down, across in passes] if interlaced else [values]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for part in parts if part.shape[1] for row in part)
    head = header(width, height, 16, COLOR_TYPES[channels], interlaced=interlaced)
    return png_file(head, before, chunk(b"IDAT", zlib.compress(rows)), after)


def rgb_tiff(values: NDArray[Any], **settings: Any) -> bytes:
    return tiff(values, photometric="rgb", **settings)
