"""Resampling: pictures of another size, and blocks of one color.

A pixel of the output is a weighted mean of the pixels of the input around its place, as in Pillow (after Schumacher,
General Filtered Image Rescaling, Graphics Gems III, 1992): where the picture gets smaller the filter gets wider by as
much, and at the rim the weights inside of the picture are scaled to a sum of 1. Unlike in Pillow, values are not
rounded between the pass along the columns and that along the rows, nor brought into the range.

A pass is a product of matrices for a few outputs at a time, whose weights lie on few inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Array, Floats
from convcli.engine.bands import for_each_band
from convcli.engine.color.alpha import seen
from convcli.engine.part import Part, Rows, span
from convcli.filters import RESAMPLING, Pixelate, Resize, Shape

_ROUNDING = 1e-12  # smaller weights are the zeros of a sine
# Of a product: the weights of 0 in it cost little beside the call. Products begin at multiples of it, since the order
# of their sums may depend on their size.
OUTPUTS = 32


def resized(
    layer: Resize,
    values: Array,
    full_scale: float,
    opacity: Array | None = None,
    threads: int = 1,
    part: Part | None = None,
) -> Array:
    """Return values (height, width, channels), floats, of the size of the layer, in the same dtype.

    With opacity (height, width, 1), colors are weighed by it as under a kernel (see `engine.color.alpha`); where all
    under the filter is hidden, they are those without alpha. Values and opacity may be a `part` whose rows, wanted ones
    too, follow each other.
    """
    from threadpoolctl import threadpool_limits  # 17 ms

    length = values.shape[0] if part is None else part.height
    top, begin = (0, 0) if part is None else (int(part.held[0]), int(part.wanted[0]))
    _, height, width = layer.output_shape((values.shape[2], length, values.shape[1]))
    count = height if part is None else len(part.wanted)
    if layer.filter == "nearest":
        rows, columns = _nearest(length, height)[begin : begin + count] - top, _nearest(values.shape[1], width)
        return values[rows[:, np.newaxis], columns]
    down, right = _weights(layer.filter, length, height), _weights(layer.filter, values.shape[1], width)
    blocks, sizes = right.blocks, right.magnitudes.blocks if opacity is not None else []
    result = np.empty((count, width, values.shape[2]), values.dtype)

    def work(first: int, last: int) -> int:
        band = down.some(begin + first, begin + last).below(top)
        if opacity is None:
            made = _resampled(values, band, blocks)
        else:
            made = _weighed(values[band.reach], opacity[band.reach], band.moved, blocks, sizes)
        # Quotients and sums of shares miss a half by less, and would be rounded down.
        result[first:last] = np.round(made, 6, out=made) if full_scale > 1 else made
        return 0

    # Its own threads take five times as long for products as small as these, where others are at work.
    with threadpool_limits(1, user_api="blas"):
        for_each_band(work, count, OUTPUTS, threads, OUTPUTS)
    return result


def rows_under(layer: Resize, shape: Shape, wanted: Rows) -> Rows:
    """Return the rows of input of `shape` that rows of the output are made of, and all between them."""
    _, length, _ = shape
    _, height, _ = layer.output_shape(shape)
    if layer.filter == "nearest":
        rows = _nearest(length, height)[wanted]
        return span(int(rows[0]), int(rows[-1]) + 1)
    reach = _weights(layer.filter, length, height).some(int(wanted[0]), int(wanted[-1]) + 1).reach
    return span(reach.start, reach.stop)


def resized_part(layer: Resize, values: Array, rows: slice, columns: slice) -> Array:
    """Return some rows and columns of what `resized` makes of opaque values, (height, width, channels)."""
    _, height, width = layer.output_shape((values.shape[2], *values.shape[:2]))
    if layer.filter == "nearest":
        places = _nearest(values.shape[0], height)[rows], _nearest(values.shape[1], width)[columns]
        return values[places[0][:, np.newaxis], places[1]]
    down, right = _weights(layer.filter, values.shape[0], height), _weights(layer.filter, values.shape[1], width)
    down, right = down.some(rows.start, rows.stop), right.some(columns.start, columns.stop)
    return _resampled(values[:, right.reach], down, right.moved.blocks)


def pixelated(layer: Pixelate, values: Array, opacity: Array | None = None) -> Array:
    """Return the mean of every block in place of its pixels, weighed by opacity (height, width, 1) where it is given.

    A block whose pixels are all hidden has the mean without alpha.
    """
    means = _block_sums(layer, values) / _block_sums(layer, np.ones((*values.shape[:2], 1)))
    if opacity is not None and opacity.min() < 1:
        share = _block_sums(layer, opacity)
        np.divide(_block_sums(layer, seen(values, opacity)), share, out=means, where=share > 0)
    for axis in (0, 1):
        length = values.shape[axis]
        means = np.repeat(means, np.diff([*layer.starts(axis, length), length]), axis=axis)
    return means.astype(values.dtype, copy=False)


def _block_sums(layer: Pixelate, values: Array) -> Floats:
    height, width, _ = values.shape
    rows = [*layer.starts(0, height), height]
    lines = [values[first:last].sum(axis=0, dtype=np.float64) for first, last in pairwise(rows)]
    sums: Floats = np.add.reduceat(lines, layer.starts(1, width), axis=1)
    return sums


class _Block(NamedTuple):
    """The weights of a few outputs of an axis, and the inputs that they are for."""

    reach: slice
    table: Floats  # (outputs, inputs)


class _Weights(NamedTuple):
    """The weights of an axis: output i is the sum of weights[i, k] · input[firsts[i] + k]."""

    firsts: NDArray[np.intp]
    weights: Floats
    length: int  # of the input

    @property
    def magnitudes(self) -> _Weights:
        """The same without signs."""
        return self._replace(weights=np.abs(self.weights))

    def some(self, first: int, last: int) -> _Weights:
        """Return the weights of some outputs."""
        return self._replace(firsts=self.firsts[first:last], weights=self.weights[first:last])

    def below(self, top: int) -> _Weights:
        """Return the same for inputs from row `top` on."""
        return self._replace(firsts=self.firsts - top, length=self.length - top)

    @property
    def reach(self) -> slice:
        """The inputs of the outputs."""
        return slice(int(self.firsts[0]), min(int(self.firsts[-1]) + self.weights.shape[1], self.length))

    @property
    def moved(self) -> _Weights:
        """The same for inputs cut to `reach`."""
        return self._replace(firsts=self.firsts - self.firsts[0], length=self.reach.stop - self.reach.start)

    @property
    def table(self) -> Floats:
        """(outputs, inputs of `reach`): a matrix of the weights."""
        places = self.firsts[:, np.newaxis] - self.firsts[0] + np.arange(self.weights.shape[1])
        table = np.zeros((len(places), int(places.max()) + 1))
        np.put_along_axis(table, places, self.weights, axis=1)
        return table[:, : self.reach.stop - self.reach.start]  # beyond the end weights are 0

    @property
    def blocks(self) -> list[_Block]:
        """The inputs and the table of a few outputs at a time."""
        parts = (self.some(first, first + OUTPUTS) for first in range(0, len(self.firsts), OUTPUTS))
        return [_Block(part.reach, part.table) for part in parts]


def _weights(name: str, length: int, wanted: int) -> _Weights:
    """Return the weights of a filter for an axis of `length` that is to have another."""
    scale = length / wanted
    wider = max(scale, 1.0)
    support = RESAMPLING[name] * wider
    centers = (np.arange(wanted) + 0.5) * scale
    firsts = np.maximum((centers - support + 0.5).astype(np.intp), 0)
    ends = np.minimum((centers + support + 0.5).astype(np.intp), length)
    taps = np.arange(int((ends - firsts).max()))
    distances = (firsts[:, np.newaxis] + taps + 0.5 - centers[:, np.newaxis]) / wider
    weights = np.where(taps < (ends - firsts)[:, np.newaxis], _FILTERS[name](distances), 0.0)
    weights[np.abs(weights) < _ROUNDING] = 0  # so that what lies there does not count: it may be hidden, or NaN
    return _Weights(firsts, weights / weights.sum(axis=1, keepdims=True), length)


def _bicubic(x: Floats) -> Floats:
    """Return Keys' cubic of a = −0.5."""
    x = np.abs(x)
    inner, outer = (1.5 * x - 2.5) * x * x + 1, ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x < 1, inner, np.where(x < 2, outer, 0.0))


