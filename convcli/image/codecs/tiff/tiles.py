"""Writing a TIFF of tiles a few rows at a time, with smaller levels of it, in offsets of 64 bits where it is large.

The directories come last, when the sizes of the tiles are known.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

import numpy as np
from imagecodecs import deflate_decode, deflate_encode, delta_decode, floatpred_decode
from PIL.ExifTags import Base as Tag
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from convcli.array_types import Array
from convcli.image.carried_metadata import CarriedMetadata
from convcli.image.codec import RowWriter
from convcli.image.codecs.tiff.write import Offsets, describe, predicted
from convcli.image.picture import Picture

SIDE = 256  # of a tile

# libdeflate's level 1 takes half the time of zlib's for a photograph, and makes it 3 % smaller.
_LEVEL = 1

_KIND, _SMALLER = 254, 1  # that it is a smaller version of another page


class TiffTiles(RowWriter):
    """A page in tiles."""

    def __init__(
        self,
        picture: Picture,
        along: CarriedMetadata,
        stream: IO[bytes],
        threads: int,
        *,
        overviews: bool = False,
        begun: dict[str, Any] | None = None,
    ) -> None:
        frame = picture.frames[0]
        self._offsets = Offsets(frame.nbytes * (4 / 3 if overviews else 1))
        self._stream, self._along, self._has_alpha = stream, along, picture.has_alpha
        self._pool = ThreadPoolExecutor(threads)
        stream.seek(0)
        stream.write(self._offsets.header)
        self._level = Level(frame, stream, self._pool, has_alpha=picture.has_alpha, overviews=overviews)
        if begun is not None:
            for level, offsets, lengths in zip(self._level.all(), begun["offsets"], begun["lengths"], strict=True):
                level.offsets, level.lengths = offsets, lengths
            self._level.restore()
            stream.seek(begun["end"])
            stream.truncate()

    def write(self, rows: Array) -> None:
        self._level.write(rows)

    def state(self) -> dict[str, Any] | None:
        if self._level.waits:
            return None
        self._stream.flush()
        levels = list(self._level.all())
        return {
            "offsets": [each.offsets for each in levels],
            "lengths": [each.lengths for each in levels],
            "end": self._stream.tell(),
        }

    def finish(self) -> None:
        self._level.finish()
        self._pool.shutdown()
        stream, offsets = self._stream, self._offsets
        link = len(offsets.magic)
        for number, level in enumerate(self._level.all()):
            start = offsets.begin_page(stream, link)
            directory = self._directory(level)
            if number:
                directory[_KIND] = _SMALLER
            stream.write(directory.tobytes(start))
            link = offsets.link_of_next(start, directory)

    def _directory(self, level: Level) -> ImageFileDirectory_v2:
        directory = ImageFileDirectory_v2(self._offsets.header)
        describe(directory, level.frame, self._along, has_alpha=self._has_alpha)
        directory[Tag.TileWidth] = directory[Tag.TileLength] = SIDE
        for tag, values in ((Tag.TileOffsets, level.offsets), (Tag.TileByteCounts, level.lengths)):
            directory.tagtype[tag] = self._offsets.kind
            directory[tag] = tuple(values)
        return directory


class Level:
    """A picture in tiles, and the smaller versions of it, each of half the width and height of the one before."""

    def __init__(
        self, frame: Array, stream: IO[bytes], pool: ThreadPoolExecutor, *, has_alpha: bool, overviews: bool
    ) -> None:
        self.frame, self.offsets, self.lengths = frame, list[int](), list[int]()
        self._stream, self._pool, self._has_alpha = stream, pool, has_alpha
        height, width, channels = frame.shape
        self._waiting = np.empty((SIDE, width, channels), frame.dtype)
        self._count = 0
        self.smaller: Level | None = None
        self._odd: Array | None = None  # a row that waits for the one below
        if overviews and max(height, width) > SIDE:
            half = np.broadcast_to(frame[:1, :1], (-(-height // 2), -(-width // 2), channels))
            self.smaller = Level(half, stream, pool, has_alpha=has_alpha, overviews=True)

    def all(self) -> Iterator[Level]:
        """Yield this level and the smaller ones."""
        yield self
        if self.smaller is not None:
            yield from self.smaller.all()

    @property
    def waits(self) -> bool:
        """True where some rows are not written, as others belong to their tiles."""
        return self._count > 0

    def write(self, rows: Array) -> None:
        """Write the next rows."""
        if self.smaller is not None:
            both = rows if self._odd is None else np.concatenate([self._odd, rows])
            even = len(both) // 2 * 2
            self._odd = both[even:] if even < len(both) else None
            if even:
                self.smaller.write(halved(both[:even], has_alpha=self._has_alpha))
        while len(rows):
            rows = rows[self._take(rows) :]
            if self._count == SIDE:
                self._flush()

    def restore(self) -> None:
        """Make the rows that waited in the smaller levels, from the tiles of this one, all of whose rows are written.

        They are at most twice the rows of a tile per level.
        """
        if self.smaller is None:
            return
        rows = self._rows_of_tiles + self._count
        even = rows // 2 * 2
        if even < rows:
            self._odd = self._rows(even, rows)
        first = 2 * self.smaller._rows_of_tiles  # noqa: SLF001 - of its own kind
        if first < even:
            self.smaller._take(halved(self._rows(first, even), has_alpha=self._has_alpha))  # noqa: SLF001
        self.smaller.restore()

    def finish(self) -> None:
        """Write what waits."""
        if self._count:
            self._waiting[self._count :] = self._waiting[self._count - 1]
            self._flush()
        if self.smaller is not None:
            if self._odd is not None:
                self.smaller.write(halved(np.concatenate([self._odd, self._odd]), has_alpha=self._has_alpha))
            self.smaller.finish()

    def _take(self, rows: Array) -> int:
        """Let rows wait, as many as their tiles have room for; return their number."""
        taken = min(SIDE - self._count, len(rows))
        self._waiting[self._count : self._count + taken] = rows[:taken]
        self._count += taken
        return taken

    @property
    def _rows_of_tiles(self) -> int:
        """The number of rows that are written."""
        return len(self.offsets) // -(-self._waiting.shape[1] // SIDE) * SIDE

    def _rows(self, first: int, last: int) -> Array:
        """Return rows first ≤ y < last, written or waiting."""
        written = self._rows_of_tiles
        parts = [self._row_of_tiles(top // SIDE) for top in range(first // SIDE * SIDE, min(last, written), SIDE)]
        start = first // SIDE * SIDE if parts else written
        return np.concatenate([*parts, self._waiting[: self._count]])[first - start : last - start]

    def _row_of_tiles(self, number: int) -> Array:
        width = self._waiting.shape[1]
        across = -(-width // SIDE)
        return np.concatenate([self._decoded(number * across + each) for each in range(across)], axis=1)[:, :width]

    def _decoded(self, number: int) -> Array:
        """Return a tile that is written."""
        self._stream.seek(self.offsets[number])
        dtype, shape = self._waiting.dtype, (SIDE, SIDE, self._waiting.shape[2])
        little = dtype.newbyteorder("<")
        data = deflate_decode(self._stream.read(self.lengths[number]), out=SIDE * SIDE * shape[2] * dtype.itemsize)
        if dtype.kind == "f":
            # Bytes of one weight side by side, the most significant first.
            return floatpred_decode(np.frombuffer(data, little).reshape(shape), axis=-2).astype(dtype)
        return delta_decode(np.frombuffer(data, little).reshape(shape), axis=1).astype(dtype)

    def _flush(self) -> None:
        width = self._waiting.shape[1]
        for data in self._pool.map(self._tile, range(0, width, SIDE)):
            self.offsets.append(self._stream.tell())
            self.lengths.append(len(data))
            self._stream.write(data)
        self._count = 0

    def _tile(self, left: int) -> bytes:
        tile = self._waiting[:, left : left + SIDE]
        if tile.shape[1] < SIDE:
            tile = np.pad(tile, ((0, 0), (0, SIDE - tile.shape[1]), (0, 0)), mode="edge")
        return bytes(deflate_encode(predicted(tile).tobytes(), level=_LEVEL, raw=False))


def halved(rows: Array, *, has_alpha: bool) -> Array:
    """Return the means of 2×2 pixels, of an even number of rows; whole numbers are rounded half up.

    Colors are weighed by alpha, if it is the last channel; where all are hidden they are not.
    """
    if rows.shape[1] % 2:
        rows = np.concatenate([rows, rows[:, -1:]], axis=1)
    height, width, channels = rows.shape
    of_four = rows.reshape(height // 2, 2, width // 2, 2, channels).astype(np.float64)
    means = of_four.mean(axis=(1, 3))
    if has_alpha:
        alpha = of_four[..., -1:]
        total = alpha.sum(axis=(1, 3))
        np.divide((of_four * alpha).sum(axis=(1, 3))[..., :-1], total, out=means[..., :-1], where=total > 0)
    if rows.dtype.kind in "iu":
        means = np.floor(means + 0.5)
    result: Array = means.astype(rows.dtype)
    return result
