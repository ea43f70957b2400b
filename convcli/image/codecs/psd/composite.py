"""The composite of a Photoshop file: gray or RGB, of 8, 16 or 32 bits."""

from __future__ import annotations

import numpy as np
from imagecodecs import packbits_decode

from convcli.array_types import Array
from convcli.image.codecs.psd.sections import CMYK, LAB, SEVERAL, PsdFile
from convcli.image.sampled.inks import of_inks, of_lab
from convcli.image.samples import Samples
from convcli.note import Note

_RAW, _RUNS = 0, 1  # compressions
_UNDONE = Note("alpha-undone", "its colors were blended with white by their alpha; that is undone")
_MORE = Note("channels-left-out", "it has more channels than colors and alpha; they are left out")
_OTHERS = Note("channels-left-out", "of its channels, each an ink, the first is filtered; TIFF holds all")
_TYPES = {8: ">u1", 16: ">u2", 32: ">f4"}


def samples_of(psd: PsdFile, file: bytes, colors: int) -> Samples:
    """Decode the composite of a file of so many colors; raise ValueError on damage."""
    dtype = np.dtype(_TYPES[psd.depth])
    has_alpha = psd.channels > colors and (psd.layers is None or psd.layers < 0) and psd.mode != SEVERAL
    planes = _planes(psd, file, colors + has_alpha, dtype)
    pixels = np.ascontiguousarray(planes.transpose(1, 2, 0), dtype.newbyteorder("="))
    more = _OTHERS if psd.mode == SEVERAL else _MORE
    notes: tuple[Note, ...] = (more,) if psd.channels > colors + has_alpha else ()
    if psd.mode in (CMYK, LAB):
        pixels, note = _in_rgb(pixels, psd, colors)
        notes = (note, *notes)
    if has_alpha and psd.layers is not None and not _is_opaque(pixels):
        pixels = _unblended(pixels)
        notes = (_UNDONE, *notes)
    return Samples(pixels, has_alpha, notes)


def _in_rgb(pixels: Array, psd: PsdFile, colors: int) -> tuple[Array, Note]:
    """Return sRGB, and alpha, of CMYK or Lab in whole numbers; of inks the file has the light that they leave."""
    given, further = pixels[:, :, :colors], pixels[:, :, colors:]
    white = np.iinfo(pixels.dtype).max
    rgb, note = of_inks(white - given, psd.described.icc) if psd.mode == CMYK else of_lab(given, is_icc=True)
    return np.concatenate([rgb, further], axis=2), note


def _is_opaque(pixels: Array) -> bool:
    white = 1 if pixels.dtype.kind == "f" else np.iinfo(pixels.dtype).max
    return bool(pixels[:, :, -1].min() >= white)


def _planes(psd: PsdFile, file: bytes, count: int, dtype: np.dtype[np.generic]) -> Array:
    method = int.from_bytes(file[psd.start : psd.start + 2], "big")
    at, line = psd.start + 2, psd.width * dtype.itemsize
    if method == _RAW:
        values: Array = np.frombuffer(file, dtype, count * psd.height * psd.width, at)
        return values.reshape(count, psd.height, psd.width)
    if method != _RUNS:
        raise ValueError("a compression that composites do not have")
    rows = psd.channels * psd.height
    lengths = np.frombuffer(file, ">u4" if psd.is_large else ">u2", rows, at)
    at += lengths.nbytes
    planes = np.empty((count * psd.height, line), np.uint8)
    for row, length in zip(planes, lengths.tolist(), strict=False):
        decoded = packbits_decode(file[at : at + length])
        if len(decoded) < line:
            raise ValueError("a row that is too short")
        row[:] = np.frombuffer(decoded, np.uint8, line)
        at += length
    return planes.view(dtype).reshape(count, psd.height, psd.width)


def _unblended(pixels: Array) -> Array:
    """Return colors as they are without the white that shines through; whole numbers are rounded half up."""
    is_float = pixels.dtype.kind == "f"
    white = 1.0 if is_float else float(np.iinfo(pixels.dtype).max)
    result = pixels.copy()
    for row in result:  # a row at a time, as its floats take eight times the room
        alpha = row[:, -1:] / white
        seen = alpha[:, 0] > 0
        colors = (row[seen, :-1] - white * (1 - alpha[seen])) / alpha[seen]
        row[seen, :-1] = colors if is_float else np.floor(np.clip(colors, 0, white) + 0.5)
    return result
