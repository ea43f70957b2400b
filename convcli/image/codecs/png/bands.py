"""Bands of rows of a PNG, packed by threads and put together to one file.

libpng packs a file in one thread, and that takes half of the time of a large picture. So libpng filters the rows of
each band, stored, and zlib packs them; both release the interpreter lock. A band ends at a whole byte, without the end
of the stream, so that the next one goes on behind it.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from convcli.array_types import Array
from convcli.image.codecs.png.chunks import SIGNATURE, chunk, png_file

# Of pixels in a band: the repetitions that a band finds in the one before are lost, less than a thousandth.
BAND_BYTES = 1 << 21

COLOR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # by the number of channels: gray, with alpha, RGB, with alpha
HEADER = b"\x78\x01"  # of a zlib stream
_BASE = 65_521  # of Adler's checksum


def rows_of_a_band(frame: Array) -> int:
    """Return how many rows of a frame are packed at a time."""
    return max(1, int(BAND_BYTES // frame[0].nbytes))


def packed_in_bands(
    frame: Array, store: Callable[[Array], memoryview], level: int, strategy: int, threads: int
) -> memoryview:
    """Return a frame as a PNG file without metadata, packed by zlib's `level` and `strategy` in as many threads.

    `store` returns a band as such a file of level 0, its rows filtered.
    """
    height, width, channels = frame.shape
    header = struct.pack(">IIBBBBB", width, height, 8 * frame.itemsize, COLOR_TYPES[channels], 0, 0, 0)
    rows = rows_of_a_band(frame)
    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(partial(_band, frame, store, level, strategy, rows), range(0, height, rows)))
    check = 1
    for _, own, length in parts:
        check = joined(check, own, length)
    end = chunk(b"IDAT", struct.pack(">I", check))
    return memoryview(png_file(chunk(b"IHDR", header), chunk(b"IDAT", HEADER), *(part for part, *_ in parts), end))


def _band(
    frame: Array, store: Callable[[Array], memoryview], level: int, strategy: int, rows: int, first: int
) -> tuple[bytes, int, int]:
    above = 1 if first else 0
    is_last = first + rows >= len(frame)
    part = frame[first - above : first + rows]
    return packed_band(part, store, level, strategy, has_above=bool(above), is_last=is_last)


def packed_band(
    rows: Array, store: Callable[[Array], memoryview], level: int, strategy: int, *, has_above: bool, is_last: bool
) -> tuple[bytes, int, int]:
    """Return the chunk of some rows; of their filtered bytes the checksum and the number.

    With `has_above` the first is the row above, at which filters may look.
    """
    filtered = b"".join(_stored(store(rows)))[has_above * (1 + rows[0].nbytes) :]
    compressor = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, strategy=strategy)
    data = compressor.compress(filtered) + compressor.flush(zlib.Z_FINISH if is_last else zlib.Z_SYNC_FLUSH)
    return chunk(b"IDAT", data), zlib.adler32(filtered), len(filtered)


def _stored(file: memoryview) -> Iterator[memoryview]:
    """Yield the bytes that a file of level 0 stores, in blocks."""
    stream = memoryview(b"".join(_pixels(file)))
    at, is_last = len(HEADER), False
    while not is_last:
        is_last = bool(stream[at] & 1)
        (length,) = struct.unpack_from("<H", stream, at + 1)
        yield stream[at + 5 : at + 5 + length]
        at += 5 + length


def _pixels(file: memoryview) -> Iterator[memoryview]:
    """Yield the data of the chunks of pixels, whose checksums are libpng's of a moment ago."""
    at = len(SIGNATURE)
    while at < len(file):
        length, name = struct.unpack_from(">I4s", file, at)
        if name == b"IDAT":
            yield file[at + 8 : at + 8 + length]
        at += 12 + length


def joined(first: int, second: int, length: int) -> int:
    """Return Adler's checksum of two texts from theirs, and the length of the second."""
    low = (first & 0xFFFF) + (second & 0xFFFF) - 1
    high = (first >> 16) + (second >> 16) + length * ((first & 0xFFFF) - 1)
    return (high % _BASE) << 16 | low % _BASE
