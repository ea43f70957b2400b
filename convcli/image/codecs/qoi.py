"""QOI: RGB of 8 bits, with alpha or without.

A byte of the header says that the channels are light, or levels. Few programs read it, and Pillow writes that they are
light whatever they are, so it says nothing here.
"""

from __future__ import annotations

import struct
from typing import IO

import numpy as np
from imagecodecs import qoi_decode, qoi_encode

from convcli.image.codec import Encoding, Source
from convcli.image.memory import Outline
from convcli.image.picture import Picture
from convcli.image.sampled.codec import SampledCodec
from convcli.image.samples import Samples

_HEADER = struct.Struct(">4sIIBB")
_END = bytes(7) + b"\1"


class QoiCodec(SampledCodec[tuple[bytes, int, int, int, int]]):
    """QOI."""

    def parsed(self, source: Source) -> tuple[bytes, int, int, int, int]:
        return _header(source)

    def outline(self, source: Source, parsed: tuple[bytes, int, int, int, int]) -> Outline:
        _, width, height, channels, _ = parsed
        if channels not in (3, 4):
            raise ValueError("channels that are none")
        return Outline(height, width, channels)

    def samples(self, source: Source, parsed: tuple[bytes, int, int, int, int]) -> Samples:
        data = source.content()
        if not data.endswith(_END):  # what is missing would repeat the last color
            raise ValueError("no end mark")
        pixels = qoi_decode(data)
        return Samples(pixels, pixels.shape[2] == 4)

    def write(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> None:
        frame = picture.frames[0]
        count = frame.shape[2]
        if count < 3:
            frame = frame[:, :, [0, 0, 0] if count == 1 else [0, 0, 0, 1]]
        stream.write(qoi_encode(np.ascontiguousarray(frame)))


CODEC = QoiCodec


def _header(source: Source) -> tuple[bytes, int, int, int, int]:
    source.stream.seek(0)
    return _HEADER.unpack(source.stream.read(_HEADER.size))
