"""PCX of every number of bits and planes, packed or not. Without NumPy until pixels are arrays.

Pillow reads a half of these kinds, and takes colors from where some files have none; its decoder unpacks runs here.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from PIL import Image

from convcli.image.memory import Outline
from convcli.lazy import dataclass
from convcli.note import Note

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from convcli.image.samples import Samples

_HEADER = struct.Struct("<BBBBHHHHHH48sxBH")
_DATA = 128  # where the values begin
_NOT_PACKED, _PACKED = 0, 1
_PALETTE = 769  # bytes at the end of a file: a mark and 256 colors
_MARK = 12
_COLORS, _WITH_ALPHA = 3, 4  # planes of 8 bits
_WITH_PALETTE_OF_256 = 5  # the version from which a file may have one
_WITHOUT_PALETTE = (0, 3)  # versions whose colors are those of the screen
_MOST_OF_NUMBERS = 4  # bits of a number of a color, but for those of 256
_LONGEST = 4  # times as many bytes as a row needs

# The colors of an EGA screen; the palettes of CGA are some of them, beside a background that is chosen among all.
_EGA = bytes.fromhex("0000000000aa00aa0000aaaaaa0000aa00aaaa5500aaaaaa5555555555ff55ff5555ffffff5555ff55ffffff55ffffff")
_BRIGHT = 8  # of a color of EGA
_GREEN_RED_BROWN, _CYAN_MAGENTA_GRAY, _CYAN_RED_GRAY = (2, 4, 6), (3, 5, 7), (3, 4, 7)
_LEAST_BRIGHT = 201  # of green and blue, by which the newer versions choose


@dataclass(frozen=True)
class _Header:
    version: int
    packing: int
    bits: int  # of a value in a plane
    width: int
    height: int
    palette: bytes
    planes: int
    stride: int  # bytes of a row of a plane

    @property
    def bits_together(self) -> int:
        return self.bits * self.planes


def outline(beginning: bytes) -> Outline | None:
    """Return the outline of a file that `samples` decodes; None of any other."""
    header = _header(beginning)
    if header is None:
        return None
    channels = _WITH_ALPHA if header.planes == _WITH_ALPHA and header.bits == 8 else _COLORS
    return Outline(header.height, header.width, channels, beside=8 + header.planes)


def samples(file: bytes) -> Samples:
    """Decode a whole file; raise ValueError where it is cut off."""
    import numpy as np

    from convcli.image.samples import Samples

    header = _header(file)
    assert header is not None
    if not -(-header.width * header.bits // 8) <= header.stride <= _LONGEST * (header.width + 16):
        raise ValueError("rows that are too short or too long")
    rows = np.frombuffer(_values(file, header), np.uint8).reshape(header.height, header.planes, header.stride)
    if header.bits == 8 and header.planes > 1:
        pixels = rows[:, :, : header.width].transpose(0, 2, 1)
        return Samples(np.ascontiguousarray(pixels), header.planes == _WITH_ALPHA)
    numbers = np.zeros((header.height, header.width), np.uint8)
    for plane in range(header.planes):
        numbers |= _unpacked(rows[:, plane], header.bits)[:, : header.width] << plane * header.bits
    if header.bits_together == 1:
        note = Note("converted", "its black and white is filtered as 8-bit gray")
        return Samples((numbers * 255)[:, :, np.newaxis], notes=(note,))
    palette, notes = _palette(file, header, numbers)
    if palette is None:
        return Samples(numbers[:, :, np.newaxis])
    shown = palette[np.unique(numbers)]
    is_gray = bool((shown == shown[:, :1]).all())
    note = Note("palette", f"its palette is filtered as {'gray' if is_gray else 'RGB'}")
    return Samples(palette[:, :1][numbers] if is_gray else palette[numbers], notes=(note, *notes))


def _header(file: bytes) -> _Header | None:
    """Read the header; None for a kind that is not read."""
    if len(file) < _DATA:
        return None
    _, version, packing, bits, left, top, right, bottom, _, _, palette, planes, stride = _HEADER.unpack_from(file)
    width, height = right - left + 1, bottom - top + 1
    is_known = (bits * planes <= _MOST_OF_NUMBERS) if bits < 8 else planes in (1, _COLORS, _WITH_ALPHA)
    if not (is_known and planes and width > 0 and height > 0 and packing in (_NOT_PACKED, _PACKED)):
        return None
    return _Header(version, packing, bits, width, height, palette, planes, stride)


def _values(file: bytes, header: _Header) -> bytes:
    """Return the bytes of all rows; those of Pillow's decoder, as one row, since some runs go on in the next one."""
    count = header.height * header.planes * header.stride
    if header.packing == _NOT_PACKED:
        if len(file) < _DATA + count:
            raise ValueError("the file is cut off")
        return file[_DATA : _DATA + count]
    if count > (len(file) - _DATA) * 63:  # the longest run of a byte
        raise ValueError("the file is cut off")
    # The decoder wants to look ahead, beyond the last value.
    packed = file[_DATA:] + bytes(2)
    return Image.frombytes("L", (count, 1), packed, "pcx", ("L", count)).tobytes()


