"""Pixels whose channels are bits of a whole number, as BMP and DDS have them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_ROWS_AT_ONCE = 1 << 16  # pixels that are taken apart together


def by_masks(words: NDArray[np.uint16] | NDArray[np.uint32], masks: Sequence[int]) -> NDArray[np.uint8]:
    """Return the channels of words (height, width), each the bits of a mask scaled to 255 and rounded half up.

    A mask without bits gives zeros.
    """
    height, width = words.shape
    pixels = np.zeros((height, width, len(masks)), np.uint8)
    rows = max(1, _ROWS_AT_ONCE // max(width, 1))
    for number, mask in enumerate(masks):
        if not mask:
            continue
        shift = (mask & -mask).bit_length() - 1
        white = mask >> shift
        for top in range(0, height, rows):
            values = (words[top : top + rows].astype(np.uint64) & mask) >> shift
            pixels[top : top + rows, :, number] = (values * 510 + white) // (2 * white)
    return pixels


def are_masks(masks: Sequence[int], bits: int) -> bool:
    """Return whether masks are each a run of bits of words of so many bits, and share none."""
    seen = 0
    for mask in masks:
        run = mask >> ((mask & -mask).bit_length() - 1) if mask else 0
        if mask >> bits or run & (run + 1) or seen & mask:
            return False
        seen |= mask
    return True
