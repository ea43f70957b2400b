"""AVIF files put together from streams that Pillow encoded, in boxes that say of them what they like."""

from __future__ import annotations

import base64
import struct
import zlib
from dataclasses import dataclass
from itertools import pairwise

import pytest
from PIL import Image, features

from tests.support.encoding import by_pillow

NEEDS_AVIF = pytest.mark.skipif(not features.check("avif"), reason="this Pillow was built without AVIF")

_ALPHA = b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0"

# A red picture of 16384×16384 pixels as AV1: to encode it takes half a minute.
_HUGE = (
    "c-j+U;Nq75UjP69-$hJPyc|ZSB_#w6A3mJv(8QrW!GVDx>HN9CwVI#qZ)!iCu)DKEW9{5&9Sq%KcYjxgKKs|?DEKm%$waT3VcAW&"
    "p3Mq-g-#ahY-M4cUg)ZF_P{f#Rh1Q7j~1R~eGwNeA6ixS()@m}znPGF;u^olGcP?Z*buf^_|3#g|5DDMizsLM5@?q&_2{$X+Kfld"
    "UzBf5<(O7m`r%|u{N1LzGRLb89`3ZuQG4!oAmZK*#Sc3o<K=egaknqMB5uaIxTZk#sPioD3wyTNt@`r!QvQCac{wV6ha=`5H(q+|"
    "VZz!p^_$A7e@1N?wPn<nQCmiB8MS59mQh<qZ5g#?)Ruv=g)Wu=01jS>%m"
)


@dataclass(frozen=True)
class Item:
    """What a file has: a stream, the size that is said of it, and what it is to others, which are counted from 1."""

    data: bytes
    size: tuple[int, int] = (24, 20)
    gray: bool = False
    alpha_of: int = 0
    cells: tuple[int, ...] = ()


def stream_of(image: Image.Image) -> bytes:
    """Return the AV1 of an opaque picture."""
    file = by_pillow(image, "AVIF")
    return file[file.index(b"mdat") + 4 :]


def huge_stream() -> bytes:
    """Return the AV1 of a picture of 16384×16384 pixels, which takes 400 MB to decode."""
    return zlib.decompress(base64.b85decode(_HUGE))


def renamed(file: bytes, size: tuple[int, int], said: tuple[int, int] = (24, 20)) -> bytes:
    """Return a file of Pillow's of which the boxes of items and tracks say another size."""
    for code, scale in (">II", 1), (">II", 1 << 16), (">HH", 1):
        old, new = (struct.pack(code, *(each * scale for each in pair)) for pair in (size, said))
        file = file.replace(old, new)
    return file


def box(kind: bytes, *parts: bytes, wide: bool = False) -> bytes:
    data = b"".join(parts)
    return (
        struct.pack(">I4sQ", 1, kind, 16 + len(data)) + data
        if wide
        else struct.pack(">I4s", 8 + len(data), kind) + data
    )


def grid(columns: int, rows: int, width: int, height: int) -> bytes:
    return struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, width, height)


def avif(*items: Item, extents: int = 1, in_box: bool = False, wide: bool = False, endless: bool = False) -> bytes:
    """Return a file of items, the first of which is shown.

    Parameters
    ----------
    items
        Where one has the bytes of another they share them.
    extents
        How many parts each is cut into.
    in_box
        They are in a box beside the one that tells their places, not in the file.
    wide
        Numbers are as long as they can be.
    endless
        The last box does not say how long it is.
    """
    whole = b""
    for data in sorted((item.data for item in items), key=len, reverse=True):
        whole += b"" if data in whole else data
    start = 0
    for _ in range(2):  # the places are known once the length of all before them is
        places = [whole.index(item.data) + (0 if in_box else start) for item in items]
        inner = [box(b"idat", whole)] if in_box else []
        meta = box(
            b"meta", bytes(4), *_about(items, wide), _places(items, places, extents, in_box, wide), *inner, wide=wide
        )
        head = box(b"ftyp", b"avif", bytes(4), b"avifmif1miaf") + meta
        last = b"" if in_box else box(b"mdat", whole)
        start = len(head) + 8
    if endless and not in_box:
        return head + bytes(4) + last[4:]
    return head[: len(head) - len(meta)] + (bytes(4) if endless else meta[:4]) + meta[4:] + last


def _places(items: tuple[Item, ...], places: list[int], extents: int, in_box: bool, wide: bool) -> bytes:
    number = ">Q" if wide else ">I"
    parts = [struct.pack(">B3xBB", 2, 0x88 if wide else 0x44, 0), struct.pack(">I", len(items))]
    for index, (item, place) in enumerate(zip(items, places, strict=True), start=1):
        parts.append(struct.pack(">IHHH", index, in_box, 0, extents))
        edges = [len(item.data) * part // extents for part in range(extents + 1)]
        for first, last in pairwise(edges):
            parts += [struct.pack(number, place + first), struct.pack(number, last - first)]
    return box(b"iloc", *parts)


def _about(items: tuple[Item, ...], wide: bool) -> list[bytes]:
    """Return the boxes of what items are, in what order libavif wants them."""
    entries, references, properties, owned = [], [], [], []
    for index, item in enumerate(items, start=1):
        kind = b"grid" if item.cells else b"av01"
        entry = struct.pack(">B3xIH4sx" if wide else ">B3xHH4sx", 3 if wide else 2, index, 0, kind)
        entries.append(box(b"infe", entry))
        if item.alpha_of:
            references.append(box(b"auxl", struct.pack(">HHH", index, 1, item.alpha_of)))
        if item.cells:
            references.append(box(b"dimg", struct.pack(f">HH{len(item.cells)}H", index, len(item.cells), *item.cells)))
        depths = b"\1\x08" if item.gray else b"\3\x08\x08\x08"
        own = [box(b"ispe", bytes(4), struct.pack(">II", *item.size)), box(b"pixi", bytes(4), depths)]
        if not item.cells:
            own.append(box(b"av1C", bytes((0x81, 0x0C, 0x1C if item.gray else 0x0C, 0))))
        if item.alpha_of:
            own.append(box(b"auxC", bytes(4), _ALPHA))
        numbers = []
        for each in own:
            if each not in properties:
                properties.append(each)
            numbers.append(properties.index(each) + 1)
        owned.append(struct.pack(f">HB{len(numbers)}B", index, len(numbers), *numbers))
    associations = box(b"ipma", bytes(4), struct.pack(">I", len(items)), *owned)
    return [
        box(b"hdlr", bytes(8), b"pict", bytes(13)),
        box(b"pitm", bytes(4), struct.pack(">H", 1)),
        box(b"iinf", bytes(4), struct.pack(">H", len(items)), *entries),
        *([box(b"iref", bytes(4), *references)] if references else []),
        box(b"iprp", box(b"ipco", *properties), associations),
    ]
