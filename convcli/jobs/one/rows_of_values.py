"""Values through a recipe, some rows at a time, each computed of the rows that it needs."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from convcli import engine
from convcli.array_types import Array
from convcli.errors import UsageError
from convcli.image import Picture, RowReader
from convcli.jobs.one.recipe import Recipe
from convcli.jobs.one.strips.frame import StripsOfFrame
from convcli.jobs.one.values import treatment_of_values


class FilteredRows(NamedTuple):
    """An array through a recipe, as `filter_values` has it, of which rows are computed one by one.

    Parameters
    ----------
    picture
        The array, without pixels, and without alpha.
    recipe, settings, dtype, name, is_array
        As of `filter_values`.
    """

    picture: Picture
    recipe: Recipe
    settings: engine.Settings
    dtype: np.dtype[Any] | None
    name: str
    is_array: bool

    def check(self) -> None:
        """Raise UsageError where the rows of the result need all of the array."""
        layer = engine.layer_of_all_rows(self.recipe.pipeline.layers)
        if layer is not None:
            wanted = f"the layer {layer.name}"
        elif self.picture.has_alpha:
            wanted = "alpha"
        elif self._needs_others():
            wanted = "the range of all values"
        else:
            return
        raise UsageError(f"{wanted} needs all of {self.name} at once", "compute the array first")

    def _needs_others(self) -> bool:
        """Return whether rows need more than those that they are made of, as they would of all values' extremes."""
        last = min(self.unit, self.shape[0])
        needed, (_, *line) = self.needed(0, last), self.picture.frames[0].shape
        try:
            self.computed(needed, np.zeros((len(needed), *line), self.picture.dtype), 0, last)
        except _NotHeldError:
            return True
        return False

    @property
    def shape(self) -> tuple[int, int, int]:
        """The height, width and channels of the result."""
        channels, height, width = self._frame(_Held(self.picture)).main.output_shape
        return height, width, channels

    @property
    def unit(self) -> int:
        """Rows that are computed together begin at multiples of it."""
        return self._frame(_Held(self.picture)).main.unit

    def needed(self, first: int, last: int) -> Array:
        """Return the rows of the array that the rows first ≤ y < last of the result are made of."""
        return self._frame(_Held(self.picture)).main.rows_needed(first, last)[0]

    def computed(self, rows: Array, values: Array, first: int, last: int) -> Array:
        """Return rows of the result from the `values` of the rows that they need."""
        return self._frame(_Held(self.picture, rows, values)).computed(first, last).values

    def _frame(self, held: RowReader) -> StripsOfFrame:
        _, recipe, settings, dtype, name, is_array = self
        treatment = treatment_of_values(held.picture, recipe, settings, dtype, name=name, is_array=is_array)
        return StripsOfFrame(held, treatment)


class _NotHeldError(Exception):
    """Rows are asked for that are not there."""


class _Held(RowReader):
    """The rows of an array that are there."""

    def __init__(self, picture: Picture, rows: Array | None = None, values: Array | None = None) -> None:
        self.picture, self.held = picture, 0
        self._rows, self._values = rows, values

    def read(self, first: int, last: int) -> Array:
        """Return some rows."""
        if self._rows is None or self._values is None:
            raise _NotHeldError
        place = int(np.searchsorted(self._rows, first))
        if not np.array_equal(self._rows[place : place + last - first], np.arange(first, last)):
            raise _NotHeldError
        return self._values[place : place + last - first]
