"""Channels that are smaller than the picture, or of other bits than each other; and CMYK.

Pillow enlarges the former, of 8 bits at most, and has CMYK. Where it fails, and of more bits, imagecodecs enlarges the
two color channels of three.
"""

from __future__ import annotations

import io

import numpy as np
from imagecodecs import jpeg2k_decode

from convcli.image.codec import Source
from convcli.image.coded.jpeg2k import Jp2
from convcli.image.pillow.decode import samples_of
from convcli.image.pillow.plugins import open_image
from convcli.image.pillow.silence import without_stderr
from convcli.image.samples import Samples, scaled
from convcli.note import Note

_ENLARGED = Note("converted", "its channels of fewer pixels are enlarged to the picture, each pixel repeated")
BITS = 8  # of more Pillow makes black where they are white
_COLORS = 3


def enlarged(file: Jp2, source: Source) -> Samples:
    """Decode a file; raise whatever Pillow or imagecodecs raises on damage, or for more kinds than it enlarges."""
    if max(file.stream.bits) <= BITS:
        try:
            return _by_pillow(file, source)
        except OSError:
            if file.channels != _COLORS or file.is_cmyk:
                raise
    with without_stderr():
        pixels, notes = scaled(jpeg2k_decode(file.file), (1 << file.stream.bits[0]) - 1)
    return Samples(pixels, notes=(_ENLARGED, *notes))


def _by_pillow(file: Jp2, source: Source) -> Samples:
    image = open_image(io.BytesIO(file.file), "Jpeg2K")
    with without_stderr():
        image.load()
    if file.described.icc:
        image.info["icc_profile"] = file.described.icc
    found = samples_of(image, source.name)
    pixels, notes = found.pixels, found.notes
    notes = (*notes, _ENLARGED) if file.stream.is_subsampled else notes
    bits = file.stream.bits
    if min(bits) < BITS and not file.is_cmyk:  # Pillow fills up with zeros
        parts = [scaled(pixels[:, :, at] >> np.uint8(BITS - each), (1 << each) - 1) for at, each in enumerate(bits)]
        pixels = np.stack([part for part, _ in parts], axis=2)
        notes = (*notes, *dict.fromkeys(note for _, each in parts for note in each))
    return Samples(pixels, found.has_alpha, notes)
