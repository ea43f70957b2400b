"""The codec of JPEG XL."""

from __future__ import annotations

from dataclasses import replace
from typing import IO, NamedTuple

import numpy as np
from imagecodecs import jpegxl_decode, jpegxl_encode
from PIL import Image

from convcli.array_types import Array
from convcli.errors import ReadError
from convcli.image.carried_metadata import CarriedMetadata
from convcli.image.codec import Encoding, Source
from convcli.image.codecs.jpegxl.container import described, is_deep, jxl_file
from convcli.image.coded.bits import replaced
from convcli.image.coded.jpegxl import LIGHT, SRGB, Header, codestream, header_of
from convcli.image.color_profile import light_profile, profile_of
from convcli.image.memory import Outline
from convcli.image.metadata import LYING, SRGB_CHROMATICITIES, exif_bytes
from convcli.image.picture import Picture
from convcli.image.pillow.numbered_colors import note_numbered_colors
from convcli.image.sampled.codec import Described, SampledCodec
from convcli.image.samples import Samples, scaled
from convcli.note import Note

_LOSSLESS, _WITHOUT_LOSS = 100, 101  # the second one is imagecodecs' word for the first
_DECODED_BYTES = 12  # of a value in libjxl
_SHALLOW = 8  # bits
_FLOATS = (16, 32)
_P3, _P3_OF_H273 = 11, 12  # primaries here, and in the numbers of ITU-T H.273, which are the same otherwise
_CURVE_BITS, _CURVE_OFFSET = 4, 2  # of the number of a curve, and what is added to it
_EVERY_POINT = 8  # numbers of white, red, green and blue

_FURTHER = Note("channels-left-out", "it has more channels than colors and alpha; they are left out")
_ANIMATED = Note("frames-left-out", "it is an animation, of which the first frame is filtered")
_UNREAD = Note("profile-left-out", "its color profile cannot be read, and its colors are taken for sRGB's")


class _Parsed(NamedTuple):
    file: bytes
    stream: bytes
    header: Header


class JpegxlCodec(SampledCodec[_Parsed]):
    """JPEG XL, written without loss unless a quality is asked for."""

    def parsed(self, source: Source) -> _Parsed:
        file = source.content()
        stream = codestream(file)
        return _Parsed(file, stream, header_of(stream))

    def outline(self, source: Source, parsed: _Parsed) -> Outline:
        header = parsed.header
        across, down = (header.height, header.width) if header.orientation in LYING else (header.width, header.height)
        itemsize = 1 if header.bits <= 8 and not header.is_float else 4
        return Outline(down, across, header.channels, itemsize, _DECODED_BYTES * (header.channels + header.further))

    def samples(self, source: Source, parsed: _Parsed) -> Samples:
        header = parsed.header
        if header.is_float and header.bits not in _FLOATS:
            raise ReadError(f"{source.name} holds floats of {header.bits} bits", "convert it to floats of 32 bits")
        stream = parsed.stream
        values = _pixels(jpegxl_decode(stream, index=0) if header.animated else jpegxl_decode(stream), header)
        notes: tuple[Note, ...] = ()
        if values.dtype.kind == "u":
            values, notes = scaled(values, (1 << header.bits) - 1)
        elif values.dtype == np.float16:
            values = values.astype(np.float32)
        notes = (*(_ANIMATED,) * header.animated, *(_FURTHER,) * (header.further > 0), *notes)
        return Samples(values, header.has_alpha, notes)

    def described(self, source: Source, parsed: _Parsed) -> Described:
        found = described(parsed.file)
        icc, notes = _profile(parsed.header)
        return replace(found, icc=icc, notes=(*found.notes, *notes))

    def finished(self, picture: Picture, parsed: _Parsed) -> Picture:
        return replace(picture, lossy="compression") if parsed.header.is_xyb else replace(picture, quality=_LOSSLESS)

    def holds_profile(self, picture: Picture) -> bool:
        """Return whether the header names the colors of a picture: those of sRGB, or their light beyond 8 bits."""
        is_light = picture.metadata.icc == light_profile(gray=picture.colors == 1)
        return not picture.metadata.icc or (is_light and picture.bits > _SHALLOW)

    def carried(self, picture: Picture) -> CarriedMetadata:
        if not self.holds_profile(picture):
            return super().carried(picture)
        return super().carried(replace(picture, metadata=replace(picture.metadata, icc=b"")))

    def write(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> None:
        frame = picture.frames[0]
        if frame.dtype == np.float64:
            frame = frame.astype(np.float32)
        quality = encoding.quality or _LOSSLESS
        is_light = bool(picture.metadata.icc) and self.holds_profile(picture)
        if frame.itemsize > 1 and quality != _LOSSLESS and not is_light:
            frame = _in_light(frame, picture)
        plane = np.ascontiguousarray(frame[:, :, 0] if frame.shape[2] == 1 else frame)
        level = _WITHOUT_LOSS if quality == _LOSSLESS else quality
        file = bytes(jpegxl_encode(plane, level, numthreads=encoding.threads))
        coded = codestream(file)
        # imagecodecs calls all values of more than 8 bits light.
        colors = header_of(coded).colors
        if colors.curve == LIGHT and colors.curve_at and not is_light:
            coded = replaced(coded, colors.curve_at, _CURVE_BITS, SRGB - _CURVE_OFFSET)
        along = self.carried(picture)
        exif = exif_bytes(along.exif) if along.exif is not None else b""
        stream.write(jxl_file(coded, Described(exif=exif, xmp=along.xmp), is_deep=is_deep(file)))


CODEC = JpegxlCodec


def _pixels(decoded: Array, header: Header) -> Array:
    """Return what libjxl has decoded as (height, width, channels); gray beside further channels is in planes."""
    if header.colors.is_gray and not header.has_alpha:
        return np.ascontiguousarray((decoded[0] if header.further else decoded)[:, :, np.newaxis])
    return decoded


def _in_light(frame: Array, picture: Picture) -> Array:
    """Return levels as the light that they stand for, of which libjxl makes what is stored with a loss.

    The curve is that of sRGB, as in `engine.color.light`.
    """
    levels = frame / np.float32(picture.full_scale)
    colors = levels[:, :, : picture.colors]
    size = np.abs(colors)
    light = np.where(size <= 0.04045, size / 12.92, ((size + 0.055) / 1.055) ** 2.4)
    colors[...] = np.copysign(light, colors)
    if frame.dtype.kind == "f":
        return levels
    whole: Array = np.floor(levels * picture.full_scale + 0.5).astype(frame.dtype)
    return whole


def _profile(header: Header) -> tuple[bytes, tuple[Note, ...]]:
    """Return the profile of the colors that a header names, empty for those of sRGB, and notes."""
    colors = header.colors
    if colors.has_profile:
        return b"", () if header.is_xyb else (_UNREAD,)  # libjxl makes sRGB of the first
    if len(colors.points) == _EVERY_POINT or colors.gamma:
        points = colors.points if len(colors.points) == _EVERY_POINT else SRGB_CHROMATICITIES
        gamma = 1 / colors.gamma if colors.gamma else (1.0 if colors.curve == LIGHT else None)
        return profile_of(points, gamma, gray=colors.is_gray), ()
    pixel = Image.new("L" if colors.is_gray else "RGB", (1, 1))
    primaries = _P3_OF_H273 if colors.primaries == _P3 else colors.primaries
    notes = note_numbered_colors(pixel, primaries, colors.curve)
    icc: bytes = pixel.info.get("icc_profile", b"")
    return icc, notes
