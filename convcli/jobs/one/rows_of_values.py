"""Values through a recipe, some rows at a time, each computed of the rows that it needs."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from convcli import engine
from convcli.array_types import Array
from convcli.image import Picture, RowReader
from convcli.jobs.one.recipe import Recipe
from convcli.jobs.one.strips.facts import Facts, FrameOfFacts, Wanted
from convcli.jobs.one.treatment import Treatment
from convcli.jobs.one.values import filter_values, treatment_of_values
from convcli.lazy import dataclass


@dataclass(frozen=True, eq=False)
class FilteredRows:
    """An array through a recipe, as `filter_values` has it, of which rows are computed one by one.

    Parameters
    ----------
    picture
        The array, without pixels.
    recipe, settings, dtype, name, is_array
        As of `filter_values`.
    """

    picture: Picture
    recipe: Recipe
    settings: engine.Settings
    dtype: np.dtype[Any] | None
    name: str
    is_array: bool

    def __getstate__(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}  # what is planned is planned again

    @property
    def need_all(self) -> bool:
        """True where the rows of the result need all of the array at once."""
        return engine.layer_of_all_rows(self.recipe.pipeline.layers) is not None

    @property
    def wanted(self) -> list[Wanted]:
        """The facts that have to be known before rows are computed, each after those that it depends on."""
        return list(self._planned.asked)

    @property
    def shape(self) -> tuple[int, int, int]:
        """The height, width and channels of the result."""
        channels, height, width = self._treatment.shape
        return height, width, channels + self._treatment.keeps_alpha

    @property
    def unit(self) -> int:
        """Rows that are computed together begin at multiples of it."""
        return self._planned.main.unit

    def of_all(self, values: Array) -> Array:
        """Return the result from all values of the array."""
        picture = replace(self.picture, frames=(values,))
        made = filter_values(picture, self.recipe, self.settings, self.dtype, name=self.name, is_array=self.is_array)
        return made.frames[0]

    def rows_of(self, wanted: Wanted | None) -> int:
        """Return the number of rows that something is about; None for the result."""
        return self._planned.rows_of(wanted)

    def needed(self, wanted: Wanted | None, first: int, last: int) -> Array:
        """Return the rows of the array that its rows first ≤ y < last are made of."""
        return self._planned.needed(wanted, first, last)

    def computed(self, rows: Array, values: Array, first: int, last: int, facts: Facts) -> Array:
        """Return rows of the result from the `values` of the rows that they need, and from what is known."""
        return self._frame(rows, values, facts).computed(first, last).values

    def part(self, wanted: Wanted, rows: Array, values: Array, first: int, last: int, facts: Facts) -> Any:
        """Return a part of what is wanted, from the values of the rows that it needs, and from what is known before."""
        return self._frame(rows, values, facts).part_of(wanted, first, last)

    @cached_property
    def _planned(self) -> FrameOfFacts:
        """A frame without values."""
        return self._frame(np.zeros(0, np.intp), np.zeros(0), {})

    @cached_property
    def _treatment(self) -> Treatment:
        return treatment_of_values(
            self.picture, self.recipe, self.settings, self.dtype, name=self.name, is_array=self.is_array
        )

    def _frame(self, rows: Array, values: Array, facts: Facts) -> FrameOfFacts:
        frame = FrameOfFacts(_Held(self.picture, rows, values), self._treatment, facts)
        frame.plan()
        return frame


class _Held(RowReader):
    """The rows of an array that are there."""

    def __init__(self, picture: Picture, rows: Array, values: Array) -> None:
        self.picture, self._rows, self._values = picture, rows, values

    def read(self, first: int, last: int) -> Array:
        """Return some rows."""
        place = int(np.searchsorted(self._rows, first))
        found = slice(place, place + last - first)
        assert np.array_equal(self._rows[found], np.arange(first, last))
        return self._values[found]
