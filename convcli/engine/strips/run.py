"""A pipeline on a picture of which some rows at a time are in memory.

Every row is what it would be if all of the picture were filtered at once, to the last bit: the plans of correlations
are those of the whole picture, rows that are computed together are so in every strip, and what depends on all values,
such as their extremes, is found in passes of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from math import lcm
from typing import Any

import numpy as np

from convcli.array_types import Array
from convcli.engine.color.alpha import (
    Alpha,
    KeptAlpha,
    keeps_opacity,
    next_opacity,
    opacity_of,
    sees_outside,
    weighted_by_alpha,
)
from convcli.engine.correlation import Computed, rows_together, run_conv
from convcli.engine.engine_choice import Settings
from convcli.engine.layers import walk_through
from convcli.engine.part import Part, Rows, span
from convcli.engine.pipelines import LayerRun, Values, as_dtype, between, in_place, levels_of
from convcli.engine.planning.making import make_plan
from convcli.engine.spatial.resampling import OUTPUTS
from convcli.engine.strips.facts import Fact, FactKind, Known, joined_parts
from convcli.engine.strips.layers import PartOfLayer
from convcli.engine.strips.rows import Step, steps_of, wanted_rows
from convcli.engine.values import Extremes, extremes
from convcli.filters import Combine, Conv, Layer, Pipeline, Rank, Resize, Shape
from convcli.lazy import dataclass

# Returns rows of a picture, (rows, width, channels), alpha the last of them where there is any.
ReadRows = Callable[[Rows], Array]


@dataclass(frozen=True, eq=False)
class Source:
    """A picture that is read a few rows at a time."""

    shape: Shape  # (channels, height, width), alpha among the channels
    dtype: np.dtype[Any]
    read: ReadRows


class Strips:
    """A pipeline on a source, computed for some rows of the output at a time.

    Parameters
    ----------
    pipeline, alpha, full_scale, dtype, settings
        As those of `apply_pipeline`; none of the layers is one of all rows.
    source
        The picture.
    rows_at_once
        Returns how many rows of the output, or of values between layers, a pass over all of them computes at a time.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        source: Source,
        *,
        alpha: Alpha | None,
        full_scale: float,
        dtype: np.dtype[Any],
        settings: Settings,
        rows_at_once: Callable[[], int],
    ) -> None:
        self.pipeline, self.source, self.alpha, self.full_scale = pipeline, source, alpha, full_scale
        self.dtype, self.settings, self.rows_at_once = np.dtype(dtype), settings, rows_at_once
        channels, height, width = source.shape
        self._shape = channels - (alpha is not None), height, width
        self.output_shape = pipeline.output_shape(self._shape)
        self.between = between(pipeline, source.dtype, weighs=self.kept_alpha is not None)
        self.steps = [self._with_unit(step) for step in steps_of(pipeline.layers, self._shape)]
        self.facts: dict[Fact, Known] = {}  # those that are known
        self.in_place = in_place(pipeline.layers)

    @property
    def kept_alpha(self) -> KeptAlpha | None:
        """The treatment of alpha; None where there is none, or it is dropped."""
        return None if self.alpha == "drop" else self.alpha

    @property
    def unit(self) -> int:
        """Strips of the output begin at multiples of it, so that no row is computed twice."""
        return self.steps[-1].unit

    def rows_needed(self, first: int, last: int) -> tuple[Rows, list[Rows]]:
        """Return the rows of the source, and of the output of each layer, for the output rows first ≤ y < last."""
        return wanted_rows(self.pipeline.layers, self.steps, span(first, last))

    def values_held(self, first: int, last: int) -> int:
        """Return the most values that are held at once for some rows of the output."""
        needed, listed = self.rows_needed(first, last)
        held: list[int] = []
        left = iter(zip(self.steps, listed, strict=True))
        channels, _, width = self._shape
        given = len(needed) * width * channels

        def after(_: Layer, given: int, parts: Sequence[int]) -> int:
            step, rows = next(left)
            outputs, _high, wide = step.output_shape
            held.append(given + sum(parts) + len(rows) * wide * outputs)
            return len(rows) * wide * outputs

        walk_through(self.pipeline.layers, given, after)
        return max(held)

    # Infinite values and NaN stay what they are; NumPy would warn of them.
    @np.errstate(invalid="ignore", over="ignore")
    def computed(self, first: int, last: int) -> Computed:
        """Return the output rows first ≤ y < last, which begins at a multiple of `unit` and ends at one or the end."""
        needed, listed = self.rows_needed(first, last)
        array = self.source.read(needed)
        wanted = span(first, last)
        conv, alpha = self.pipeline.conv, self.kept_alpha
        colors = array if self.alpha is None else array[:, :, :-1]
        part = Part(self._shape[1], needed, listed[-1])
        if alpha is None:
            if conv is not None:
                return self.correlated(conv, colors, part, self.dtype)
            run = PartRun(self, self.steps, listed)
            made = walk_through(self.pipeline.layers, Values(colors, rows=needed), run.after)
            found = as_dtype(_cut(made, wanted).colors, self.dtype)
            return Computed(found.values, found.clipped, run.engine, found.not_numbers)
        given = array[:, :, -1:]
        opacity = opacity_of(given, self.full_scale)
        if conv is not None and not (sees_outside(conv, alpha) or not self.is_opaque(())):
            after = next_opacity(conv, opacity, alpha, self.settings, part)
            levels = self._levels(after, part.taken(given, wanted) if keeps_opacity(conv, alpha) else None)
            if levels.all():
                computed = self.correlated(conv, colors, part, self.dtype)
                return replace(computed, values=np.concatenate([computed.values, levels], axis=2))
        run = PartRun(self, self.steps, listed)
        made = _cut(walk_through(self.pipeline.layers, Values(colors, opacity, needed, given), run.after), wanted)
        assert made.opacity is not None
        levels = self._levels(made.opacity, made.given)
        found = levels_of(made.colors, self.dtype, self.full_scale, levels > 0)
        return Computed(np.concatenate([found.values, levels], axis=2), found.clipped, run.engine, found.not_numbers)

    def _levels(self, opacity: Array, given: Array | None) -> Array:
        """Return the alpha of the output; where no layer changed it, as it was `given`."""
        shares = opacity * self.full_scale if given is None else given.astype(np.float64)
        return levels_of(shares, self.dtype, self.full_scale).values

    def is_opaque(self, before: tuple[Layer, ...]) -> bool:
        """Return whether all of the picture is opaque behind some layers."""
        return bool(self._fact("opaque", before))

    def bounds(self, before: tuple[Layer, ...]) -> Extremes | None:
        """Return the smallest and the largest finite visible value of all the picture behind some layers."""
        found = self._fact("bounds", before)
        assert not isinstance(found, bool)
        return found

    def _fact(self, kind: FactKind, before: tuple[Layer, ...]) -> Known:
        fact = Fact(kind, next(number for number, step in enumerate(self.steps) if _is_same(step.before, before)))
        try:
            return self.facts[fact]
        except KeyError:
            rows = range(0, self.rows_of(fact), self.rows_at_once())
            parts = (self.part_of(fact, first, first + self.rows_at_once()) for first in rows)
            self.facts[fact] = joined_parts(fact, parts)
            return self.facts[fact]

    def rows_of(self, fact: Fact) -> int:
        """Return the number of rows that a fact is about."""
        return self.steps[fact.number].shape[1]

    def rows_needed_for(self, fact: Fact, first: int, last: int) -> tuple[Rows, list[Step], list[Rows]]:
        """Return the rows of the source that a part of a fact needs; and the steps to it, with the rows of each."""
        before = self.steps[fact.number].before
        known = {_key((*step.before, step.layer)): step for step in self.steps}
        steps = [known[_key((*step.before, step.layer))] for step in steps_of(before, self._shape)]
        needed, listed = wanted_rows(before, steps, span(first, min(last, self.rows_of(fact))))
        return needed, steps, listed

    def part_of(self, fact: Fact, first: int, last: int) -> Known:
        """Return the part of a fact that some of its rows have; such parts are to be joined."""
        needed, steps, listed = self.rows_needed_for(fact, first, last)
        array = self.source.read(needed)
        opacity = None if self.kept_alpha is None else opacity_of(array[:, :, -1:], self.full_scale)
        start = Values(array if self.alpha is None else array[:, :, :-1], opacity, needed)
        run = PartRun(self, steps, listed)
        made = walk_through(self.steps[fact.number].before, start, run.after)
        values = _cut(made, span(first, min(last, self.rows_of(fact))))
        if fact.kind == "opaque":
            return values.opacity is None or bool(values.opacity.min() >= 1)
        colors = values.colors.astype(self.between, copy=False)
        return extremes(colors, None if values.opacity is None else values.opacity > 0)

    def correlated(self, conv: Conv, colors: Array, part: Part, dtype: np.dtype[Any]) -> Computed:
        """Correlate a part."""
        return run_conv(conv, colors, full_scale=self.full_scale, dtype=dtype, settings=self.settings, part=part)

    def _with_unit(self, step: Step) -> Step:
        if isinstance(step.layer, Resize):
            return replace(step, unit=OUTPUTS)
        if not isinstance(step.layer, Conv):
            return step
        channels, height, width = step.shape
        given = self.between if step.before else self.source.dtype
        out = self.dtype if self.pipeline.conv is not None else self.between
        unit = rows_together(step.layer, (height, width, channels), given, self.full_scale, out)
        return replace(step, unit=lcm(unit, 2))  # those of floats compute two


