"""The ends of video files, by the sizes that containers state: FFmpeg reads one that is cut off without a word."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from typing import IO

from convcli.image.content.transport import transport_packet

_MATROSKA_HEAD, _SEGMENT = 0x1A45DFA3, 0x18538067
_MOST_PARTS = 100_000  # of a file: those of fragments of a second, for a day
_PAGE = 65_307  # bytes of the longest page of Ogg
_LAST_PAGE = 4  # a flag
_PACK_END = b"\0\0\x01\xb9"
_SYSTEM, _LAST_STREAM = 0xBB, 0xEF  # the packets of MPEG that state their lengths
_PACKET = 65_542  # bytes of the longest one


def is_cut_off(stream: IO[bytes], container: str) -> bool:
    """Return whether a file ends before its container says; False where that cannot be told."""
    size = stream.seek(0, os.SEEK_END)
    try:
        return container in _ENDS and _ENDS[container](stream, size)
    except (struct.error, IndexError):  # within the head of a part
        return True
    finally:
        stream.seek(0)


def _boxes(stream: IO[bytes], size: int) -> bool:
    """Go along the boxes of an MP4 or MOV."""
    at = 0
    for _ in range(_MOST_PARTS):
        if at >= size:
            break
        length = struct.unpack(">I", _read(stream, at, 4))[0]
        if length == 1:
            length = struct.unpack(">Q", _read(stream, at + 8, 8))[0]
        if length < 8:  # 0 is one to the end; others are none
            return False
        at += length
    return at > size


def _elements(stream: IO[bytes], size: int) -> bool:
    """Go to the end of the segment of a Matroska file; along its elements, where it does not state a size."""
    at, end = 0, size
    for _ in range(_MOST_PARTS):
        if at >= end:
            return at > end
        head = _read(stream, at, min(12, size - at))
        id_length = 9 - head[0].bit_length()
        name = int.from_bytes(head[:id_length], "big")
        length = 9 - head[id_length].bit_length()
        if id_length > 4 or length > 8:
            return False
        value = int.from_bytes(head[id_length : id_length + length], "big") & ((1 << 7 * length) - 1)
        is_known = value != (1 << 7 * length) - 1
        at += id_length + length
        if len(head) < id_length + length:
            return True
        if name == _SEGMENT and is_known:
            return bool(at + value > size)
        if is_known:
            at += value
        elif name != _SEGMENT:
            return False  # a cluster of unknown size ends with the file
    return False


def _riffs(stream: IO[bytes], size: int) -> bool:
    """Go along the parts of an AVI, of which one beyond 1 GB has several."""
    at = 0
    for _ in range(_MOST_PARTS):
        if at + 8 > size:
            break
        name, length = struct.unpack("<4sI", _read(stream, at, 8))
        if name != b"RIFF" or length == 0:
            return False
        at += 8 + length + length % 2
    return at > size + 1  # the last byte, which fills an odd length up, may be left out


def _tags(stream: IO[bytes], size: int) -> bool:
    """Look for the last tag of an FLV, behind which its length stands."""
    length = int.from_bytes(_read(stream, max(0, size - 4), 4), "big")
    start = size - 4 - length
    return start < 0 or length != 11 + int.from_bytes(_read(stream, start + 1, 3), "big")


def _pages(stream: IO[bytes], size: int) -> bool:
    """Look for the last page of an Ogg, which is whole and flagged."""
    start = max(0, size - 2 * _PAGE)
    tail = _read(stream, start, size - start)
    at = tail.rfind(b"OggS")
    if at < 0:
        return True
    segments = tail[at + 26]
    length = 27 + segments + sum(tail[at + 27 : at + 27 + segments])
    return not tail[at + 5] & _LAST_PAGE or at + length != len(tail)


def _objects(stream: IO[bytes], size: int) -> bool:
    """Go along the objects of an ASF; one that is a broadcast does not state the size of its data."""
    at = 0
    for _ in range(_MOST_PARTS):
        if at >= size:
            break
        length = struct.unpack("<Q", _read(stream, at + 16, 8))[0]
        if length < 24:
            return False
        at += length
    return at > size


def _packets(stream: IO[bytes], size: int) -> bool:
    """Look for the last packet of an MPEG program stream, which is whole; an end code is often left out."""
    start = max(0, size - 2 * _PACKET)
    tail = _read(stream, start, size - start)
    at = len(tail)
    while (at := tail.rfind(b"\0\0\x01", 0, at)) >= 0:
        if tail[at : at + 4] == _PACK_END:
            return False
        if at + 6 <= len(tail) and _SYSTEM <= tail[at + 3] <= _LAST_STREAM:
            return at + 6 + int.from_bytes(tail[at + 4 : at + 6], "big") > len(tail)
    return False


def _transport(stream: IO[bytes], size: int) -> bool:
    """Return whether the last packet of a transport stream is not whole."""
    packet = transport_packet(stream)
    return bool(packet) and size % packet > 0


def _read(stream: IO[bytes], at: int, count: int) -> bytes:
    stream.seek(at)
    return stream.read(count)


# Pictures of MPEG without a container may end anywhere: FFmpeg leaves the end code out.
_ENDS: dict[str, Callable[[IO[bytes], int], bool]] = {
    "mov": _boxes,
    "matroska": _elements,
    "avi": _riffs,
    "flv": _tags,
    "ogg": _pages,
    "asf": _objects,
    "mpeg": _packets,
    "mpegts": _transport,
}
