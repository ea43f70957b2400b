"""Boxes of ISO media files: a length, a kind of four letters, and a content. Without NumPy."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_MOST = 10_000  # of a file


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """Yield the kind of each box, and where its content begins and ends.

    Raises ValueError where a box is longer than what it is in, or there are too many.
    """
    end = len(data) if end is None else end
    for _ in range(_MOST):
        if start + 8 > end:
            return
        length, kind = struct.unpack_from(">I4s", data, start)
        head = 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", data, start + 8)
            head = 16
        stop = end if length == 0 else start + length
        if (length and length < head) or stop > end:
            raise ValueError("a box that is cut off")
        yield kind, start + head, stop
        start = stop
    raise ValueError("too many boxes")


def box(kind: bytes, content: bytes) -> bytes:
    """Return a box."""
    length = 8 + len(content)
    if length < 1 << 32:
        return struct.pack(">I4s", length, kind) + content
    return struct.pack(">I4sQ", 1, kind, length + 8) + content
