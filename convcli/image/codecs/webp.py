"""Writing animated WebP: every frame whole, encoded as a picture of its own would be.

libwebp's own writing of animations puts frames together that are alike, and takes
over from the one before what differs little.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import IO, Any

from numpy.typing import NDArray

from convcli.image.animation import CLOCKS, Animation
from convcli.image.carried_metadata import CarriedMetadata
from convcli.image.pillow.conversion import to_pillow
from convcli.image.pillow.plugins import save_image

_CLOCK = CLOCKS["webp"]

# The features of a file, as bits of its first chunk.
_ICC, _ALPHA, _EXIF, _XMP, _ANIMATION = 0x20, 0x10, 0x08, 0x04, 0x02
_ALONE = 0x02 | 0x01  # a frame is not mixed with the one before, and is cleared when its time is over
_PIXELS = (b"ALPH", b"VP8 ", b"VP8L")


def write_webp_animation(
    frames: tuple[NDArray[Any], ...],
    animation: Animation,
    stream: IO[bytes],
    along: CarriedMetadata,
    settings: dict[str, Any],
) -> None:
    """Write frames of one size.

    Parameters
    ----------
    frames
        As `to_pillow` takes them, of uint8.
    animation
        When they are shown.
    stream
        Takes the file.
    along
        The metadata.
    settings
        Keywords with which Pillow encodes a single picture.
    """
    height, width, channels = frames[0].shape
    size = _three(width - 1) + _three(height - 1)
    exif = along.exif.tobytes().removeprefix(b"Exif\0\0") if along.exif is not None else b""
    features = _ANIMATION | (_ALPHA if channels in (2, 4) else 0)
    features |= (_ICC if along.icc else 0) | (_EXIF if exif else 0) | (_XMP if along.xmp else 0)
    chunks = [_chunk(b"VP8X", struct.pack("<I", features) + size)]
    if along.icc:
        chunks.append(_chunk(b"ICCP", along.icc))
    chunks.append(_chunk(b"ANIM", struct.pack("<IH", 0, min(animation.plays, _CLOCK.most_plays))))
    for frame, duration in zip(frames, animation.in_units_of(_CLOCK.unit), strict=True):
        place = _three(0) + _three(0) + size + _three(min(duration, _CLOCK.longest)) + bytes([_ALONE])
        chunks.append(_chunk(b"ANMF", place + b"".join(_pixels(frame, settings))))
    chunks += [_chunk(name, data) for name, data in ((b"EXIF", exif), (b"XMP ", along.xmp)) if data]
    stream.write(b"RIFF" + struct.pack("<I", 4 + sum(map(len, chunks))) + b"WEBP")
    stream.writelines(chunks)


def _pixels(frame: NDArray[Any], settings: dict[str, Any]) -> Iterator[bytes]:
    """Yield the chunks of a frame's pixels."""
    still = io.BytesIO()
    save_image(to_pillow(frame), still, "WEBP", dict(settings))
    file = still.getvalue()
    start = 12  # behind RIFF, the length and WEBP
    while start < len(file):
        (length,) = struct.unpack_from("<I", file, start + 4)
        end = start + 8 + length + length % 2
        if file[start : start + 4] in _PIXELS:
            yield file[start:end]
        start = end


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _three(number: int) -> bytes:
    return number.to_bytes(3, "little")
