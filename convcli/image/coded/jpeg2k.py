"""The boxes of a JP2, and the header of the stream of pixels in it. Without NumPy."""

from __future__ import annotations

import struct

from convcli.image.content.claims import false_claims
from convcli.image.metadata import icc_fits
from convcli.image.sampled.boxes import box, boxes
from convcli.image.sampled.codec import Described
from convcli.lazy import dataclass
from convcli.note import Note

_STREAM, _END = b"\xff\x4f\xff\x51", b"\xff\xd9"
_LAST_LENGTH = Note("damaged", "the length of its last box is wrong; the picture is whole")
_SIZE = struct.Struct(">HHHIIIIIIIIH")
_SIGNED = 0x80
_COD, _SOT = b"\xff\x52", b"\xff\x90"  # the marker of the coding style, and that of the first tile
_REVERSIBLE = 1

SRGB, GRAY = 16, 17  # numbers of colors
_CMYK = 12
_INKS = 4
_ENUMERATED, _PROFILES = 1, (2, 3)  # ways to name colors

_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_EXIF = b"JpgTiffExif->JP2"
_INCHES = 39.3701  # in a meter
_OPACITY = (1, 2)  # kinds of channels that are alpha, alone or multiplied into the colors
_KEPT = (b"bpcc", b"pclr", b"cmap", b"cdef")  # boxes that the decoder needs

_SIGNATURE = box(b"jP  ", b"\r\n\x87\n") + box(b"ftyp", b"jp2 \0\0\0\0jp2 ")


@dataclass(frozen=True)
class Stream:
    """The header of a stream of pixels.

    Parameters
    ----------
    bits, signed
        Of each channel.
    reversible
        Whether its transform loses nothing.
    is_subsampled
        Whether a channel has fewer pixels than the picture.
    """

    width: int
    height: int
    bits: tuple[int, ...]
    signed: bool
    reversible: bool
    is_subsampled: bool


@dataclass(frozen=True)
class Jp2:
    """A file, taken apart."""

    stream: Stream
    file: bytes  # what the decoder gets: without a profile, which it would apply in 8 bits
    channels: int  # those of a palette, where there is one
    has_alpha: bool | None  # None where the file does not say
    is_cmyk: bool
    has_palette: bool
    described: Described
    damage: tuple[Note, ...] = ()


def jp2(data: bytes) -> Jp2:
    """Take a file apart; raise ValueError or struct.error on damage."""
    if data.startswith(_STREAM):
        stream = _stream(data)
        return Jp2(stream, data, len(stream.bits), None, False, False, Described())
    data, damage = _with_last_length(data)
    found = {kind: (start, end) for kind, start, end in reversed(list(boxes(data)))}
    if b"jp2h" not in found or b"jp2c" not in found:
        raise ValueError("no picture")
    start, end = found[b"jp2c"]
    pixels = data[start:end]
    stream = _stream(pixels)
    inner = list(boxes(data, *found[b"jp2h"]))
    parts = {kind: data[start:end] for kind, start, end in reversed(inner)}
    color, icc = _colors([data[start:end] for kind, start, end in inner if kind == b"colr"])
    channels = _channels(parts, len(stream.bits))
    if color is None:
        is_cmyk = icc[16:20] == b"CMYK" and channels >= _INKS
        color = _CMYK if is_cmyk else GRAY if channels < 3 or icc_fits(icc, 1) else SRGB
    kept = box(b"ihdr", parts[b"ihdr"]) + box(b"colr", struct.pack(">BBBI", _ENUMERATED, 0, 0, color))
    kept += b"".join(box(kind, parts[kind]) for kind in _KEPT if kind in parts)
    file = _SIGNATURE + box(b"jp2h", kept) + box(b"jp2c", pixels)
    described = _described(data, icc, _resolution(parts.get(b"res ", b"")))
    return Jp2(stream, file, channels, _alpha(parts.get(b"cdef")), color == _CMYK, b"pclr" in parts, described, damage)


def _with_last_length(data: bytes) -> tuple[bytes, tuple[Note, ...]]:
    """Return a file whose last box ends with it, and a note where it was longer; its pixels are whole by their mark."""
    last = 0
    try:
        for _, _, end in boxes(data):
            last = end
    except ValueError:
        if data[last + 4 : last + 8] != b"jp2c" or not data.endswith(_END):
            raise
        return data[:last] + bytes(4) + data[last + 4 :], (_LAST_LENGTH,)
    return data, ()


