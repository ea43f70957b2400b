"""The headers of an OpenEXR: the sizes, channels and colors of its parts, before the library reads any pixel."""

from __future__ import annotations

import re
import struct
from dataclasses import replace

from convcli.image.codec import Source
from convcli.image.limit import over_limit
from convcli.lazy import dataclass
from convcli.note import Note
from convcli.words import counted

_DEEP = 0x800  # a bit of the version: samples at many depths
_PARTS = 0x1000  # another: several pictures
_PLACE, _TABLES = struct.Struct("<Q"), struct.Struct("<QQQ")  # of a chunk; bytes of counts, of samples, and unpacked
_DEEP_TILES = b"deeptile"
_OF_LINES, _OF_TILE = 4, 16  # bytes that say where a chunk belongs
_PIXELS_OF_DEEP = 128  # whose memory one takes that has samples of its own: the library makes objects of it
_OBJECT, _COPIES = 160, 12  # bytes of such an object, and of our arrays for one of the file
_LONGEST_NAME = 256
_MOST, _MOST_PARTS = 1000, 1000  # attributes and parts
_WIDEST = 4  # bytes of a value
_BYTES = {1: 2}  # of a value by its type, but for 4
_DATA, _DISPLAY = _WINDOWS = b"dataWindow", b"displayWindow"  # that of the pixels, and that of what is shown


@dataclass(frozen=True)
class Header:
    """The header of a part.

    Parameters
    ----------
    width, height
        Of its pixels.
    chromaticities
        x and y of red, green, blue and white; empty for those of sRGB.
    is_gray
        None for neither colors nor gray by their names.
    notes
        On what is left out of it.
    part
        Its number.
    channels, name
        How many it has; of the part.
    kind, chunks
        The type of its pixels and the number of its chunks, where it says them.
    bytes_together
        Of a sample of all channels.
    beside
        Bytes of a pixel that the library holds.
    """

    width: int
    height: int
    chromaticities: tuple[float, ...] = ()
    is_gray: bool | None = None
    notes: tuple[Note, ...] = ()
    part: int = 0
    channels: int = 4
    name: str = ""
    kind: bytes = b""
    chunks: int = 0
    bytes_together: int = 0
    beside: int = 16

    @property
    def is_deep(self) -> bool:
        """True for samples at many depths."""
        return self.kind.startswith(b"deep")


