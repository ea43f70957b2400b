"""What of a picture's metadata a format takes along, and what there is to say of the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import ExifTags, Image

from convcli.image.formats import Format
from convcli.image.metadata import fitted_exif, icc_fits
from convcli.image.text import COMMENT, Text, fitted_xmp

if TYPE_CHECKING:
    from convcli.image.picture import Picture

# A segment of a JPEG says its length in two bytes, which count among it; a header follows.
_LONGEST_SEGMENT = 65_535 - 2
_XMP_HEADER = len(b"http://ns.adobe.com/xap/1.0/\0")

_INCH = 2  # EXIF's unit of resolution
_LONG = 1024  # letters from which a text is worth compressing


@dataclass
class CarriedMetadata:
    """What is written beside the pixels, and what is left out.

    Parameters
    ----------
    icc, exif, xmp, text, dpi
        As in `Metadata`, fitted to the picture and its new format.
    lost
        What is left out, each for a line of warning.
    """

    icc: bytes = b""
    exif: Image.Exif | None = None
    xmp: bytes = b""
    text: tuple[Text, ...] = ()
    dpi: tuple[float, float] | None = None
    lost: tuple[str, ...] = ()


def carried_metadata(picture: Picture, target: Format) -> CarriedMetadata:
    """Return what of the metadata of a picture goes into a file of a format."""
    metadata = picture.metadata
    result = CarriedMetadata()
    lost = []
    # A filter may have made gray of RGB; a profile of the wrong kind makes readers reject the file.
    if metadata.icc and target.icc and icc_fits(metadata.icc, picture.colors):
        result.icc = metadata.icc
    elif metadata.icc:
        lost.append(f"the color profile {'no longer fits and ' if target.icc else ''}is left out")
    if target.dpi:
        result.dpi = metadata.dpi
    elif metadata.dpi and not target.exif:
        lost.append("the resolution is left out")
    if target.exif:
        result.exif = _exif(picture, with_resolution=not target.dpi)
    if target.xmp and metadata.xmp:
        result.xmp = fitted_xmp(metadata.xmp, *picture.size)
    lost += [
        f"the {name} data is left out"
        for name, there, holds in (("EXIF", metadata.exif, target.exif), ("XMP", metadata.xmp, target.xmp))
        if there and not holds
    ]
    result.text = tuple(each for each in metadata.text if target.text == "all" or _is_comment(each, target))
    left = [each.keyword for each in metadata.text if each not in result.text]
    if left:
        lost.append(f"text is left out: {', '.join(left)}")
    if target.name == "jpeg":
        lost += _fit_segments(result)
    result.lost = tuple(lost)
    return result


def save_options(along: CarriedMetadata, target: Format) -> dict[str, Any]:
    """Return the keywords with which Pillow's `save` writes it."""
    options: dict[str, Any] = {"icc_profile": along.icc} if along.icc else {}
    if along.exif is not None:
        options["exif"] = along.exif.tobytes()
    if along.dpi:
        options["dpi"] = along.dpi
    elif target.pillow == "BMP":
        options["dpi"] = (0, 0)  # not known; Pillow would write 96
    if target.pillow == "PNG":
        if along.xmp or along.text:
            options["pnginfo"] = _png_texts(along)
        return options
    if along.xmp:
        options["xmp"] = along.xmp
    if along.text:
        options["comment"] = along.text[0].value.encode()
    return options


def _is_comment(text: Text, target: Format) -> bool:
    return target.text == "comment" and text.keyword == COMMENT


def _exif(picture: Picture, *, with_resolution: bool) -> Image.Exif | None:
    metadata = picture.metadata
    dpi = metadata.dpi if with_resolution else None
    if not metadata.exif and not dpi:
        return None
    exif = fitted_exif(metadata.exif, *picture.size) if metadata.exif else Image.Exif()
    if dpi:  # there is no other place for it in the file
        exif[ExifTags.Base.XResolution], exif[ExifTags.Base.YResolution] = dpi
        exif[ExifTags.Base.ResolutionUnit] = _INCH
    return exif


def _fit_segments(along: CarriedMetadata) -> list[str]:
    """Leave out of a JPEG what does not fit into one segment of it, and say so."""
    lost = []
    if along.exif is not None and len(along.exif.tobytes()) > _LONGEST_SEGMENT:
        along.exif = None
        lost.append("the EXIF data is too long for JPEG and is left out")
    if len(along.xmp) > _LONGEST_SEGMENT - _XMP_HEADER:
        along.xmp = b""
        lost.append("the XMP data is too long for JPEG and is left out")
    if along.text and len(along.text[0].value.encode()) > _LONGEST_SEGMENT:
        along.text = ()
        lost.append("the comment is too long for JPEG and is left out")
    return lost


def _png_texts(along: CarriedMetadata) -> Any:
    from PIL.PngImagePlugin import PngInfo  # only where there are any

    chunks = PngInfo()
    if along.xmp:
        chunks.add_itxt("XML:com.adobe.xmp", along.xmp.decode("utf-8"))
    for each in along.text:
        packed = len(each.value) > _LONG
        if each.language or each.translated:
            chunks.add_itxt(each.keyword, each.value, each.language, each.translated, zip=packed)
        else:
            chunks.add_text(each.keyword, each.value, zip=packed)  # an iTXt chunk by itself where Latin-1 does not do
    return chunks
