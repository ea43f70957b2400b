"""TIFF files that are small and ask for much."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator

_SHORT, _LONG, _ASCII = 3, 4, 2
_Entry = tuple[int, int, int, int]
_DEEP: dict[str, _Entry] = {"depth": (258, _SHORT, 1, 16), "counts": (279, _LONG, 1, 2)}
_PIXEL: list[_Entry] = [
    (256, _SHORT, 1, 1), (257, _SHORT, 1, 1), (258, _SHORT, 1, 8), (259, _SHORT, 1, 1), (262, _SHORT, 1, 1),
    (273, _LONG, 1, 8), (277, _SHORT, 1, 1), (278, _LONG, 1, 1), (279, _LONG, 1, 1),
]  # fmt: skip


def _directory(entries: list[_Entry], following: int = 0) -> bytes:
    packed = b"".join(struct.pack("<HHII", *each) for each in sorted(entries))
    return struct.pack("<H", len(entries)) + packed + struct.pack("<I", following)


def _changed(**tags: _Entry) -> list[_Entry]:
    changes = {each[0]: each for each in tags.values()}
    return [*(each for each in _PIXEL if each[0] not in changes), *changes.values()]


def _tiff(entries: list[_Entry], data: bytes = b"\0\0", following: int = 0) -> bytes:
    """Return a file whose data are at 8 and whose directory follows them."""
    data += bytes(len(data) % 2)
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + _directory(entries, following)


def _pages(count: int, entries: list[_Entry] = _PIXEL) -> bytes:
    size = len(_directory(entries))
    parts = [_directory(entries, 10 + size * (each + 1) if each + 1 < count else 0) for each in range(count)]
    return b"II*\0" + struct.pack("<I", 10) + b"\0\0" + b"".join(parts)


def _described(text: bytes, **more: _Entry) -> bytes:
    return _tiff(_changed(text=(270, _ASCII, len(text) + 1, 10), **more), b"\0\0" + text + b"\0")


def _strips(count: int, depth: int = 8) -> bytes:
    """Return a file of one byte a strip."""
    offsets = struct.pack("<I", 8) * count
    counts = struct.pack("<I", depth // 8) * count
    return _tiff(
        _changed(
            length=(257, _LONG, 1, count), depth=(258, _SHORT, 1, depth),
            offsets=(273, _LONG, count, 10), counts=(279, _LONG, count, 10 + len(offsets)),
        ),
        b"\0\0" + offsets + counts,
    )  # fmt: skip


def _big(count: int, offset: int) -> bytes:
    head = b"II+\0\x08\0\0\0" + struct.pack("<Q", 16)
    return head + struct.pack("<Q", count) + struct.pack("<HHQQ", 256, 4, 1, 1) + struct.pack("<Q", offset)


def _packed(depth: int) -> bytes:
    """Return a pixel whose strip becomes half a gigabyte."""
    packed = zlib.compress(bytes(1 << 29), 9)
    entries = _changed(how=(259, _SHORT, 1, 8), depth=(258, _SHORT, 1, depth), counts=(279, _LONG, 1, len(packed)))
    return _tiff(entries, packed)


def tiff_files() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Yield a name and a function that makes the bytes of each."""
    yield "pages.tif", lambda: _pages(200_000)
    yield "deep-pages.tif", lambda: _pages(200_000, _changed(**_DEEP))
    yield "pages-in-circles.tif", lambda: _tiff(_PIXEL, following=10)
    yield "many-pages-in-circles.tif", lambda: _pages(1000)[:-4] + struct.pack("<I", 10)
    yield "strips.tif", lambda: _strips(500_000)
    yield "deep-strips.tif", lambda: _strips(500_000, 16)
    yield (
        "strips-said.tif",
        lambda: _tiff(_changed(offsets=(273, _LONG, (1 << 32) - 1, 10), counts=(279, _LONG, (1 << 32) - 1, 10))),
    )
    tiles = {
        "wide": (322, _LONG, 1, 1 << 30),
        "long": (323, _LONG, 1, 1 << 30),
        "at": (324, _LONG, 1, 8),
        "counts": (325, _LONG, 1, 1),
    }
    yield "huge-tiles.tif", lambda: _tiff([*_PIXEL[:5], (277, _SHORT, 1, 1), *tiles.values()])
    tiny = {
        "wide": (322, _SHORT, 1, 1),
        "long": (323, _SHORT, 1, 1),
        "at": (324, _LONG, 1, 8),
        "counts": (325, _LONG, 1, 1),
    }
    yield (
        "tiny-tiles.tif",
        lambda: _tiff(
            [(256, _LONG, 1, 9000), (257, _LONG, 1, 9000), *_PIXEL[2:5], (277, _SHORT, 1, 1), *tiny.values()]
        ),
    )
    yield "tags.tif", lambda: _tiff([*_PIXEL, *((40_000 + n, _LONG, 1, n) for n in range(20_000))])
    yield "long-tags.tif", lambda: _tiff([*_PIXEL, *((40_000 + n, 1, 1 << 20, 8) for n in range(5000))], bytes(1 << 20))
    yield "big-offsets.tif", lambda: _big(1, (1 << 63) - 1)
    yield "big-count.tif", lambda: _big((1 << 62), 0)
    yield (
        "exif-in-circles.tif",
        lambda: _tiff(_changed(exif=(34665, _LONG, 1, 10), gps=(34853, _LONG, 1, 10), sub=(330, _LONG, 1, 10))),
    )
    yield "strip-bomb.tif", lambda: _packed(8)
    yield "deep-strip-bomb.tif", lambda: _packed(16)
    yield (
        "imagej.tif",
        lambda: _described(
            b"ImageJ=1.53\nimages=2000000000\nslices=2000000000\n",
            depth=(258, _SHORT, 1, 16),
            counts=(279, _LONG, 1, 2),
        ),
    )
    yield (
        "shaped.tif",
        lambda: _described(b'{"shape": [2000000000, 1, 1]}', **_DEEP),
    )
    yield (
        "nested-json.tif",
        lambda: _described(b'{"shape": ' + b"[" * 500_000, **_DEEP),
    )
    yield "laughs.tif", lambda: _described(
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "' + b"a" * 1000 + b'">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 100) for n in range(9))
        + b"]><OME>&j;</OME>",
        **_DEEP,
    )  # fmt: skip
    yield "long-description.tif", lambda: _described(b"a b" * 7_000_000)
    yield "xmp-of-blanks.tif", lambda: _tiff(_changed(xmp=(700, 1, 300_000, 10)), b"\0\0" + b" " * 300_000)
    yield (
        "samples.tif",
        lambda: _tiff(_changed(samples=(277, _SHORT, 1, 65_535), counts=(279, _LONG, 1, 65_535)), bytes(65_536)),
    )
