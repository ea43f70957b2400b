"""Rows of a Zarr, decoded as they are asked for, plane after plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from convcli.array_types import Array, filtered_dtype
from convcli.errors import ReadError
from convcli.image.codec import BandReader, Source
from convcli.image.codecs.zarr.layout import layout_of
from convcli.image.codecs.zarr.library import StoredValues
from convcli.image.codecs.zarr.remote import FetchedFolder
from convcli.image.codecs.zarr.stacks import stack_in, with_sound_steps
from convcli.image.limit import USUAL_TILE, check_index, over_limit
from convcli.image.picture import Layout, Picture
from convcli.image.pillow.frames import first_of

THREADS = 4  # of decoding and encoding


class ZarrRows(BandReader):
    """The rows of planes, one after the other.

    Raises ReadError where there is no picture, or one that is too large.
    """

    def __init__(self, source: Source) -> None:
        super().__init__()
        assert source.folder is not None
        self._fetched = source.stream if isinstance(source.stream, FetchedFolder) else None
        layout, notes = layout_of(source.folder, source.name)
        layout, damage = with_sound_steps(layout)
        self._array = StoredValues(source.folder / layout.levels[0].path, layout.version, THREADS)
        shape = dict(zip(layout.axes, layout.levels[0].shape, strict=True))
        height, width, channels = shape["y"], shape["x"], shape.get("c", 1)
        _check(source, shape, dict(zip(layout.axes, self._array.chunks, strict=True)))
        self._layout, self._along = layout, other_axes(layout)
        count = prod(shape[each] for each in self._along)
        if isinstance(source.frames, int):
            check_index(source.name, "plane", count, source.frames)
            self._numbers: Sequence[int] = (source.frames,)
        elif source.frames == "first":
            self._numbers, notes = (0,), (*notes, *(first_of(count),) * (count > 1))
        else:
            self._numbers = range(count)
        source.check_together(len(self._numbers), len(self._numbers) * height * width)
        self._frame, self._height = 0, height
        self._dtype, is_array = _wanted(self._array.dtype, source.name)
        axes = ("NCHW" if len(self._numbers) > 1 else "CHW" if "c" in shape else "HW") if is_array else ""
        stack = None if isinstance(source.frames, int) else stack_in(layout, self._dtype)
        empty = Picture((np.zeros((1, 1, 1)),), axes=axes, notes=notes, damage=damage, layout=layout, stack=stack)
        self.picture = empty.without_pixels((height, width, channels), self._dtype, len(self._numbers))
        self.at_once = min(self._array.chunks[layout.axes.index("y")], height)
        self.held = self._chunks_at_work()

    def turn_to(self, frame: int) -> None:
        self._frame = frame
        self._decoded.clear()

    def band(self, number: int) -> Array:
        first = number * self.at_once
        rows = slice(first, min(first + self.at_once, self._height))
        index = index_of(self._layout, self._numbers[self._frame], rows, slice(None))
        if self._fetched is not None:
            self._fetched.fetch(self._layout.levels[0], index)
        return np.ascontiguousarray(as_rows(self._layout, self._array[index]), dtype=self._dtype)

    def whole(self) -> Picture:
        """Return all of the picture."""
        frames = []
        for number in range(len(self._numbers)):
            self.turn_to(number)
            frames.append(np.concatenate([self.band(each) for each in range(-(-self._height // self.at_once))]))
        return replace(self.picture, frames=tuple(frames))

    def _chunks_at_work(self) -> int:
        """Return the bytes of chunks that are decoded at a time, of which some planes may be no part of a band."""
        return 2 * THREADS * prod(self._array.chunks) * int(self._array.dtype.itemsize)


def other_axes(layout: Layout) -> tuple[str, ...]:
    """Return the axes along which there are frames."""
    return tuple(each for each in layout.axes if each not in ("y", "x", "c"))


def index_of(layout: Layout, frame: int, rows: slice, columns: slice) -> tuple[int | slice, ...]:
    """Return the index of some rows and columns of a frame in an array of such a layout."""
    along = layout.planes or other_axes(layout)
    shape = dict(zip(layout.axes, layout.levels[0].shape, strict=True))
    numbers = np.unravel_index(frame, [shape[each] for each in along]) if along else ()
    found: dict[str, int | slice] = {"y": rows, "x": columns, "c": slice(None)}
    found |= {each: int(number) for each, number in zip(along, numbers, strict=True)}
    return tuple(found[each] for each in layout.axes)


def as_rows(layout: Layout, values: Any) -> Array:
    """Return values at an index as (rows, width, channels)."""
    present = [each for each in layout.axes if each in ("y", "x", "c")]
    rows = np.asarray(values).transpose([present.index(each) for each in ("y", "x", "c") if each in present])
    return rows if "c" in present else rows[:, :, np.newaxis]


def as_stored(layout: Layout, rows: Array) -> Array:
    """Return (rows, width, channels) in the order of the axes."""
    present = [each for each in layout.axes if each in ("y", "x", "c") and each not in layout.planes]
    if "c" not in present:
        rows = rows[:, :, 0]
    return rows.transpose([("y", "x", "c").index(each) for each in present])


def _check(source: Source, shape: dict[str, int], chunks: dict[str, int]) -> None:
    if 0 in shape.values():
        said = "×".join(map(str, shape.values()))
        raise ReadError(f"{source.name} holds no values: its shape is {said}", "give an array with values")
    source.check_size((shape["x"], shape["y"]))
    chunk = prod(chunks.values())
    if chunk > max(source.max_pixels, USUAL_TILE):
        said = "×".join(map(str, chunks.values()))
        raise over_limit(source.name, f"chunks of {said} values", source.max_pixels, chunk)


def _wanted(dtype: np.dtype[Any], name: str) -> tuple[np.dtype[Any], bool]:
    """Return the dtype in which values are filtered, and whether they are numbers without a range."""
    wanted = filtered_dtype(np.dtype(dtype))
    if wanted is None:
        raise ReadError(f"{name} holds values of type {dtype}", "save real numbers of at most 64 bits")
    if dtype.kind == "u" and dtype.itemsize <= 2:
        return np.dtype(f"u{dtype.itemsize}"), False
    return wanted, dtype.kind != "f"