def _key(layers: Sequence[Layer]) -> tuple[int, ...]:
    return tuple(map(id, layers))


def _is_same(layers: Sequence[Layer], others: Sequence[Layer]) -> bool:
    return _key(layers) == _key(others)


class PartRun(LayerRun):
    """One run of some rows through layers; `after` computes each of them."""

    def __init__(self, strips: Strips, steps: Sequence[Step], listed: Sequence[Rows]) -> None:
        alpha = strips.kept_alpha or "keep"
        super().__init__(strips.full_scale, strips.between, strips.settings, alpha, in_place=strips.in_place)
        self._strips = strips
        self._left = iter(zip(steps, listed, strict=True))

    def after(self, layer: Layer, given: Values, parts: Sequence[Values]) -> Values:
        """Return the values after a layer; `parts` are those of its branches."""
        step, wanted = next(self._left)
        if isinstance(layer, Combine) and parts:
            own = [_cut(part, wanted) for part in parts]
            made = super().after(layer, given, own)
            return replace(made, rows=wanted, given=own[0].given if made.opacity is own[0].opacity else None)
        assert given.rows is not None
        part = Part(step.shape[1], given.rows, wanted)
        if isinstance(layer, Conv):
            return self._correlated(layer, step, given, part)
        if id(layer) in self.in_place and given.opacity is None:
            return Values(self._applied(layer, part.taken(given.colors, wanted), None), rows=wanted)
        of_layer = PartOfLayer(step, part, self.full_scale, self.alpha, self.settings.threads)
        # As in `LayerRun`.
        values = given.colors if isinstance(layer, Rank) else given.colors.astype(self.between, copy=False)
        colors = of_layer.colors(
            values,
            given.opacity,
            partial(self._strips.is_opaque, step.before),
            partial(self._strips.bounds, step.before),
        ).astype(self.between, copy=False)
        opacity = None if given.opacity is None else of_layer.opacities(given.opacity)
        return Values(colors, opacity, wanted, _given(given, part) if of_layer.keeps_alpha else None)

    def _correlated(self, conv: Conv, step: Step, given: Values, part: Part) -> Values:
        opacity = given.opacity
        if opacity is not None and (sees_outside(conv, self.alpha) or not self._strips.is_opaque(step.before)):
            channels, height, width = step.shape
            plan = make_plan(conv, (height, width, channels), self.between, self.full_scale, self.between)
            self.engine = self.settings.chosen(plan)
            settings = replace(self.settings, engine=self.engine)
            weighted = given.colors, opacity, self.alpha, self.full_scale, settings, part
            colors = weighted_by_alpha(conv, *weighted, dtype=self.between).astype(self.between, copy=False)
        else:
            computed = self._strips.correlated(conv, given.colors, part, self.between)
            self.engine, colors = computed.engine, computed.values
        if opacity is None:
            return Values(colors, rows=part.wanted)
        after = next_opacity(conv, opacity, self.alpha, self.settings, part)
        return Values(colors, after, part.wanted, _given(given, part) if keeps_opacity(conv, self.alpha) else None)


def _given(values: Values, part: Part) -> Array | None:
    """Return the alpha of the picture at the wanted rows of a layer that keeps it; None where it is changed already."""
    return None if values.given is None else part.taken(values.given, part.wanted)


def _cut(values: Values, rows: Rows) -> Values:
    """Return some of the rows of a part."""
    assert values.rows is not None
    part = Part(0, values.rows, rows)
    opacity, given = (None if each is None else part.taken(each, rows) for each in (values.opacity, values.given))
    return Values(part.taken(values.colors, rows), opacity, rows, given)
