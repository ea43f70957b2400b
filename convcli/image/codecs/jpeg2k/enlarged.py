"""Pixels by Pillow, which enlarges channels that are smaller than the picture, and has CMYK."""

from __future__ import annotations

import io

import numpy as np

from convcli.image.codec import Source
from convcli.image.coded.jpeg2k import Jp2
from convcli.image.pillow.decode import samples_of
from convcli.image.pillow.plugins import open_image
from convcli.image.pillow.silence import without_stderr
from convcli.image.samples import Samples, scaled
from convcli.note import Note

_ENLARGED = Note("converted", "its channels of fewer pixels are enlarged to the picture, each pixel repeated")
BITS = 8  # of more Pillow makes black where they are white


def by_pillow(file: Jp2, source: Source) -> Samples:
    """Decode a file of at most 8 bits; raise whatever Pillow raises on damage."""
    image = open_image(io.BytesIO(file.file), "Jpeg2K")
    with without_stderr():
        image.load()
    if file.described.icc:
        image.info["icc_profile"] = file.described.icc
    found = samples_of(image, source.name)
    pixels, notes = found.pixels, found.notes
    notes = (*notes, _ENLARGED) if file.stream.is_subsampled else notes
    bits = file.stream.bits[0]
    if bits < BITS and not file.is_cmyk:  # Pillow fills up with zeros
        pixels, scaling = scaled(pixels >> np.uint8(BITS - bits), (1 << bits) - 1)
        notes = (*notes, *scaling)
    return Samples(pixels, found.has_alpha, notes)
