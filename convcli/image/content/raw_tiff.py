"""RAW files of cameras among TIFFs. Without NumPy and Pillow."""

from __future__ import annotations

import struct
from typing import IO

_MAKE, _PHOTOMETRIC, _DIRECTORIES, _DNG_VERSION = 271, 262, 330, 50706
_OF_SENSORS = (32803, 34892)  # interpretations of samples: a mosaic of colors, and light behind one
_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
_CANON = b"CR"  # behind the header
_MOST_ENTRIES = 1000
_MOST_DIRECTORIES = 16
_ENTRY = 12  # bytes
_LONG = 4


def is_raw(stream: IO[bytes], prefix: bytes, *, is_named_so: bool) -> bool:
    """Return whether a TIFF is a DNG, or a camera's own: its maker is named, and samples are those of a sensor.

    Where they cannot be told, the name of a file tells, if it `is_named_so`. A damaged file is none.
    """
    try:
        return prefix[:4] in _ORDERS and _is_raw(stream, prefix, is_named_so=is_named_so)
    except (struct.error, OverflowError):
        return False  # its codec says so


def _is_raw(stream: IO[bytes], prefix: bytes, *, is_named_so: bool) -> bool:
    order = _ORDERS[prefix[:4]]
    first = _directory(stream, order, *struct.unpack_from(f"{order}I", prefix, 4))
    if prefix[8:10] == _CANON or _DNG_VERSION in first:
        return True
    if _MAKE not in first:
        return False
    if is_named_so:
        return True
    directories = [_directory(stream, order, at) for at in _offsets(stream, order, first)]
    return any(_whole(order, each.get(_PHOTOMETRIC)) in _OF_SENSORS for each in (first, *directories))


def _directory(stream: IO[bytes], order: str, at: int) -> dict[int, tuple[int, int, bytes]]:
    """Return the type, the count and the value or its offset of each tag."""
    stream.seek(at)
    (count,) = struct.unpack(f"{order}H", stream.read(2))
    if count > _MOST_ENTRIES:
        return {}
    entries = stream.read(count * _ENTRY)
    return {tag: (kind, length, value) for tag, kind, length, value in struct.iter_unpack(f"{order}HHI4s", entries)}


def _offsets(stream: IO[bytes], order: str, first: dict[int, tuple[int, int, bytes]]) -> tuple[int, ...]:
    _, count, value = first.get(_DIRECTORIES, (_LONG, 0, b""))
    if not 0 < count <= _MOST_DIRECTORIES:
        return ()
    if count > 1:
        stream.seek(*struct.unpack(f"{order}I", value))
        value = stream.read(count * 4)
    return struct.unpack(f"{order}{count}I", value)


def _whole(order: str, entry: tuple[int, int, bytes] | None) -> int | None:
    """Return a number of 16 bits, as which the interpretation of samples is stored."""
    return None if entry is None else int(struct.unpack_from(f"{order}H", entry[2])[0])
