"""JPEG files whose pixels are whole, and of which something before them is not: bytes between segments, metadata.

libjpeg skips the former and ignores the latter; Pillow's own reader of segments refuses the file. Without NumPy:
pictures are decoded while that is still being imported.
"""

from __future__ import annotations

from collections.abc import Iterator

from convcli.note import Note

_START = b"\xff\xd8"
_SCAN, _JFIF, _ADOBE, _COMMENT = 0xDA, 0xE0, 0xEE, 0xFE
_APPLICATIONS = range(0xE0, 0xF0)
# Segments that say how pixels are shown: their beginning, and their bytes at least, with two of the length.
_SHOWN_BY = {_JFIF: (b"JFIF\0", 16), _ADOBE: (b"Adobe", 14)}
_ALONE = {0x01, *range(0xD0, 0xDA)}  # markers without a length

_BETWEEN = Note("damaged", "bytes between its headers, which are none, are left out")
_WITHOUT_METADATA = Note("damaged", "a part of its metadata is damaged, and all of it is left out")


def mended(file: bytes) -> Iterator[tuple[bytes, tuple[Note, ...]]]:
    """Yield a file with headers alone before its pixels, then one without metadata, each with what is left out.

    Those in which nothing is left out are not yielded.
    """
    parts, pixels = _headers(file)
    if pixels is None:
        return
    whole = _START + b"".join(parts) + pixels
    damage = (_BETWEEN,) * (whole != file)
    if damage:
        yield whole, damage
    kept = [part for part in parts if not _is_metadata(part)]
    if len(kept) < len(parts):
        yield _START + b"".join(kept) + pixels, (*damage, _WITHOUT_METADATA)


def _headers(file: bytes) -> tuple[list[bytes], bytes | None]:
    """Return the segments before the first scan, and all from that on; None where there is none."""
    parts: list[bytes] = []
    at = file.find(b"\xff", len(_START))
    while 0 <= at < len(file) - 3:
        kind = file[at + 1]
        if kind in (0, 0xFF) or kind in _ALONE:
            at = file.find(b"\xff", at + 1)
            continue
        if kind == _SCAN:
            return parts, file[at:]
        end = at + 2 + int.from_bytes(file[at + 2 : at + 4], "big")
        parts.append(file[at:end])
        at = file.find(b"\xff", max(end, at + 4))
    return parts, None


def _is_metadata(part: bytes) -> bool:
    kind = part[1]
    if kind in _SHOWN_BY:
        begins, least = _SHOWN_BY[kind]
        return not part.startswith(begins, 4) or len(part) - 2 < least
    return kind in _APPLICATIONS or kind == _COMMENT
