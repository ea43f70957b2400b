"""Photographs as sensors see them, by LibRaw: rendered as a camera would, or their light."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import IO, Any

import numpy as np

from convcli.array_types import Array
from convcli.errors import ReadError, WriteError
from convcli.image.codec import Codec, Encoding, Source
from convcli.image.codecs.raw.described import camera_exif
from convcli.image.color_profile import light_profile
from convcli.image.formats import Format
from convcli.image.limit import check_index
from convcli.image.memory import Outline
from convcli.image.picture import Picture
from convcli.image.pillow.decode import picture_of
from convcli.image.pillow.silence import without_stderr
from convcli.image.sampled.codec import Described, taken
from convcli.image.sampled.extras import missing_library
from convcli.image.samples import WHITE, Samples
from convcli.note import Note

_CURVE = (2.4, 12.92)  # of sRGB: the exponent, and the rise at black
_LIGHT = (1, 1)
_BESIDE = 2 + 4 * 2 + 6  # bytes of a pixel: those of the sensor, those of all colors, and those returned
_FLOATS = 4  # bytes
_NO_EXIF = Note("exif-left-out", "its EXIF data is damaged and is left out")


class RawCodec(Codec):
    """Camera RAW, which is read alone."""

    def read(self, source: Source) -> Picture:
        library = _library(self.format)
        file = source.content()
        with without_stderr(), _opened(library, file, source.name) as raw:
            sizes = raw.sizes
            source.check_size((max(sizes.raw_width, sizes.iwidth), max(sizes.raw_height, sizes.iheight)))
            if isinstance(source.frames, int):
                check_index(source.name, "frame", 1, source.frames)
            as_floats = source.light and source.everything
            itemsize = _FLOATS if as_floats else 2 if source.deep else 1
            source.admit(source.name, [Outline(sizes.iheight, sizes.iwidth, 3, itemsize, beside=_BESIDE)])
            pixels = _developed(library, raw, itemsize, is_bright=not source.light)
            note = _note(raw, 8 * pixels.itemsize, is_light=source.light)
        metadata, _, notes = taken(_described(file, is_light=as_floats, is_gray=pixels.shape[2] == 1), self)
        picture = picture_of([Samples(pixels)], metadata, None, (note, *notes))
        return replace(picture, linear=as_floats)

    def write(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> None:
        raise WriteError(f"{self.format.title} is read and not written", "write PNG or TIFF")


CODEC = RawCodec


@contextmanager
def _opened(library: Any, file: bytes, name: str) -> Iterator[Any]:
    raw = library.RawPy()
    try:
        raw.open_buffer(io.BytesIO(file))
        yield raw
    except library.LibRawFileUnsupportedError as error:
        version = ".".join(map(str, library.libraw_version))
        message = f"{name} is a kind of camera RAW that LibRaw {version} does not read"
        raise ReadError(message, "Adobe's DNG Converter makes a DNG of it, or export a TIFF") from error
    finally:
        raw.close()


def _developed(library: Any, raw: Any, itemsize: int, *, is_bright: bool) -> Array:
    """Return the pixels, upright, brightened or not: levels of sRGB of one byte or two, or floats of light of four."""
    as_floats = itemsize == _FLOATS
    pixels: Array = raw.postprocess(
        use_camera_wb=True,
        output_bps=8 if itemsize == 1 else 16,
        output_color=library.ColorSpace.sRGB,
        gamma=_LIGHT if as_floats else _CURVE,
        no_auto_bright=not is_bright,
    )
    pixels = pixels if pixels.ndim == 3 else pixels[:, :, np.newaxis]
    return pixels.astype(np.float32) / np.float32(WHITE) if as_floats else pixels


def _note(raw: Any, bits: int, *, is_light: bool) -> Note:
    balance = "the camera's white balance" if any(raw.camera_whitebalance[:3]) else "the white balance of daylight"
    if is_light:
        return Note("raw-linear", f"its raw light is not brightened: {balance}, colors of sRGB, {bits} bits")
    how = f"{balance}, colors of sRGB, {bits} bits, brightened until 1 % is white"
    return Note("raw-rendered", f"its raw light is rendered: {how}; --linear does not brighten it")


def _described(file: bytes, *, is_light: bool, is_gray: bool) -> Described:
    icc = light_profile(gray=is_gray) if is_light else b""
    try:
        return Described(icc, camera_exif(file))
    # What Pillow raises on damaged EXIF data is whatever its parsing ran into.
    except Exception:
        return Described(icc, notes=(_NO_EXIF,))


def _library(form: Format) -> Any:
    """Import the library of a format; raise FileError where it is not installed."""
    try:
        import rawpy
    except ImportError:
        raise missing_library(form) from None
    return rawpy
