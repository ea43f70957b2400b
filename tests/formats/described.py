"""Files with all the metadata that their formats hold, written by Pillow and tifffile, and what Pillow reads of any."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tifffile
from PIL import ExifTags, Image, PngImagePlugin

from tests.formats.corpus import DEEP, RGB, SUFFIXES, deep_png, of
from tests.support.encoding import SRGB, by_pillow

MAKER = "A maker"
XMP = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><!-- a scene --></x:xmpmeta>'
DPI = (300.0, 150.0)
COMMENT = "seen from the pier"
AUTHOR = "Ada"
ORIENTATION = 6  # the picture is turned to the left, and a viewer turns it to the right

# What a format holds, and where it is read.
EXIF, TURNED, COLORS, DATA, RESOLUTION, NOTE, TEXTS = (
    "EXIF",
    "orientation",
    "color profile",
    "XMP",
    "resolution",
    "comment",
    "texts",
)
FACETS = (EXIF, TURNED, COLORS, DATA, RESOLUTION, NOTE, TEXTS)
HELD = {
    "PNG": set(FACETS),
    "TIFF": {EXIF, TURNED, COLORS, DATA, RESOLUTION},
    "JPEG": {EXIF, TURNED, COLORS, DATA, RESOLUTION, NOTE},
    "WebP": {EXIF, TURNED, COLORS, DATA, RESOLUTION},
    "AVIF": {EXIF, TURNED, COLORS, DATA, RESOLUTION},
    "GIF": {NOTE},
    "BMP": {RESOLUTION},
    "PGM, PPM": set(),
}
_IN_EXIF = ("WebP", "AVIF")  # which have no other place for a resolution


@dataclass(frozen=True)
class Described:
    """A file and the metadata in it.

    Parameters
    ----------
    name
        What it is called in the tests.
    format
        One of the formats of the corpus.
    data
        The file.
    """

    name: str
    format: str
    data: bytes

    @property
    def facets(self) -> set[str]:
        """Which metadata it has."""
        return HELD[self.format]

    @property
    def suffix(self) -> str:
        """How its name ends."""
        return SUFFIXES[self.format]


def described() -> list[Described]:
    """Return a file of every format that holds metadata, of 8 bits and of 16."""
    image = of(RGB)
    files = [Described("PNG", "PNG", by_pillow(image, "PNG", dpi=DPI, pnginfo=_texts(), **_common("PNG")))]
    files.append(Described("PNG of 16 bits", "PNG", _spliced(deep_png(DEEP), files[0].data)))
    tiff = by_pillow(image, "TIFF", dpi=DPI, tiffinfo=_tiff_tags(), **_common("TIFF"))
    files.append(Described("TIFF", "TIFF", tiff))
    files.append(Described("TIFF of 16 bits", "TIFF", _deep_tiff()))
    jpeg = {"quality": 95, "dpi": DPI, "comment": COMMENT, "xmp": XMP.encode()}
    files.append(Described("JPEG", "JPEG", by_pillow(image, "JPEG", **_common("JPEG"), **jpeg)))
    files += [
        Described(name, name, by_pillow(image, name.upper(), quality=95, xmp=XMP.encode(), **_common(name)))
        for name in _IN_EXIF
    ]
    files.append(Described("GIF", "GIF", by_pillow(image.quantize(16), "GIF", comment=COMMENT)))
    files.append(Described("BMP", "BMP", by_pillow(image, "BMP", dpi=DPI)))
    return files


def read(path: Path) -> dict[str, Any]:
    """Return the metadata that Pillow finds in a file, by facet."""
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        found: dict[str, Any] = {}
        exif = image.getexif()
        found[EXIF] = exif.get(ExifTags.Base.Make)
        found[TURNED] = exif.get(ExifTags.Base.Orientation)
        found[COLORS] = image.info.get("icc_profile")
        xmp = image.info.get("xmp")
        found[DATA] = xmp.rstrip(b"\0").decode() if xmp else None
        found[RESOLUTION] = _resolution(image, exif)
        texts = getattr(image, "text", {})
        comment = image.info.get("comment", texts.get("Comment"))
        found[NOTE] = comment.decode() if isinstance(comment, bytes) else comment
        found[TEXTS] = texts.get("Author")
    return {facet: value for facet, value in found.items() if value is not None}


def expected(facets: set[str]) -> dict[str, Any]:
    """Return what is to be read of these, from a picture that is upright: its resolution has been turned with it."""
    values = {EXIF: MAKER, COLORS: SRGB, DATA: XMP, NOTE: COMMENT, TEXTS: AUTHOR}
    values[RESOLUTION] = DPI[::-1] if TURNED in facets else DPI
    return {facet: value for facet, value in values.items() if facet in facets}


def _common(name: str) -> dict[str, Any]:
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Orientation] = MAKER, ORIENTATION
    if name in _IN_EXIF:
        exif[ExifTags.Base.XResolution], exif[ExifTags.Base.YResolution] = DPI
        exif[ExifTags.Base.ResolutionUnit] = 2
    if name == "TIFF":
        return {"icc_profile": SRGB}
    return {"icc_profile": SRGB, "exif": exif.tobytes()}


def _texts() -> PngImagePlugin.PngInfo:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", AUTHOR)
    texts.add_text("Comment", COMMENT)
    texts.add_itxt("XML:com.adobe.xmp", XMP)
    return texts


def _tiff_tags() -> dict[int, Any]:
    return {ExifTags.Base.Make: MAKER, ExifTags.Base.Orientation: ORIENTATION, 700: XMP.encode()}


def _deep_tiff() -> bytes:
    stream = io.BytesIO()
    tags = [
        (ExifTags.Base.Make, 2, 0, MAKER, True),
        (ExifTags.Base.Orientation, 3, 1, ORIENTATION, True),
        (700, 1, len(XMP), XMP.encode(), True),
    ]
    tifffile.imwrite(stream, DEEP, photometric="rgb", resolution=DPI, resolutionunit=2, iccprofile=SRGB, extratags=tags)
    return stream.getvalue()


def _spliced(picture: bytes, donor: bytes) -> bytes:
    """Return a PNG with the metadata of another, which stands before its pixels or behind them."""
    head = 8 + 25  # signature and header
    before, behind = b"", b""
    at, seen_pixels = head, False
    while at < len(donor):
        (length,) = struct.unpack_from(">I", donor, at)
        whole, name = donor[at : at + 12 + length], donor[at + 4 : at + 8]
        if name == b"IDAT":
            seen_pixels = True
        elif name != b"IEND" and seen_pixels:
            behind += whole
        elif name != b"IEND":
            before += whole
        at += len(whole)
    return picture[:head] + before + picture[head:-12] + behind + picture[-12:]


def _resolution(image: Image.Image, exif: Image.Exif) -> tuple[float, float] | None:
    if ExifTags.Base.XResolution in exif:
        across, down = float(exif[ExifTags.Base.XResolution]), float(exif[ExifTags.Base.YResolution])
    elif "dpi" in image.info and image.format != "TIFF":  # of which Pillow makes 1 of none
        across, down = image.info["dpi"]
    else:
        return None
    # BMP and PNG count in meters, and BMP always has a number.
    return (round(across), round(down)) if across > 0 else None
