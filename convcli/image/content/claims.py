"""Statements in a file that filtering makes false: who made these pixels, and how they look on bright screens.

Content credentials (C2PA) have a hash of the pixels. A gain map has the difference of the picture to another one,
brighter in parts. Both are left out and said, with what the XMP data says of them. Without NumPy.
"""

from __future__ import annotations

import re

from convcli.note import Note

# The kind of a box of ISO/IEC 19566-5, in whatever container.
_CREDENTIALS = b"c2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71"
CREDENTIALS = Note("credentials-left-out", "its content credentials (C2PA) are left out: they are of unfiltered pixels")
GAIN_MAP = Note("gain-map-left-out", "its gain map for bright screens is left out: it is one of unfiltered pixels")
_MOTION = Note("motion-left-out", "the short video behind the picture is left out")

# The words of ISO 21496-1, Adobe, Google and Apple for a gain map, in a file or in its XMP data.
_OF_GAIN = (b"urn:iso:std:iso:ts:21496:-1", b"/hdr-gain-map/", b"HDRGainMap", b"hdrgainmap", b'="GainMap"')
_MOTION_CLAIMS = re.compile(rb"(?:MotionPhoto|MicroVideo)(?:=\"|>)1")

# These take a time in proportion to the text, as those of `image.text`.
_ATTRIBUTES = re.compile(
    rb"""(?<!\s)\s++(?:(?:hdrgm|HDRGainMap|hdrgainmap):\w++|xmlns:(?:hdrgm|HDRGainMap)|dcterms:provenance|xmpNote:HasExtendedXMP"""
    rb"""|GCamera:(?:MotionPhoto|MicroVideo)\w*+)\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+')"""
)
_OPENED = re.compile(
    rb"<((?:hdrgm|HDRGainMap):\w++|G?Container:Directory|dcterms:provenance|GCamera:(?:MotionPhoto|MicroVideo)\w*+)\b"
)


def false_claims(file: bytes | memoryview, xmp: bytes = b"") -> tuple[Note, ...]:
    """Return notes on what a file says that filtering makes false; `file` may be the parts without pixels."""
    data = bytes(file)
    notes = [CREDENTIALS] if _CREDENTIALS in data else []
    if any(word in each for word in _OF_GAIN for each in (data, xmp)) or b"hdrgm:" in xmp:
        notes.append(GAIN_MAP)
    if _MOTION_CLAIMS.search(xmp):
        notes.append(_MOTION)
    return tuple(notes)


def without_false_claims(xmp: bytes) -> bytes:
    """Return XMP data without what it says of gain maps, credentials and videos that are left out."""
    if not _OPENED.search(xmp) and not _ATTRIBUTES.search(xmp):
        return xmp
    parts, end, without_end = [], 0, set()
    for found in _OPENED.finditer(xmp):
        if found.start() < end or found[1] in without_end:
            continue
        closing = b"</%b>" % found[1]
        head = xmp.find(b">", found.end())
        after = head + 1 if head > 0 and xmp[head - 1 : head] == b"/" else xmp.find(closing, found.end()) + len(closing)
        if head < 0 or after < len(closing):
            without_end.add(found[1])
            continue
        parts.append(xmp[end : found.start()])
        end = after
    return _ATTRIBUTES.sub(b"", b"".join([*parts, xmp[end:]]))
