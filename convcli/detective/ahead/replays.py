"""Filters before several resamplings, replayed on windows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from convcli.array_types import Array
from convcli.detective.ahead.kernel import Outputs
from convcli.detective.ahead.tables import Tables
from convcli.detective.alignment import shares
from convcli.detective.geometry.saving import saved
from convcli.detective.replayed import apply_text
from convcli.lazy import dataclass


@dataclass(frozen=True, eq=False)
class Replays:
    """Filters before several resamplings of one window each: INPUT is filtered once for all of them.

    `program` makes the filter. What it makes, and what rows become, is rounded where it `is_saved`.
    """

    every: dict[str, Outputs]
    reach: int
    program: Callable[[str, Array], Array] = apply_text
    is_saved: bool = True

    def errors(self, text: str) -> dict[str, float]:
        """Return what a filter and each resampling leave."""
        wanted = self.wanted
        squares = dict.fromkeys(self.every, 0.0)
        for index in range(len(wanted)):
            for name, made in self._windows(text, index):
                # Where nothing is rounded on the way, the last digits may be cut off.
                cut = 0.0 if self.is_saved else np.clip((made - wanted[index]).mean(), 0, self._outputs.level / 2)
                off = saved(made - cut, self._outputs.level) - wanted[index]
                squares[name] += float(np.square(off, dtype=np.float64).sum())
        count = sum(each.size for each in wanted)
        return {name: float(np.sqrt(each / count)) for name, each in squares.items()}

    def made(self, text: str) -> dict[str, Array]:
        """Return what a filter and each resampling make, flat, not rounded."""
        parts: dict[str, list[Array]] = {name: [] for name in self.every}
        for index in range(len(self._outputs.tables)):
            for name, made in self._windows(text, index):
                parts[name].append(made.ravel())
        return {name: np.concatenate(each) for name, each in parts.items()}

    @property
    def wanted(self) -> list[Array]:
        """The windows of TARGET."""
        return [shares(self._outputs.target[table.rows, table.columns]) for table in self._outputs.tables]

    @property
    def _outputs(self) -> Outputs:
        return next(iter(self.every.values()))

    def _windows(self, text: str, index: int) -> Iterator[tuple[str, Array]]:
        """Yield a window as each resampling makes it of what is filtered."""
        top, left, filtered = self._filtered(text, index)
        for name, each in self.every.items():
            here = each.tables[index]
            rows, columns = here.top - top, here.left - left
            values = filtered[rows : rows + here.down.shape[1], columns : columns + here.right.shape[1]]
            yield name, self._made(here, values, each)

    def error(self, text: str) -> float:
        """Return what a filter and the resampling that suits it best leave."""
        return min(self.errors(text).values())

    def _made(self, table: Tables, values: Array, outputs: Outputs) -> Array:
        """Return what a program makes of filtered pixels: Pillow rounds rows, and ImageMagick clips columns."""
        if self.is_saved or not outputs.level:
            save = partial(saved, level=outputs.level) if outputs.saves_rows else None
            return table.made(values, save)
        return table.made_down_first(values, lambda columns: np.clip(columns, 0, 1))

    def _filtered(self, text: str, index: int) -> tuple[int, int, Array]:
        """Return the first row and column, and the filtered part, that all resamplings of a window need."""
        tables = [each.tables[index] for each in self.every.values()]
        top, left = min(each.top for each in tables), min(each.left for each in tables)
        bottom = max(each.top + each.down.shape[1] for each in tables)
        right = max(each.left + each.right.shape[1] for each in tables)
        outputs, reach = self._outputs, self.reach
        patch = shares(outputs.view[top - reach : bottom + reach, left - reach : right + reach])
        made = self.program(text, patch)
        if outputs.level:
            made = saved(made, outputs.level) if self.is_saved else np.clip(made, 0, 1)
        return top, left, made[reach:-reach, reach:-reach]
