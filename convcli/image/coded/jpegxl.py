"""The header of a JPEG XL codestream, by ISO/IEC 18181-1: size, depth, channels, colors. Without NumPy."""

from __future__ import annotations

from dataclasses import field

from convcli.image.coded.bits import ENUM, Bits, Ways
from convcli.image.sampled.boxes import boxes
from convcli.lazy import dataclass

STREAM = b"\xff\x0a"
WHOLE, _PART = b"jxlc", b"jxlp"  # boxes of a stream

_SIDE: Ways = ((9, 1), (13, 1), (18, 1), (30, 1))
_RATIOS = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}
_PREVIEW: Ways = ((6, 1), (8, 65), (10, 321), (12, 1345))
_PREVIEW_BY_EIGHT: Ways = ((0, 16), (0, 32), (5, 1), (9, 33))
_ANIMATION: tuple[Ways, ...] = (
    ((0, 100), (0, 1000), (10, 1), (30, 1)),
    ((0, 1), (0, 1001), (8, 1), (10, 1)),
    ((0, 0), (3, 0), (16, 0), (32, 0)),
)
_WHOLE_BITS: Ways = ((0, 8), (0, 10), (0, 12), (6, 1))
_FLOAT_BITS: Ways = ((0, 32), (0, 16), (0, 24), (6, 1))
_COUNT: Ways = ((0, 0), (0, 1), (4, 2), (12, 1))
_SHIFT: Ways = ((0, 0), (0, 3), (0, 4), (3, 1))
_NAME: Ways = ((0, 0), (4, 0), (5, 16), (10, 48))
_POINT: Ways = ((19, 0), (19, 524_288), (20, 1_048_576), (21, 2_097_152))
_CFA: Ways = ((0, 1), (2, 0), (4, 3), (8, 19))

_ALPHA, _SPOT, _MOSAIC = 0, 2, 5  # kinds of further channels
_GRAY, _XYB = 1, 2  # color spaces
_CUSTOM = 2  # white, or primaries
SRGB, LIGHT = 13, 8  # curves
_BITS_OF_A_CURVE = 6  # those of two ways and a number, as the curves above have them


@dataclass
class Colors:
    """The colors that a header names; `curve_at` is the bit at which the curve's number is, 0 for none."""

    is_gray: bool = False
    has_profile: bool = False
    primaries: int = 1
    points: tuple[float, ...] = ()
    gamma: float = 0.0
    curve: int = SRGB
    curve_at: int = 0


@dataclass
class Header:
    """The statements of a codestream about its picture; bits are those of whole numbers unless `is_float`."""

    width: int
    height: int
    orientation: int = 1
    bits: int = 8
    is_float: bool = False
    has_alpha: bool = False
    further: int = 0  # channels beside colors and alpha
    animated: bool = False
    is_xyb: bool = True  # stored for eyes, with a loss
    colors: Colors = field(default_factory=Colors)

    @property
    def channels(self) -> int:
        """The number of channels, alpha among them."""
        return (1 if self.colors.is_gray else 3) + self.has_alpha


def codestream(file: bytes) -> bytes:
    """Return the codestream of a file, which may be in parts; raise ValueError on damage."""
    if file.startswith(STREAM):
        return file
    found = [(kind, file[start:end]) for kind, start, end in boxes(file) if kind in (WHOLE, _PART)]
    return b"".join(content if kind == WHOLE else content[4:] for kind, content in found)


def header_of(stream: bytes) -> Header:
    """Read the header of a codestream; raise ValueError on damage."""
    if not stream.startswith(STREAM):
        raise ValueError("no codestream")
    bits = Bits(stream)
    bits.take(16)
    header = Header(*_size(bits))
    if bits.flag():
        return header
    if bits.flag():
        header.orientation = bits.take(3) + 1
        if bits.flag():
            _size(bits)
        if bits.flag():
            _skip_preview(bits)
        if bits.flag():
            header.animated = True
            bits.skip(_ANIMATION)
            bits.take(1)
    header.bits, header.is_float = _depth(bits)
    bits.take(1)
    for _ in range(bits.number(_COUNT)):
        _further_channel(bits, header)
    header.is_xyb = bits.flag()
    header.colors = _colors(bits)
    return header


def _size(bits: Bits) -> tuple[int, int]:
    by_eight = bits.flag()
    height = (bits.take(5) + 1) * 8 if by_eight else bits.number(_SIDE)
    ratio = bits.take(3)
    if ratio:
        across, down = _RATIOS[ratio]
        return height * across // down, height
    return ((bits.take(5) + 1) * 8 if by_eight else bits.number(_SIDE)), height


def _skip_preview(bits: Bits) -> None:
    ways = _PREVIEW_BY_EIGHT if bits.flag() else _PREVIEW
    bits.number(ways)
    if not bits.take(3):
        bits.number(ways)


def _depth(bits: Bits) -> tuple[int, bool]:
    if not bits.flag():
        return bits.number(_WHOLE_BITS), False
    depth = bits.number(_FLOAT_BITS)
    bits.take(4)
    return depth, True


def _further_channel(bits: Bits, header: Header) -> None:
    kind = _ALPHA
    if not bits.flag():
        kind = bits.number(ENUM)
        _depth(bits)
        bits.number(_SHIFT)
        for _ in range(bits.number(_NAME)):
            bits.take(8)
        if kind == _ALPHA:
            bits.take(1)
        elif kind == _SPOT:
            bits.take(64)
        elif kind == _MOSAIC:
            bits.number(_CFA)
    if kind == _ALPHA and not header.has_alpha:
        header.has_alpha = True
    else:
        header.further += 1


def _colors(bits: Bits) -> Colors:
    colors = Colors()
    if bits.flag():
        return colors
    colors.has_profile = bits.flag()
    space = bits.number(ENUM)
    colors.is_gray = space == _GRAY
    if colors.has_profile:
        return colors
    if space != _XYB:
        white = _points(bits, 1) if bits.number(ENUM) == _CUSTOM else ()
        if space != _GRAY:
            colors.primaries = bits.number(ENUM)
            primaries = _points(bits, 3) if colors.primaries == _CUSTOM else ()
            colors.points = (*white, *primaries)
    if bits.flag():
        colors.gamma = bits.take(24) / 1e7
    else:
        at = bits.at
        colors.curve = bits.number(ENUM)
        colors.curve_at = at + 2 if bits.at - at == _BITS_OF_A_CURVE else 0
    return colors


def _points(bits: Bits, count: int) -> tuple[float, ...]:
    numbers = [bits.number(_POINT) for _ in range(2 * count)]
    return tuple((-(each >> 1) - 1 if each & 1 else each >> 1) / 1e6 for each in numbers)
