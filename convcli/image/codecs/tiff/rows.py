"""Rows of one page of a TIFF, decoded as they are asked for: strips or tiles, in any order of the planes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Lock
from typing import Any

import numpy as np
from tifffile import TiffFile, TiffPage

from convcli.array_types import Array
from convcli.image.codec import BandReader, RowReader, Source
from convcli.image.codecs.tiff.header import TiffHeader
from convcli.image.codecs.tiff.segments import PLAIN, check_segments_of
from convcli.image.metadata import Metadata
from convcli.image.picture import Picture
from convcli.note import Note

_RAW, _GRAY, _RGB = 1, 1, 2
_STRAIGHT_ALPHA = 2
_UPRIGHT = 1


def open_rows(
    source: Source, header: TiffHeader, page: int, metadata: Callable[[], tuple[Metadata, Any, tuple[Note, ...]]]
) -> RowReader | None:
    """Return a reader of the page that the header is at; None for one that is not stored as it is filtered."""
    source.stream.seek(0)
    file = TiffFile(source.stream)
    found = file.pages[page]
    assert isinstance(found, TiffPage)
    if not _is_plain(found, header):
        return None
    check_segments_of(found, source)
    about, _, notes = metadata()
    return TiffRows(file, found, Picture((np.zeros((1, 1, 1)),), metadata=about, notes=notes))


def open_stack(
    source: Source,
    header: TiffHeader,
    pages: Sequence[int],
    metadata: Callable[[], tuple[Metadata, Any, tuple[Note, ...]]],
) -> RowReader | None:
    """Return a reader of pages, one after the other; None where they are not alike, or not stored as they are filtered.

    The header is at the first of them.
    """
    source.stream.seek(0)
    file = TiffFile(source.stream)
    first = file.pages[pages[0]]
    assert isinstance(first, TiffPage)
    if not _is_plain(first, header):
        return None
    for number in pages:
        page = file.pages[number]
        if not isinstance(page, TiffPage) or _kind_of(page) != _kind_of(first) or _is_turned(page):
            return None
    source.check_together(len(pages), len(pages) * first.imagelength * first.imagewidth)
    about, _, notes = metadata()
    return StackRows(file, pages, source, Picture((np.zeros((1, 1, 1)),), metadata=about, notes=notes))


def _kind_of(page: TiffPage) -> tuple[Any, ...]:
    """Return what pages that are alike have in common."""
    kind = int(page.photometric), int(page.compression), tuple(map(int, page.extrasamples)), page.imagedepth
    return *kind, page.imagelength, page.imagewidth, page.samplesperpixel, page.dtype, page.bitspersample


def _is_turned(page: TiffPage) -> bool:
    tag = page.tags.get(_ORIENTATION)
    return tag is not None and tag.value != _UPRIGHT


def _is_plain(page: TiffPage, header: TiffHeader) -> bool:
    """Return whether the samples of a page are its values: gray or RGB, with straight alpha or none."""
    colors = {_GRAY: 1, _RGB: 3}.get(int(page.photometric))
    if colors is None or page.dtype is None or page.imagedepth > 1 or page.dtype not in _DTYPES:
        return False
    extra = tuple(map(int, page.extrasamples))
    has_alpha = extra == (_STRAIGHT_ALPHA,) and page.samplesperpixel == colors + 1
    return (
        (has_alpha or page.samplesperpixel == colors)
        and page.bitspersample == page.dtype.itemsize * 8
        and int(page.compression) in PLAIN
        and header.tag_v2.get(_ORIENTATION, _UPRIGHT) == _UPRIGHT
    )


_DTYPES = (np.uint8, np.uint16, np.float32, np.float64)
_ORIENTATION = 274


class TiffRows(BandReader):
    """Rows of a page, whose samples are its values."""

    def __init__(
        self, file: TiffFile, page: TiffPage, picture: Picture, pool: ThreadPoolExecutor | None = None
    ) -> None:
        super().__init__()
        assert page.dtype is not None
        self._file, self._page, self._lock = file, page, Lock()
        self._pool = pool or ThreadPoolExecutor()
        dtype = page.dtype.newbyteorder("=")
        self._shape = page.imagelength, page.imagewidth, page.samplesperpixel
        self._is_raw = int(page.compression) == _RAW and page.is_contiguous and int(page.predictor) == 1
        self._high = page.tilelength if page.is_tiled else min(page.rowsperstrip, page.imagelength)
        self.at_once = 1 if self._is_raw else self._high
        self.picture = replace(picture.without_pixels(self._shape, dtype), has_alpha=bool(page.extrasamples))

    def read(self, first: int, last: int) -> Array:
        return self._raw(first, last) if self._is_raw else super().read(first, last)

    def _raw(self, first: int, last: int) -> Array:
        """Return rows of values that lie in the file one after the other."""
        height, width, samples = self._shape
        page = self._page
        assert page.dtype is not None
        planes = samples if int(page.planarconfig) == 2 else 1
        line = width * samples // planes * page.dtype.itemsize
        found = []
        for plane in range(planes):
            with self._lock:
                self._file.filehandle.seek(page.dataoffsets[0] + (plane * height + first) * line)
                data = self._file.filehandle.read((last - first) * line)
            if len(data) < (last - first) * line:
                raise ValueError("a strip or a tile is not in the file")
            found.append(np.frombuffer(data, page.parent.byteorder + page.dtype.char).reshape(last - first, width, -1))
        rows = found[0] if planes == 1 else np.concatenate(found, axis=2)
        return rows.astype(rows.dtype.newbyteorder("="), copy=False)

    def band(self, number: int) -> Array:
        """Decode the segments beside each other, of all planes."""
        height, width, samples = self._shape
        page = self._page
        down, across = _counts(page)
        planes = samples if int(page.planarconfig) == 2 else 1
        top = number * self._high
        rows = np.empty((min(self._high, height - top), width, samples), self.picture.dtype)
        indices = [plane * down * across + number * across + each for plane in range(planes) for each in range(across)]

        def decode(index: int) -> None:
            with self._lock:
                self._file.filehandle.seek(page.dataoffsets[index])
                data = self._file.filehandle.read(page.databytecounts[index])
            segment, place, _ = page.decode(data, index)
            if segment is None:
                raise ValueError("a strip or a tile is not in the file")
            plane, _, _, x, _ = place
            high, wide = min(segment.shape[1], len(rows)), min(segment.shape[2], width - x)  # tiles reach beyond
            own = slice(plane, plane + 1) if planes > 1 else slice(None)
            rows[:high, x : x + wide, own] = segment[0, :high, :wide]

        list(self._pool.map(decode, indices))
        return rows


class StackRows(RowReader):
    """Rows of pages that are alike, one page after the other."""

    in_any_order = True

    def __init__(self, file: TiffFile, pages: Sequence[int], source: Source, picture: Picture) -> None:
        self._file, self._pages, self._source = file, pages, source
        self._pool = ThreadPoolExecutor()
        self._about = picture
        self.turn_to(0)
        (height, width), empty = self._rows.picture.size, self._rows.picture
        self.picture = replace(
            empty.without_pixels((height, width, empty.channels), empty.dtype, len(pages)), has_alpha=empty.has_alpha
        )

    def turn_to(self, frame: int) -> None:
        page = self._file.pages[self._pages[frame]]
        assert isinstance(page, TiffPage)
        check_segments_of(page, self._source)
        self._rows = TiffRows(self._file, page, self._about, self._pool)
        self.at_once, self.held = self._rows.at_once, self._rows.held

    def read(self, first: int, last: int) -> Array:
        return self._rows.read(first, last)


def _counts(page: TiffPage) -> tuple[int, int]:
    """Return how many segments a plane has, one below another and side by side."""
    if page.is_tiled:
        return -(-page.imagelength // page.tilelength), -(-page.imagewidth // page.tilewidth)
    return -(-page.imagelength // page.rowsperstrip), 1
