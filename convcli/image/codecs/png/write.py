"""Writing PNG: pixels packed as the picture and the effort ask for, between the chunks of metadata that Pillow makes.

libpng, as imagecodecs calls it, writes no metadata, so that Pillow makes all chunks but those of the pixels. Every
frame of an animation is whole: Pillow's own writing merges equal frames, and writes the others as differences.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from fractions import Fraction
from typing import IO, Any

import numpy as np
from PIL.PngImagePlugin import getchunks, putchunk

from convcli.array_types import Array
from convcli.image.animation import Animation, Clock
from convcli.image.codecs.png.choice import promising
from convcli.image.codecs.png.chunks import SIGNATURE, chunk, chunks
from convcli.image.codecs.png.packing import packed
from convcli.image.formats import PngEffort
from convcli.image.metadata import SCREEN
from convcli.image.pillow.conversion import to_pillow

# Where the chunks of the pixels lie in a file without metadata: after the signature and IHDR, before IEND.
_HEADER, _END = 8 + 25, -12

_LARGEST = 65_535  # numerator or denominator of a duration in seconds
_CLEAR, _REPLACE = 1, 0  # a frame is cleared when its time is over, and is not mixed with the one before


def write_png(frame: Array, stream: IO[bytes], effort: PngEffort, metadata: dict[str, Any], threads: int = 1) -> None:
    """Write gray or RGB of uint8 or uint16, with alpha or without; `metadata` are keywords for Pillow's `save`."""
    file = _packed(frame, effort, threads)
    if not metadata:
        stream.write(file)
        return
    stream.write(file[:_HEADER])
    for name, data in described(frame, metadata):
        if name == b"IDAT":
            stream.write(file[_HEADER:_END])
        else:
            putchunk(stream, name, data)


def write_apng(
    frames: tuple[Array, ...],
    animation: Animation,
    clock: Clock,
    stream: IO[bytes],
    effort: PngEffort,
    metadata: dict[str, Any],
) -> None:
    """Write frames of one shape as an animation; each, and the other arguments, as of `write_png`."""
    height, width, _ = frames[0].shape
    header, *pixels = chunks(_packed(frames[0], effort))
    stream.write(SIGNATURE)
    stream.write(chunk(*header))
    stream.write(chunk(b"acTL", struct.pack(">II", len(frames), min(animation.plays, clock.most_plays))))
    for name, data in described(frames[0], metadata):
        if name not in (b"IDAT", b"IEND"):
            stream.write(chunk(name, data))
    number = 0
    for index, (frame, duration) in enumerate(zip(frames, animation.durations, strict=True)):
        seconds = Fraction(min(duration, clock.longest) / 1000)
        # The longer a frame is shown, the fewer parts of a second leave the numerator within its bounds.
        seconds = seconds.limit_denominator(int(_LARGEST / max(seconds, Fraction(1))))
        control = struct.pack(
            ">IIIIIHHBB", number, width, height, 0, 0, seconds.numerator, seconds.denominator, _CLEAR, _REPLACE
        )
        stream.write(chunk(b"fcTL", control))
        number += 1
        for name, data in pixels if index == 0 else chunks(_packed(frame, effort)):
            if name == b"IDAT" and index == 0:
                stream.write(chunk(name, data))
            elif name == b"IDAT":
                stream.write(chunk(b"fdAT", struct.pack(">I", number) + data))
                number += 1
    stream.write(chunk(b"IEND", b""))


def _packed(frame: Array, effort: PngEffort, threads: int = 1) -> memoryview:
    # The largest candidate is held in memory but once: `min` releases what has lost.
    return min((packed(frame, packing, threads) for packing in promising(frame, effort)), key=len)


def described(frame: Array, metadata: dict[str, Any]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the chunks behind the header that Pillow writes, with the pixels of one pixel, and those it drops."""
    yield from metadata.get(SCREEN, ())
    metadata = {name: value for name, value in metadata.items() if name != SCREEN}
    # Metadata is the same at any depth, and one pixel of 8 bits is what Pillow writes of any picture.
    for name, data, _ in getchunks(to_pillow(frame[:1, :1].astype(np.uint8)), **metadata):
        if name != b"IHDR":
            yield name, data
