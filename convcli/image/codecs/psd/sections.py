"""The sections of a Photoshop file up to its composite. Without NumPy."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from convcli.image.sampled.codec import Described
from convcli.lazy import dataclass

_HEADER = struct.Struct(">4sH6xHIIHH")
CMYK, SEVERAL, LAB = 4, 7, 9  # modes of the colors
_LARGE = 2  # the version of PSB, whose lengths have 64 bits
_RESOLUTION, _ICC, _EXIF, _XMP = 1005, 1039, 1058, 1060
_CENTIMETERS = 2  # the unit in which a resolution is shown; it is stored in inches
_FIXED = 65_536
_DEEP_LAYERS = (b"Lr16", b"Lr32", b"Layr")  # blocks that have the layers of files of 16 and 32 bits


@dataclass(frozen=True)
class PsdFile:
    """The statements before the composite, and the place where that begins.

    Parameters
    ----------
    is_large
        A PSB: rows have their lengths in 32 bits.
    mode
        Of the colors: 1 for gray, 3 for RGB, or one of the above.
    layers
        The number of layers; negative where the first further channel is the transparency of the composite; None where
        the file does not say.
    """

    is_large: bool
    channels: int
    height: int
    width: int
    depth: int
    mode: int
    layers: int | None
    start: int
    described: Described


def psd_file(file: bytes) -> PsdFile:
    """Read a file's sections; raise ValueError or struct.error on damage."""
    signature, version, channels, height, width, depth, mode = _HEADER.unpack_from(file)
    if signature != b"8BPS" or version not in (1, _LARGE):
        raise ValueError("no Photoshop file")
    at = _HEADER.size
    at += 4 + _length(file, at)  # the palette
    resources = file[at + 4 : at + 4 + _length(file, at)]
    at += 4 + len(resources)
    wide = version == _LARGE
    size = _length(file, at, wide=wide)
    at += 8 if wide else 4
    layers = _layer_count(file[at : at + size], wide=wide)
    at += size
    if at + 2 > len(file):
        raise ValueError("no composite")
    described = _described(dict(_resources(resources)))
    return PsdFile(wide, channels, height, width, depth, mode, layers, at, described)


def _length(file: bytes, at: int, *, wide: bool = False) -> int:
    number: int = struct.unpack_from(">Q" if wide else ">I", file, at)[0]
    return number


def _layer_count(section: bytes, *, wide: bool) -> int | None:
    """Return the number of layers; in files of 16 and 32 bits the layers are in a block behind an empty place."""
    if len(section) < 12:
        return None
    at = 8 if wide else 4
    if size := _length(section, 0, wide=wide):
        return int(struct.unpack_from(">h", section, at)[0]) if size >= 2 else None
    masks = struct.unpack_from(">I", section, at)[0]
    at += 4 + masks
    while at + 12 <= len(section) and section[at : at + 4] in (b"8BIM", b"8B64"):
        name = section[at + 4 : at + 8]
        is_long = wide and name in _DEEP_LAYERS
        size = _length(section, at + 8, wide=is_long)
        at += 16 if is_long else 12
        if name in _DEEP_LAYERS and at + 2 <= len(section):
            return int(struct.unpack_from(">h", section, at)[0])
        at += -(-size // 4) * 4
    return None


def _resources(section: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the number and the content of each resource."""
    at = 0
    while at + 12 <= len(section):
        number, name = struct.unpack_from(">HB", section, at + 4)
        at += 6 + (name + 2) // 2 * 2  # the name has its length before it, and both are of even length
        if at + 4 > len(section):
            return
        size = _length(section, at)
        yield number, section[at + 4 : at + 4 + size]
        at += 4 + size + size % 2


def _described(resources: dict[int, bytes]) -> Described:
    exif = resources.get(_EXIF, b"")
    dpi = None
    if len(found := resources.get(_RESOLUTION, b"")) >= 16:
        across, down = struct.unpack_from(">I4xI", found)
        dpi = (across / _FIXED, down / _FIXED)
    return Described(
        icc=resources.get(_ICC, b""),
        exif=b"Exif\0\0" + exif if exif else b"",
        xmp=resources.get(_XMP, b""),
        dpi=dpi,
    )
