"""JPEG files that are small and ask for much."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator

from PIL import Image

END = b"\xff\xd9"


def _segment(kind: int, data: bytes) -> bytes:
    return bytes([0xFF, kind]) + struct.pack(">H", len(data) + 2) + data


def _jpeg(size: tuple[int, int] = (16, 16), **options: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "gray").save(file, "JPEG", **options)
    return file.getvalue()


def _with(segments: bytes) -> bytes:
    file = _jpeg()
    return file[:2] + segments + file[2:]


def _scans(side: int, count: int) -> bytes:
    """Return a progressive file whose last scan comes again and again."""
    file = _jpeg((side, side), progressive=True)
    last = file[file.rindex(b"\xff\xda") : -2]
    return file[:-2] + last * count + END


def _of_size(height: int, width: int) -> bytes:
    """Return a file whose header has another size than its pixels."""
    file = _jpeg((2000, 16))
    at = file.index(b"\xff\xc0") + 5
    return file[:at] + struct.pack(">HH", height, width) + file[at + 4 :]


def _table() -> bytes:
    file = _jpeg()
    at = file.index(b"\xff\xc4")
    return file[at : at + 2 + struct.unpack_from(">H", file, at + 2)[0]]


def jpeg_files() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Yield a name and a function that makes the bytes of each."""
    yield "scans.jpg", lambda: _scans(1000, 3000)
    yield "scans-of-a-small-one.jpg", lambda: _scans(16, 100_000)
    yield "scans-cut-off.jpg", lambda: _scans(1000, 3000)[:-2]
    yield "comments.jpg", lambda: _with(_segment(0xFE, b"") * 500_000)
    yield "long-comments.jpg", lambda: _with(_segment(0xFE, bytes(65_000)) * 300)
    yield "huffman-tables.jpg", lambda: _with(_table() * 100_000)
    yield "quantization.jpg", lambda: _with(_segment(0xDB, bytes([0]) + bytes(range(1, 65))) * 200_000)
    yield "fill-bytes.jpg", lambda: _with(b"\xff" * 10_000_000)
    yield (
        "profile-parts.jpg",
        lambda: _with(
            b"".join(_segment(0xE2, b"ICC_PROFILE\0" + bytes([n, 255]) + bytes(65_000)) for n in range(1, 256))
        ),
    )
    yield (
        "exif-in-circles.jpg",
        lambda: _with(
            _segment(
                0xE1,
                b"Exif\0\0II*\0\x08\0\0\0"
                + struct.pack("<H", 1)
                + struct.pack("<HHII", 0x8769, 4, 1, 8)
                + struct.pack("<I", 8),
            )
        ),
    )
    yield "application-segments.jpg", lambda: _with(_segment(0xE1, b"Exif\0\0") * 200_000)
    yield "photoshop.jpg", lambda: _with(_segment(0xED, b"Photoshop 3.0\0" + b"8BIM\0\0\0\0\0\0\0\0" * 5000) * 100)
    yield "without-scan-end.jpg", lambda: _jpeg((2000, 2000))[:-2] + b"\xff\xd0\xff\xd1" * 1_000_000
    yield "height-later.jpg", lambda: _of_size(0, 2000)
    yield "restarts.jpg", lambda: _jpeg((4000, 4000), restart_marker_blocks=1)
    yield "high-and-empty.jpg", lambda: _of_size(9000, 9000)
    yield "markers-in-a-scan.jpg", lambda: _jpeg()[:-2] + b"\xff\xfe\0\2" * 500_000
