"""The chunks of a PNG file: a length, a name of four letters, the data, and a checksum of name and data."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from typing import IO

from convcli.image.codec import Source
from convcli.image.limit import CHUNKS, METADATA

SIGNATURE = b"\x89PNG\r\n\x1a\n"

LIBPNGS_LARGEST_SIDE = 1_000_000  # pixels; PNG itself and Pillow have no such limit

_END = b"IEND"
_OF_PIXELS = (b"IDAT", b"fdAT", b"fcTL")
_LEAST = 12  # bytes of a chunk


def chunks(file: bytes | memoryview) -> Iterator[tuple[bytes, bytes]]:
    """Yield the name and the data of every chunk but the last.

    Raises ValueError where a checksum is wrong, or the last chunk is not there.
    """
    at = len(SIGNATURE)
    while at + 12 <= len(file):
        (length,) = struct.unpack_from(">I", file, at)
        end = at + 12 + length
        if end > len(file):
            break
        name, data = bytes(file[at + 4 : at + 8]), bytes(file[at + 8 : end - 4])
        if struct.unpack_from(">I", file, end - 4) != (_checksum(name, data),):
            raise ValueError("a checksum is wrong")
        if name == _END:
            return
        yield name, data
        at = end
    raise ValueError("the file is cut off")


def check_chunks(source: Source) -> None:
    """Refuse a file of more chunks than its limit allows, by their lengths alone."""
    stream = source.stream
    end = stream.seek(0, io.SEEK_END)
    if end < _LEAST * METADATA.usual:
        return
    at, of_pixels, others = len(SIGNATURE), 0, 0
    while at + _LEAST <= end:
        stream.seek(at)
        length, name = struct.unpack(">I4s", stream.read(8))
        if name in _OF_PIXELS:
            of_pixels += 1
            CHUNKS.check(source.name, of_pixels, source.max_pixels)
        else:
            others += 1
            METADATA.check(source.name, others, source.max_pixels)
        at += _LEAST + length


def check_sums(stream: IO[bytes]) -> None:
    """Raise ValueError where a checksum is wrong, or the last chunk is not there; the stream stays where it is."""
    position, end = stream.tell(), stream.seek(0, io.SEEK_END)
    at, name = stream.seek(len(SIGNATURE)), b""
    while name != _END:
        length, name = struct.unpack(">I4s", stream.read(8).ljust(8, b"\0"))
        at += _LEAST + length
        if at > end:
            raise ValueError("the file is cut off")
        data = stream.read(length)
        if struct.unpack(">I", stream.read(4)) != (_checksum(name, data),):
            raise ValueError("a checksum is wrong")
    stream.seek(position)


def chunk(name: bytes, data: bytes) -> bytes:
    """Return a chunk."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", _checksum(name, data))


def png_file(*parts: bytes) -> bytes:
    """Return a file of these chunks."""
    return b"".join([SIGNATURE, *parts, chunk(_END, b"")])


def _checksum(name: bytes, data: bytes) -> int:
    return zlib.crc32(data, zlib.crc32(name))
