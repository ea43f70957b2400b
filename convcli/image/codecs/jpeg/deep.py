"""JPEG of 12 and 16 bits, and without loss, which Pillow does not read: medical pictures, scans, films.

Pillow reads what such a file says of itself, once its header tells it of 8 bits.
"""

from __future__ import annotations

import io

import numpy as np
from imagecodecs import jpeg8_decode
from PIL import ImageFile

from convcli.array_types import Array
from convcli.image.codec import Source
from convcli.image.codecs.jpeg.cut_off import END
from convcli.image.coded.jpeg import Frame, frame_of
from convcli.image.limit import check_index
from convcli.image.memory import Outline
from convcli.image.pillow.plugins import open_image
from convcli.image.sampled.inks import of_inks
from convcli.image.samples import WHITE, Samples, scaled
from convcli.note import Note

_BYTE = 8  # bits
_COLORS, INKS = 3, 4  # channels
_BASELINE = 0xC0
_SHALLOW = Note("depth-reduced", "its levels are reduced to 8 bits, as the output holds")


def described(file: bytes, frame: Frame) -> ImageFile.ImageFile:
    """Return a file as Pillow opens it, of which nothing can be decoded."""
    header = bytearray(file)
    header[frame.at + 1], header[frame.at + 4] = _BASELINE, _BYTE
    return open_image(io.BytesIO(header), "Jpeg")


def read_deep(source: Source, file: bytes, icc: bytes = b"") -> Samples:
    """Decode a file that Pillow has opened, of which it knows the colors; inks by the profile `icc`."""
    frame = frame_of(file)
    if isinstance(source.frames, int):
        check_index(source.name, "frame", 1, source.frames)
    if END not in file[frame.at :]:  # libjpeg would fill up with gray
        raise ValueError("no end mark")
    source.admit(source.name, [Outline(frame.height, frame.width, frame.channels, 1 if frame.bits <= _BYTE else 2)])
    # Without loss colors are stored as they are, and libjpeg converts none. imagecodecs' other decoder of such files
    # dies of damaged tables.
    colors = "rgb" if frame.is_lossless and frame.channels == _COLORS else None
    decoded: Array = jpeg8_decode(file, colorspace=colors, outcolorspace=colors)
    values = np.asarray(decoded).reshape(*decoded.shape[:2], -1)
    if values.shape != (frame.height, frame.width, frame.channels):
        raise ValueError("the header is not that of the pixels")
    pixels, notes = scaled(values, (1 << frame.bits) - 1)
    if frame.channels == INKS:  # stored as the light that they leave, as all programs have it
        pixels, note = of_inks(np.iinfo(pixels.dtype).max - pixels, icc)
        notes = (*notes, note)
    if pixels.itemsize > 1 and not source.deep:
        shallow = ((pixels.astype(np.uint32) * 255 + WHITE // 2) // WHITE).astype(np.uint8)
        return Samples(shallow, notes=(_SHALLOW, *(note for note in notes if note.code != "scaled")))
    return Samples(pixels, notes=notes)