def _stream(pixels: bytes) -> Stream:
    if not pixels.startswith(_STREAM):
        raise ValueError("no stream of pixels")
    _, _, _, right, bottom, left, top, *_, count = _SIZE.unpack_from(pixels, 2)
    about = struct.unpack_from("BBB" * count, pixels, 2 + _SIZE.size)
    depths, steps = about[::3], about[1::3] + about[2::3]
    at = pixels.find(_COD, 0, pixels.find(_SOT))
    reversible = at > 0 and len(pixels) > at + 13 and pixels[at + 13] == _REVERSIBLE
    bits = tuple((each & ~_SIGNED) + 1 for each in depths)
    signed = any(each & _SIGNED for each in depths)
    return Stream(right - left, bottom - top, bits, signed, reversible, any(each != 1 for each in steps))


def _colors(found: list[bytes]) -> tuple[int | None, bytes]:
    """Return the number of the colors, None for none, and the profile, of the first box that has one."""
    for content in found:
        if content[0] == _ENUMERATED and len(content) >= 7:
            return struct.unpack_from(">I", content, 3)[0], b""
        if content[0] in _PROFILES:
            return None, content[3:]
    return None, b""


def _channels(parts: dict[bytes, bytes], coded: int) -> int:
    if b"pclr" not in parts:
        return coded
    return parts[b"pclr"][2]


def _alpha(channels: bytes | None) -> bool | None:
    if channels is None:
        return None
    return any(channels[at + 3] in _OPACITY and not channels[at + 2] for at in range(2, len(channels) - 5, 6))


def _resolution(parts: bytes) -> tuple[float, float] | None:
    for kind, start, end in boxes(parts):
        if kind in (b"resc", b"resd") and end - start == 10:
            down, down_by, across, across_by, down_ten, across_ten = struct.unpack_from(">HHHHbb", parts, start)
            if down_by and across_by:
                meters = across / across_by * 10.0**across_ten, down / down_by * 10.0**down_ten
                return meters[0] / _INCHES, meters[1] / _INCHES
    return None


def _described(data: bytes, icc: bytes, dpi: tuple[float, float] | None) -> Described:
    exif = xmp = b""
    for kind, start, end in boxes(data):
        name, content = data[start : start + 16], data[start + 16 : end]
        if kind == b"uuid" and name == _XMP:
            xmp = content
        elif kind == b"uuid" and name == _EXIF:
            exif = b"Exif\0\0" + content.removeprefix(b"Exif\0\0")
    others = b"".join(data[start:end] for kind, start, end in boxes(data) if kind != b"jp2c")
    return Described(icc, exif, xmp, dpi, false_claims(others, xmp))


def jp2_file(
    pixels: bytes, size: tuple[int, int], channels: int, bits: int, *, has_alpha: bool, described: Described
) -> bytes:
    """Return a file of a stream of pixels of a height and width, and what is said about them."""
    colors = channels - has_alpha
    parts = box(b"ihdr", struct.pack(">IIHBBBB", *size, channels, bits - 1, 7, 0, 0))
    if described.icc:
        parts += box(b"colr", bytes([_PROFILES[0], 0, 0]) + described.icc)
    else:
        parts += box(b"colr", struct.pack(">BBBI", _ENUMERATED, 0, 0, SRGB if colors == 3 else GRAY))
    if has_alpha:
        kinds = [(number, 0, number + 1) for number in range(colors)] + [(colors, _OPACITY[0], 0)]
        parts += box(b"cdef", struct.pack(">H", channels) + b"".join(struct.pack(">HHH", *each) for each in kinds))
    if described.dpi:
        across, down = (round(each * _INCHES) for each in described.dpi)
        if 0 < across <= 65_535 and 0 < down <= 65_535:
            parts += box(b"res ", box(b"resc", struct.pack(">HHHHbb", down, 1, across, 1, 0, 0)))
    said = box(b"uuid", _EXIF + described.exif.removeprefix(b"Exif\0\0")) if described.exif else b""
    said += box(b"uuid", _XMP + described.xmp) if described.xmp else b""
    return _SIGNATURE + box(b"jp2h", parts) + said + box(b"jp2c", pixels)
