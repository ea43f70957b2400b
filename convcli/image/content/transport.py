"""MPEG transport streams, whose files have no signature: a byte of sync begins each packet. Without NumPy."""

from __future__ import annotations

import io
from typing import IO

_SYNC = ord("G")
_PACKETS = 3  # that are looked at
_SIZES = ((188, 0), (192, 4))  # bytes of a packet, and those of a time before each, as on Blu-ray


def transport_packet(stream: IO[bytes]) -> int:
    """Return the bytes of a packet of a transport stream, and leave the stream at its beginning; 0 for any other."""
    stream.seek(0)
    prefix = stream.read(_PACKETS * _SIZES[-1][0])
    stream.seek(0, io.SEEK_SET)
    for size, before in _SIZES:
        places = range(before, _PACKETS * size, size)
        if len(prefix) >= _PACKETS * size and all(prefix[at] == _SYNC for at in places):
            return size
    return 0
