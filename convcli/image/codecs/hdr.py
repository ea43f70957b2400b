"""Radiance HDR: light of RGB, 8 bits a color and an exponent that all three share."""

from __future__ import annotations

import re
from typing import IO

import numpy as np
from imagecodecs import rgbe_decode, rgbe_encode

from convcli.array_types import Array
from convcli.errors import ReadError
from convcli.image.codec import Encoding, Source
from convcli.image.color_profile import light_profile
from convcli.image.memory import Outline
from convcli.image.picture import Picture
from convcli.image.sampled.codec import Described, SampledCodec
from convcli.image.samples import Samples
from convcli.lazy import dataclass
from convcli.note import Note

_LONGEST_HEADER = 1 << 16
# The order of the rows and of the pixels in them: by rows or by columns, from either end.
_SIZE = re.compile(rb"\r?\n\r?\n([-+])([XY]) {1,20}(\d{1,10}) {1,20}([-+])([XY]) {1,20}(\d{1,10})\r?\n")
_FORMAT = re.compile(rb"^FORMAT[ \t]*=[ \t]*32-bit_rle_(rgbe|xyze)", re.MULTILINE)
_PRIMARIES = re.compile(rb"^PRIMARIES[ \t]*=[ \t]*([-+.0-9eE \t]{1,200})$", re.MULTILINE)
_COLORS = 8  # numbers of primaries: x and y of red, green, blue and white


@dataclass(frozen=True)
class _Header:
    by_columns: bool
    from_below: bool
    from_right: bool
    width: int
    height: int
    primaries: tuple[float, ...]
    start: int


class HdrCodec(SampledCodec[_Header]):
    """Radiance HDR."""

    def parsed(self, source: Source) -> _Header:
        return _header(source)

    def outline(self, source: Source, parsed: _Header) -> Outline:
        return Outline(parsed.height, parsed.width, 3, 4)

    def samples(self, source: Source, parsed: _Header) -> Samples:
        first, second = (parsed.width, parsed.height) if parsed.by_columns else (parsed.height, parsed.width)
        source.stream.seek(parsed.start)
        plain = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y %d +X %d\n" % (first, second)
        pixels: Array = rgbe_decode(plain + source.stream.read())
        if parsed.by_columns:
            pixels = pixels.transpose(1, 0, 2)
        pixels = pixels[:: -1 if parsed.from_below else 1, :: -1 if parsed.from_right else 1]
        return Samples(np.ascontiguousarray(pixels))

    def described(self, source: Source, parsed: _Header) -> Described:
        primaries = parsed.primaries
        return Described(icc=light_profile((*primaries[6:], *primaries[:6])) if primaries else light_profile())

    def losses(self, picture: Picture) -> list[Note]:
        lost = super().losses(picture)
        if any(frame.min() < 0 for frame in picture.frames):
            lost.append(Note("negative-values", "Radiance HDR holds no light below 0, which becomes 0"))
        return lost

    def write(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> None:
        frame = picture.frames[0]
        colors = frame[:, :, [0, 0, 0]] if frame.shape[2] == 1 else frame
        height, width, _ = colors.shape
        stream.write(b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y %d +X %d\n" % (height, width))
        light = np.ascontiguousarray(np.maximum(np.nan_to_num(colors), 0), np.float32)
        # Of each row four bytes, and of each color a byte beside every 128 values that do not repeat.
        longest = height * (4 + 4 * (width + width // 128 + 2))
        stream.write(rgbe_encode(light, header=False, rle=True, out=longest))


CODEC = HdrCodec


def _header(source: Source) -> _Header:
    """Read the header; raise ValueError on damage, ReadError for colors that are not read."""
    source.stream.seek(0)
    beginning = source.stream.read(_LONGEST_HEADER)
    size = _SIZE.search(beginning)
    if size is None:
        raise ValueError("no size")
    head = beginning[: size.start()]
    found = _FORMAT.search(head)
    if found is not None and found[1] == b"xyze":
        raise ReadError(f"{source.name} is a kind of Radiance HDR that is not read: XYZ", "ra_xyze -r makes RGB of it")
    first, one, rows, second, other, columns = size.groups()
    if one == other:
        raise ValueError("a size that is none")
    by_columns = one == b"X"
    sign = {one: first, other: second}
    length = {one: int(rows), other: int(columns)}
    given = _PRIMARIES.search(head)
    primaries = tuple(map(float, given[1].split())) if given else ()
    return _Header(
        by_columns,
        sign[b"Y"] == b"+",
        sign[b"X"] == b"-",
        length[b"X"],
        length[b"Y"],
        primaries if len(primaries) == _COLORS else (),
        size.end(),
    )
