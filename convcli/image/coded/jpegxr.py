"""The directory of a JPEG XR file, which is that of a TIFF but for its tags. Without NumPy."""

from __future__ import annotations

import struct

from convcli.image.sampled.codec import Described
from convcli.image.text import upright_xmp
from convcli.lazy import dataclass

_KIND, _WIDTH, _HEIGHT, _ACROSS, _DOWN, _START, _LENGTH = 0xBC01, 0xBC80, 0xBC81, 0xBC82, 0xBC83, 0xBCC0, 0xBCC1
_ALPHA_START, _ORIENTATION = 0xBCC2, 0xBC02
_ICC, _XMP = 0x8773, 0x02BC
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
# Kinds of pixels begin so and end with a number; three of them have names of their own.
_KINDS = bytes.fromhex("24c3dd6f034efe4bb1853d77768dc9")
_NAMED = {
    bytes.fromhex("2dadc7f58d6add43a7a8a29935261ae9"): 0x0F,  # RGB with alpha of 8 bits
    bytes.fromhex("50a6c43c27a5374da9163142c7ebedba"): 0x10,  # the same, with alpha multiplied
    bytes.fromhex("8fd7fee3dbe8cf4a84c1e97f6136b327"): 0x1B,  # RGB of floats
}
_STREAM = b"WMPHOTO\0"
_SHORT = 0x80  # a bit of the third byte of the stream's header: the size has 16 bits
_FLAGS, _TILED = 9, 0x80  # the byte of that header that says whether there are tiles
_TURNS = 7  # in bits of that byte from the fourth on
QUARTER = 4  # of these
_MACROBLOCK = 16  # pixels on a side, in which tiles are measured
_DEPTH = 11  # the byte of that header whose lower half is the depth of the pixels
_NO_DEPTHS = range(11, 15)
_TOO_MANY = 1000  # tags

# Numbers of kinds of pixels: those with alpha, of which it is multiplied into the colors in some.
_ALPHA = {0x0F, 0x10, 0x16, 0x17, 0x19, 0x1A, 0x1D, 0x1E, 0x3A}
MULTIPLIED = {0x10, 0x17, 0x1A}
INKS = {0x1C, 0x1F}
_COLORS = {
    **dict.fromkeys((0x05, 0x08, 0x0B, 0x11, 0x13, 0x3E, 0x3F), 1),
    **dict.fromkeys((0x09, 0x0A, 0x0C, 0x0D, 0x0E, 0x12, 0x14, 0x15, 0x18, 0x1B, 0x3B, 0x40, 0x41, 0x42), 3),
    **dict.fromkeys(_ALPHA, 3),
    **dict.fromkeys(INKS, 4),
}
# Kinds that the decoder does not know, or does not convert, and those with the same values that it does.
_DECODED_AS = {
    0x0E: _KINDS + b"\x0c",
    0x10: _KINDS + b"\x0f",
    0x1B: bytes.fromhex("8fd7fee3dbe8cf4a84c1e97f6136b327"),
    0x42: _KINDS + b"\x3b",
}


@dataclass(frozen=True)
class Jxr:
    """The statements of a file; `colors` is 0 where its kind of pixels is not read.

    `file` is what the decoder gets, whose picture is to be turned where `turn` has it: by 90° clockwise by its bit
    `QUARTER`, then upside down by its first bit, and left to right by its second.
    """

    kind: int
    width: int
    height: int
    colors: int
    has_alpha: bool
    described: Described
    file: bytes
    turn: int = 0


