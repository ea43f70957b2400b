"""Writing animated PNG: every frame whole, packed as a PNG of its own would be.

Pillow's own writing of animations puts frames together that are alike, and writes
the others as differences from the one before.
"""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL.PngImagePlugin import getchunks

from convcli.image.animation import CLOCKS, Animation
from convcli.image.codecs.png.choice import promising
from convcli.image.codecs.png.chunks import SIGNATURE, chunk, chunks
from convcli.image.codecs.png.packing import packed
from convcli.image.formats import PngEffort
from convcli.image.pillow.conversion import to_pillow

_CLOCK = CLOCKS["png"]
_LARGEST = 65_535  # numerator or denominator of a duration in seconds
_CLEAR, _REPLACE = 1, 0  # a frame is cleared when its time is over, and is not mixed with the one before


def write_apng(
    frames: tuple[NDArray[Any], ...],
    animation: Animation,
    stream: IO[bytes],
    effort: PngEffort,
    metadata: dict[str, Any],
) -> None:
    """Write frames of one size.

    Parameters
    ----------
    frames
        Gray or RGB of uint8 or uint16, with alpha behind it where there is alpha; all of one shape.
    animation
        When they are shown.
    stream, effort, metadata
        As `write_png` takes them.
    """
    height, width, _ = frames[0].shape
    first = _pack(frames[0], effort)
    header, *pixels = chunks(first)
    stream.write(SIGNATURE)
    stream.write(chunk(*header))
    stream.write(chunk(b"acTL", struct.pack(">II", len(frames), min(animation.plays, _CLOCK.most_plays))))
    # Metadata is the same at any depth, and one pixel of 8 bits is what Pillow writes of any picture.
    for name, data, _ in getchunks(to_pillow(frames[0][:1, :1].astype(np.uint8)), **metadata):
        if name not in (b"IHDR", b"IDAT", b"IEND"):
            stream.write(chunk(name, data))
    number = 0
    for index, (frame, duration) in enumerate(zip(frames, animation.durations, strict=True)):
        seconds = Fraction(min(duration, _CLOCK.longest) / 1000)
        # The longer a frame is shown, the fewer parts of a second leave the numerator within its bounds.
        seconds = seconds.limit_denominator(int(_LARGEST / max(seconds, Fraction(1))))
        control = struct.pack(
            ">IIIIIHHBB", number, width, height, 0, 0, seconds.numerator, seconds.denominator, _CLEAR, _REPLACE
        )
        stream.write(chunk(b"fcTL", control))
        number += 1
        for name, data in pixels if index == 0 else chunks(_pack(frame, effort)):
            if name == b"IDAT" and index == 0:
                stream.write(chunk(name, data))
            elif name == b"IDAT":
                stream.write(chunk(b"fdAT", struct.pack(">I", number) + data))
                number += 1
    stream.write(chunk(b"IEND", b""))


def _pack(frame: NDArray[Any], effort: PngEffort) -> memoryview:
    return min((packed(frame, packing) for packing in promising(frame, effort)), key=len)
