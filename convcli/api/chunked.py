"""Arrays of Dask's and of xarray's: filtered when they are computed, in the rows of their chunks.

Neither library is imported here before the caller has it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np

from convcli.api.arrays import GivenArray, given_array
from convcli.array_types import Array
from convcli.engine import DTYPES, Settings, runs
from convcli.errors import UsageError
from convcli.image import Picture
from convcli.jobs import Facts, FilteredRows, Recipe, Wanted, joined
from convcli.lazy import dataclass

_LARGEST_BLOCK = 128 << 20  # bytes of values of a block of the result, as of Dask's own chunks
_AXES = (("y", "x"), ("lat", "lon"), ("latitude", "longitude"), ("row", "col"), ("row", "column"), ("height", "width"))


@dataclass(frozen=True, eq=False)
class ChunkedArray:
    """An array of Dask's as a picture without pixels; `back` makes of (height, width, channels) what was given."""

    array: Any
    given: GivenArray
    back: Callable[[Any], Any]

    def filtered(self, recipe: Recipe, settings: Settings, dtype: np.dtype[Any] | None, *, is_array: bool) -> Any:
        """Return the result, of which nothing is computed yet; in one block where that needs all of the array."""
        rows = FilteredRows(self.given.picture, recipe, settings.settled(), dtype, self.given.name, is_array)
        if rows.need_all:
            return self.back(_one_block(self.array, rows))
        # Dask computes several blocks at once, and there are many.
        settings = replace(settings, threads=settings.threads or 1, repeats=len(self.array.chunks[0])).settled()
        rows = replace(rows, settings=settings)
        _, width, channels = rows.shape
        made = rows.dtype or self.given.picture.dtype
        array, facts = self.array, None
        for number, wanted in enumerate(rows.wanted):
            facts = self._with_fact(array, rows, wanted, facts)
            array = _again(self.array, number)
        line = width * channels * made.itemsize
        blocks = [
            _block(array, rows, first, last, made, facts)
            for first, last in pairwise(_edges(self.array.chunks[0], rows.shape[0], rows.unit, line))
        ]
        return self.back(sys.modules["dask.array"].concatenate(blocks, axis=0))

    def _with_fact(self, array: Any, rows: FilteredRows, wanted: Wanted, facts: Any) -> Any:
        """Return what is known with one thing more, which a pass over an array finds out when it is asked for."""
        delayed = sys.modules["dask"].delayed
        height, line = rows.rows_of(wanted), int(np.prod(array.shape[1:])) * array.dtype.itemsize
        parts = []
        for first, last in pairwise(_edges(array.chunks[0], height, rows.unit, line)):
            needed = rows.needed(wanted, first, last)
            parts.append(delayed(_part)(_held(array, needed), rows, wanted, needed, first, last, facts))
        return delayed(_joined)(wanted, parts, facts)


def _block(array: Any, rows: FilteredRows, first: int, last: int, dtype: np.dtype[Any], facts: Any) -> Any:
    needed = rows.needed(None, first, last)
    _, width, channels = rows.shape
    return sys.modules["dask.array"].map_blocks(
        _computed, _held(array, needed), rows, needed, first, last, facts,
        dtype=dtype, chunks=((last - first,), (width,), (channels,)), meta=np.empty((0, 0, 0), dtype),
    )  # fmt: skip


def _one_block(array: Any, rows: FilteredRows) -> Any:
    made = rows.dtype or rows.picture.dtype
    return sys.modules["dask.array"].map_blocks(
        _of_all, array.rechunk(-1), rows,
        dtype=made, chunks=tuple((length,) for length in rows.shape), meta=np.empty((0, 0, 0), made),
    )  # fmt: skip


def _of_all(values: Array, rows: FilteredRows) -> Array:
    return rows.of_all(np.ascontiguousarray(values))


def _again(array: Any, number: int) -> Any:
    """Return the same array, computed anew: what is read for one pass would be kept for all others."""
    try:
        nodes_of = import_module("dask._task_spec").convert_legacy_graph
    except (ImportError, AttributeError):  # before 2025
        return array
    nodes = nodes_of(dict(array.dask))
    prefix = f"pass-{number}-"
    keys = {key: (prefix + key[0], *key[1:]) if isinstance(key, tuple) else f"{prefix}{key}" for key in nodes}
    graph = {keys[key]: node.substitute(keys, key=keys[key]) for key, node in nodes.items()}
    return sys.modules["dask.array"].Array(graph, prefix + array.name, array.chunks, dtype=array.dtype)


