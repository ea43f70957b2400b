"""The codec of JPEG XR."""

from __future__ import annotations

from dataclasses import replace
from typing import IO

import numpy as np
from imagecodecs import jpegxr_encode

from convcli.array_types import Array
from convcli.errors import ReadError
from convcli.image.apart.decoding import decoded_apart
from convcli.image.codec import Encoding, Source
from convcli.image.coded.jpegxr import INKS, MULTIPLIED, QUARTER, Jxr, jxr
from convcli.image.memory import Outline
from convcli.image.picture import Picture
from convcli.image.pillow.silence import without_stderr
from convcli.image.sampled.codec import Described, SampledCodec
from convcli.image.sampled.inks import of_inks
from convcli.image.samples import Samples
from convcli.note import Note

_LOSSLESS = 100
_HELD = 40  # bytes of a pixel of four floats: those of jxrlib, its array, and another to send it
_DPI = (96.0, 96.0)  # where none is known, as jxrlib has it


class JpegxrCodec(SampledCodec[Jxr]):
    """JPEG XR, written without loss unless a quality is asked for."""

    def parsed(self, source: Source) -> Jxr:
        return jxr(source.content())

    def outline(self, source: Source, parsed: Jxr) -> Outline:
        file = parsed
        if not file.colors:
            raise ReadError(f"{source.name} is a kind of JPEG XR that is not read", "convert it to gray or RGB first")
        return Outline(file.height, file.width, file.colors + file.has_alpha, 4, beside=_HELD)

    def samples(self, source: Source, parsed: Jxr) -> Samples:
        file = parsed
        # A process of its own, since there are damaged files that crash jxrlib.
        pixels = file.width * file.height
        decoded = decoded_apart("jpegxr", file.file, pixels, len(file.file) + pixels * _HELD)
        values = decoded if decoded.ndim == 3 else decoded[:, :, np.newaxis]
        if values.shape[2] != file.colors + file.has_alpha:
            raise ValueError("channels that are not those of the directory")
        notes: list[Note] = []
        if values.dtype == np.bool_:
            values = values.astype(np.uint8) * np.uint8(255)
            notes.append(Note("converted", "its black and white is filtered as 8-bit gray"))
        elif values.dtype == np.float16:
            values = values.astype(np.float32)
        if file.kind in MULTIPLIED:
            values = _divided(values)
            notes.append(Note("alpha-undone", "its alpha was multiplied into the colors; that is undone"))
        if file.kind in INKS:
            values, note = of_inks(values, file.described.icc)
            notes.append(note)
        return Samples(_upright(values, file.turn), file.has_alpha, tuple(notes))

    def described(self, source: Source, parsed: Jxr) -> Described:
        described = parsed.described
        if parsed.kind in INKS:
            described = replace(described, icc=b"")  # converted to sRGB
        if parsed.turn & QUARTER and described.dpi is not None:
            described = replace(described, dpi=described.dpi[::-1])
        return described

    def losses(self, picture: Picture) -> list[Note]:
        lost = super().losses(picture)
        if picture.dtype == np.float32 and not all(_fit_halves(frame) for frame in picture.frames):
            lost.append(Note("floats-rounded", "JPEG XR keeps 13 bits of a float, and the others are rounded"))
        return lost

    def write(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> None:
        frame = picture.frames[0]
        if frame.shape[2] == 2:
            frame = frame[:, :, [0, 0, 0, 1]]
        if frame.dtype.kind == "f":
            frame = frame.astype(np.float16 if _fit_halves(frame) else np.float32)
        quality = (encoding.quality or _LOSSLESS) / _LOSSLESS
        # A copy, whose strides are those of its rows also where there is but one, which imagecodecs believes.
        plane = np.array(frame[:, :, 0] if frame.shape[2] == 1 else frame, order="C", copy=True)
        dpi = self.carried(picture).dpi or _DPI
        with without_stderr():
            stream.write(jpegxr_encode(plane, quality, hasalpha=picture.has_alpha, resolution=dpi))


CODEC = JpegxrCodec


def _upright(values: Array, turn: int) -> Array:
    """Return a picture as `Jxr.turn` has it; the decoder does not know turns by 90°."""
    turned = np.rot90(values, 3) if turn & QUARTER else values
    return np.ascontiguousarray(turned[:: -1 if turn & 1 else 1, :: -1 if turn & 2 else 1])


def _fit_halves(frame: Array) -> bool:
    """Return whether floats of 16 bits hold all values exactly."""
    with np.errstate(over="ignore"):
        return bool(np.array_equal(frame.astype(np.float16).astype(frame.dtype), frame, equal_nan=True))


def _divided(values: Array) -> Array:
    """Return colors that were multiplied with alpha as they are without it."""
    white = np.iinfo(values.dtype).max if values.dtype.kind == "u" else 1
    alpha = values[:, :, 3:].astype(np.float64) / white
    colors = np.divide(values[:, :, :3], alpha, out=np.zeros(values[:, :, :3].shape), where=alpha > 0)
    if values.dtype.kind == "u":
        colors = np.floor(np.clip(colors, 0, white) + 0.5)
    return np.concatenate([colors.astype(values.dtype), values[:, :, 3:]], axis=2)