def jxr(file: bytes) -> Jxr:
    """Read the directory; raise ValueError or struct.error on damage."""
    start = struct.unpack_from("<I", file, 4)[0]
    (count,) = struct.unpack_from("<H", file, start)
    if count > _TOO_MANY:
        raise ValueError("too many tags")
    entries = {tag: (kind, number, at) for tag, kind, number, at in _entries(file, start + 2, count)}
    kind = _bytes(file, entries, _KIND)
    if len(kind) != 16 or not (kind.startswith(_KINDS) or kind in _NAMED):
        raise ValueError("a kind of pixels that is none")
    number = _NAMED.get(kind, kind[15])
    begin, length = _number(file, entries, _START), _number(file, entries, _LENGTH)
    if not file.startswith(_STREAM, begin) or begin + length > len(file):
        raise ValueError("the pixels are not in the file")
    starts = [begin] + ([_number(file, entries, _ALPHA_START)] if _ALPHA_START in entries else [])
    if any(file[at + _DEPTH] & 0x0F in _NO_DEPTHS for at in starts if at + _DEPTH < len(file)):
        raise ValueError("a depth that is none")  # jxrlib divides by its size
    width, height = _number(file, entries, _WIDTH), _number(file, entries, _HEIGHT)
    if (width, height) != _coded_size(file, begin):
        raise ValueError("the directory is not that of the pixels")
    if file[begin + _FLAGS] & _TILED:
        _check_tiles(file, begin, width, height)
    across, down = _float(file, entries, _ACROSS), _float(file, entries, _DOWN)
    dpi = (across, down) if across > 0 and down > 0 else None
    turn = _number(file, entries, _ORIENTATION) if _ORIENTATION in entries else file[begin + _FLAGS] >> 3
    turn, xmp = turn & _TURNS, _bytes(file, entries, _XMP)
    described = Described(_bytes(file, entries, _ICC), b"", upright_xmp(xmp) if turn else xmp, dpi)
    width, height = (height, width) if turn & QUARTER else (width, height)
    decoded = _decodable(file, entries, number, starts if turn else [])
    return Jxr(number, width, height, _COLORS.get(number, 0), number in _ALPHA, described, decoded, turn)


def _decodable(file: bytes, entries: dict[int, tuple[int, int, int]], number: int, to_turn: list[int]) -> bytes:
    """Return a file of a kind that the decoder knows, without a turn in its streams, which begin at places."""
    changed = bytearray(file)
    if number in _DECODED_AS:
        at = entries[_KIND][2]
        changed[at : at + 16] = _DECODED_AS[number]
    for at in to_turn:
        changed[at + _FLAGS] &= ~(_TURNS << 3)
    if to_turn and _ORIENTATION in entries:
        changed[entries[_ORIENTATION][2]] = 0
    return bytes(changed)


def _entries(file: bytes, start: int, count: int) -> list[tuple[int, int, int, int]]:
    found = []
    for at in range(start, start + 12 * count, 12):
        tag, kind, number, value = struct.unpack_from("<HHII", file, at)
        found.append((tag, kind, number, at + 8 if _SIZES.get(kind, 1) * number <= 4 else value))
    return found


def _bytes(file: bytes, entries: dict[int, tuple[int, int, int]], tag: int) -> bytes:
    _, number, at = entries.get(tag, (1, 0, 0))
    return file[at : at + number]


def _number(file: bytes, entries: dict[int, tuple[int, int, int]], tag: int) -> int:
    kind, _, at = entries[tag]
    return int.from_bytes(file[at : at + _SIZES.get(kind, 4)], "little")


def _float(file: bytes, entries: dict[int, tuple[int, int, int]], tag: int) -> float:
    return float(struct.unpack_from("<f", file, entries[tag][2])[0]) if tag in entries else 0.0


def _coded_size(file: bytes, start: int) -> tuple[int, int]:
    """Return the width and height in the stream of pixels, which the decoder believes."""
    width, height = struct.unpack_from(">HH" if file[start + 10] & _SHORT else ">II", file, start + 12)
    return width + 1, height + 1


def _check_tiles(file: bytes, start: int, width: int, height: int) -> None:
    """Raise ValueError where tiles are more than the picture has room for, which the decoder believes."""
    is_short = bool(file[start + 10] & _SHORT)
    at = start + (16 if is_short else 20)
    counts = int.from_bytes(file[at : at + 3], "big")
    at, size = at + 3, 1 if is_short else 2
    for count, length in ((counts >> 12, width), (counts & 0xFFF, height)):
        room = -(-length // _MACROBLOCK)
        sides = [int.from_bytes(file[at + size * each : at + size * (each + 1)], "big") for each in range(count)]
        if count >= room or not all(sides) or sum(sides) >= room:
            raise ValueError("more tiles than the picture has room for")
        at += size * count
