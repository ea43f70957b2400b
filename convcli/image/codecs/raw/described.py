"""The EXIF data of photographs as sensors see them, of which each maker has a place of its own. Without NumPy."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from PIL import Image
from PIL.ExifTags import IFD
from PIL.ExifTags import Base as Tag

from convcli.image.metadata import exif_bytes
from convcli.image.sampled.boxes import boxes

_KEPT = [
    Tag[name]
    for name in (
        *("ImageDescription", "Make", "Model", "Software", "DateTime", "Artist", "HostComputer", "Copyright"),
        *("Rating", "RatingPercent"),
    )
]
# Of a maker's own numbers, some count bytes from the beginning of the file. Sizes are those of the sensor.
_LEFT_OUT = (Tag.MakerNote, Tag.ExifImageWidth, Tag.ExifImageHeight)
_FUJI, _MINOLTA, _CANON = b"FUJIFILMCCD-RAW", b"\0MRM", b"ftypcrx"
_PREVIEW = 84  # where a RAF has the offset of a JPEG
_LONGEST = 1 << 16  # of EXIF data in a JPEG, and of the blocks before the samples of an MRW
_HEAD = b"Exif\0\0"


def camera_exif(file: bytes) -> bytes:
    """Return what a file says of the photograph and the camera as EXIF data; empty where nothing is found.

    Raises what Pillow raises on damaged EXIF data, ValueError or struct.error.
    """
    found = Image.Exif()
    for kind, data in _places(file):
        given = Image.Exif()
        given.load(data)
        if kind is None:
            found.update({tag: given[tag] for tag in _KEPT if tag in given})
        for inner in (IFD.Exif, IFD.GPSInfo):
            values = dict(given) if kind == inner else given.get_ifd(inner) if kind is None and inner in given else {}
            kept = {tag: value for tag, value in values.items() if tag not in _LEFT_OUT}
            if kept:
                found[inner] = kept
    return exif_bytes(found) if len(found) else b""


def _places(file: bytes) -> Iterator[tuple[IFD | None, bytes]]:
    """Yield directories as files of TIFF: None for that of the photograph, with the others below it."""
    if file[:2] in (b"II", b"MM"):  # some makers have other letters behind
        yield None, (b"II*\0" if file[:2] == b"II" else b"MM\0*") + file[4:]
    elif file.startswith(_FUJI):
        start, length = struct.unpack_from(">II", file, _PREVIEW)
        begin = file.find(_HEAD, start, start + min(length, _LONGEST))
        if begin >= 0:
            yield None, file[begin : begin + _LONGEST]
    elif file.startswith(_MINOLTA):
        begin = file.find(b"\0TTW", 0, _LONGEST)
        if begin >= 0:
            yield None, file[begin + 8 : begin + 8 + struct.unpack_from(">I", file, begin + 4)[0]]
    elif file[4:11] == _CANON:
        yield from _of_canon(file)


def _of_canon(file: bytes) -> Iterator[tuple[IFD | None, bytes]]:
    kinds = {b"CMT1": None, b"CMT2": IFD.Exif, b"CMT4": IFD.GPSInfo}
    for kind, start, end in boxes(file):
        if kind == b"moov":
            for inner, begin, stop in boxes(file, start, end):
                if inner == b"uuid":
                    yield from (
                        (kinds[name], file[first:last])
                        for name, first, last in boxes(file, begin + 16, stop)
                        if name in kinds
                    )
                    return
