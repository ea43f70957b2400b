"""GIF, WebP and AVIF files that are small and ask for much."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator

from PIL import Image


def _gif(width: int, height: int, *parts: bytes) -> bytes:
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return head + b"".join(parts) + b";"


def _frame(data: bytes = b"\2\2D\1\0", width: int = 1, height: int = 1) -> bytes:
    return b"!\xf9\4\0\1\0\0\0" + b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + data


def _webp(count: int, width: int = 1, height: int = 1) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (1, 1)).save(file, "WEBP", lossless=True)
    picture = file.getvalue()[12:]
    control = bytes(6) + bytes(6) + struct.pack("<I", 10)[:3] + b"\0"
    frame = b"ANMF" + struct.pack("<I", len(control) + len(picture)) + control + picture
    size = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    head = b"VP8X" + struct.pack("<I", 10) + b"\2\0\0\0" + size + b"ANIM" + struct.pack("<I", 6) + bytes(6)
    body = b"WEBP" + head + frame * count
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _avif(frames: int) -> bytes:
    file = io.BytesIO()
    first, *others = (Image.new("L", (16, 16), each) for each in range(frames))
    first.save(file, "AVIF", save_all=True, append_images=others, speed=10)
    return file.getvalue()


def _avif_of(sizes: bytes) -> bytes:
    """Return a sequence whose table of sizes begins otherwise: with the size of all frames, and their number."""
    sequence = _avif(2)
    at = sequence.index(b"stsz") + 8
    return sequence[:at] + sizes + sequence[at + 8 :]


def _boxes(depth: int) -> bytes:
    inner = b""
    for _ in range(depth):
        inner = struct.pack(">I", len(inner) + 8) + b"moov" + inner
    return struct.pack(">I", 24) + b"ftypavif\0\0\0\0avifmif1" + inner


def moving_files() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Yield a name and a function that makes the bytes of each."""
    yield "frames.gif", lambda: _gif(1, 1, _frame() * 100_000)
    codes = b"\xff" + b"\x24\x49\x92" * 85  # that clear the table
    yield "codes.gif", lambda: _gif(1, 1, _frame(b"\2" + codes * 100_000 + b"\0"))
    yield "huge.gif", lambda: _gif(65_535, 65_535, _frame())
    yield "large-canvas.gif", lambda: _gif(9000, 9000, _frame() * 1000)
    yield "extensions.gif", lambda: _gif(1, 1, b"!\xfe\0" * 1_000_000, _frame())
    yield "long-comment.gif", lambda: _gif(1, 1, b"!\xfe" + (b"\xff" + b"a" * 255) * 100_000 + b"\0", _frame())
    yield "endless-blocks.gif", lambda: _gif(1, 1, b"!\xff\x0bNETSCAPE2.0" + b"\1\1" * 2_000_000 + b"\0", _frame())
    yield "frame-beyond.gif", lambda: _gif(1, 1, _frame(width=65_535, height=65_535))
    yield "frames.webp", lambda: _webp(100_000)
    yield "canvas.webp", lambda: _webp(1, 1 << 24, 1)
    yield "large-canvas.webp", lambda: _webp(200, 9000, 9000)
    yield "repeated-chunks.webp", lambda: b"RIFF" + struct.pack("<I", 8_000_004) + b"WEBP" + b"JUNK\0\0\0\0" * 1_000_000
    yield "nested.avif", lambda: _boxes(100_000)
    yield "frames-said.avif", lambda: _avif_of(struct.pack(">II", 0, 1 << 31))
    yield "frames-alike.avif", lambda: _avif_of(struct.pack(">II", 1, 1 << 31))
    yield "many-boxes.avif", lambda: struct.pack(">I", 24) + b"ftypavif\0\0\0\0avifmif1" + b"\0\0\0\x08free" * 1_000_000
