"""GIF files that break off: the frames that are whole, or the part of the first one that is there.

Without NumPy: pictures are decoded while that is still being imported.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from convcli.errors import ReadError
from convcli.image.codecs.gif.blocks import (
    CONTROL,
    DESCRIPTOR,
    END,
    EXTENSION,
    HAS_TRANSPARENCY,
    HEADER,
    IMAGE,
    behind_blocks,
    behind_image,
    table_length,
)
from convcli.note import Note

_CODE = "damaged"
_WITHOUT_END = Note(_CODE, "its end mark is missing; the picture is whole")
_MOST = 0.5  # the largest share of a picture that may be missing, as of JPEG
_MOST_PIXELS = 8_000_000  # of a frame whose codes are counted, in Python: a second or two
_INTERLACED = 0x40
_MOST_CODES = 4096
_LEAST_BITS, _MOST_BITS = 2, 8  # of a pixel
_BLOCK = 255
_CODES_OF_A_PIXEL = 2  # at most, those that begin anew among them


class _Counted(NamedTuple):
    """The codes of a frame up to the last that is right: the pixels of them, their bits, and those of the next one."""

    pixels: int
    bits: int
    width: int


def completed(data: bytes, name: str) -> tuple[bytes, Note] | None:
    """Return a whole file in place of one that breaks off, and what is missing, for a line of warning.

    None where not one frame is there in part. Raises ReadError where more than a half of the only frame of the picture
    `name` is missing, and for an interlaced one.
    """
    at = HEADER + table_length(data[10])
    frames, first = 0, None
    transparent: int | None = None
    while at < len(data) and data[at : at + 1] != END:
        start = at
        try:
            if data[at : at + 1] == EXTENSION:
                if data[at + 1 : at + 2] == bytes([CONTROL]) and not frames:
                    flags, _, index = struct.unpack("<BHB", data[at + 3 : at + 7].ljust(4, b"\0"))
                    transparent = index if flags & HAS_TRANSPARENCY else None
                at = behind_blocks(data, at + 2)
            elif data[at : at + 1] == IMAGE:
                first = start if first is None else first
                at = behind_image(data, at)
                frames += 1
            else:
                at += 1
        except OSError:
            if frames:
                return data[:start] + END, _told(frames)
            break
    return None if first is None else _with_first(data, first, at if frames else None, transparent, name)


def _told(frames: int) -> Note:
    count = f"{frames} of its frames are" if frames > 1 else "one of its frames is"
    return Note(_CODE, f"its end is missing: {count} there")


def _with_first(data: bytes, start: int, end: int | None, fill: int | None, name: str) -> tuple[bytes, Note] | None:
    """Return a file whose first frame, at `start`, is completed by pixels of an index, and what is missing.

    The parts behind it stay, up to `end`; None where the file breaks off within the frame.
    """
    if start + DESCRIPTOR > len(data):
        return None
    width, height, flags = struct.unpack_from("<4xHHB", data, start + 1)
    codes_at = start + DESCRIPTOR + table_length(flags)
    wanted = width * height
    if codes_at >= len(data) or not 0 < wanted <= _MOST_PIXELS:
        return None
    if flags & _INTERLACED:
        what = f"{name} is truncated or damaged: it is interlaced, and its last passes are missing"
        raise ReadError(what, "fetch it or save it again")
    bits = data[codes_at]
    if not _LEAST_BITS <= bits <= _MOST_BITS:
        return None
    codes, behind = _joined(data, codes_at + 1)
    counted = _counted(codes, bits, wanted)
    missing = wanted - counted.pixels
    if missing <= 0 and end is None:
        return data[: codes_at + 1] + _in_blocks(codes) + END, _WITHOUT_END
    if not counted.pixels or missing <= 0:
        return None
    percent = f"{max(100 * missing / wanted, 0.1):.1f} %"
    if missing > _MOST * wanted:
        what = f"{name} is truncated or damaged: {percent} of the picture is missing"
        raise ReadError(what, "fetch it or save it again")
    whole = _in_blocks(_filled(codes, counted, bits, fill or 0, missing))
    rest = b"" if end is None else data[behind:end]
    color = "transparent" if fill is not None else "the first color of its palette"
    note = Note(_CODE, f"its end is missing: {percent} of the picture is {color} in its place")
    return data[: codes_at + 1] + whole + rest + END, note


def _joined(data: bytes, at: int) -> tuple[bytes, int]:
    """Return the content of a sequence of blocks, of which the last may be cut off, and where it ends."""
    parts = []
    while at < len(data) and data[at]:
        parts.append(data[at + 1 : at + 1 + data[at]])
        at += 1 + data[at]
    return b"".join(parts), min(at + 1, len(data))


def _in_blocks(data: bytes) -> bytes:
    blocks = (data[at : at + _BLOCK] for at in range(0, len(data), _BLOCK))
    return b"".join(bytes([len(each)]) + each for each in blocks) + b"\0"


def _counted(codes: bytes, bits: int, wanted: int) -> _Counted:
    """Count the pixels of LZW's codes, by the lengths of the runs that they stand for alone.

    What has more codes than pixels could need is damage from there on.
    """
    clear = 1 << bits
    lengths = [1] * (clear + 2)
    width, before, pixels, end, right = bits + 1, 0, 0, 0, bits + 1
    waiting = held = position = 0
    for _ in range(_CODES_OF_A_PIXEL * wanted + _MOST_CODES):
        if pixels >= wanted:
            break
        while held < width and position < len(codes):
            waiting |= codes[position] << held
            held, position = held + 8, position + 1
        if held < width:
            break
        code = waiting & (1 << width) - 1
        waiting, held = waiting >> width, held - width
        if code == clear:
            del lengths[clear + 2 :]
            width, before = bits + 1, 0
        elif code == clear + 1:
            break
        else:
            length = lengths[code] if code < len(lengths) else before + 1
            if code > len(lengths) or (code == len(lengths) and not before):
                break
            if before and len(lengths) < _MOST_CODES:
                lengths.append(before + 1)
                width += len(lengths) == 1 << width and len(lengths) < _MOST_CODES
            pixels, before = pixels + length, length
        end, right = 8 * position - held, width
    return _Counted(pixels, end, right)


def _filled(codes: bytes, counted: _Counted, bits: int, fill: int, missing: int) -> bytes:
    """Return codes up to the last that is right, and those of missing pixels: cleared so often that all are short."""
    clear, short = 1 << bits, bits + 1
    alike = (1 << bits) - 2  # pixels after which codes would grow
    period = _packed([clear, *[fill] * alike], short)
    eight = sum(period << each * short * (alike + 1) for each in range(8)).to_bytes(short * (alike + 1), "little")
    filler = int.from_bytes(eight * -(-missing // (8 * alike)), "little")
    filler_bits = 8 * len(eight) * -(-missing // (8 * alike))
    there = int.from_bytes(codes, "little") & (1 << counted.bits) - 1
    place = counted.bits + counted.width
    whole = there | clear << counted.bits | filler << place | clear + 1 << place + filler_bits
    return whole.to_bytes((place + filler_bits + short + 7) // 8, "little")


def _packed(codes: list[int], width: int) -> int:
    return sum(code << width * index for index, code in enumerate(codes))
