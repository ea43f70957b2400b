"""The boxes around a JPEG XL codestream: EXIF and XMP data, compressed or not. Without NumPy."""

from __future__ import annotations

from convcli.image.coded.jpegxl import STREAM, WHOLE
from convcli.image.content.claims import GAIN_MAP, false_claims
from convcli.image.metadata import upright_exif
from convcli.image.sampled.boxes import box, boxes
from convcli.image.sampled.codec import Described
from convcli.image.text import upright_xmp
from convcli.note import Note

_SIGNATURE = box(b"JXL ", b"\r\n\x87\n") + box(b"ftyp", b"jxl \0\0\0\0jxl ")
_EXIF, _XMP, _PACKED = b"Exif", b"xml ", b"brob"
_CREDENTIALS, _GAIN = b"jumb", b"jhgm"
_LEVEL, _DEEP = b"jxll", 10
_LONGEST = 1 << 23  # bytes of metadata that are unpacked


def described(file: bytes) -> Described:
    """Return the metadata of a file; without an orientation, which the codestream has."""
    if file.startswith(STREAM):
        return Described()
    parts: dict[bytes, bytes] = {}
    notes: list[Note] = []
    for kind, start, end in boxes(file):
        content = file[start:end]
        name = content[:4] if kind == _PACKED else kind
        if name == _GAIN:
            notes.append(GAIN_MAP)
        if name not in (_EXIF, _XMP, _CREDENTIALS) or name in parts:
            continue
        unpacked = _unpacked(content[4:]) if kind == _PACKED else content
        if unpacked is None:
            notes.append(Note("metadata-left-out", "its packed metadata is damaged or too long, and is left out"))
        else:
            parts[name] = unpacked
    notes += false_claims(parts.get(_CREDENTIALS, b""), parts.get(_XMP, b""))
    exif = parts.get(_EXIF, b"")
    directory = exif[4 + int.from_bytes(exif[:4], "big") :]
    upright = upright_exif(b"Exif\0\0" + directory) if directory else b""
    return Described(exif=upright, xmp=upright_xmp(parts.get(_XMP, b"")), notes=tuple(dict.fromkeys(notes)))


def is_deep(file: bytes) -> bool:
    """Return whether a file says that it is of the level of deep pictures."""
    return not file.startswith(STREAM) and any(kind == _LEVEL for kind, _, _ in boxes(file))


def _unpacked(content: bytes) -> bytes | None:
    from imagecodecs import brotli_decode  # here, for such files alone

    try:
        return bytes(brotli_decode(content, out=_LONGEST))
    except (RuntimeError, ValueError):
        return None


def jxl_file(stream: bytes, said: Described, *, is_deep: bool) -> bytes:
    """Return a file of a codestream, in boxes where something is said about it, or it is of the level of deep ones."""
    if not said.exif and not said.xmp and not is_deep:
        return stream
    parts = box(_LEVEL, bytes([_DEEP])) if is_deep else b""
    parts += box(_EXIF, bytes(4) + said.exif.removeprefix(b"Exif\0\0")) if said.exif else b""
    parts += box(_XMP, said.xmp) if said.xmp else b""
    return _SIGNATURE + parts + box(WHOLE, stream)
