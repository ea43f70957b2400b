"""A frame of which some rows at a time are in memory: those under the rows of the output that are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from math import lcm

import numpy as np

from convcli import engine
from convcli.array_types import Array, Bools
from convcli.errors import ConvcliError
from convcli.filters import Pipeline
from convcli.image import RowReader, in_words
from convcli.jobs.one.filtering import filter_frame
from convcli.jobs.one.treatment import Treatment
from convcli.words import counted

# Of the bound, what arrays take at once: memory is freed a little later than it is done with.
SHARE = 0.7
# Floats of 64 bits that weighing by alpha holds for a pixel (`engine.color.alpha`).
_WEIGHED = 7


class NotInStripsError(ConvcliError):
    """A job cannot be done in strips; the message is the reason."""


class _ExtremesWantedError(Exception):
    """The extremes of all rows are wanted before any row can be finished."""


class _PlannedError(Exception):
    """The pipeline of a frame is known, as was asked."""


class StripsOfFrame:
    """A frame of which some rows at a time are in memory: those of the output rows first ≤ y < last."""

    def __init__(self, reader: RowReader, treatment: Treatment) -> None:
        self._reader, self._treatment, self.rows_at_once = reader, treatment, 1
        self.picture = reader.picture
        height, width, channels = reader.picture.frames[0].shape
        self.size = height, width
        self.channels = treatment.widened(np.zeros((1, 1, channels), reader.picture.dtype)).shape[2]
        self.first, self.last = 0, 1
        self._is_planning = False
        self._strips: dict[str, engine.Strips] = {}
        self._bounds: dict[str, list[engine.Extremes | None]] = {}
        self._found: dict[str, list[list[engine.Extremes | None]]] = {}
        self._read: tuple[Array, Array] | None = None  # rows, and their values

    def read(self, rows: Array) -> Array:
        """Return rows of the source, widened."""
        if self._read is None or not np.array_equal(self._read[0], rows):
            self._read = None  # before others take its memory
            parts = [self._reader.read(first, last) for first, last in engine.runs(rows)]
            values = self._treatment.widened(parts[0] if len(parts) == 1 else np.concatenate(parts))
            self._read = rows, values
        return self._read[1]

    @property
    def own(self) -> Array:
        """The rows that are asked for."""
        return self.read(np.arange(self.first, self.last))

    def strips(
        self, key: str, pipeline: Pipeline, given: Callable[[Array], Array], dtype: np.dtype[np.generic] | None
    ) -> engine.Strips:
        """Return a pipeline on what a function makes of each pixel."""
        if key not in self._strips:
            probe = given(np.zeros((1, 1, self.channels), self._reader.picture.dtype))
            source = engine.Source((probe.shape[2], *self.size), probe.dtype, lambda rows: given(self.read(rows)))
            self._strips[key] = engine.Strips(
                pipeline,
                source,
                alpha=self._treatment.alpha,
                full_scale=self._treatment.full_scale,
                dtype=probe.dtype if dtype is None else dtype,
                settings=self._treatment.settings,
                rows_at_once=lambda: self.rows_at_once,
            )
        if self._is_planning:
            raise _PlannedError
        return self._strips[key]

    @property
    def main(self) -> engine.Strips:
        """The filter on the values that it is about."""
        if not self._strips:
            self._is_planning = True
            with suppress(_PlannedError):
                filter_frame(self, self._treatment)
            self._is_planning = False
        return next(iter(self._strips.values()))

    def filtered(
        self,
        key: str,
        treatment: Treatment,  # noqa: ARG002 - the same
        pipeline: Pipeline,
        given: Callable[[Array], Array],
        dtype: np.dtype[np.generic] | None = None,
    ) -> engine.Computed:
        """Return the rows that are asked for."""
        return self.strips(key, pipeline, given, dtype).computed(self.first, self.last)

    def extremes(self, key: str, parts: Sequence[Array], visible: Bools | None) -> list[engine.Extremes | None]:
        """Return the extremes of all rows; where they are not known yet, note those of the parts and raise."""
        if key in self._bounds:
            return self._bounds[key]
        self._found.setdefault(key, []).append([engine.extremes(part, visible) for part in parts])
        raise _ExtremesWantedError

    def _settle(self) -> None:
        """Take the extremes that were noted for those of all rows."""
        for key, found in self._found.items():
            self._bounds[key] = [engine.joined_extremes(each) for each in zip(*found, strict=True)]
        self._found.clear()

    def computed(self, first: int, last: int) -> engine.Computed:
        """Return some rows of the output."""
        self.first, self.last = first, last
        while True:
            try:
                return filter_frame(self, self._treatment)
            except _ExtremesWantedError:
                self._found.clear()
            for span in self.spans:
                self.first, self.last = span
                with suppress(_ExtremesWantedError):
                    filter_frame(self, self._treatment)
            self._settle()
            self.first, self.last = first, last

    @property
    def spans(self) -> list[tuple[int, int]]:
        """The first and last + 1 of the rows of each strip of the output."""
        height = self.main.output_shape[1]
        return [(top, min(top + self.rows_at_once, height)) for top in range(0, height, self.rows_at_once)]

    def fit_into(self, bound: int, beside: int) -> None:
        """Take as many rows at once as fit into the bound, beside other bytes.

        Raises NotInStripsError where not even a few do.
        """
        unit, rows = self.main.unit, self.main.output_shape[1]
        while (needed := int((self._bytes_of(rows) + beside) / SHARE)) > bound:
            if rows <= unit:
                raise NotInStripsError(f"strips of {counted(rows, 'row')} need about {in_words(needed)}")
            rows = max(rows // 2 // unit * unit, unit)
        self.rows_at_once = rows if rows == self.main.output_shape[1] else max(rows // unit * unit, unit)

    def end_with(self, together: int) -> None:
        """Take a few rows fewer at once where then strips end with groups of `together` rows, or divide them."""
        unit, rows = self.main.unit, self.rows_at_once
        whole = lcm(unit, together)
        if rows >= self.main.output_shape[1]:
            return
        if rows >= whole:
            self.rows_at_once = rows // whole * whole
        else:
            self.rows_at_once = next(each for each in range(rows // unit * unit, 0, -unit) if whole % each == 0)

    def _bytes_of(self, rows: int) -> int:
        """Return the bytes that strips of so many rows take."""
        main, treatment, empty = self.main, self._treatment, self._reader.picture
        outputs, height, width = main.output_shape
        first = (height - rows) // 2 // main.unit * main.unit
        needed = len(main.rows_needed(first, min(first + rows, height))[0])
        line, double = self.size[1] * self.channels, np.dtype(np.float64).itemsize
        is_plain = main.kept_alpha is None and main.pipeline.conv is not None and treatment.is_direct
        held = 0 if is_plain else main.values_held(first, min(first + rows, height)) * main.between.itemsize
        if main.kept_alpha is not None:
            held += _WEIGHED * double * self.size[1] * needed
        if treatment.channels is not None:
            held += 3 * double * line * needed
        results = rows * width * (outputs + treatment.keeps_alpha)
        # One strip is written while the next one is made.
        results *= 3 * treatment.dtype.itemsize + (0 if treatment.is_direct else 3 * double)
        decoded = (2 * needed + self._reader.at_once) * line * empty.dtype.itemsize
        return int(self._reader.held + held + results + decoded)
