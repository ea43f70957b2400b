"""PNG files that are small and ask for much."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator

from tests.support.png import SIGNATURE, chunk

_PIXEL = zlib.compress(bytes(4))
_XMP = b"XML:com.adobe.xmp\0\0\0\0\0"
_MEGABYTE = 1 << 20


def _png(*parts: bytes, width: int = 1, height: int = 1, kind: int = 2, lace: int = 0, pixels: bytes = _PIXEL) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, lace)
    return b"".join([SIGNATURE, chunk(b"IHDR", header), *parts, chunk(b"IDAT", pixels), chunk(b"IEND", b"")])


def _bomb(size: int) -> bytes:
    packer = zlib.compressobj(9)
    zeros = bytes(_MEGABYTE)
    return b"".join([packer.compress(zeros) for _ in range(size // _MEGABYTE)] + [packer.flush()])


def _looping_exif() -> bytes:
    """Return directories that lead to each other."""
    entries = [(0x8769, 4, 1, 8), (0x8825, 4, 1, 8), (0xA005, 4, 1, 8)]
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *each) for each in entries)
    return b"II*\0\x08\0\0\0" + directory + struct.pack("<I", 8)


def _frames(count: int, said: int) -> bytes:
    control = [struct.pack(">IIIIIHHBB", 2 * each, 1, 1, 0, 0, 1, 100, 0, 0) for each in range(count)]
    parts = [chunk(b"acTL", struct.pack(">II", said, 0)), chunk(b"fcTL", control[0][:3] + bytes([0]) + control[0][4:])]
    rest = [
        chunk(b"fcTL", struct.pack(">I", 2 * each - 1) + control[each][4:])
        + chunk(b"fdAT", struct.pack(">I", 2 * each) + _PIXEL)
        for each in range(1, count)
    ]
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return b"".join([SIGNATURE, chunk(b"IHDR", header), *parts, chunk(b"IDAT", _PIXEL), *rest, chunk(b"IEND", b"")])


def png_files() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Yield a name and a function that makes the bytes of each."""
    blanks = b" " * 300_000
    yield "xmp-of-blanks.png", lambda: _png(chunk(b"iTXt", _XMP + blanks))
    yield "xmp-of-thumbnails.png", lambda: _png(chunk(b"iTXt", _XMP + b"<xmp:Thumbnails>" * 40_000))
    yield "xmp-of-an-orientation.png", lambda: _png(chunk(b"iTXt", _XMP + b"<tiff:Orientation>" + blanks))
    yield "xmp-of-orientations.png", lambda: _png(chunk(b"iTXt", _XMP + b"tiff:Orientation=" * 40_000))
    yield "xmp-of-an-attribute.png", lambda: _png(chunk(b"iTXt", _XMP + b"tiff:Orientation" + blanks))
    yield "xmp-of-sizes.png", lambda: _png(chunk(b"iTXt", _XMP + b"exif:PixelXDimension" + blanks))
    yield "xmp-nested.png", lambda: _png(chunk(b"iTXt", _XMP + b"<a>" * 100_000))
    yield "text-bomb.png", lambda: _png(chunk(b"zTXt", b"Comment\0\0" + _bomb(1 << 29)))
    yield "text-bombs.png", lambda: _png(*(chunk(b"zTXt", b"a%d\0\0" % n + _bomb(_MEGABYTE)) for n in range(1000)))
    yield "international-bomb.png", lambda: _png(chunk(b"iTXt", b"Comment\0\1\0\0\0" + _bomb(1 << 29)))
    yield "profile-bomb.png", lambda: _png(chunk(b"iCCP", b"icc\0\0" + _bomb(1 << 29)))
    yield (
        "raw-profile.png",
        lambda: _png(chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"\nexif\n9\n" + b"4\n" * 450_000))),
    )
    yield "exif-in-circles.png", lambda: _png(chunk(b"eXIf", _looping_exif()))
    yield "empty-chunks.png", lambda: _png(chunk(b"teXt", b"") * 500_000)
    yield "texts.png", lambda: _png(*(chunk(b"tEXt", b"k%d\0v" % n) for n in range(200_000)))
    yield "empty-data.png", lambda: _png(chunk(b"IDAT", b"") * 500_000)
    yield "pixels-bomb.png", lambda: _png(pixels=_bomb(1 << 29))
    yield "interlaced.png", lambda: _png(height=1_000_000, lace=1, pixels=zlib.compress(bytes(4_000_000)))
    yield "frames.png", lambda: _frames(50_000, 50_000)
    yield "frames-said.png", lambda: _frames(2, (1 << 31) - 1)
    yield "frames-many-said.png", lambda: _frames(2, 80_000_000)
    yield "huge.png", lambda: _png(width=(1 << 31) - 1, height=(1 << 31) - 1)
