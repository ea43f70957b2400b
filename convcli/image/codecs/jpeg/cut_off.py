"""JPEG files that are cut off: what is missing, and the file with an end mark.

libjpeg's own reader of files supplies an end mark where there is none, warns, and fills up with gray; Pillow's refuses
the file. Without NumPy: pictures are decoded while that is still being imported.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from PIL import Image, ImageChops, ImageFile

from convcli.errors import ReadError
from convcli.note import Note

# The largest share of a picture that may be missing.
MOST = 0.5

END = b"\xff\xd9"
_START_OF_SCAN, _FIRST_RESTART = 0xDA, 0xD0
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # in a scan; 0 follows a byte of data, D0 to D7 restart it
_CODE = "damaged"
_WITHOUT_DETAILS = Note(_CODE, "its end is missing, and with it the finest details")
BROKEN_INSIDE = Note(_CODE, "its pixels break off, and go on behind that; a part of the picture may be wrong")
_WITHOUT_MARK = Note(_CODE, "its end mark is missing; the picture is whole")

_BLOCK = 8  # pixels on a side
_COEFFICIENTS = range(_BLOCK * _BLOCK)

# Files of which a part was never fetched have zeros in its place; so many bytes of them are no part of a picture.
_UNFETCHED = 64


class BrokenInsideError(OSError):
    """The pixels of a file break off at what is no header, and go on behind it."""


class _Scan(NamedTuple):
    """A pass over the picture: the components and the coefficients that it holds, and the lowest of their bits."""

    components: tuple[int, ...]
    coefficients: range
    low: int


def completed(file: bytes, name: str, decode: Callable[[bytes], ImageFile.ImageFile]) -> tuple[bytes, tuple[Note, ...]]:
    """Return a file that may be cut off with an end mark, and what is missing, for a line of warning.

    One that ends too early and has its end mark, as some programs repair files, is whole where all blocks are there.
    `decode` opens and decodes a whole file. Raises ReadError where more than a half of the picture `name` is missing,
    and OSError where not even a scan has begun.
    """
    there, scans, ends_in_scan, has_end = _intact(_fetched(file))
    if not scans:
        raise OSError("no scan")
    whole = decode(there + END)
    rest = max(_rest(whole, decode(there + more + END)) for more in _continuations(there)) if ends_in_scan else 0.0
    missing, is_fine = _missing(scans, [component[0] for component in getattr(whole, "layer", ())], rest)
    if missing > MOST:
        raise ReadError(
            f"{name} is truncated or damaged: {_percent(missing)} of the picture is missing",
            "fetch it or save it again",
        )
    damage: tuple[Note, ...] = ()
    if missing:
        damage = (Note(_CODE, f"its end is missing: {_percent(missing)} of the picture is gray in its place"),)
    elif not has_end:
        damage = (_WITHOUT_MARK if is_fine else _WITHOUT_DETAILS,)
    return there + END, damage


def _fetched(file: bytes) -> bytes:
    fetched = file.rstrip(b"\0")
    return fetched if len(file) - len(fetched) >= _UNFETCHED else file


def _percent(share: float) -> str:
    return f"{max(100 * share, 0.1):.1f} %"


def _intact(file: bytes) -> tuple[bytes, list[_Scan], bool, bool]:
    """Return a file up to its end mark, or to the last segment that is whole, and its scans.

    Further, whether the last of these may go on, and whether the end mark is there. Raises BrokenInsideError.
    """
    scans = []
    end = at = 2
    is_scan = has_end = False
    while at + 4 <= len(file) and file[at] == END[0]:
        kind, length = file[at + 1], int.from_bytes(file[at + 2 : at + 4], "big")
        body = file[at + 4 : at + 2 + length]
        if len(body) < length - 2:
            break
        end = at = at + 2 + length
        is_scan = kind == _START_OF_SCAN
        if is_scan:
            scans.append(_scan(body))
            following = _MARKER.search(file, at)
            end = at = following.end() - 2 if following else len(file)
            has_end = following is not None and file[at : at + 2] == END
            is_scan = following is None or has_end
        if has_end:
            break
    if scans and not has_end and not is_scan and at + 4 <= len(file) and file[at] != END[0]:
        raise BrokenInsideError("what is no header in the pixels")
    # A last byte of 255 is half of something.
    return file[:end].rstrip(END[:1]), scans, is_scan, has_end


def _continuations(there: bytes) -> list[bytes]:
    """Return bytes that a decoder takes for more of the last scan, of which the next part may begin with a restart."""
    restarts = _RESTART.findall(there, there.rindex(bytes([END[0], _START_OF_SCAN])))
    strange = _strange()
    return [strange, bytes([END[0], _FIRST_RESTART + len(restarts) % 8]) + strange] if restarts else [strange]


def _strange() -> bytes:
    """Return bits that belong to no picture.

    Where they follow what is there, whatever needs more bits comes out otherwise than where none follow, which libjpeg
    reads as zeros. The first of them is 1, and no byte is that of a marker.
    """
    import random  # here, for damaged files alone

    return b"\xaa" + random.Random(0).randbytes(63).replace(b"\xff", b"\xfe")


def _scan(header: bytes) -> _Scan:
    """Read the header of a scan: the number of components, their numbers and tables, the coefficients and the bits."""
    count = header[0]
    first, last, bits = header[1 + 2 * count : 4 + 2 * count]
    return _Scan(tuple(header[1 : 1 + 2 * count : 2]), range(first, last + 1), bits & 0x0F)


def _rest(whole: Image.Image, otherwise: Image.Image) -> float:
    """Return the share of a picture from the first block on in which two decodings differ."""
    width, height = whole.size
    differences = ImageChops.difference(whole, otherwise)
    box = differences.getbbox()
    if box is None:
        return 0.0
    across, down = (
        _BLOCK * max((component[which] for component in getattr(whole, "layer", ())), default=1) for which in (1, 2)
    )
    # The colors of a block reach a pixel beyond it where they are stored at half the size.
    top = (box[1] + 1) // down * down
    first = differences.crop((0, top, width, min(top + down, height))).getbbox()
    left = (first[0] + 1) // across * across if first else 0
    below = max(height - top - down, 0)
    return (below * width + (height - top - below) * (width - left)) / (width * height)


def _missing(scans: list[_Scan], components: list[int], rest: float) -> tuple[float, bool]:
    """Return the share of the picture of which nothing is known, and whether the rest is known to the last bit.

    `rest` is the share of the last scan that is missing.
    """
    lowest = {component: dict.fromkeys(_COEFFICIENTS, 1) for component in components}
    known = dict.fromkeys(components, 0.0)
    for number, scan in enumerate(scans, 1):
        share = 1.0 - rest if number == len(scans) else 1.0
        for component in scan.components:
            if 0 in scan.coefficients:
                known[component] = max(known.get(component, 0.0), share)
            if share == 1:
                lowest.setdefault(component, {}).update(dict.fromkeys(scan.coefficients, scan.low))
    fine = all(low == 0 for lows in lowest.values() for low in lows.values())
    return 1 - min(known.values(), default=0.0), fine
