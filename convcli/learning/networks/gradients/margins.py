"""Borders around batches, and the sums that lead back from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from convcli.array_types import Array
from convcli.engine import OUTSIDE, border_sources
from convcli.filters import DEFAULT_BORDER, Border, Layer, Pad
from convcli.learning.networks.gradients.made import Made, Mode, of_one

Margins = Sequence[tuple[int, int]]


def with_margins(x: Array, margins: Margins, border: Border | None) -> Array:
    """Return a batch with pixels (above, below) and (left of, right of) it, by a border; negative ones leave out."""
    border = border or DEFAULT_BORDER
    for axis, (before, after) in enumerate(margins, start=1):
        if (before, after) == (0, 0):
            continue
        sources = border_sources(border, before, x.shape[axis] + before + after, x.shape[axis])
        x = x.take(sources, axis)  # OUTSIDE takes the last, which is overwritten
        x[_at(axis, np.flatnonzero(sources == OUTSIDE))] = border.value
    return x


def without_margins(gradient: Array, shape: tuple[int, ...], margins: Margins, border: Border | None) -> Array:
    """Return the gradient of a batch of `shape`, from that of the same batch with margins."""
    border = border or DEFAULT_BORDER
    for axis, (before, after) in reversed(list(enumerate(margins, start=1))):
        if (before, after) == (0, 0):
            continue
        length = shape[axis]
        sources = border_sources(border, before, length + before + after, length)
        made = np.zeros((*gradient.shape[:axis], length, *gradient.shape[axis + 1 :]), gradient.dtype)
        first, end = max(before, 0), min(before + length, len(sources))
        inside = slice(first - before, end - before)
        made[_at(axis, inside)] = gradient[_at(axis, slice(first, end))]
        for place in (*range(first), *range(end, len(sources))):
            if sources[place] != OUTSIDE:
                made[_at(axis, sources[place])] += gradient[_at(axis, place)]
        gradient = made
    return gradient


def pad(layer: Layer, inputs: list[Array], parameters: Mapping[str, Array], mode: Mode) -> Made:  # noqa: ARG001
    """Apply a pad."""
    assert isinstance(layer, Pad)
    x = inputs[0]
    return (
        with_margins(x, layer.margins, layer.border),
        lambda g: of_one(without_margins(g, x.shape, layer.margins, layer.border)),
    )


def _at(axis: int, index: Any) -> Any:
    return (slice(None),) * axis + (index,)
