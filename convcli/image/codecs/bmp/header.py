"""The header of a BMP whose channels are bits of words: 16 or 32 a pixel. Without NumPy."""

from __future__ import annotations

import io
import struct
from dataclasses import replace

from convcli.image.codec import Source
from convcli.lazy import dataclass

_BIT_FIELDS = (3, 6)  # compressions: masks of red, green and blue, or of alpha too
_PLAIN = 0
_LONGEST_WITHOUT_MASKS = 40
_WITH_ALPHA = 56  # bytes of a header that has a mask of alpha
_FILE_HEADER = 14
_SHORTEST = 12  # bytes of a header of version 1
_MOST_BITS_OF_PALETTE = 8
_V4 = 108
_INCHES = 39.3701  # in a meter

_OF_PICTURES = {4: "jpeg", 5: "png"}  # compressions: a whole file of another format

_MASKS_OF_PLAIN = {16: (0x7C00, 0x3E0, 0x1F), 32: (0xFF0000, 0xFF00, 0xFF)}


@dataclass(frozen=True)
class BmpHeader:
    """The place of the words, and the bits of them that are a channel; `alpha` is 0 where there is none."""

    width: int
    height: int
    from_below: bool
    bits: int
    start: int
    colors: tuple[int, int, int]
    alpha: int
    dpi: tuple[float, float] | None


def bmp_header(file: bytes) -> BmpHeader | None:
    """Return the header of a file of bit fields; None for any other, which Pillow reads.

    Raises struct.error where it is cut off.
    """
    start, size = struct.unpack_from("<II", file, 10)
    if size < _LONGEST_WITHOUT_MASKS:
        return None
    width, height, _, bits, compression, _, across, down = struct.unpack_from("<iiHHIIii", file, 18)
    if bits not in _MASKS_OF_PLAIN or compression not in _BIT_FIELDS or width <= 0:
        return None
    at = _FILE_HEADER + _LONGEST_WITHOUT_MASKS
    *colors, alpha = struct.unpack_from("<4I", file, at)
    if size < _WITH_ALPHA and not (compression == _BIT_FIELDS[1] and size == _LONGEST_WITHOUT_MASKS):
        alpha = 0
    red, green, blue = colors if any(colors) else _MASKS_OF_PLAIN[bits]
    dpi = (across / _INCHES, down / _INCHES) if across > 0 and down > 0 else None
    return BmpHeader(width, abs(height), height > 0, bits, start, (red, green, blue), alpha, dpi)


def picture_inside(source: Source) -> tuple[str, Source] | None:
    """Return the format of a whole file inside of a BMP, as printers get them, and that file; None of any other BMP."""
    source.stream.seek(0)
    head = source.stream.read(_FILE_HEADER + _LONGEST_WITHOUT_MASKS)
    if not head.startswith(b"BM") or len(head) < _FILE_HEADER + _LONGEST_WITHOUT_MASKS:
        return None
    start, size, compression, length = struct.unpack_from("<10xII12xII", head)
    if size < _LONGEST_WITHOUT_MASKS or compression not in _OF_PICTURES:
        return None
    source.stream.seek(start)
    return _OF_PICTURES[compression], replace(source, stream=io.BytesIO(source.stream.read(length or -1)))


def completed(source: Source) -> Source:
    """Return a file as Pillow reads it: with a file header, which a clipboard has none of, and with one of 40 bytes.

    OS/2 has headers that end wherever the rest of them is 0. Raises struct.error where a header is cut off.
    """
    source.stream.seek(0)
    head = source.stream.read(_FILE_HEADER + 4)
    is_bare = not head.startswith(b"BM")
    (size,) = struct.unpack_from("<I", head, 0 if is_bare else _FILE_HEADER)
    is_short = not is_bare and _SHORTEST < size < _LONGEST_WITHOUT_MASKS
    if not is_bare and not is_short:
        return source
    file = source.content()
    if is_bare:
        bits, compression, colors = struct.unpack_from("<14xHI12xI", file)
        entries = colors or (1 << bits if bits <= _MOST_BITS_OF_PALETTE else 0)
        masks = {_BIT_FIELDS[0]: 12, _BIT_FIELDS[1]: 16}.get(compression, 0) if size == _LONGEST_WITHOUT_MASKS else 0
        start = _FILE_HEADER + size + masks + 4 * entries
        whole = b"BM" + struct.pack("<IHHI", _FILE_HEADER + len(file), 0, 0, start) + file
    else:
        more = _LONGEST_WITHOUT_MASKS - size
        (start,) = struct.unpack_from("<I", file, 10)
        header = struct.pack("<I", _LONGEST_WITHOUT_MASKS) + file[_FILE_HEADER + 4 : _FILE_HEADER + size] + bytes(more)
        whole = file[:10] + struct.pack("<I", start + more) + header + file[_FILE_HEADER + size :]
    return replace(source, stream=io.BytesIO(whole))


def header_with_alpha(width: int, height: int, dpi: tuple[float, float] | None) -> bytes:
    """Return the headers, of version 4, of a file of RGB with alpha, whose rows follow from below to above.

    A file of that version has the color space of sRGB by its name.
    """
    across, down = (round(each * _INCHES) for each in dpi or (0, 0))
    length = width * height * 4
    start = _FILE_HEADER + _V4
    sizes = struct.pack("<IiiHHIIiiII", _V4, width, height, 1, 32, _BIT_FIELDS[0], length, across, down, 0, 0)
    masks = struct.pack("<4I", *_MASKS_OF_PLAIN[32], 0xFF000000)
    return b"BM" + struct.pack("<IHHI", start + length, 0, 0, start) + (sizes + masks + b"BGRs").ljust(_V4, b"\0")
