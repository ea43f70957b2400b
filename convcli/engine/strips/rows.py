"""The rows of its input that each layer of a pipeline needs, from the last layer back to the first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce

import numpy as np

from convcli.engine.part import OUTSIDE, Rows, aligned, runs, span
from convcli.engine.planning.borders import border_sources
from convcli.engine.pooling import rows_under
from convcli.filters import (
    DEFAULT_BORDER,
    Combine,
    Conv,
    Crop,
    Layer,
    Mirror,
    Pixelate,
    Pool,
    Rank,
    Reshaping,
    Resize,
    Shape,
    Turn,
    tree_size,
)
from convcli.lazy import dataclass

_MOST_STEPS = 2000


@dataclass(frozen=True, eq=False)
class Step:
    """A layer of a pipeline or of a branch in it."""

    layer: Layer
    shape: Shape  # of its input
    before: tuple[Layer, ...]  # the layers that make its input of the picture
    unit: int = 1  # rows of its output that are computed together

    @property
    def output_shape(self) -> Shape:
        """The shape of the output."""
        return self.layer.output_shape(self.shape)


def steps_of(layers: Sequence[Layer], shape: Shape, before: tuple[Layer, ...] = ()) -> Iterator[Step]:
    """Yield the steps for input of `shape` in the order in which layers are computed: branches before their layer."""
    for layer in layers:
        if isinstance(layer, Combine):
            for branch in layer.branches:
                yield from steps_of(branch, shape, before)
        yield Step(layer, shape, before)
        before, shape = (*before, layer), layer.output_shape(shape)


def layer_of_all_rows(layers: Sequence[Layer]) -> Layer | None:
    """Return the first layer whose rows need all rows of its input at once, if there is one.

    That is also one with branches of so many layers that their steps would not end.
    """
    for layer in layers:
        if layer.needs_all_rows or tree_size((layer,)) > _MOST_STEPS:
            return layer
        branches = layer.branches if isinstance(layer, Combine) else ()
        for found in map(layer_of_all_rows, branches):
            if found is not None:
                return found
    return None


def wanted_rows(layers: Sequence[Layer], steps: Sequence[Step], wanted: Rows) -> tuple[Rows, list[Rows]]:
    """Return the rows of the picture, and of the output of each of the steps, that rows of the last output need."""
    listed: list[Rows] = []
    end = len(steps)
    for layer in reversed(layers):
        step = steps[end - 1]
        end -= 1
        rows = aligned(wanted, step.unit, step.output_shape[1])
        own = [rows]
        if isinstance(layer, Combine) and layer.branches:
            given: list[Rows] = []
            for branch in reversed(layer.branches):
                start = end - _count(branch)
                needed, inner = wanted_rows(branch, steps[start:end], rows)
                given.append(needed)
                own, end = [*inner, *own], start
            wanted = reduce(np.union1d, given)
        else:
            wanted = rows_before(layer, step.shape, rows)
        listed = [*own, *listed]
    return wanted, listed


def _count(layers: Sequence[Layer]) -> int:
    return sum(1 + (sum(map(_count, layer.branches)) if isinstance(layer, Combine) else 0) for layer in layers)


def rows_before(layer: Layer, shape: Shape, wanted: Rows) -> Rows:
    """Return the rows of a layer's input of `shape` that rows of its output need; the layer has no branches."""
    _, height, _ = shape
    match layer:
        case Conv():
            border, step, extent = layer.border or DEFAULT_BORDER, layer.stride[0], layer.extent[0]
            above, _ = layer.margins_for(shape[1:])[0]
            _, count, _ = layer.output_shape(shape)
            sources = border_sources(border, above, (count - 1) * step + extent, height)
            return _under(sources, [(first * step, (last - 1) * step + extent) for first, last in runs(wanted)])
        case Rank():
            sources = rank_sources(layer, height)
            side = layer.size[0] - 1
            return _under(sources, [(first, last + side) for first, last in runs(wanted)])
        case Pool():
            return rows_under(layer, height, wanted)
        case Pixelate():
            starts = np.array([*layer.starts(0, height), height])
            first, last = np.searchsorted(starts, wanted[[0, -1]], side="right")
            return span(int(starts[first - 1]), int(starts[last]))
        case Crop(y=y):
            return wanted + y
        case Mirror(axis="vertical") | Turn(degrees=180):
            return height - 1 - wanted[::-1]
        case Resize():
            from convcli.engine.spatial.resampling import rows_under as rows_under_resized

            return rows_under_resized(layer, shape, wanted)
        case Reshaping():
            from convcli.engine.networks.in_parts import rows_below

            return rows_below(layer, shape, wanted)
        case _:
            return wanted


def rank_sources(layer: Rank, height: int) -> Rows:
    """Return the rows of the input that the rows of a picture with its border are."""
    above, below = layer.margins[0]
    return border_sources(layer.border or DEFAULT_BORDER, above, height + above + below, height)


def _under(sources: Rows, spans: list[tuple[int, int]]) -> Rows:
    found: Rows = np.unique(np.concatenate([sources[first:last] for first, last in spans]))
    inside: Rows = found[found != OUTSIDE]
    return inside if len(inside) else span(0, 1)  # any, since arrays without rows are none
