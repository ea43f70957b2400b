"""Colors of a TIFF that are neither gray nor RGB: their numbers, and palettes at any depth."""

from __future__ import annotations

import numpy as np
from tifffile import TiffPage

from convcli.array_types import Array
from convcli.note import Note

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB = 0, 1, 2
PALETTE, SEPARATED, YCBCR, CIE_LAB, ICC_LAB = 3, 5, 6, 8, 9
INKS = 4
_PHOTOMETRIC = 262


def of_palette(indices: Array, colormap: Array) -> tuple[Array, tuple[Note, ...]]:
    """Return the colors (height, width, 3) of indices (height, width, 1) into a palette (3, count) of 16 bits.

    A palette whose lower bytes are those above, or 0, is one of 8 bits. A color that is not in it is black, as for
    other programs.
    """
    low, high = colormap & 255, colormap >> 8
    if not low.any() or (low == high).all():
        colormap = high.astype(np.uint8)
    notes: tuple[Note, ...] = (Note("palette", "its palette is filtered as RGB"),)
    if (most := int(indices.max())) >= colormap.shape[1]:
        colormap = np.pad(colormap, ((0, 0), (0, most + 1 - colormap.shape[1])))
        notes = (Note("damaged", "it has colors that are not in its palette; they are black"), *notes)
    return np.ascontiguousarray(colormap.T)[indices[:, :, 0]], notes


def photometric(page: TiffPage) -> int:
    """Return the number of the colors of a page; of one that does not say RGB or gray by its channels."""
    if _PHOTOMETRIC not in page.tags:
        return RGB if page.samplesperpixel >= 3 else BLACK_IS_ZERO
    return int(page.photometric)
