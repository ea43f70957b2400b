"""Texts in a picture file: XMP data, PNG's pairs of keyword and text, the comments of JPEG and GIF.

Without NumPy: pictures are decoded while that is still being imported.
"""

from __future__ import annotations

import re
from typing import Any

from PIL import Image

from convcli.image.formats import Format
from convcli.lazy import dataclass
from convcli.note import Note

COMMENT = "Comment"  # PNG's keyword for what JPEG and GIF have one of, without a keyword

# ImageMagick stores foreign metadata in texts: a name, a length and hexadecimal digits.
_RAW_PROFILE = "Raw profile type "
CARRIED_TEXTS = {_RAW_PROFILE + kind for kind in ("exif", "APP1", "app1", "xmp", "icc", "icm")} | {
    "XML:com.adobe.xmp",
    # The pixels are upright when they are written.
    "exif:Orientation",
    "tiff:Orientation",
}
_LONGEST_KEYWORD = 79  # what PNG allows

# These take a time in proportion to the text: what is repeated gives nothing back (``*+``), and no two attempts go over
# the same blanks.
_ORIENTATION = re.compile(
    rb"""(?<!\s)\s*+tiff:Orientation\s*+=\s*+(["'])[0-9]*+\1|<tiff:Orientation>\s*+[0-9]*+\s*+</tiff:Orientation>"""
)
_WIDTH = re.compile(rb"""((?:exif:PixelXDimension|tiff:ImageWidth)(?:\s*+=\s*+["']|>))[0-9]++""")
_HEIGHT = re.compile(rb"""((?:exif:PixelYDimension|tiff:ImageLength)(?:\s*+=\s*+["']|>))[0-9]++""")
# Small pictures of the one before filtering.
_THUMBNAILS = re.compile(rb"<(xmp|xap):Thumbnails\b")


@dataclass(frozen=True)
class Text:
    """A text in a picture file. The last two are of PNG alone, and mostly empty."""

    keyword: str  # its kind, such as Author, Title, Comment: 1 to 79 letters of Latin-1
    value: str
    language: str = ""
    translated: str = ""  # the keyword in that language


def take_xmp(image: Image.Image) -> tuple[bytes, tuple[Note, ...]]:
    """Take the XMP data of a loaded image, without an orientation and without thumbnails; and notes."""
    xmp = image.info.get("xmp") or _raw_profile(image, "xmp")
    if not isinstance(xmp, bytes):
        return b"", ()
    xmp = xmp.rstrip(b"\0")
    try:
        xmp.decode("utf-8")
    except UnicodeDecodeError:
        return b"", (Note("xmp-left-out", "its XMP data is damaged and is left out"),)
    from convcli.image.content.claims import without_false_claims  # here, for such files alone

    return without_false_claims(_without_thumbnails(upright_xmp(xmp))), ()


def upright_xmp(xmp: bytes) -> bytes:
    """Return XMP data without an orientation: that of pixels which their decoder turns by what it reads elsewhere."""
    return _ORIENTATION.sub(b"", xmp)


def fitted_xmp(xmp: bytes, height: int, width: int) -> bytes:
    """Return XMP data for a picture of `height` × `width` pixels, with the sizes in it corrected."""
    return _HEIGHT.sub(rb"\g<1>%d" % height, _WIDTH.sub(rb"\g<1>%d" % width, xmp))


def take_text(image: Image.Image, form: Format) -> tuple[tuple[Text, ...], tuple[Note, ...]]:
    """Take the texts of a loaded image, a comment among them; and notes."""
    comment = image.info.get("comment")
    if isinstance(comment, bytes) and comment:
        return (Text(COMMENT, _decoded(comment)),), ()
    if form.text != "all":
        return (), ()
    pairs: dict[str, Any] = getattr(image, "text", {})
    foreign = {keyword: value for keyword, value in pairs.items() if keyword not in CARRIED_TEXTS}
    texts = tuple(
        Text(keyword, str(value), getattr(value, "lang", None) or "", getattr(value, "tkey", None) or "")
        for keyword, value in foreign.items()
        if 0 < len(keyword) <= _LONGEST_KEYWORD
    )
    odd = Note("text-left-out", "a text with a keyword that PNG does not allow is left out")
    return texts, (odd,) if len(texts) < len(foreign) else ()


def _without_thumbnails(xmp: bytes) -> bytes:
    """Return XMP data without its small pictures; one that has no end stays."""
    parts = []
    end = 0
    without_end = set()
    for found in _THUMBNAILS.finditer(xmp):
        if found.start() < end or found[1] in without_end:
            continue
        closing = b"</%b:Thumbnails>" % found[1]
        after = xmp.find(closing, found.end())
        if after < 0:
            without_end.add(found[1])
            continue
        parts.append(xmp[end : found.start()])
        end = after + len(closing)
    return b"".join([*parts, xmp[end:]])


def _raw_profile(image: Image.Image, kind: str) -> bytes | None:
    text = image.info.get(_RAW_PROFILE + kind)
    if not isinstance(text, str):
        return None
    try:
        return bytes.fromhex("".join(text.split("\n")[3:]))  # behind an empty line, the name and the length
    except ValueError:
        return None


def _decoded(comment: bytes) -> str:
    try:
        return comment.decode("utf-8")
    except UnicodeDecodeError:
        return comment.decode("latin-1")
