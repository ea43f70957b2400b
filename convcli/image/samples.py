"""Decoded pixels that did not pass through Pillow, and the depth that whole numbers are scaled to."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Array
from convcli.note import Note

WHITE = 65_535
_WHITE_OF_8 = 255


TRANSPARENT_COLOR = Note("transparent-color", "its transparent color is filtered as an alpha channel")


class Samples(NamedTuple):
    """The pixels of one frame or page; alpha, notes, numbers and whether they are linear as in `Picture`."""

    pixels: Array  # H×W×C as they are stored: uint8, uint16, float32 or float64
    has_alpha: bool = False
    notes: tuple[Note, ...] = ()
    numbers: str = ""
    linear: bool = False


def scaled_to_8_bits(values: Array, white: int) -> NDArray[np.uint8]:
    """Return whole numbers from 0 to `white`, less than 256, as 0 to 255, rounded half up."""
    every = (np.arange(white + 1) * (2 * 255) + white) // (2 * white)
    scaled: NDArray[np.uint8] = every.astype(np.uint8)[values]
    return scaled


def scaled(values: Array, white: int) -> tuple[Array, tuple[Note, ...]]:
    """Return whole numbers from 0 to `white` as those of 8 or 16 bits, rounded half up, and a note where they change.

    Raises ValueError where one is beyond white.
    """
    if values.size and int(values.max()) > white:
        raise ValueError("a sample beyond white")
    if white in (_WHITE_OF_8, WHITE):
        return values.astype(np.uint8 if white == _WHITE_OF_8 else np.uint16, copy=False), ()
    becomes = _WHITE_OF_8 if white < _WHITE_OF_8 else WHITE
    every = (np.arange(white + 1) * (2 * becomes) + white) // (2 * white)
    note = Note("scaled", f"its values, 0 to {white}, are scaled to {becomes}")
    return every.astype(np.uint8 if becomes == _WHITE_OF_8 else np.uint16)[values], (note,)


def scaled_to_16_bits(values: Array, white: int) -> NDArray[np.uint16]:
    """Return whole numbers from 0 to `white`, less than 65536, as 0 to 65535, rounded half up."""
    if white == WHITE:
        return values.astype(np.uint16)
    every = (np.arange(white + 1) * (2 * WHITE) + white) // (2 * white)
    scaled: NDArray[np.uint16] = every.astype(np.uint16)[values]
    return scaled
