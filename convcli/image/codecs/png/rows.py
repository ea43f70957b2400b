"""Rows of a PNG, decoded and packed as they come: zlib's stream runs through the file, libpng filters a few rows.

libpng takes whole files. So rows are put into a small file of their own, stored, below the row above them, which their
filters look at.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import IO, Any

import numpy as np
from PIL import Image

from convcli.array_types import Array
from convcli.image.codec import RowReader, RowWriter
from convcli.image.codecs.png.bands import COLOR_TYPES, HEADER, joined, packed_band, rows_of_a_band
from convcli.image.codecs.png.choice import promising
from convcli.image.codecs.png.chunks import LIBPNGS_LARGEST_SIDE, SIGNATURE, chunk, png_file
from convcli.image.codecs.png.packing import ADAPTIVE, packed
from convcli.image.codecs.png.read import decoded_png, pixel_described_by
from convcli.image.codecs.png.write import described
from convcli.image.formats import PngEffort
from convcli.image.metadata import Metadata
from convcli.image.picture import Picture
from convcli.note import Note

_BLOCK = 1 << 22  # bytes of rows that are decoded together
_PIECE = 1 << 18  # bytes of the file that are read together
_MOST_METADATA = 1 << 26  # bytes of all chunks without pixels

_CHANNELS = {kind: channels for channels, kind in COLOR_TYPES.items()}


def open_rows(
    stream: IO[bytes], metadata: Callable[[Image.Image], tuple[Metadata, Any, tuple[Note, ...]]]
) -> RowReader | None:
    """Return a reader; None for a file that is not read in rows, or is not upright.

    The function takes the metadata from a picture of one pixel. Raises ValueError on damage before the pixels.
    """
    found = _small_file(stream)
    if found is None:
        return None
    file, header, places = found
    about, turn, notes = metadata(pixel_described_by(file))
    if turn is not None:
        return None
    return PngRows(header, stream, places, Picture((np.zeros((1, 1, 1)),), metadata=about, notes=notes))


def _small_file(stream: IO[bytes]) -> tuple[bytes, bytes, list[tuple[int, int]]] | None:
    """Return a file with empty pixels, its header, and where the chunks of pixels were; None where it is not plain.

    Raises ValueError where a checksum is wrong, or the file is cut off.
    """
    stream.seek(len(SIGNATURE))
    parts: list[bytes] = []
    header = b""
    places: list[tuple[int, int]] = []
    size = 0
    while True:
        head = stream.read(8)
        if len(head) < 8:
            raise ValueError("the file is cut off")
        (length,), name = struct.unpack(">I", head[:4]), head[4:]
        if name == b"IDAT":
            parts += [] if places else [chunk(b"IDAT", b"")]
            places.append((stream.tell(), length))
            stream.seek(length + 4, io.SEEK_CUR)
            continue
        size += length
        if name in (b"acTL", b"tRNS") or size > _MOST_METADATA:
            return None
        data, check = stream.read(length), stream.read(4)
        if check != chunk(name, data)[-4:]:
            raise ValueError("a checksum is wrong")
        if name == b"IHDR":
            header = data
            if not _is_plain(data):
                return None
        if name == b"IEND":
            return png_file(*parts), header, places
        parts.append(chunk(name, data))


def _is_plain(header: bytes) -> bool:
    width, height, bits, kind, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    return bits in (8, 16) and kind in _CHANNELS and not interlaced and max(width, height) <= LIBPNGS_LARGEST_SIDE


class PngRows(RowReader):
    """The rows of a PNG of gray or RGB, with alpha or without, from above to below; earlier ones begin it anew."""

    def __init__(self, header: bytes, stream: IO[bytes], places: list[tuple[int, int]], picture: Picture) -> None:
        width, height, bits, kind = struct.unpack(">IIBB", header[:10])
        channels = _CHANNELS[kind]
        self._header, self._stream, self._places = header, stream, places
        self._dtype = np.dtype(np.uint8 if bits == 8 else np.uint16)
        self._line = width * channels * self._dtype.itemsize
        self.at_once = min(max(1, _BLOCK // self._line), height)
        self._shape = height, width, channels
        empty = picture.without_pixels(self._shape, self._dtype)
        self.picture = replace(empty, has_alpha=channels in (2, 4))
        self._begin()

    def _begin(self) -> None:
        self._data = _unpacked(self._stream, self._places)
        next(self._data)
        self._above = bytes(self._line)  # the row above those that come next
        self._next = 0
        self._blocks: list[tuple[int, Array]] = []  # first rows, and rows

    def read(self, first: int, last: int) -> Array:
        if first < (self._blocks[0][0] if self._blocks else self._next):
            self._begin()
        self._blocks = [each for each in self._blocks if each[0] + len(each[1]) > first]
        while self._next < last:
            block = self._decoded()
            if self._next > first:
                self._blocks.append((self._next - len(block), block))
        parts = [rows[max(first - top, 0) : last - top] for top, rows in self._blocks if top < last]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _decoded(self) -> Array:
        """Decode the next rows."""
        count = min(self.at_once, self._shape[0] - self._next)
        rows = b"\0" + self._above + self._data.send(count * (1 + self._line))
        header = self._header[:4] + struct.pack(">I", count + 1) + self._header[8:]
        file = png_file(chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows, 0)))
        block = decoded_png(file).reshape(count + 1, *self._shape[1:])[1:]
        self._above = block[-1].astype(self._dtype.newbyteorder(">")).tobytes()
        self._next += count
        return block


def _unpacked(stream: IO[bytes], places: list[tuple[int, int]]) -> Generator[bytes, int]:
    """Yield as many bytes of the rows as are sent for; raise ValueError where they end before."""
    engine, pieces = zlib.decompressobj(), _pieces(stream, places)
    found = bytearray()
    wanted = yield b""
    while True:
        while len(found) < wanted:
            data = engine.unconsumed_tail or next(pieces, b"")
            if not data:
                raise ValueError("the file is cut off")
            try:
                found += engine.decompress(data, wanted - len(found))
            except zlib.error as error:
                raise ValueError("its pixels are damaged") from error
        part, found = bytes(found[:wanted]), found[wanted:]
        wanted = yield part


def _pieces(stream: IO[bytes], places: list[tuple[int, int]]) -> Iterator[bytes]:
    """Yield the data of the chunks of pixels; raise ValueError where a checksum is wrong."""
    for at, length in places:
        check = zlib.crc32(b"IDAT")
        for start in range(0, length, _PIECE):
            stream.seek(at + start)
            data = stream.read(min(_PIECE, length - start))
            check = zlib.crc32(data, check)
            if start + _PIECE >= length and stream.read(4) != struct.pack(">I", check):
                raise ValueError("a checksum is wrong")
            yield data


class PngWriter(RowWriter):
    """Rows of a PNG, packed in bands by threads; the first rows decide how."""

    def __init__(
        self, picture: Picture, stream: IO[bytes], effort: PngEffort, metadata: dict[str, Any], threads: int
    ) -> None:
        frame = picture.frames[0]
        height, width, channels = frame.shape
        header = struct.pack(">IIBBBBB", width, height, 8 * frame.itemsize, COLOR_TYPES[channels], 0, 0, 0)
        self._stream, self._effort, self._pool = stream, effort, ThreadPoolExecutor(threads)
        self._rows, self._left = rows_of_a_band(frame), height
        self._behind: list[bytes] = []  # chunks
        self._waiting: Array = np.empty((0, width, channels), picture.dtype)
        self._above: Array | None = None
        self._check = 1
        self._store: Callable[[Array], memoryview] | None = None
        self._level = self._strategy = 0
        stream.write(SIGNATURE + chunk(b"IHDR", header))
        parts = iter(described(np.zeros((1, 1, channels), picture.dtype), metadata))
        for name, data in parts:
            if name == b"IDAT":
                break
            stream.write(chunk(name, data))
        self._behind = [chunk(name, data) for name, data in parts]
        stream.write(chunk(b"IDAT", HEADER))

    def write(self, rows: Array) -> None:
        if self._store is None:
            self._choose(rows)
        waiting = np.concatenate([self._waiting, rows]) if len(self._waiting) else rows
        count = len(waiting) if len(waiting) == self._left else len(waiting) // self._rows * self._rows
        bands = []
        for top in range(0, count, self._rows):
            above = self._above if top == 0 else waiting[top - 1 : top]
            band = waiting[top : min(top + self._rows, count)]
            self._left -= len(band)
            bands.append((band if above is None else np.concatenate([above, band]), above is not None, self._left == 0))
        if count:
            self._above = waiting[count - 1 : count].copy()
        for data, check, length in self._pool.map(self._packed, bands):
            self._check = joined(self._check, check, length)
            self._stream.write(data)
        self._waiting = waiting[count:].copy()

    def _packed(self, band: tuple[Array, bool, bool]) -> tuple[bytes, int, int]:
        rows, has_above, is_last = band
        assert self._store is not None
        return packed_band(rows, self._store, self._level, self._strategy, has_above=has_above, is_last=is_last)

    def _choose(self, rows: Array) -> None:
        candidates = promising(rows, self._effort)
        best = candidates[0] if len(candidates) == 1 else min(candidates, key=lambda each: len(packed(rows, each)))
        self._level, self._strategy = best.level, best.strategy
        # libpng's choice for each row in place of Pillow's, which is made in the same way.
        row_filter = ADAPTIVE if best.row_filter is None else best.row_filter
        self._store = partial(packed, packing=best._replace(level=0, row_filter=row_filter))

    def finish(self) -> None:
        self._pool.shutdown()
        self._stream.write(chunk(b"IDAT", struct.pack(">I", self._check)))
        for each in self._behind:
            self._stream.write(each)
