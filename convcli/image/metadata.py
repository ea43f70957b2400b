"""Color profile, EXIF data, XMP data, texts and resolution: taken from a file, fitted to another.

Without NumPy: pictures are decoded while that is still being imported.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Collection
from dataclasses import field, replace
from typing import Any

from PIL import ExifTags, Image

from convcli.image.formats import Format
from convcli.image.text import Text, take_text, take_xmp
from convcli.lazy import dataclass
from convcli.note import Note

_COLORS_OF_PROFILE = {b"GRAY": 1, b"RGB ": 3}
# x and y of white, red, green and blue.
SRGB_CHROMATICITIES = (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
NUMBERS = b"cICP"  # the chunk of a PNG with the numbers of ITU-T H.273 for colors
SCREEN = "\0screen"  # of Pillow's notes on a file, which no text can be called
_IPTC = 1028  # of Photoshop's resources
_LARGEST_DPI = 65_535  # what JPEG can hold

_CENTIMETER = 3  # EXIF's unit of resolution

# Pillow's errors on damaged EXIF data.
_EXIF_ERRORS = (OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, struct.error, OverflowError)

# Width and height, each in a directory of EXIF data.
_SIZES: tuple[int, int] = (ExifTags.Base.ImageWidth, ExifTags.Base.ImageLength)
_SIZES_OF_CAMERA: tuple[int, int] = (ExifTags.Base.ExifImageWidth, ExifTags.Base.ExifImageHeight)
_RELATED_SIZES: tuple[int, int] = (ExifTags.Interop.RelatedImageWidth, ExifTags.Interop.RelatedImageHeight)
_SUBJECT_AREA = 0x9214  # which Pillow does not name
_BY_PIXELS = {
    _SUBJECT_AREA,
    *(ExifTags.Base[name] for name in ("SubjectLocation", "FocalPlaneXResolution", "FocalPlaneYResolution")),
}
# Tags on how the pixels of the file are stored, or those of a thumbnail: the output stores its own.
_OF_STORAGE = {
    ExifTags.Base[name]
    for name in (
        *("BitsPerSample", "Compression", "PhotometricInterpretation", "SamplesPerPixel", "PlanarConfiguration"),
        *("StripOffsets", "RowsPerStrip", "StripByteCounts", "TileWidth", "TileLength", "TileOffsets"),
        *("TileByteCounts", "JpegIFOffset", "JpegIFByteCount", "YCbCrSubSampling", "NewSubfileType", "SubfileType"),
    )
}

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
LYING = range(5, 9)  # orientations whose width becomes the height
_STANDING_UP = tuple(_UPRIGHT[orientation] for orientation in LYING)


# The number, the type and the value of a tag of a TIFF.
ForeignTag = tuple[int, int, Any]


@dataclass(frozen=True)
class Metadata:
    """The statements of a file about its pixels; what it does not state is empty, its resolution None.

    Parameters
    ----------
    icc
        The color profile.
    exif
        EXIF data with its ``Exif`` header, without an orientation, as the pixels are upright already, and without the
        thumbnail, which filtering would make false.
    dpi
        Pixels per inch, across and down.
    xmp
        XMP data in UTF-8, without an orientation.
    text
        Texts with their keywords, a comment among them.
    iptc
        IPTC data: caption, author, keywords and the like, in its records.
    screen
        The numbers of levels of a high dynamic range, and the screen that they were made on: chunks of a PNG.
    tiff
        Tags of maps and microscopes, which only a TIFF holds.
    """

    icc: bytes = field(default=b"", repr=False)
    exif: bytes = field(default=b"", repr=False)
    dpi: tuple[float, float] | None = None
    xmp: bytes = field(default=b"", repr=False)
    text: tuple[Text, ...] = ()
    tiff: tuple[ForeignTag, ...] = ()
    iptc: bytes = field(default=b"", repr=False)
    screen: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def tells_of_pixels(self) -> bool:
        """Tags of maps or microscopes are among it, which have to be mended where pixels move."""
        return bool(self.tiff) or any(word in self.exif for word in (b"ImageJ=", b"<OME", b'{"shape"'))


def take_metadata(
    image: Image.Image,
    form: Format,
    *,
    describing: Collection[int] | None = None,
    has_stood_up: bool = False,
) -> tuple[Metadata, Image.Transpose | None, tuple[Note, ...]]:
    """Return the metadata of a loaded image, the turn that makes its pixels upright, None where they are, and notes.

    EXIF tags not in `describing` say nothing of the picture. One that has stood up was turned by a quarter on loading,
    its resolution was not.
    """
    dpi = _dpi(image, form)
    exif, upright, notes = _take_exif(image, describing)
    icc = image.info.get("icc_profile")
    xmp, about_xmp = take_xmp(image)
    text, about_text = take_text(image, form)
    if dpi is not None and (has_stood_up or upright in _STANDING_UP):
        dpi = dpi[::-1]
    resources = image.info.get("photoshop")
    iptc = resources.get(_IPTC) if isinstance(resources, dict) else None
    profile, records = (each if isinstance(each, bytes) else b"" for each in (icc, iptc))
    metadata = Metadata(profile, exif, dpi, xmp, text, iptc=records, screen=image.info.get(SCREEN, ()))
    return metadata, upright, (*notes, *about_xmp, *about_text)


def icc_fits(icc: bytes, colors: int) -> bool:
    """Return whether a profile is meant for pictures with so many color channels."""
    return _COLORS_OF_PROFILE.get(icc[16:20]) == colors


def fitting_profile(metadata: Metadata, colors: int) -> tuple[Metadata, tuple[Note, ...]]:
    """Return the metadata without a profile for another number of color channels, and notes."""
    if not metadata.icc or icc_fits(metadata.icc, colors):
        return metadata, ()
    odd = Note("profile-left-out", "its color profile is not one for these channels and is left out")
    return replace(metadata, icc=b""), (odd,)


def fitted_exif(exif: bytes, height: int, width: int) -> Image.Exif:
    """Return EXIF data for a picture of `height` × `width` pixels, with the sizes in it corrected.

    Where they change, positions in the picture are left out, and what follows from the number of pixels.
    """
    fitted = Image.Exif()
    fitted.load(exif)
    # A directory that is not there would be made.
    camera = fitted.get_ifd(ExifTags.IFD.Exif) if ExifTags.IFD.Exif in fitted else {}
    related = fitted.get_ifd(ExifTags.IFD.Interop) if ExifTags.IFD.Interop in camera else {}
    is_other_size = False
    for directory, tags in ((fitted, _SIZES), (camera, _SIZES_OF_CAMERA), (related, _RELATED_SIZES)):
        for tag, length in zip(tags, (width, height), strict=True):
            if tag in directory:
                is_other_size |= directory[tag] != length
                directory[tag] = length
    if is_other_size:
        for tag in _BY_PIXELS.intersection(camera):
            del camera[tag]
    if related:
        camera[ExifTags.IFD.Interop] = related  # its content, not its old offset
    return fitted


def exif_bytes(exif: Image.Exif) -> bytes:
    """Return EXIF data as a file holds it, with letters beyond ASCII as they were; Pillow would write question marks.

    It takes every byte of a text for a letter of Latin-1.
    """
    for tag, value in list(exif.items()):
        if isinstance(value, str) and not value.isascii():
            exif[tag] = value.encode("latin-1", "replace")
    return exif.tobytes()


def upright_exif(exif: bytes) -> bytes:
    """Return EXIF data without an orientation; as it is where it is damaged, which is said later."""
    found = Image.Exif()
    try:
        found.load(exif)
        if ExifTags.Base.Orientation not in found:
            return exif
        del found[ExifTags.Base.Orientation]
        return exif_bytes(found)
    except (OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, OverflowError):
        return exif


def _take_exif(
    image: Image.Image, describing: Collection[int] | None
) -> tuple[bytes, Image.Transpose | None, tuple[Note, ...]]:
    upright = None
    try:
        exif = image.getexif()
        upright = _UPRIGHT.get(exif.get(ExifTags.Base.Orientation, 1))
        for tag in list(exif):
            if tag in (ExifTags.Base.Orientation, *_OF_STORAGE) or (describing is not None and tag not in describing):
                del exif[tag]
        across, down = exif.get(ExifTags.Base.XResolution), exif.get(ExifTags.Base.YResolution)
        if upright in _STANDING_UP and across is not None and down is not None:
            exif[ExifTags.Base.XResolution], exif[ExifTags.Base.YResolution] = down, across
        exif.bigtiff = False  # offsets of 64 bits are for TIFF files; EXIF data has 32
        return exif_bytes(exif) if len(exif) else b"", upright, ()
    except _EXIF_ERRORS:
        return b"", upright, (Note("exif-left-out", "its EXIF data is damaged and is left out"),)


def _dpi(image: Image.Image, form: Format) -> tuple[float, float] | None:
    try:
        # Formats without a place of their own for a resolution have it in the EXIF data.
        given = _exif_dpi(image) if form.exif and not form.dpi else image.info.get("dpi", ())
        across, down = (float(each) for each in given)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    if not all(math.isfinite(each) and 0 < each <= _LARGEST_DPI for each in (across, down)):
        return None
    return across, down


def _exif_dpi(image: Image.Image) -> tuple[float, ...]:
    try:
        exif = image.getexif()
    except _EXIF_ERRORS:
        return ()
    inches = 2.54 if exif.get(ExifTags.Base.ResolutionUnit) == _CENTIMETER else 1.0
    given = (exif.get(ExifTags.Base.XResolution), exif.get(ExifTags.Base.YResolution))
    return tuple(float(each) * inches for each in given if each is not None)