def header_of(source: Source) -> Header:
    """Read the headers, and return that of the first part with colors or gray; raise ValueError on damage."""
    file = source.content()
    (version,) = struct.unpack_from("<I", file, 4)
    found: list[Header] = []
    at = 8
    while len(found) < _MOST_PARTS:
        part, at = _part_header(file, at, len(found))
        found.append(part)
        if not version & _PARTS or file[at : at + 1] in (b"\0", b""):
            break
    chosen = next((each for each in found if each.is_gray is not None), found[0])
    if len(found) > 1:
        chosen = _of_several(found, chosen, source)
    if version & _DEEP and any(each.is_deep for each in found):
        samples, size = _samples_of(file, at + bool(version & _PARTS), found)
        pixels = sum(each.width * each.height for each in found if each.is_deep)
        objects = min(pixels, samples)
        weight = samples + pixels + _PIXELS_OF_DEEP * objects
        if weight > source.max_pixels:
            has = f"{samples} samples in {objects} pixels, each of which counts as {_PIXELS_OF_DEEP}"
            raise over_limit(source.name, has, source.max_pixels, weight)
        held = _COPIES * size + _OBJECT * chosen.channels * objects
        beside = -(-held // (chosen.width * chosen.height))
        chosen = replace(chosen, beside=chosen.beside + beside)
    return chosen


def _of_several(found: list[Header], chosen: Header, source: Source) -> Header:
    """Return the chosen one of several parts with a note on the others, after checks on all, as the library has it."""
    for each in found:
        source.check_size((each.width, each.height))
    together = sum(each.width * each.height * each.channels for each in found)
    source.check_together(len(found), sum(each.width * each.height for each in found))
    beside = -(-_WIDEST * together // (chosen.width * chosen.height))
    others = counted(len(found) - 1, "other part")
    note = Note("parts-left-out", f"of its {len(found)} parts {chosen.name or 'the first'} is filtered, {others} not")
    return replace(chosen, beside=beside, notes=(note, *chosen.notes))


def _samples_of(file: bytes, at: int, parts: list[Header]) -> tuple[int, int]:
    """Return how many samples, and bytes of them, parts at many depths say to have, by their chunks.

    The places of the chunks of all parts begin at one. Raises ValueError or struct.error on damage.
    """
    samples = size = 0
    for part in parts:
        places = struct.unpack_from(f"<{part.chunks}Q", file, at)
        at += _PLACE.size * part.chunks
        if part.is_deep:
            begin = (4 if len(parts) > 1 else 0) + (_OF_TILE if part.kind == _DEEP_TILES else _OF_LINES)
            own = sum(_TABLES.unpack_from(file, place + begin)[2] for place in places)
            samples, size = samples + own // max(part.bytes_together, 1), size + own
    return samples, size


def _part_header(file: bytes, at: int, number: int) -> tuple[Header, int]:
    """Read the header of a part, and return the place behind it."""
    said: dict[bytes, bytes] = {}
    for _ in range(_MOST):
        name, at = _word(file, at)
        if not name:
            break
        _, at = _word(file, at)
        (length,) = struct.unpack_from("<I", file, at)
        said[name] = file[at + 4 : at + 4 + length]
        at += 4 + length
    nowhere = struct.pack("<4i", 0, 0, -1, -1)
    window: tuple[int, int, int, int] = struct.unpack_from("<4i", said.get(_DATA, nowhere))
    left, top, right, bottom = window
    if min(right - left, bottom - top) < 0:
        raise ValueError("no size")
    found = re.findall(rb"([\x20-\x7e]{1,255})\0(.)\0.{14}", said.get(b"channels", b""), re.DOTALL)
    points = said.get(b"chromaticities")
    header = Header(
        width=right - left + 1,
        height=bottom - top + 1,
        chromaticities=struct.unpack_from("<8f", points) if points is not None else (),
        is_gray=_is_gray({name for name, _ in found}),
        notes=_windows_note(window, struct.unpack_from("<4i", said.get(_DISPLAY, said[_DATA]))),
        part=number,
        channels=len(found),
        name=said.get(b"name", b"").decode("utf-8", "replace"),
        kind=said.get(b"type", b""),
        chunks=struct.unpack_from("<I", said.get(b"chunkCount", bytes(4)))[0],
        bytes_together=sum(_BYTES.get(kind[0], _WIDEST) for _, kind in found),
    )
    return header, at


def _is_gray(names: set[bytes]) -> bool | None:
    """Return whether channels are gray, and no colors; None for neither."""
    if len({each.rpartition(b".")[0] for each in names}) == 1:  # those of one layer, which is read
        names = {each.rpartition(b".")[2] for each in names}
    if names >= {b"R", b"G", b"B"} or names >= {b"Y", b"RY", b"BY"}:
        return False
    return True if b"Y" in names else None


def _windows_note(data: tuple[int, int, int, int], shown: tuple[int, int, int, int]) -> tuple[Note, ...]:
    """Return a note where the pixels are not those of the picture that is shown, but more, or fewer."""
    if data == shown:
        return ()
    left, top, right, bottom = shown
    size, place = f"{right - left + 1}×{bottom - top + 1}", f"{data[0] - left},{data[1] - top}"
    text = f"its pixels have a place at {place} in a display window of {size}, which is left out: all are filtered"
    return (Note("window-left-out", text),)


def _word(file: bytes, at: int) -> tuple[bytes, int]:
    end = file.index(b"\0", at, at + _LONGEST_NAME)
    return file[at:end], end + 1
