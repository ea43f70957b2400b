"""WebP, animations with every frame whole, encoded as a picture of its own would be.

libwebp's own writing of animations merges equal frames, and takes over from the one before what differs little.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any

from PIL import Image, ImageFile

from convcli.image.animation import Animation, Clock
from convcli.image.carried_metadata import CarriedMetadata
from convcli.image.codec import Encoding, Source
from convcli.image.content.claims import CREDENTIALS
from convcli.image.metadata import exif_bytes
from convcli.image.pillow.codec import PillowCodec
from convcli.image.pillow.frames import are_opaque, frame_count
from convcli.image.pillow.loaded import Loaded
from convcli.image.pillow.plugins import save_image

if TYPE_CHECKING:
    from convcli.array_types import Array
    from convcli.image.picture import Picture

_CLOCK = Clock(unit=1, longest=(1 << 24) - 1, most_plays=65_535)
_QUALITY, _LOSSLESS = 90, 100
_LOSSY = (b"VP8 ", b"ALPH")  # chunks of lossy colors, and of the alpha beside them

# The features of a file, as bits of its first chunk.
_ICC, _ALPHA, _EXIF, _XMP, _ANIMATION = 0x20, 0x10, 0x08, 0x04, 0x02
_ALONE = 0x02 | 0x01  # a frame is not blended with the one before, and is cleared when its time is over
_PIXELS = (b"ALPH", b"VP8 ", b"VP8L")


class WebpCodec(PillowCodec):
    """WebP."""

    plugin = "WebP"
    clock = _CLOCK

    def load_opened(self, image: ImageFile.ImageFile, source: Source, coded: int = 0) -> Loaded:
        many = frame_count(image) > 1
        if many:
            _decode_alpha(image)
        loaded = super().load_opened(image, source, coded)
        if many and not loaded.frames:
            loaded = replace(loaded, image=self.simplified([loaded.image])[0])
        if any(name == b"C2PA" for name, _ in _chunks(source.content())):
            loaded = replace(loaded, notes=(CREDENTIALS, *loaded.notes))
        names = (data[24:28] if name == b"ANMF" else name for name, data in _chunks(source.content()))
        if any(name in _LOSSY for name in names):
            return replace(loaded, lossy="compression")
        return replace(loaded, quality=_LOSSLESS)

    def simplified(self, frames: list[Image.Image]) -> list[Image.Image]:
        """Return frames without an alpha channel that says nothing, which animations often have."""
        return [each.convert("RGB") for each in frames] if are_opaque(frames) else frames

    def settings(self, picture: Picture, encoding: Encoding) -> dict[str, Any]:
        if encoding.quality == _LOSSLESS:
            # `exact` keeps the colors of transparent pixels, which the next filter may bring to light.
            return {"lossless": True, "exact": True}
        return {"quality": _QUALITY if encoding.quality is None else encoding.quality}

    def write(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> None:
        if picture.animation is None:
            super().write(picture, stream, encoding)
            return
        settings = self.settings(picture, encoding)
        write_webp_animation(picture.frames, picture.animation, stream, self.carried(picture), settings)


CODEC = WebpCodec


def _decode_alpha(image: Any) -> None:
    """Have the frames of an opened animation decoded with their alpha.

    Where all of them are opaque and smaller than the whole, the file names no alpha, and Pillow would show black around
    them where browsers show nothing.
    """
    image.rawmode = image._mode = "RGBA"  # noqa: SLF001 - Pillow has no public way


def write_webp_animation(
    frames: tuple[Array, ...],
    animation: Animation,
    stream: IO[bytes],
    along: CarriedMetadata,
    settings: dict[str, Any],
) -> None:
    """Write frames of one size and of uint8, as `to_pillow` takes them; `settings` are Pillow's for each."""
    height, width, channels = frames[0].shape
    size = _three(width - 1) + _three(height - 1)
    exif = exif_bytes(along.exif).removeprefix(b"Exif\0\0") if along.exif is not None else b""
    features = _ANIMATION | (_ALPHA if channels in (2, 4) else 0)
    features |= (_ICC if along.icc else 0) | (_EXIF if exif else 0) | (_XMP if along.xmp else 0)
    chunks = [_chunk(b"VP8X", struct.pack("<I", features) + size)]
    if along.icc:
        chunks.append(_chunk(b"ICCP", along.icc))
    chunks.append(_chunk(b"ANIM", struct.pack("<IH", 0, min(animation.plays, _CLOCK.most_plays))))
    for frame, duration in zip(frames, animation.in_units_of(_CLOCK.unit), strict=True):
        head = _three(0) + _three(0) + size + _three(min(duration, _CLOCK.longest)) + bytes([_ALONE])
        chunks.append(_chunk(b"ANMF", head + b"".join(_pixels(frame, settings))))
    chunks += [_chunk(name, data) for name, data in ((b"EXIF", exif), (b"XMP ", along.xmp)) if data]
    stream.write(b"RIFF" + struct.pack("<I", 4 + sum(map(len, chunks))) + b"WEBP")
    stream.writelines(chunks)


def _pixels(frame: Array, settings: dict[str, Any]) -> Iterator[bytes]:
    """Return the chunks of a frame's pixels."""
    from convcli.image.pillow.conversion import to_pillow

    still = io.BytesIO()
    save_image(to_pillow(frame), still, "WebP", dict(settings))
    return (chunk for name, chunk in _chunks(still.getvalue()) if name in _PIXELS)


def _chunks(file: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the name and the whole of each chunk of a file."""
    start = 12  # behind RIFF, the length and WEBP
    while start + 8 <= len(file):
        (length,) = struct.unpack_from("<I", file, start + 4)
        end = start + 8 + length + length % 2
        yield file[start : start + 4], file[start:end]
        start = end


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _three(number: int) -> bytes:
    return number.to_bytes(3, "little")