def _unpacked(rows: NDArray[np.uint8], bits: int) -> NDArray[np.uint8]:
    """Return the values in rows of bytes, the first of which are in the high bits."""
    import numpy as np

    shifts = np.arange(8 - bits, -1, -bits, dtype=np.uint8)
    values: NDArray[np.uint8] = rows[:, :, np.newaxis] >> shifts & np.uint8((1 << bits) - 1)
    return values.reshape(len(rows), -1)


def _palette(
    file: bytes, header: _Header, numbers: NDArray[np.uint8]
) -> tuple[NDArray[np.uint8] | None, tuple[Note, ...]]:
    """Return the colors of a file, and notes on where they are from; None where its numbers are levels of gray."""
    import numpy as np

    if header.bits == 8:
        found = file[-_PALETTE:]
        has_palette = header.version == _WITH_PALETTE_OF_256 and len(found) == _PALETTE and found[0] == _MARK
        colors = np.frombuffer(found, np.uint8, offset=1).reshape(-1, 3) if has_palette else None
        is_gray = colors is None or bool((colors == np.arange(256)[:, np.newaxis]).all())
        return (None if is_gray else colors), ()
    own = np.frombuffer(header.palette, np.uint8).reshape(-1, 3)
    ega = np.frombuffer(_EGA, np.uint8).reshape(-1, 3)
    if header.version in _WITHOUT_PALETTE:
        return ega, (Note("palette-of-screen", "it has no palette; its colors are those of an EGA screen"),)
    used = own[np.unique(numbers)]
    if (header.bits, header.planes) == (2, 1) and len(np.unique(used, axis=0)) < len(used):
        return ega[_of_cga(header)], (Note("palette-of-screen", "its colors are those of a palette of CGA screens"),)
    return own, ()


def _of_cga(header: _Header) -> list[int]:
    """Return the four colors that a program for CGA screens meant, as numbers of those of EGA.

    It wrote its choice where others have colors: the background into the first, the palette into the second; by bits of
    its red, and in newer versions by its green and blue.
    """
    background = header.palette[0] >> 4
    bits, green, blue = header.palette[3:6]
    if header.version < _WITH_PALETTE_OF_256:
        no_burst, second, is_bright = not bits & 0x80, bits & 0x40, bits & 0x20
        chosen = _CYAN_RED_GRAY if no_burst else _CYAN_MAGENTA_GRAY if second else _GREEN_RED_BROWN
    else:
        is_bright = max(green, blue) >= _LEAST_BRIGHT
        chosen = _GREEN_RED_BROWN if green > blue else _CYAN_MAGENTA_GRAY
    return [background, *(each + (_BRIGHT if is_bright else 0) for each in chosen)]
