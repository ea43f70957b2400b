"""The metadata of a picture that a format holds, and warnings of the rest."""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING

from PIL import ExifTags, Image

from convcli.image.formats import Format
from convcli.image.metadata import NUMBERS, ForeignTag, Metadata, fitted_exif, icc_fits
from convcli.image.text import COMMENT, Text, fitted_xmp
from convcli.lazy import dataclass
from convcli.note import Note

if TYPE_CHECKING:
    from convcli.image.picture import Picture

_MOST_NAMED = 5  # texts that are left out
_INCH = 2  # EXIF's unit of resolution


@dataclass
class CarriedMetadata:
    """Metadata that is written beside the pixels: as in `Metadata`, fitted to the picture and its new format.

    `lost` is what is left out, each for a line of warning.
    """

    icc: bytes = b""
    exif: Image.Exif | None = None
    xmp: bytes = b""
    text: tuple[Text, ...] = ()
    dpi: tuple[float, float] | None = None
    iptc: bytes = b""
    tiff: tuple[ForeignTag, ...] = ()
    screen: tuple[tuple[bytes, bytes], ...] = ()
    lost: tuple[Note, ...] = ()


def carried_metadata(picture: Picture, target: Format) -> CarriedMetadata:
    """Return the metadata of a picture that goes into a file of a format."""
    metadata = picture.metadata
    result = CarriedMetadata()
    lost = []
    # A filter may have made gray of RGB; a profile of the wrong kind makes readers reject the file.
    if metadata.icc and target.icc and icc_fits(metadata.icc, picture.colors):
        result.icc = metadata.icc
    elif metadata.icc:
        why = "no longer fits and " if target.icc else ""
        lost.append(Note("profile-left-out", f"the color profile {why}is left out"))
    if target.dpi:
        result.dpi = metadata.dpi
    elif metadata.dpi and not target.exif:
        lost.append(Note("resolution-left-out", "the resolution is left out"))
    if target.exif:
        result.exif = _exif(picture, with_resolution=not target.dpi)
    if target.xmp and metadata.xmp:
        result.xmp = fitted_xmp(metadata.xmp, *picture.size)
    result.iptc = metadata.iptc if target.iptc else b""
    kinds = (
        ("EXIF", metadata.exif, target.exif),
        ("XMP", metadata.xmp, target.xmp),
        ("IPTC", metadata.iptc, target.iptc),
    )
    lost += [
        Note(f"{name.lower()}-left-out", f"the {name} data is left out")
        for name, there, holds in kinds
        if there and not holds
    ]
    lost += _of_one_format(metadata, target, result)
    held = [target.text == "all" or (target.text and each.keyword == COMMENT) for each in metadata.text]
    result.text = tuple(compress(metadata.text, held))
    if left := [each.keyword for each, is_held in zip(metadata.text, held, strict=True) if not is_held]:
        others = [f"{len(left) - _MOST_NAMED} others"] if len(left) > _MOST_NAMED else []
        lost.append(Note("text-left-out", f"text is left out: {', '.join(left[:_MOST_NAMED] + others)}"))
    result.lost = tuple(lost)
    return result


def _of_one_format(metadata: Metadata, target: Format, result: CarriedMetadata) -> list[Note]:
    """Carry what one format alone holds; return notes on what another one leaves out."""
    lost = []
    if target.foreign_tags:
        result.tiff = metadata.tiff
    elif metadata.tiff:
        lost.append(Note("tags-left-out", "the tags of maps and microscopes are left out; TIFF holds them"))
    if target.screen:
        result.screen = metadata.screen
    elif any(name == NUMBERS for name, _ in metadata.screen):
        text = "that its levels are those of a high dynamic range is left out; PNG keeps it"
        lost.append(Note("high-range-left-out", text))
    elif metadata.screen:
        lost.append(Note("screen-left-out", "the screen that it was made on is left out; PNG keeps it"))
    return lost


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
