"""The frames of an animated GIF, composed as browsers show them.

Pillow decodes the pixels of each, but composes them otherwise: where a frame is to be cleared it leaves a color behind,
and for frames without a disposal it takes the last one. Without NumPy: pictures are decoded while that is still being
imported.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import suppress

from PIL import Image

from convcli.image.codec import Source
from convcli.image.codecs.gif.blocks import (
    CONTROL,
    DESCRIPTOR,
    END,
    EXTENSION,
    HAS_TABLE,
    HAS_TRANSPARENCY,
    HEADER,
    IMAGE,
    behind_blocks,
    behind_image,
    table_length,
)
from convcli.image.limit import CHUNKS, FRAMES
from convcli.image.pillow.plugins import open_image

_CLEAR, _RESTORE = 2, 3  # disposals: what happens to a frame when its time is over
_UNIT = 10  # milliseconds
_LEAST = 3  # bytes of an extension
_GRAYS = bytes(level for level in range(256) for _ in range(3))  # in place of a palette that is not there


def gif_frames(data: bytes, size: tuple[int, int], max_pixels: int) -> Iterator[tuple[Image.Image, float]]:
    """Yield each frame of a file as it is shown, as RGBA, and its duration in milliseconds.

    `size` is the width and height of the whole, at whose edges frames are cut off. Raises OSError where the file is cut
    off, and Pillow's DecompressionBombError for a frame of more than `max_pixels`.
    """
    screen = table_length(data[10])
    table = data[HEADER : HEADER + screen] or _GRAYS
    at = HEADER + screen
    canvas = Image.new("RGBA", size)
    control = bytes(4)
    while at < len(data) and data[at : at + 1] != END:
        if data[at : at + 1] == EXTENSION:
            if data[at + 1 : at + 2] == bytes([CONTROL]):
                control = data[at + 3 : at + 7].ljust(4, b"\0")
            at = behind_blocks(data, at + 2)
        elif data[at : at + 1] == IMAGE:
            start, at = at, behind_image(data, at)
            flags, duration, transparent = struct.unpack("<BHB", control)
            frame, box = _decoded(data[start:at], table, transparent if flags & HAS_TRANSPARENCY else None, max_pixels)
            before = canvas.copy()
            canvas.paste(frame, box[:2], frame)
            yield canvas.copy(), float(duration * _UNIT)
            disposal = flags >> 2 & 7
            if disposal == _CLEAR:
                canvas.paste((0, 0, 0, 0), box)
            elif disposal == _RESTORE:
                canvas = before
            control = bytes(4)
        else:
            at += 1


def until_damage(data: bytes, size: tuple[int, int], max_pixels: int) -> tuple[bytes, int] | None:
    """Return a file of the frames before the first that cannot be decoded, and their number.

    None for no such frame, and where the frames together, of a width and height, have more than `max_pixels`.
    """
    whole, pixels = 0, size[0] * size[1]
    if not 0 < pixels <= max_pixels:
        return None
    try:
        for _ in gif_frames(data, size, max_pixels):
            whole += 1
            if whole * pixels > max_pixels:
                return None
    except OSError:
        at, passed = HEADER + table_length(data[10]), 0
        while whole and at < len(data):
            if data[at : at + 1] == EXTENSION:
                at = behind_blocks(data, at + 2)
            elif data[at : at + 1] != IMAGE:
                at += 1
            elif passed < whole:
                at, passed = behind_image(data, at), passed + 1
            else:
                return data[:at] + END, whole
    return None


def check_parts(source: Source) -> None:
    """Refuse a file of more frames or extensions than the limit allows."""
    if source.stream.seek(0, io.SEEK_END) < _LEAST * FRAMES.usual:
        return
    data = source.content()
    at = HEADER + table_length(data[10])
    frames = others = 0
    with suppress(OSError):  # of a file that is cut off, which is said where its frames are read
        while at < len(data) and data[at : at + 1] != END:
            if data[at : at + 1] == IMAGE:
                frames += 1
                FRAMES.check(source.name, frames, source.max_pixels)
                at = behind_image(data, at)
            else:
                others += 1
                CHUNKS.check(source.name, others, source.max_pixels)
                at = behind_blocks(data, at + 2) if data[at : at + 1] == EXTENSION else at + 1


def lacks_palette(data: bytes) -> bool:
    """Return whether a frame has neither a palette of its own nor one of the whole; a file that is cut off has one."""
    if table_length(data[10]):
        return False
    at = HEADER
    try:
        while at < len(data) and data[at : at + 1] != END:
            if data[at : at + 1] == EXTENSION:
                at = behind_blocks(data, at + 2)
            elif data[at : at + 1] == IMAGE:
                if at + DESCRIPTOR <= len(data) and not table_length(data[at + 9]):
                    return True
                at = behind_image(data, at)
            else:
                at += 1
    except OSError:
        return False
    return False


def _decoded(
    image: bytes, table: bytes, transparent: int | None, max_pixels: int
) -> tuple[Image.Image, tuple[int, int, int, int]]:
    """Decode one frame, as a file of its own; return it and its box in the whole."""
    left, top, width, height = struct.unpack_from("<HHHH", image, 1)
    if width * height > max_pixels:
        raise Image.DecompressionBombError
    flags = 0x70 | (HAS_TABLE | (len(table) // 3).bit_length() - 2 if table else 0)
    file = b"GIF89a" + struct.pack("<HHBBB", width, height, flags, 0, 0) + table
    if transparent is not None:
        file += struct.pack("<BBBBHBB", EXTENSION[0], CONTROL, 4, HAS_TRANSPARENCY, 0, transparent, 0)
    file += IMAGE + struct.pack("<HHHH", 0, 0, width, height) + image[9:] + END
    frame = open_image(io.BytesIO(file), "Gif")
    frame.load()
    hidden = frame.info.pop("transparency", None)  # which Pillow does not convert where the palette is one of grays
    shown = frame.convert("RGBA")
    if isinstance(hidden, int):
        indices = Image.frombytes("L", frame.size, frame.tobytes())
        shown.putalpha(indices.point([0 if index == hidden else 255 for index in range(256)]))
    return shown, (left, top, left + width, top + height)
