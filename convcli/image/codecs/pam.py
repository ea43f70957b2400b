"""PAM: gray or RGB, with alpha or without, of up to 16 bits a channel."""

from __future__ import annotations

import re
from typing import IO

import numpy as np

from convcli.errors import ReadError
from convcli.image.codec import Encoding, Source
from convcli.image.memory import Outline
from convcli.image.picture import Picture
from convcli.image.sampled.codec import SampledCodec
from convcli.image.samples import WHITE, Samples, scaled
from convcli.lazy import dataclass

_LONGEST_HEADER = 1 << 16
_END = re.compile(rb"^ENDHDR[ \t]*\n", re.MULTILINE)
_KINDS = ("BLACKANDWHITE", "GRAYSCALE", "RGB", "BLACKANDWHITE_ALPHA", "GRAYSCALE_ALPHA", "RGB_ALPHA")
_OTHER_COLORS = ("YUV", "YCBCR", "LAB", "HSV")
_NAMES = {1: "GRAYSCALE", 2: "GRAYSCALE_ALPHA", 3: "RGB", 4: "RGB_ALPHA"}


@dataclass(frozen=True)
class _Header:
    width: int
    height: int
    depth: int
    white: int
    kind: str
    start: int


class PamCodec(SampledCodec[_Header]):
    """PAM."""

    def parsed(self, source: Source) -> _Header:
        return _header(source)

    def outline(self, source: Source, parsed: _Header) -> Outline:
        return Outline(parsed.height, parsed.width, parsed.depth, 1 if parsed.white < 256 else 2, beside=parsed.depth)

    def samples(self, source: Source, parsed: _Header) -> Samples:
        if parsed.depth not in _NAMES:
            raise ReadError(f"{source.name} has {parsed.depth} channels", "save the values as .npy")
        if parsed.kind and parsed.kind not in _KINDS and (parsed.depth == 4 or parsed.kind in _OTHER_COLORS):
            raise ReadError(f"{source.name} holds {parsed.kind} of {parsed.depth} channels", "convert it to RGB first")
        source.stream.seek(parsed.start)
        dtype = np.dtype(np.uint8 if parsed.white < 256 else ">u2")
        shape = (parsed.height, parsed.width, parsed.depth)
        values = np.frombuffer(source.stream.read(int(np.prod(shape)) * dtype.itemsize), dtype).reshape(shape)
        pixels, notes = scaled(values, parsed.white)
        has_alpha = parsed.depth in (2, 4) and (not parsed.kind or parsed.kind.endswith("_ALPHA"))
        return Samples(pixels, has_alpha, notes)

    def write(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> None:
        frame = picture.frames[0]
        height, width, depth = frame.shape
        white = np.iinfo(frame.dtype).max
        head = f"P7\nWIDTH {width}\nHEIGHT {height}\nDEPTH {depth}\nMAXVAL {white}\nTUPLTYPE {_NAMES[depth]}\nENDHDR\n"
        stream.write(head.encode())
        stream.write(np.ascontiguousarray(frame, frame.dtype.newbyteorder(">")).data)


CODEC = PamCodec


def _header(source: Source) -> _Header:
    """Read the header; raise ValueError on damage."""
    source.stream.seek(0)
    beginning = source.stream.read(_LONGEST_HEADER)
    end = _END.search(beginning)
    if end is None:
        raise ValueError("no end of the header")
    found: dict[str, str] = {}
    for line in beginning[: end.start()].decode("latin-1").splitlines()[1:]:
        name, value = [*line.partition("#")[0].split(None, 1), "", ""][:2]
        found[name] = f"{found.get(name, '')} {value.strip()}".strip() if name == "TUPLTYPE" else value.strip()
    width, height, depth, white = (_number(found[name]) for name in ("WIDTH", "HEIGHT", "DEPTH", "MAXVAL"))
    if not 0 < white <= WHITE:
        raise ValueError("a white that is none")
    return _Header(width, height, depth, white, found.get("TUPLTYPE", ""), end.end())


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,10}", text):
        raise ValueError("a number that is none")
    return int(text)
