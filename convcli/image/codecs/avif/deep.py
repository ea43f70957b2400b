"""The pixels of an AVIF of 10 or 12 bits, of which Pillow keeps 8."""

from __future__ import annotations

import numpy as np
from imagecodecs import avif_decode

from convcli.array_types import Array
from convcli.image.samples import Samples, scaled_to_16_bits
from convcli.note import Note


def deep_samples(file: bytes, bits: int, box: tuple[int, int, int, int] | None) -> Samples:
    """Decode a file of one picture, whose size was checked, to 16 bits; of `box`, if there is one, alone."""
    values: Array = avif_decode(file)
    values = values[0] if values.ndim == 4 else values if values.ndim == 3 else values[:, :, np.newaxis]
    if box is not None:
        left, top, right, bottom = box
        values = values[top:bottom, left:right]
    has_alpha = values.shape[2] in (2, 4)
    if values.shape[2] >= 3 and (values[:, :, :3] == values[:, :, :1]).all():
        values = values[:, :, [0, 3] if has_alpha else [0]]  # gray comes as RGB
    if values.dtype == np.uint8:
        return Samples(np.ascontiguousarray(values), has_alpha)
    note = Note("scaled", f"its {bits} bits are scaled to 16")
    return Samples(scaled_to_16_bits(values, 2**bits - 1), has_alpha, (note,))
