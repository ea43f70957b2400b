"""Color profile, EXIF data, XMP data, texts and resolution: taken from a file, fitted to another.

Without NumPy: pictures are decoded while that is still being imported.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, field, replace

from PIL import ExifTags, Image

from convcli.image.text import Text, take_text, take_xmp

_COLORS_OF_PROFILE = {b"GRAY": 1, b"RGB ": 3}
_LARGEST_DPI = 65_535  # what JPEG can hold

# A TIFF's first directory mixes what describes the picture with how its pixels are stored; these describe it.
DESCRIPTIVE_TAGS = {
    ExifTags.Base.ImageDescription,
    ExifTags.Base.Make,
    ExifTags.Base.Model,
    ExifTags.Base.Software,
    ExifTags.Base.DateTime,
    ExifTags.Base.Artist,
    ExifTags.Base.HostComputer,
    ExifTags.Base.Copyright,
    ExifTags.Base.ExifOffset,
    ExifTags.Base.GPSInfo,
    ExifTags.Base.Rating,
    ExifTags.Base.RatingPercent,
    ExifTags.Base.XPTitle,
    ExifTags.Base.XPComment,
    ExifTags.Base.XPAuthor,
    ExifTags.Base.XPKeywords,
    ExifTags.Base.XPSubject,
}

# These formats have no other place for a resolution.
_DPI_IN_EXIF = ("WEBP", "AVIF")
_CENTIMETER = 3  # EXIF's unit of resolution

# What Pillow raises on EXIF data that is not what it should be.
_EXIF_ERRORS = (OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, struct.error, OverflowError)

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LYING = range(5, 9)  # those of them whose width becomes the height
_STANDING_UP = tuple(_UPRIGHT[orientation] for orientation in _LYING)


@dataclass(frozen=True)
class Metadata:
    """What a file says about its pixels.

    Parameters
    ----------
    icc
        The color profile; empty for none.
    exif
        EXIF data with its ``Exif`` header, without an orientation: the pixels are
        upright already, and without the thumbnail, which a filter would belie.
        Empty for none.
    dpi
        Pixels per inch, across and down; None where the file does not say.
    xmp
        XMP data in UTF-8, without an orientation; empty for none.
    text
        Texts with their keywords, a comment among them.
    """

    icc: bytes = field(default=b"", repr=False)
    exif: bytes = field(default=b"", repr=False)
    dpi: tuple[float, float] | None = None
    xmp: bytes = field(default=b"", repr=False)
    text: tuple[Text, ...] = ()


def is_rotated(image: Image.Image) -> bool:
    """Whether an opened, not yet loaded, TIFF will have width for height when Pillow has turned it upright."""
    return getattr(image, "tag_v2", {}).get(ExifTags.Base.Orientation) in _LYING


def take_metadata(
    image: Image.Image, *, has_stood_up: bool = False
) -> tuple[Metadata, Image.Transpose | None, tuple[str, ...]]:
    """Take what survives from a loaded image.

    Parameters
    ----------
    image
        Whatever its format.
    has_stood_up
        Whether it was turned already, by a quarter; its resolution was not.

    Returns
    -------
    tuple
        The metadata; how to turn the pixels upright, None where they are; notes.
    """
    dpi = _dpi(image)
    exif, upright, notes = _take_exif(image)
    icc = image.info.get("icc_profile")
    xmp, about_xmp = take_xmp(image)
    text, about_text = take_text(image)
    if dpi is not None and (has_stood_up or upright in _STANDING_UP):
        dpi = dpi[::-1]
    metadata = Metadata(icc if isinstance(icc, bytes) else b"", exif, dpi, xmp, text)
    return metadata, upright, (*notes, *about_xmp, *about_text)


def icc_fits(icc: bytes, colors: int) -> bool:
    """Whether a profile is meant for pictures with so many color channels."""
    return _COLORS_OF_PROFILE.get(icc[16:20]) == colors


def fitting_profile(metadata: Metadata, colors: int) -> tuple[Metadata, tuple[str, ...]]:
    """Return the metadata without a profile that is meant for another number of color channels, and what to say."""
    if not metadata.icc or icc_fits(metadata.icc, colors):
        return metadata, ()
    return replace(metadata, icc=b""), ("its color profile is not one for these channels and is left out",)


def fitted_exif(exif: bytes, height: int, width: int) -> Image.Exif:
    """EXIF data for a picture of `height` × `width` pixels: the sizes that it tells become true."""
    fitted = Image.Exif()
    fitted.load(exif)
    camera = fitted.get_ifd(ExifTags.IFD.Exif)
    for tag, length in ((ExifTags.Base.ExifImageWidth, width), (ExifTags.Base.ExifImageHeight, height)):
        if tag in camera:
            camera[tag] = length
    if ExifTags.IFD.Interop in camera:
        camera[ExifTags.IFD.Interop] = fitted.get_ifd(ExifTags.IFD.Interop)  # its content, not where it stood
    return fitted


def _take_exif(image: Image.Image) -> tuple[bytes, Image.Transpose | None, tuple[str, ...]]:
    upright = None
    try:
        exif = image.getexif()
        upright = _UPRIGHT.get(exif.get(ExifTags.Base.Orientation, 1))
        for tag in list(exif):
            # Loading a TIFF has turned it upright and has taken the tag away already.
            if tag == ExifTags.Base.Orientation or (image.format == "TIFF" and tag not in DESCRIPTIVE_TAGS):
                del exif[tag]
        across, down = exif.get(ExifTags.Base.XResolution), exif.get(ExifTags.Base.YResolution)
        if upright in _STANDING_UP and across is not None and down is not None:
            exif[ExifTags.Base.XResolution], exif[ExifTags.Base.YResolution] = down, across
        exif.bigtiff = False  # offsets of 64 bits are for TIFF files; EXIF data knows 32
        return exif.tobytes() if len(exif) else b"", upright, ()
    except _EXIF_ERRORS:
        return b"", upright, ("its EXIF data is damaged and is left out",)


def _dpi(image: Image.Image) -> tuple[float, float] | None:
    if image.format == "TIFF" and ExifTags.Base.XResolution not in getattr(image, "tag_v2", {}):
        return None  # Pillow makes 1 of a resolution that is not there
    try:
        given = _exif_dpi(image) if image.format in _DPI_IN_EXIF else image.info.get("dpi", ())
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
