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
    if min(map(min, margins)) >= 0:
        return _enlarged(x, margins, border) if any(map(any, margins)) else x
    for axis, (before, after) in enumerate(margins, start=1):
        sources = border_sources(border, before, x.shape[axis] + before + after, x.shape[axis])
        x = x.take(sources, axis)  # OUTSIDE takes the last, which is overwritten
        x[_at(axis, np.flatnonzero(sources == OUTSIDE))] = border.value
    return x


def _enlarged(x: Array, margins: Margins, border: Border) -> Array:
    (above, below), (left, right) = margins
    items, height, width, channels = x.shape
    made = np.empty((items, height + above + below, width + left + right, channels), x.dtype)
    made[:, above : above + height, left : left + width] = x
    for axis, (before, after), length in ((1, margins[0], height), (2, margins[1], width)):
        sources = border_sources(border, before, length + before + after, length)
        for place in (*range(before), *range(before + length, before + length + after)):
            # From inside, where the other axis has its columns already or gets them next.
            is_outside = sources[place] == OUTSIDE
            made[_at(axis, place)] = border.value if is_outside else made[_at(axis, before + sources[place])]
    return made


def without_margins(gradient: Array, shape: tuple[int, ...], margins: Margins, border: Border | None) -> Array:
    """Return the gradient of a batch of `shape`, from that of the same batch with margins, which it changes."""
    border = border or DEFAULT_BORDER
    for axis, (before, after) in reversed(list(enumerate(margins, start=1))):
        length = shape[axis]
        sources = border_sources(border, before, length + before + after, length)
        first, end = max(before, 0), min(before + length, len(sources))
        if min(before, after) < 0:
            made = np.zeros((*gradient.shape[:axis], length, *gradient.shape[axis + 1 :]), gradient.dtype)
            made[_at(axis, slice(first - before, end - before))] = gradient[_at(axis, slice(first, end))]
        else:
            made = gradient[_at(axis, slice(before, before + length))]
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
        lambda g: of_one(without_margins(g.copy(), x.shape, layer.margins, layer.border)),
    )


def _at(axis: int, index: Any) -> Any:
    return (slice(None),) * axis + (index,)
