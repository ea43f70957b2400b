"""Facts: what depends on all of a picture, found in parts, and then known to those who compute some rows of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from typing import Any, NamedTuple, cast

import numpy as np

from convcli import engine
from convcli.array_types import Array, Bools
from convcli.filters import Pipeline
from convcli.image import Picture, RowReader
from convcli.jobs.one.filtering import filter_frame
from convcli.jobs.one.strips.frame import StripsOfFrame
from convcli.jobs.one.treatment import Treatment

_Bounds = list[engine.Extremes | None]


class Wanted(NamedTuple):
    """A fact that depends on all of a picture: about the filter of that key, or None for the range of its output."""

    key: str
    fact: engine.Fact | None


# What is wanted, once it is known.
Facts = Mapping[Wanted, engine.Known | _Bounds]


def joined(wanted: Wanted, parts: Iterable[Any]) -> Any:
    """Return what is wanted from its parts."""
    if wanted.fact is not None:
        return engine.joined_parts(wanted.fact, parts)
    return [engine.joined_extremes(each) for each in zip(*parts, strict=True)]


class _PartOfRangeError(Exception):
    """The extremes of the rows that are computed."""

    def __init__(self, bounds: _Bounds) -> None:
        super().__init__()
        self.bounds = bounds


class FrameOfFacts(StripsOfFrame):
    """A frame of an array, of which `facts` are known; planned, it has `asked` for what it needs."""

    def __init__(self, reader: RowReader, treatment: Treatment, facts: Facts) -> None:
        super().__init__(reader, treatment)
        self.treatment, self._facts, self.is_planned = treatment, facts, False
        self.asked: dict[Wanted, None] = {}

    def plan(self) -> None:
        """Ask for all that is needed, by zeros in place of values."""
        held, self._reader = self._reader, _Zeros(self.picture)
        self.first, self.last = 0, min(self.main.unit, self.main.output_shape[1])
        self.is_planned = False
        filter_frame(self, self.treatment)
        self.is_planned, self._reader, self._read = True, held, None
        for key, strips in self._strips.items():
            strips.facts = self._known(key)

    def part_of(self, wanted: Wanted, first: int, last: int) -> Any:
        """Return a part of what is wanted: that of its rows first ≤ y < last."""
        if wanted.fact is not None:
            return self._strips[wanted.key].part_of(wanted.fact, first, last)
        self.first, self.last = first, last
        try:
            filter_frame(self, self.treatment)
        except _PartOfRangeError as part:
            return part.bounds
        raise AssertionError

    def rows_of(self, wanted: Wanted | None) -> int:
        """Return the number of rows that something is about; None for the output."""
        if wanted is None or wanted.fact is None:
            return self.main.output_shape[1]
        return self._strips[wanted.key].rows_of(wanted.fact)

    def needed(self, wanted: Wanted | None, first: int, last: int) -> Array:
        """Return the rows of the picture that its rows first ≤ y < last are made of."""
        if wanted is not None and wanted.fact is not None:
            needed, _, _ = self._strips[wanted.key].rows_needed_for(wanted.fact, first, last)
            return needed
        rows = [each.rows_needed(first, last)[0] for each in self._strips.values()]
        if self.treatment.channels is not None and self.treatment.moves is None:
            rows.append(np.arange(first, last))  # of the channels beside
        return reduce(np.union1d, rows)

    def strips(
        self, key: str, pipeline: Pipeline, given: Callable[[Array], Array], dtype: np.dtype[np.generic] | None
    ) -> engine.Strips:
        """Return a pipeline on what a function makes of each pixel."""
        strips = super().strips(key, pipeline, given, dtype)
        if not self.is_planned:
            strips.facts = _Asked(key, self.asked)
        return strips

    def extremes(self, key: str, parts: Sequence[Array], visible: Bools | None) -> _Bounds:
        """Return the extremes of all rows."""
        wanted = Wanted(key, None)
        if not self.is_planned:
            self.asked[wanted] = None
            return [_SOME for _ in parts]
        if wanted in self._facts:
            return cast(_Bounds, self._facts[wanted])
        raise _PartOfRangeError([engine.extremes(part, visible) for part in parts])

    def _known(self, key: str) -> dict[engine.Fact, engine.Known]:
        return {
            wanted.fact: cast(engine.Known, value)
            for wanted, value in self._facts.items()
            if wanted.key == key and wanted.fact is not None
        }


_SOME = (0.0, 1.0)  # in place of extremes that are not known yet


class _Asked(dict[engine.Fact, engine.Known]):
    """Facts that are asked for in the order of the asking, and answered by any."""

    def __init__(self, key: str, asked: dict[Wanted, None]) -> None:
        super().__init__()
        self._key, self._asked = key, asked

    def __missing__(self, fact: engine.Fact) -> engine.Known:
        self._asked[Wanted(self._key, fact)] = None
        return _SOME if fact.kind == "bounds" else False


class _Zeros(RowReader):
    """An array of zeros."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture

    def read(self, first: int, last: int) -> Array:
        """Return some rows."""
        _, *line = self.picture.frames[0].shape
        return np.zeros((last - first, *line), self.picture.dtype)
