"""The pixels of a BMP whose channels are bits of words."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.image.codecs.bmp.header import BmpHeader
from convcli.image.sampled.masks import are_masks, by_masks
from convcli.image.samples import Samples


def pixels_of(header: BmpHeader, file: bytes) -> Samples:
    """Decode a whole file.

    Raises ValueError where it is cut off, or the masks are none.
    """
    masks = (*header.colors, *((header.alpha,) if header.alpha else ()))
    if not are_masks(masks, header.bits):
        raise ValueError("masks that are none")
    size = header.bits // 8
    line = -(-header.width * size // 4) * 4
    rows = np.frombuffer(file, np.uint8, header.height * line, header.start).reshape(header.height, line)
    words = rows[:, : header.width * size].copy().view(f"<u{size}")
    pixels = by_masks(words[::-1] if header.from_below else words, masks)
    return Samples(pixels, bool(header.alpha))


def bytes_with_alpha(frame: Array) -> bytes:
    """Return gray or RGB with alpha, of uint8, as the rows of a file."""
    red, green, blue, alpha = (0, 0, 0, 1) if frame.shape[2] == 2 else (0, 1, 2, 3)
    return np.ascontiguousarray(frame[::-1, :, [blue, green, red, alpha]]).tobytes()
