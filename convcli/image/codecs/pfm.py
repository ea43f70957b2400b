"""PFM: floats of 32 bits, gray or RGB, from below to above."""

from __future__ import annotations

import math
import re
from typing import IO

import numpy as np

from convcli.image.codec import Encoding, Source
from convcli.image.memory import Outline
from convcli.image.picture import Picture
from convcli.image.sampled.codec import SampledCodec
from convcli.image.samples import Samples

# Kind, width, height, and a scale whose sign is the order of the bytes; a single blank ends it.
_HEADER = re.compile(rb"P([Ff])\s+(?:#[^\n]*\n)*(\d{1,10})\s+(\d{1,10})\s+([-+]?[0-9.]{1,20}(?:[eE][-+]?\d{1,3})?)\s")
_LONGEST_HEADER = 1 << 12


class PfmCodec(SampledCodec[tuple[int, int, int, str, int]]):
    """PFM, whose values are kept as they are; its scale, of a unit nobody names, is not applied."""

    def parsed(self, source: Source) -> tuple[int, int, int, str, int]:
        return _header(source)

    def outline(self, source: Source, parsed: tuple[int, int, int, str, int]) -> Outline:
        channels, width, height, _, _ = parsed
        return Outline(height, width, channels, 4, beside=4 * channels)

    def samples(self, source: Source, parsed: tuple[int, int, int, str, int]) -> Samples:
        channels, width, height, order, start = parsed
        source.stream.seek(start)
        shape = (height, width, channels)
        values = np.frombuffer(source.stream.read(4 * math.prod(shape)), f"{order}f4").reshape(shape)
        return Samples(np.ascontiguousarray(values[::-1], np.float32))

    def write(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> None:
        frame = picture.frames[0]
        height, width, channels = frame.shape
        stream.write(b"P%c\n%d %d\n-1.0\n" % (b"F" if channels == 3 else b"f", width, height))
        stream.write(np.ascontiguousarray(frame[::-1], "<f4").data)


CODEC = PfmCodec


def _header(source: Source) -> tuple[int, int, int, str, int]:
    """Return the channels, the width, the height, the order of the bytes and where they begin."""
    source.stream.seek(0)
    found = _HEADER.match(source.stream.read(_LONGEST_HEADER))
    if found is None or not float(found[4]):
        raise ValueError("a header that is none")
    return 3 if found[1] == b"F" else 1, int(found[2]), int(found[3]), "<" if float(found[4]) < 0 else ">", found.end()
