"""The blocks of a GIF: their marks, and where each ends. Without NumPy."""

from __future__ import annotations

HEADER, DESCRIPTOR = 13, 10  # bytes
EXTENSION, IMAGE, END = b"!", b",", b";"
CONTROL = 0xF9  # the extension that says how the frame behind it is shown
HAS_TABLE, HAS_TRANSPARENCY = 0x80, 0x01


def table_length(flags: int) -> int:
    """Return the bytes of the palette that flags announce."""
    return 3 * (2 << (flags & 7)) if flags & HAS_TABLE else 0


def behind_image(data: bytes, at: int) -> int:
    """Return the end of a frame; raise OSError where the file breaks off before."""
    if at + DESCRIPTOR > len(data):
        raise OSError("image file is truncated")
    return behind_blocks(data, at + DESCRIPTOR + table_length(data[at + 9]) + 1)


def behind_blocks(data: bytes, at: int) -> int:
    """Return the end of a sequence of blocks, each behind its length, the last one empty; OSError as `behind_image`."""
    while at < len(data) and data[at]:
        at += 1 + data[at]
    if at >= len(data):
        raise OSError("image file is truncated")
    return at + 1
