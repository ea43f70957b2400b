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
from convcli.filters import MaxPool, Pool


def pooled(layer: Pool, values: Array, opacity: Array | None = None, alpha: KeptAlpha = "keep") -> Array:
    """Pool values (height, width, channels), floats of any dtype; `opacity` and `alpha` as in `apply_layer`."""
    if isinstance(layer, MaxPool):
        return _largest(layer, values, opacity)
    inside, counted = _counts(layer, values, counts_padding=False), _counts(layer, values, layer.counts_padding)
    divisor = layer.divisor_of(np.maximum(counted, 1))
    padding = counted - inside
    if opacity is None or (opacity.min() >= 1 and (alpha == "keep" or not padding.any())):
        total = _sum(layer, values)
        total /= divisor
        return total
    share = _sum(layer, opacity) + padding * (alpha == "keep")
    total = _sum(layer, seen(values, opacity))
    mean: Array = np.divide(total, share, out=np.zeros_like(total), where=share > 0)
    if not (share > 0).all():
        mean = np.where(share > 0, mean, _sum(layer, values) / np.maximum(inside, 1))
    mean *= counted / divisor
    return mean


def pooled_opacity(layer: Pool, opacity: Array, alpha: KeptAlpha) -> Array:
    """Return the alpha of the output: the mean of a window, beyond opaque for no layer.

    Padding is left out where alpha is kept, so that an opaque picture stays opaque; filtered, it is transparent.
    """
    counts_padding = alpha == "filter" and layer.counts_padding
    return pooled(replace(layer.mean, count_include_pad=counts_padding), opacity)


def taps(layer: Pool, axis: int, index: Any) -> NDArray[np.intp]:
    """Return the rows (axis 0) or columns (1) of the input in a window, from before 0 to beyond the end.

    `index` is that of the output; an array (n, 1) of them gives (n, size).
    """
    positions: NDArray[np.intp] = index * layer.step[axis] - layer.padding[axis]
    return positions + layer.dilation[axis] * np.arange(layer.size[axis])


def _largest(layer: Pool, values: Array, opacity: Array | None) -> Array:
    visible = None if opacity is None else opacity > 0
    if visible is None or visible.all():
        return _maximum(layer, values)
    best = _maximum(layer, np.where(visible, values, values.dtype.type(-np.inf)))
    seen = _maximum(layer, visible.astype(values.dtype)) > 0
    return best if seen.all() else np.where(seen, best, _maximum(layer, values))


def _maximum(layer: Pool, values: Array) -> Array:
    first, *others = _under_taps(layer, values, -np.inf)
    result: Array = first.copy()
    for part in others:
        np.maximum(result, part, out=result)
    return result


def _sum(layer: Pool, values: Array) -> Array:
    # In float64: a chain of ten thousand values in float32 would be off in the fifth digit.
    first, *others = _under_taps(layer, values, 0)
    total = first.astype(np.float64)
    for part in others:
        total += part
    sums: Array = total.astype(values.dtype, copy=False)
    return sums


def _under_taps(layer: Pool, values: Array, outside: float) -> Iterator[Array]:
    """Yield, for every position in a window, the values of all windows there."""
    height, width, channels = values.shape
    _, *outputs = layer.output_shape((channels, height, width))
    lengths = [(count - 1) * step + 1 for count, step in zip(outputs, layer.step, strict=True)]
    margins = [
        (before, max(0, length - 1 + extent - before - side))
        for before, length, extent, side in zip(layer.padding, lengths, layer.extent, (height, width), strict=True)
    ]
    if any(map(any, margins)):
        values = np.pad(values, (*margins, (0, 0)), constant_values=outside)
    (down, right), (rows, columns) = layer.step, lengths
    for row, column in np.ndindex(layer.size):
        top, left = row * layer.dilation[0], column * layer.dilation[1]
        yield values[top : top + rows : down, left : left + columns : right]


def _counts(layer: Pool, values: Array, counts_padding: bool) -> Array:
    """Return how many values each window has, (rows, columns, 1): pixels, and padding where it is counted."""
    height, width, channels = values.shape
    _, *outputs = layer.output_shape((channels, height, width))
    axes = []
    for axis, (side, count) in enumerate(zip((height, width), outputs, strict=True)):
        margin = layer.padding[axis] * counts_padding
        positions = taps(layer, axis, np.arange(count)[:, np.newaxis])
        axes.append(((positions >= -margin) & (positions < side + margin)).sum(axis=1))
    counts: Array = np.outer(*axes)[:, :, np.newaxis].astype(values.dtype)
    return counts
