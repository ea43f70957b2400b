"""PGM and PPM whose white is more than 255, binary or as text."""

from __future__ import annotations

import re
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from convcli.image.samples import DeepSamples, scaled_to_16_bits

_WHITE = 65_535
_BLANK = rb"(?:\s|#[^\r\n]*[\r\n])+"
# What it is, width, height and the value of white; a single blank ends it where the samples are binary.
_HEADER = re.compile(rb"P([2356])" + (_BLANK + rb"(\d{1,10})") * 3 + rb"\s")
_COMMENT = re.compile(rb"#[^\r\n]*")
_LONGEST_HEADER = 1 << 16


def netpbm_samples(stream: IO[bytes]) -> DeepSamples:
    """Decode the first picture of a file that Pillow has opened, which has looked at its size.

    Raises
    ------
    ValueError
        It is cut off, or a sample is no number from 0 to white.
    """
    stream.seek(0)
    header = _HEADER.match(stream.read(_LONGEST_HEADER))
    if header is None:
        raise ValueError("a header that is none")
    kind, width, height, white = map(int, header.groups())
    channels = 3 if kind in (3, 6) else 1
    count = width * height * channels
    stream.seek(header.end())
    values = _text_values(stream.read(), count) if kind in (2, 3) else np.frombuffer(stream.read(2 * count), ">u2")
    if len(values) != count or values.min() < 0 or values.max() > white:
        raise ValueError("too few samples, or one beyond white")
    pixels = scaled_to_16_bits(values, white).reshape(height, width, channels)
    notes = (f"its values, 0 to {white}, are scaled to {_WHITE}",) if white != _WHITE else ()
    return DeepSamples(pixels, notes=notes)


def _text_values(text: bytes, count: int) -> NDArray[Any]:
    numbers = _COMMENT.sub(b"", text).split(maxsplit=count)[:count]
    return np.fromiter(map(int, numbers), np.int64, len(numbers))
