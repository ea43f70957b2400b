"""The smaller versions of a Zarr: means of the values of the level before, a chunk at a time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import prod
from pathlib import Path

import numpy as np

from convcli.array_types import Array
from convcli.image.codecs.zarr.arrays import stored_together
from convcli.image.codecs.zarr.library import StoredValues
from convcli.image.codecs.zarr.metadata import factors
from convcli.image.picture import Layout


def write_level(layout: Layout, folder: Path, number: int, threads: int) -> None:
    """Write a level, from the one before."""
    before = StoredValues(folder / layout.levels[number - 1].path, layout.version, threads)
    own = StoredValues(folder / layout.levels[number].path, layout.version, threads)
    ratios = factors(layout, number)
    for place in _places(own.shape, stored_together(layout.levels[number])):
        wanted = tuple(
            slice(each.start * ratio, min(each.stop * ratio, length))
            for each, ratio, length in zip(place, ratios, before.shape, strict=True)
        )
        shape = tuple(each.stop - each.start for each in place)
        own[place] = means(np.asarray(before[wanted]), shape, ratios)


def means(values: Array, shape: tuple[int, ...], ratios: tuple[int, ...]) -> Array:
    """Return the means of blocks of values; whole numbers are rounded half up, and the last values stand for more."""
    missing = [(0, side * ratio - length) for side, ratio, length in zip(shape, ratios, values.shape, strict=True)]
    if any(after for _, after in missing):
        values = np.pad(values, missing, mode="edge")
    is_whole = values.dtype.kind == "u"
    total = np.zeros(shape, np.uint64 if is_whole else np.float64)
    for offset in product(*map(range, ratios)):
        total += values[tuple(slice(first, None, ratio) for first, ratio in zip(offset, ratios, strict=True))]
    count = prod(ratios)
    result = (2 * total + count) // (2 * count) if is_whole else total / count
    made: Array = result.astype(values.dtype)
    return made


def _places(shape: tuple[int, ...], chunk: tuple[int, ...]) -> Iterator[tuple[slice, ...]]:
    """Yield the places of all chunks."""
    starts = (range(0, length, side) for length, side in zip(shape, chunk, strict=True))
    for first in product(*starts):
        yield tuple(
            slice(begin, min(begin + side, length)) for begin, side, length in zip(first, chunk, shape, strict=True)
        )
