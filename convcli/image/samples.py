"""Decoded pixels that did not pass through Pillow, and the depth that whole numbers are scaled to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Array
from convcli.lazy import dataclass
from convcli.note import Note

WHITE = 65_535


TRANSPARENT_COLOR = Note("transparent-color", "its transparent color is filtered as an alpha channel")


@dataclass(frozen=True)
class Samples:
    """The pixels of one frame or page; alpha and notes as in `Picture`."""

    pixels: Array  # H×W×C as they are stored: uint8, uint16, float32 or float64
    has_alpha: bool = False
    notes: tuple[Note, ...] = ()


def scaled_to_16_bits(values: Array, white: int) -> NDArray[np.uint16]:
    """Return whole numbers from 0 to `white`, less than 65536, as 0 to 65535, rounded half up."""
    if white == WHITE:
        return values.astype(np.uint16)
    every = (np.arange(white + 1) * (2 * WHITE) + white) // (2 * white)
    scaled: NDArray[np.uint16] = every.astype(np.uint16)[values]
    return scaled
