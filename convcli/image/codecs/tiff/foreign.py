"""Tags of maps and microscopes in a TIFF: kept as they are, and mended where pixels have moved.

GeoTIFF 1.1 of the OGC, GDAL's metadata, and ImageJ's. Without NumPy: pictures are decoded while that is still being
imported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from PIL import Image
from PIL.ExifTags import Base as Tag
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from convcli.image.content.claims import CREDENTIALS
from convcli.image.metadata import ForeignTag, Metadata, exif_bytes
from convcli.note import Note

_SCALE, _TIEPOINTS, _TRANSFORMATION, _KEYS = 33550, 33922, 34264, 34735
_OF_PLACES = (_SCALE, _TIEPOINTS, _TRANSFORMATION)
_GEO = (*_OF_PLACES, _KEYS, 34736, 34737)
_GDAL, _IMAGEJ = (42112, 42113), (50838, 50839)
# The fewest numbers of a tag of places, and a number that divides theirs.
_LENGTHS = {_SCALE: (3, 3), _TIEPOINTS: (6, 6), _TRANSFORMATION: (16, 16), _KEYS: (4, 4)}
# A resolution in no unit is one of ImageJ's, in the unit of the description.
_RESOLUTION = (int(Tag.XResolution), int(Tag.YResolution), int(Tag.ResolutionUnit))
_NO_UNIT = 1
_RASTER_KEY, _IS_POINT = 1025, 2  # whether the numbers of a place are those of a pixel's middle or of its corner

IPTC, _CREDENTIALS = 33723, 52545
_ASCII, _RATIONAL, _DOUBLE = 2, 5, 12  # types of tags

_GEOREFERENCE = Note("georeference-left-out", "its georeference does not fit the moved pixels and is left out")
_DESCRIPTION = Note("description-left-out", "its description is one of other pages or pixels and is left out")

_COUNTS = re.compile(r"^(?:images|slices|frames|channels|hyperstack)=[^\n]*\n", re.MULTILINE)
PIXELS_OF_OME = re.compile(r"<(?:\w+:)?Pixels\b[^>]*>")
_NUMBER = r"(?:[0-9]{1,20}\.?[0-9]{0,20}|\.[0-9]{1,20})(?:[eE][+-]?[0-9]{1,2})?"
_OME_TYPES = {"uint8": "uint8", "uint16": "uint16", "float32": "float", "float64": "double"}


class Placement(NamedTuple):
    """The pixels of a filtered picture in those of the file: x = a·u + b·v + c and y = d·u + e·v + f, of middles.

    `frame_alone` is true of one page of several, and `dtype` is the type of the output's values.
    """

    size: tuple[int, int]  # height and width of the output
    steps: tuple[float, float, float, float, float, float] | None  # a to f; None where they have no places
    dtype: str
    channels_changed: bool = False
    frame_alone: bool = False

    @property
    def is_straight(self) -> bool:
        """True where rows and columns are neither turned nor mirrored."""
        return self.steps is not None and self.steps[0] > 0 and self.steps[4] > 0 and not any(self.steps[1::2][:2])

    @property
    def stays(self) -> bool:
        """True where every pixel is at its place."""
        return self.steps == (1, 0, 0, 0, 1, 0)


def foreign_tags(tags: Mapping[int, Any], types: Mapping[int, int]) -> tuple[ForeignTag, ...]:
    """Return those of a page."""
    # A resolution of 1 in no unit is what writers put that know none.
    is_scale = tags.get(Tag.ResolutionUnit) == _NO_UNIT and any(tags.get(tag, 1) != 1 for tag in _RESOLUTION[:2])
    wanted = (*_GEO, *_GDAL, *_IMAGEJ, *(_RESOLUTION if is_scale else ()))
    return tuple(
        (tag, types[tag], tags[tag]) for tag in wanted if tag in tags and tag in types and _is_whole(tag, tags[tag])
    )


def further_statements(tags: ImageFileDirectory_v2) -> tuple[bytes, tuple[Note, ...]]:
    """Return the IPTC data of a page, and a note on credentials, which filtering makes false."""
    # Many programs write bytes as numbers of four, of which Pillow would return the first.
    iptc = tags._tagdata.get(IPTC, b"")  # noqa: SLF001 - Pillow has no public way to the bytes of a tag
    return bytes(iptc), (CREDENTIALS,) if _CREDENTIALS in tags else ()


def _is_whole(tag: int, value: Any) -> bool:
    """Return whether a tag of places has as many numbers as such a tag has; others are of any length."""
    if tag not in _LENGTHS:
        return True
    least, step = _LENGTHS[tag]
    count = len(value) if isinstance(value, tuple) else 1
    return count >= least and count % step == 0


def placed(metadata: Metadata, placement: Placement) -> tuple[Metadata, tuple[Note, ...]]:
    """Return metadata of a page for its filtered pixels, and notes on what is no longer true."""
    tags = {tag: (kind, value) for tag, kind, value in metadata.tiff}
    notes: tuple[Note, ...] = ()
    if not placement.stays and any(tag in tags for tag in _OF_PLACES):
        moved = _moved(tags, placement)
        tags = {tag: each for tag, each in tags.items() if tag not in (_OF_PLACES if moved else _GEO)} | moved
        notes = () if moved else (_GEOREFERENCE,)
    if placement.steps is not None and not placement.stays:
        for tag, step in zip(_RESOLUTION[:2], (placement.steps[0], placement.steps[4]), strict=True):
            if tag in tags and placement.is_straight:
                tags[tag] = (_RATIONAL, float(tags[tag][1]) / step)
    metadata = replace(metadata, tiff=tuple((tag, kind, value) for tag, (kind, value) in sorted(tags.items())))
    exif = Image.Exif()
    if replace(metadata, tiff=()).tells_of_pixels:
        exif.load(metadata.exif)
        text = exif.get(Tag.ImageDescription)
        if isinstance(text, str) and (mended := _description(text, placement)) != text:
            if mended:
                exif[Tag.ImageDescription] = mended
            else:
                del exif[Tag.ImageDescription]
                notes += (_DESCRIPTION,) * (not text.startswith('{"shape"'))
            metadata = replace(metadata, exif=exif_bytes(exif))
    return metadata, notes


def _moved(tags: Mapping[int, tuple[int, Any]], placement: Placement) -> dict[int, tuple[int, Any]]:
    """Return the tags of places for pixels that have moved; empty where none can say it."""
    if placement.steps is None:
        return {}
    a, b, c, d, e, f = placement.steps
    # Places count from the corner of the first pixel, or from its middle.
    shift = 0.0 if _is_point(tags) else 0.5
    c, f = c + shift - shift * (a + b), f + shift - shift * (d + e)
    points = [float(value) for value in tags[_TIEPOINTS][1]] if _TIEPOINTS in tags else []
    if placement.is_straight and _TRANSFORMATION not in tags:
        moved = list(points)
        moved[0::6] = [(x - c) / a for x in points[0::6]]
        moved[1::6] = [(y - f) / e for y in points[1::6]]
        found = {_TIEPOINTS: (_DOUBLE, tuple(moved))} if points else {}
        if _SCALE in tags:
            across, down, *up = map(float, tags[_SCALE][1])
            found[_SCALE] = (_DOUBLE, (across * a, down * e, *up))
        return found
    matrix = _matrix(tags, points)
    if matrix is None:
        return {}
    own: list[list[float]] = [[a, b, 0, c], [d, e, 0, f], [0, 0, 1, 0], [0, 0, 0, 1]]
    both = [sum(row[k] * own[k][column] for k in range(4)) for row in matrix for column in range(4)]
    return {_TRANSFORMATION: (_DOUBLE, tuple(both))}


def _is_point(tags: Mapping[int, tuple[int, Any]]) -> bool:
    keys = tuple(tags[_KEYS][1]) if _KEYS in tags else ()
    entries = [keys[at : at + 4] for at in range(4, len(keys) - 3, 4)]
    return any(entry[0] == _RASTER_KEY and entry[3] == _IS_POINT for entry in entries)


def _matrix(tags: Mapping[int, tuple[int, Any]], points: list[float]) -> list[list[float]] | None:
    """Return the matrix (4, 4) from a place in the raster to one in the world; None for several points."""
    if _TRANSFORMATION in tags:
        values = [float(value) for value in tags[_TRANSFORMATION][1]]
        return [values[row : row + 4] for row in range(0, 16, 4)] if len(values) == 16 else None
    if _SCALE not in tags or len(points) != 6:
        return None
    across, down, up = (*map(float, tags[_SCALE][1]), 0.0, 0.0)[:3]
    i, j, k, x, y, z = points
    return [[across, 0, 0, x - i * across], [0, -down, 0, y + j * down], [0, 0, up, z - k * up], [0, 0, 0, 1]]


def _description(text: str, placement: Placement) -> str:
    """Return a description of the filtered pixels; empty where it would be one of others."""
    if text.startswith('{"shape"'):  # tifffile's, of how the pages are stored
        return text if placement.stays and not (placement.frame_alone or placement.channels_changed) else ""
    if text.startswith("ImageJ="):
        alone = placement.frame_alone or placement.channels_changed
        return _COUNTS.sub("", text if text.endswith("\n") else f"{text}\n") if alone else text
    if placement.frame_alone or placement.channels_changed or not placement.is_straight:
        return "" if not placement.stays or placement.frame_alone or placement.channels_changed else text
    return PIXELS_OF_OME.sub(lambda found: _pixels(found.group(), placement), text)


def _pixels(element: str, placement: Placement) -> str:
    """Mend the sizes, the type and the size of a pixel in an element of OME."""
    assert placement.steps is not None
    height, width = placement.size
    wanted: dict[str, object] = {
        "SizeX": width,
        "SizeY": height,
        "Type": _OME_TYPES.get(placement.dtype, placement.dtype),
    }
    for name, value in wanted.items():
        element = re.sub(rf'(\b{name}=")[^"]*(")', rf"\g<1>{value}\2", element)
    for name, step in (("PhysicalSizeX", placement.steps[0]), ("PhysicalSizeY", placement.steps[4])):
        if step != 1:
            found = re.search(rf'\b{name}="({_NUMBER})"', element)
            if found:
                number = repr(float(found.group(1)) * step)
                element = f"{element[: found.start(1)]}{number}{element[found.end(1) :]}"
    return element
