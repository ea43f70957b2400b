"""Part: some rows of a picture that is larger than the memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Array
from convcli.lazy import dataclass

OUTSIDE = -1

# Numbers of rows of the whole picture, increasing.
Rows = NDArray[np.intp]

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Part:
    """The rows of a layer's input that an array holds, and the rows of its output that are wanted.

    Both are rows of whole pictures. A layer computes of a part what it computes of the whole, to the last bit.
    """

    height: int  # of the whole input
    held: Rows
    wanted: Rows

    def places(self, rows: Rows) -> Rows:
        """Return where the array has rows of the input; `OUTSIDE` stays."""
        return np.where(rows == OUTSIDE, OUTSIDE, np.searchsorted(self.held, rows))

    def taken(self, array: Array, rows: Rows) -> Array:
        """Return rows of the array, as a view where they follow each other in it."""
        if not len(rows):
            return array[:0]
        places = self.places(rows)
        if places[0] >= 0 and (np.diff(places) == 1).all():
            return array[int(places[0]) : int(places[-1]) + 1]
        return array[places]

    def filled(self, array: Array, rows: Rows, fill: float) -> Array:
        """Return rows of the array, and others of one value for each `OUTSIDE`."""
        part = np.array(self.taken(array, rows))
        part[rows == OUTSIDE] = fill
        return part


def span(first: int, last: int) -> Rows:
    """Return the rows first ≤ row < last."""
    return np.arange(first, last)


def runs(rows: Rows) -> Iterator[tuple[int, int]]:
    """Yield the first and the last + 1 of rows that follow each other."""
    ends = np.flatnonzero(np.diff(rows) != 1) + 1
    for first, last in zip([0, *ends.tolist()], [*ends.tolist(), len(rows)], strict=True):
        if last > first:
            yield int(rows[first]), int(rows[last - 1]) + 1


def aligned(rows: Rows, unit: int, height: int) -> Rows:
    """Return rows, and all others that are computed together with them, by units from the first row on."""
    if unit == 1 or not len(rows):
        return rows
    groups = np.flatnonzero(np.bincount(rows // unit))
    every = (groups[:, np.newaxis] * unit + np.arange(unit)).ravel()
    return every[every < height]


def in_runs(part: Part, compute: Callable[[int, int], Array]) -> Array:
    """Return what a function computes of wanted rows that follow each other, from their first and last + 1."""
    found = [compute(first, last) for first, last in runs(part.wanted)]
    return found[0] if len(found) == 1 else np.concatenate(found)