# Of distances from the center of the output, in pixels of the output where the picture gets smaller.
_FILTERS: dict[str, Callable[[Floats], Floats]] = {
    "box": lambda x: np.where((x > -0.5) & (x <= 0.5), 1.0, 0.0),
    "bilinear": lambda x: np.maximum(1 - np.abs(x), 0),
    "hamming": lambda x: np.where(np.abs(x) < 1, np.sinc(x) * (0.54 + 0.46 * np.cos(np.pi * x)), 0),
    "bicubic": _bicubic,
    "lanczos": lambda x: np.where((x >= -3) & (x < 3), np.sinc(x) * np.sinc(x / 3), 0),
}


def _nearest(length: int, wanted: int) -> NDArray[np.intp]:
    """Return the inputs under the centers of outputs; between two inputs, the one that Pillow's sums come to."""
    steps = np.full(wanted, length / wanted)
    steps[0] /= 2
    places: NDArray[np.intp] = np.add.accumulate(steps).astype(np.intp)
    return np.minimum(places, length - 1)


def _weighed(
    values: Array, opacity: Array, down: _Weights, right: Sequence[_Block], magnitudes: Sequence[_Block]
) -> Floats:
    if opacity.min() >= 1:
        return _resampled(values, down, right)
    weighed = seen(values, opacity)
    mean_share = _resampled(opacity, down.magnitudes, magnitudes)
    mean_total = _resampled(weighed, down.magnitudes, magnitudes)
    mean = np.divide(mean_total, mean_share, out=_resampled(values, down, right), where=mean_share > 0)
    return _resampled(weighed, down, right) + mean * (1 - _resampled(opacity, down, right))


def _resampled(values: Array, down: _Weights, right: Sequence[_Block]) -> Floats:
    """Return values resampled along the columns, then along the rows."""
    source = values[down.reach].astype(np.float64)
    height, width, channels = source.shape
    lines = _product(down.table, source.reshape(height, -1)).reshape(-1, width, channels)
    planes = np.ascontiguousarray(lines.transpose(1, 0, 2)).reshape(width, -1)
    result = np.concatenate([_product(block.table, planes[block.reach]) for block in right])
    return np.ascontiguousarray(result.reshape(-1, len(lines), channels).transpose(1, 0, 2))


def _product(table: Floats, lines: Floats) -> Floats:
    """Multiply matrices; a weight of 0 leaves out what is infinite or NaN."""
    if np.isfinite(lines).all():
        product: Floats = np.matmul(table, lines)
        return product
    return np.stack([np.matmul(row[row != 0], lines[row != 0]) for row in table])
