"""Pooling of arrays: windows of any geometry, their values weighed by alpha, padding outside of the picture.

With opacity a in 0 … 1 and values c in a window,

    mean = sum of a c / sum of a
    out  = mean · number of values / divisor

so that what is transparent is replaced by the mean of what is seen, as under a kernel (`engine.color.alpha`). Padding
counts as values of 0 where the layer counts it: opaque where alpha is kept, transparent where it is filtered. The
largest value is one of visible pixels. Where all is hidden, values are those without alpha.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Array
from convcli.engine.color.alpha import KeptAlpha, seen
from convcli.engine.part import Part, Rows, span
from convcli.filters import AvgPool, LpPool, MaxPool, Pool


def pooled(
    layer: Pool,
    values: Array,
    opacity: Array | None = None,
    alpha: KeptAlpha = "keep",
    part: Part | None = None,
    *,
    opaque: bool | None = None,
) -> Array:
    """Pool values (height, width, channels), floats of any dtype; `opacity` and `alpha` as in `apply_layer`.

    They may be a `part` whose rows, wanted ones too, follow each other; then it is given whether the whole is `opaque`.
    """
    part = part or _whole(layer, values)
    if isinstance(layer, LpPool):
        return _norm(layer, values, opacity, alpha, part, opaque=opaque)
    if isinstance(layer, MaxPool):
        return _largest(layer, values, opacity, part)
    inside = _counts(layer, values, part, counts_padding=False)
    counted = _counts(layer, values, part, counts_padding=layer.counts_padding)
    divisor = layer.divisor_of(np.maximum(counted, 1))
    padding = counted - inside
    opaque = opacity is None or (opacity.min() >= 1 if opaque is None else opaque)
    if opacity is None or (opaque and (alpha == "keep" or not _counts_any_padding(layer, values, part))):
        total = _sum(layer, values, part)
        total /= divisor
        return total
    share = _sum(layer, opacity, part) + padding * (alpha == "keep")
    total = _sum(layer, seen(values, opacity), part)
    mean: Array = np.divide(total, share, out=np.zeros_like(total), where=share > 0)
    if not (share > 0).all():
        mean = np.where(share > 0, mean, _sum(layer, values, part) / np.maximum(inside, 1))
    mean *= counted / divisor
    return mean


def pooled_opacity(layer: Pool, opacity: Array, alpha: KeptAlpha, part: Part | None = None) -> Array:
    """Return the alpha of the output: the mean of a window, beyond opaque for no layer.

    Padding is left out where alpha is kept, so that an opaque picture stays opaque; filtered, it is transparent.
    """
    counts_padding = alpha == "filter" and layer.counts_padding
    return pooled(replace(layer.mean, count_include_pad=counts_padding), opacity, part=part)


def rows_under(layer: Pool, height: int, wanted: Rows) -> Rows:
    """Return the rows of an input of `height` that rows of the output, which follow each other, need."""
    begin, end = int(wanted[0]) * layer.step[0], int(wanted[-1]) * layer.step[0] + layer.extent[0]
    first, last = max(begin - layer.padding[0], 0), min(end - layer.padding[0], height)
    return span(min(first, height - 1), max(last, 1))


def _norm(
    layer: LpPool, values: Array, opacity: Array | None, alpha: KeptAlpha, part: Part, *, opaque: bool | None
) -> Array:
    mean = AvgPool(layer.size, layer.stride, layer.padding, layer.dilation, layer.ceil_mode)
    powers = np.abs(values).astype(np.float64) ** layer.p
    means = pooled(mean, powers, opacity, alpha, part, opaque=opaque)
    made: Array = (means * (layer.size[0] * layer.size[1])) ** (1 / layer.p)
    return made.astype(values.dtype, copy=False)


def _whole(layer: Pool, values: Array) -> Part:
    height, width, channels = values.shape
    _, rows, _ = layer.output_shape((channels, height, width))
    return Part(height, span(0, height), span(0, rows))


def taps(layer: Pool, axis: int, index: Any) -> NDArray[np.intp]:
    """Return the rows (axis 0) or columns (1) of the input in a window, from before 0 to beyond the end.

    `index` is that of the output; an array (n, 1) of them gives (n, size).
    """
    positions: NDArray[np.intp] = index * layer.step[axis] - layer.padding[axis]
    return positions + layer.dilation[axis] * np.arange(layer.size[axis])


def _largest(layer: Pool, values: Array, opacity: Array | None, part: Part) -> Array:
    visible = None if opacity is None else opacity > 0
    if visible is None or visible.all():
        return _maximum(layer, values, part)
    best = _maximum(layer, np.where(visible, values, values.dtype.type(-np.inf)), part)
    seen = _maximum(layer, visible.astype(values.dtype), part) > 0
    return best if seen.all() else np.where(seen, best, _maximum(layer, values, part))


def _maximum(layer: Pool, values: Array, part: Part) -> Array:
    under = _under_taps(layer, values, -np.inf, part)
    first = next(under)
    result: Array = np.maximum(first, next(under, first))  # a copy of the first would take as long again
    for each in under:
        np.maximum(result, each, out=result)
    return result


def _sum(layer: Pool, values: Array, part: Part) -> Array:
    # In float64: a chain of ten thousand values in float32 would be off in the fifth digit.
    first, *others = _under_taps(layer, values, 0, part)
    total = first.astype(np.float64)
    for each in others:
        total += each
    sums: Array = total.astype(values.dtype, copy=False)
    return sums


def _under_taps(layer: Pool, values: Array, outside: float, part: Part) -> Iterator[Array]:
    """Yield, for every position in a window, the values of all windows there."""
    columns = _outputs(layer, values, part)[1]
    counts = len(part.wanted), columns
    lengths = [(count - 1) * step + 1 for count, step in zip(counts, layer.step, strict=True)]
    margins = []
    for axis, (begin, held) in enumerate(((int(part.wanted[0]), part.held), (0, np.arange(values.shape[1])))):
        first = begin * layer.step[axis] - layer.padding[axis]
        beyond = first + lengths[axis] - 1 + layer.extent[axis] - int(held[-1]) - 1
        margins.append((max(0, int(held[0]) - first), max(0, beyond)))
    if any(map(any, margins)):
        values = np.pad(values, (*margins, (0, 0)), constant_values=outside)
    (down, right), (rows, columns) = layer.step, lengths
    start = max(0, int(part.wanted[0]) * down - layer.padding[0] - int(part.held[0]))
    for row, column in np.ndindex(layer.size):
        top, left = start + row * layer.dilation[0], column * layer.dilation[1]
        yield values[top : top + rows : down, left : left + columns : right]


def _outputs(layer: Pool, values: Array, part: Part) -> tuple[int, int]:
    """Return the rows and columns of the whole output."""
    _, rows, columns = layer.output_shape((values.shape[2], part.height, values.shape[1]))
    return rows, columns


def _counts(layer: Pool, values: Array, part: Part, *, counts_padding: bool) -> Array:
    """Return how many values each window has, (rows, columns, 1): pixels, and padding where it is counted."""
    _, columns = _outputs(layer, values, part)
    axes = [
        _counts_along(layer, axis, index, side, counts_padding=counts_padding)
        for axis, index, side in ((0, part.wanted, part.height), (1, np.arange(columns), values.shape[1]))
    ]
    counts: Array = np.outer(*axes)[:, :, np.newaxis].astype(values.dtype)
    return counts


def _counts_along(layer: Pool, axis: int, index: Rows, side: int, *, counts_padding: bool) -> Rows:
    margin = layer.padding[axis] * counts_padding
    positions = taps(layer, axis, index[:, np.newaxis])
    counts: Rows = ((positions >= -margin) & (positions < side + margin)).sum(axis=1)
    return counts


def _counts_any_padding(layer: Pool, values: Array, part: Part) -> bool:
    """Return whether a window of the whole counts padding."""
    if not layer.counts_padding:
        return False
    sides = part.height, values.shape[1]
    return any(
        (
            _counts_along(layer, axis, np.arange(count), side, counts_padding=True)
            != _counts_along(layer, axis, np.arange(count), side, counts_padding=False)
        ).any()
        for axis, (count, side) in enumerate(zip(_outputs(layer, values, part), sides, strict=True))
    )
