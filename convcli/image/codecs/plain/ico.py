"""ICO: the sizes of the pictures in it, before any of them is decoded. Without NumPy."""

from __future__ import annotations

import struct

from PIL import Image

from convcli.image.codec import Source
from convcli.note import Note
from convcli.words import counted

_PNG = b"\x89PNG\r\n\x1a\n"
_ENTRY = struct.Struct("<BBBBHHII")


def check(source: Source) -> None:
    """Raise ReadError where a picture in a file is over the limit; the directory names at most 256 pixels on a side."""
    stream = source.stream
    stream.seek(4)
    (count,) = struct.unpack("<H", stream.read(2))
    entries = stream.read(count * _ENTRY.size)
    if not count or len(entries) < count * _ENTRY.size:
        raise ValueError("no pictures")
    for *_, start in _ENTRY.iter_unpack(entries):
        stream.seek(start)
        head = stream.read(24)
        if head.startswith(_PNG) and len(head) == 24:
            source.check_size(struct.unpack_from(">II", head, 16))
        elif len(head) == 24:
            width, height = struct.unpack_from("<ii", head, 4)
            source.check_size((abs(width), abs(height) // 2))  # the colors, and a mask of the same size


def notes(image: Image.Image) -> tuple[Note, ...]:
    """Say how many other sizes are left out."""
    others = len(image.info.get("sizes", ())) - 1
    if others < 1:
        return ()
    text = f"its largest picture is filtered; {counted(others, 'other size')} {'is' if others == 1 else 'are'} left out"
    return (Note("sizes-left-out", text),)
