"""PNG files, chunk by chunk."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk: its length, its kind, its content, and the checksum of both."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(width: int, height: int, bits: int, color: int, *, interlaced: bool = False) -> bytes:
    """Return the chunk that begins a file; `color` is 0 for gray, 2 for RGB, 3 for a palette, 4 and 6 with alpha."""
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, interlaced))


def png_file(*chunks: bytes) -> bytes:
    """Return a file of these chunks and the one that ends it."""
    return SIGNATURE + b"".join(chunks) + chunk(b"IEND", b"")


def chunks(file: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the kind and the content of each chunk, as far as they are whole; checksums are not read."""
    at = len(SIGNATURE)
    while at + 12 <= len(file):
        (length,) = struct.unpack_from(">I", file, at)
        yield file[at + 4 : at + 8], file[at + 8 : at + 8 + length]
        at += 12 + length
