"""The size in a stream of JPEG, by its segments: bytes of a comment may look like a header. Without NumPy."""

from __future__ import annotations

import struct
from typing import NamedTuple

_BEGIN, _END, _SCAN = 0xD8, 0xD9, 0xDA
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_LOSSLESS = (0xC3, 0xC7, 0xCB, 0xCF)
_ALONE = {0x01, *range(0xD0, 0xDA)}  # markers without a length
_MARKER = 0xFF


class Frame(NamedTuple):
    """The header of a frame, which is at a place of its file."""

    at: int
    bits: int
    width: int
    height: int
    channels: int
    is_lossless: bool


def frame_size(data: bytes) -> tuple[int, int]:
    """Return the width and height of the first frame; raise ValueError or struct.error where there is none."""
    frame = frame_of(data)
    return frame.width, frame.height


def frame_of(data: bytes) -> Frame:
    """Return the header of the first frame; raise ValueError or struct.error where there is none."""
    at = 0
    while at + 2 <= len(data):
        if data[at] != _MARKER:
            raise ValueError("no marker")
        kind = data[at + 1]
        if kind == _MARKER:  # a byte that fills up
            at += 1
        elif kind in _FRAMES:
            bits, height, width, channels = struct.unpack_from(">BHHB", data, at + 4)
            return Frame(at, bits, width, height, channels, kind in _LOSSLESS)
        elif kind in (_SCAN, _END):
            break
        else:
            at += 2 if kind in _ALONE else 2 + struct.unpack_from(">H", data, at + 2)[0]
    raise ValueError("a picture without a size")