def _held(array: Any, needed: Array) -> Any:
    """Return some rows of an array as one chunk."""
    parts = [array[above:below] for above, below in runs(needed)]
    return (parts[0] if len(parts) == 1 else sys.modules["dask.array"].concatenate(parts, axis=0)).rechunk(-1)


def _computed(held: Array, rows: FilteredRows, needed: Array, first: int, last: int, facts: Facts | None) -> Array:
    return rows.computed(needed, np.ascontiguousarray(held), first, last, facts or {})


def _part(
    held: Array, rows: FilteredRows, wanted: Wanted, needed: Array, first: int, last: int, facts: Facts | None
) -> Any:
    return rows.part(wanted, needed, np.ascontiguousarray(held), first, last, facts or {})


def _joined(wanted: Wanted, parts: Sequence[Any], facts: Facts | None) -> Facts:
    return {**(facts or {}), wanted: joined(wanted, parts)}


def _edges(chunks: Sequence[int], height: int, unit: int, line: int) -> list[int]:
    """Return where blocks of the result begin, and its end: near those of the chunks, at multiples of `unit`."""
    most = max(_LARGEST_BLOCK // line // unit, 1) * unit
    share = height / sum(chunks)
    marks = [round(mark * share / unit) * unit for mark in np.cumsum([0, *chunks[:-1]]).tolist()]
    edges = [0]
    for mark in [*(mark for mark in marks if 0 < mark < height), height]:
        while edges[-1] + most < mark:
            edges.append(edges[-1] + most)
        if mark > edges[-1]:
            edges.append(mark)
    return edges


def given_or_chunked(value: object) -> tuple[GivenArray, ChunkedArray | None]:
    """Return an argument that stands for a picture, and the same as a chunked array where that is what it is.

    Errors are those of `given_array`.
    """
    xarray, dask = sys.modules.get("xarray"), sys.modules.get("dask.array")
    if xarray is not None and isinstance(value, xarray.DataArray):
        return _of_data_array(value)
    if dask is None or not isinstance(value, dask.Array):
        return given_array(value), None
    chunked = _of_dask(value)
    return chunked.given, chunked


def _of_dask(array: Any) -> ChunkedArray:
    if array.ndim not in (2, 3) or np.isnan(array.shape).any() or not prod(array.shape):
        given_array(np.empty([0 if np.isnan(each) else each for each in array.shape]))  # says what is wrong
    if array.dtype not in DTYPES:
        converted = given_array(np.zeros((1, 1), array.dtype)).picture.dtype
        return _of_dask(array.astype(converted))
    is_plane = array.ndim == 2
    planes = array[:, :, np.newaxis] if is_plane else array
    empty = Picture((np.zeros((1, 1, 1), array.dtype),)).without_pixels(planes.shape, array.dtype)
    given = GivenArray(empty, lambda result: result, array.dtype)
    return ChunkedArray(planes, given, lambda made: made[:, :, 0] if is_plane and made.shape[2] == 1 else made)


def _of_data_array(value: Any) -> tuple[GivenArray, ChunkedArray | None]:
    """Return an array with names of its dimensions; the result has them too, and the coordinates that still fit."""
    lengths = dict(zip(value.dims, value.shape, strict=True))
    rows = next((axes for axes in _AXES if set(axes) <= set(lengths)), value.dims if value.ndim == 2 else None)
    others = [name for name in value.dims if rows is None or name not in rows]
    if rows is None or len(others) > 1:
        raise UsageError(
            f"an array of dimensions {', '.join(map(str, value.dims))} is no picture",
            "name them y and x, with one for the channels at most, and filter others one by one",
        )
    ordered = value.transpose(*rows, *others)
    given, chunked = given_or_chunked(ordered.data)

    def back(made: Any) -> Any:
        dims = (*rows, *others)[: made.ndim] if others or made.ndim == 2 else (*rows, "channel")
        sizes = dict(zip(dims, made.shape, strict=True))
        kept = {
            name: each
            for name, each in value.coords.items()
            if all(sizes.get(dim) == lengths[dim] for dim in each.dims)
        }
        found = type(value)(made, dims=dims, coords=kept, name=value.name, attrs=value.attrs)
        return found.transpose(*(name for name in value.dims if name in dims), ...)

    if chunked is not None:
        inner = chunked.back
        return given, ChunkedArray(chunked.array, given, lambda made: back(inner(made)))
    return GivenArray(given.picture, lambda result: back(given.back(result)), given.dtype), None
