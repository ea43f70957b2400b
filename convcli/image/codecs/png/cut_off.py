"""PNG files whose pixels break off: the rows that are there, and zeros in place of the others, as libpng leaves them.

Without NumPy: pictures are decoded while that is still being imported.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator

from convcli.errors import ReadError
from convcli.note import Note

_CODE = "damaged"
_MOST = 0.5  # the largest share of a picture that may be missing, as of JPEG
_ZLIB = 2  # bytes before the packed ones
_PIECE = 1 << 20  # bytes that are unpacked together
_FILTERS = 5
# Samples of a pixel by the color type, and the passes of an interlaced picture: the first column and row, the steps.
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_ZEROS = {0: "black", 2: "black", 3: "the first color of its palette", 4: "transparent", 6: "transparent"}

_WRONG_END = Note(_CODE, "a checksum inside of its pixels is wrong or missing; they are all there")


def are_whole(header: bytes, pixels: bytes) -> bool:
    """Return whether compressed pixels are those of the size in the header, and their own checksum is right."""
    wanted = _unpacked_bytes(header)
    inflate, count, rest = zlib.decompressobj(), 0, pixels
    try:
        while not inflate.eof and rest and count <= wanted:
            count += len(inflate.decompress(rest, _PIECE))
            rest = inflate.unconsumed_tail
    except zlib.error:
        return False
    return inflate.eof and count >= wanted > 0


def with_right_sum(header: bytes, pixels: bytes) -> bytes | None:
    """Return compressed pixels of the size in the header with the checksum that they have; None for any others."""
    wanted = _unpacked_bytes(header)
    inflate, count, total = zlib.decompressobj(-zlib.MAX_WBITS), 0, 1
    rest = pixels[_ZLIB:]
    try:
        while not inflate.eof and rest and count <= wanted:
            part = inflate.decompress(rest, _PIECE)
            count, total = count + len(part), zlib.adler32(part, total)
            rest = inflate.unconsumed_tail
    except zlib.error:
        return None
    if not inflate.eof or not count >= wanted > 0:
        return None
    return pixels[: len(pixels) - len(inflate.unused_data)] + total.to_bytes(4, "big")


def _unpacked_bytes(header: bytes) -> int:
    """Return how many bytes the pixels of a header have once they are unpacked; 0 for none."""
    if len(header) != 13:
        return 0
    width, height, bits, kind, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    passes = _PASSES if interlaced else ((0, 0, 1, 1),)
    wanted = 0
    for left, top, across, down in passes:
        wide, high = -(-(width - left) // across), -(-(height - top) // down)
        wanted += high * _line(wide, bits, kind) if wide > 0 and high > 0 else 0
    return wanted


def completed(header: bytes, parts: Iterable[bytes], name: str, max_pixels: int) -> tuple[bytes, Note] | None:
    """Return compressed pixels in place of those in `parts` that break off, and what is missing of them.

    None where not one row is there. Raises ReadError where more than a half of the picture `name` is missing, and for
    an interlaced one, of which the first passes alone show little.
    """
    if len(header) != 13:
        return None
    width, height, bits, kind, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    if kind not in _SAMPLES or not 0 < width * height <= max_pixels:
        return None
    if interlaced:
        what = f"{name} is truncated or damaged: it is interlaced, and its last passes are missing"
        raise ReadError(what, "fetch it or save it again")
    line = _line(width, bits, kind)
    deflate = zlib.compressobj(1)
    packed: list[bytes] = []
    count = 0
    for rows in _rows(parts, line):
        there = rows[: (height - count) * line]
        packed.append(deflate.compress(there))
        count += len(there) // line
        if count == height:
            break
    missing = height - count
    if not count:
        return None
    percent = f"{max(100 * missing / height, 0.1):.1f} %"
    if missing > _MOST * height:
        what = f"{name} is truncated or damaged: {percent} of the picture is missing"
        raise ReadError(what, "fetch it or save it again")
    zeros = range(0, missing * line, _PIECE)
    packed += [deflate.compress(bytes(min(_PIECE, missing * line - start))) for start in zeros]
    packed += [deflate.flush()]
    words = f"its end is missing: {percent} of the picture is {_ZEROS[kind]} in its place"
    return b"".join(packed), Note(_CODE, words) if missing else _WRONG_END


def _line(width: int, bits: int, kind: int) -> int:
    """Return the bytes of a row and of the number of its filter."""
    return 1 + (width * bits * _SAMPLES.get(kind, 0) + 7) // 8


def _rows(parts: Iterable[bytes], line: int) -> Iterator[bytes]:
    """Yield whole rows, several together, up to the first that cannot be unpacked or has a filter that is none."""
    waiting = b""
    for data in _unpacked(parts):
        waiting += data
        count = len(waiting) // line
        wrong = next((row for row in range(count) if waiting[row * line] >= _FILTERS), None)
        if wrong is not None:
            count = wrong
        yield waiting[: count * line]
        if wrong is not None:
            return
        waiting = waiting[count * line :]


def _unpacked(parts: Iterable[bytes]) -> Iterator[bytes]:
    inflate = zlib.decompressobj()
    for part in parts:
        rest = part
        while rest and not inflate.eof:
            try:
                yield inflate.decompress(rest, _PIECE)
            except zlib.error:
                return
            rest = inflate.unconsumed_tail
