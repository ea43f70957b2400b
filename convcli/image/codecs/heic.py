"""HEIC: read at its depth, with its metadata, and written in 8 bits."""

from __future__ import annotations

from dataclasses import replace
from typing import IO, Any

import numpy as np

from convcli.array_types import Array
from convcli.image.codec import Encoding, Source
from convcli.image.content.claims import false_claims
from convcli.image.formats import Format
from convcli.image.memory import Outline
from convcli.image.metadata import exif_bytes, upright_exif
from convcli.image.picture import Picture
from convcli.image.sampled.codec import Described, SampledCodec
from convcli.image.sampled.extras import missing_library
from convcli.image.samples import Samples, scaled
from convcli.image.text import upright_xmp
from convcli.note import Note

_QUALITY = 90
_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
_WHOLE = 16  # bits to which the library shifts deeper values


class HeicCodec(SampledCodec[Any]):
    """HEIC, of which the primary picture is read."""

    def parsed(self, source: Source) -> Any:
        return self._opened(source)

    def outline(self, source: Source, parsed: Any) -> Outline:
        channels = len(parsed.mode.partition(";")[0].replace("I", "L"))
        return Outline(parsed.size[1], parsed.size[0], channels, 1 if parsed.info["bit_depth"] <= 8 else 2, beside=8)

    def samples(self, source: Source, parsed: Any) -> Samples:
        decoded: Array = np.asarray(parsed)
        values = decoded if decoded.ndim == 3 else decoded[:, :, np.newaxis]
        bits = parsed.info["bit_depth"]
        notes: tuple[Note, ...] = ()
        if values.dtype == np.uint16:
            values, notes = scaled(values >> (_WHOLE - bits), (1 << bits) - 1)
        return Samples(np.ascontiguousarray(values), values.shape[2] in (2, 4), notes)

    def described(self, source: Source, parsed: Any) -> Described:
        info = parsed.info
        # The pixels are upright already.
        xmp = upright_xmp(info.get("xmp") or b"")
        claims = false_claims(source.content(), xmp)
        exif = upright_exif(info.get("exif") or b"")
        return Described(info.get("icc_profile") or b"", exif, xmp, notes=claims)

    def finished(self, picture: Picture, parsed: Any) -> Picture:
        return replace(picture, lossy="compression")

    def write(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> None:
        library = _library(self.format)
        frame = np.ascontiguousarray(picture.frames[0])
        height, width, channels = frame.shape
        made = library.from_bytes(_MODES[channels], (width, height), frame.tobytes())
        along = self.carried(picture)
        made.info["icc_profile"] = along.icc or None
        options: dict[str, Any] = {"exif": exif_bytes(along.exif)} if along.exif is not None else {}
        options |= {"xmp": along.xmp} if along.xmp else {}
        made.save(stream, quality=encoding.quality or _QUALITY, chroma=444, **options)

    def _opened(self, source: Source) -> Any:
        library = _library(self.format)
        source.stream.seek(0)
        return library.open_heif(source.stream, convert_hdr_to_8bit=False)


CODEC = HeicCodec


def _library(form: Format) -> Any:
    """Import the library of a format; raise FileError where it is not installed."""
    try:
        import pillow_heif
    except ImportError:
        raise missing_library(form) from None
    return pillow_heif
