"""Gradients of pools, and of upsampling."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from convcli.array_types import Array, Floats
from convcli.engine import upsampling_taps
from convcli.filters import AdaptivePool, Layer, LpPool, Pool, Upsample
from convcli.learning.networks.gradients.layout import channel_by_channel
from convcli.learning.networks.gradients.made import Made, Mode, of_one


def pool(layer: Layer, inputs: list[Array], parameters: Mapping[str, Array], mode: Mode) -> Made:  # noqa: ARG001
    """Apply a pool of windows."""
    assert isinstance(layer, Pool)
    x = inputs[0]
    y = channel_by_channel(layer, x)
    backs: dict[str, Callable[[Any, Array, Array, Array], Array]] = {"maxpool": _largest, "lppool": _norm}
    back = backs.get(layer.name, _mean)
    return y, lambda g: of_one(back(layer, x, y, g))


def _largest(layer: Pool, x: Array, y: Array, gradient: Array) -> Array:
    # The first of equal values has all of it, as in PyTorch.
    padded, frame = _framed(layer, x, -np.inf)
    made = np.zeros_like(padded)
    is_open = np.ones(y.shape, bool)
    for given, taken in zip(_under(layer, padded, y.shape), _under(layer, made, y.shape), strict=True):
        is_first = is_open & (given == y)
        is_open &= ~is_first
        taken[...] += np.where(is_first, gradient, 0)
    return made[frame]


def _mean(layer: Pool, x: Array, y: Array, gradient: Array) -> Array:
    divisor = np.asarray(layer.divisor_of(_counts(layer, x, y)), x.dtype)
    shared = gradient / divisor
    made, frame = _framed(layer, np.zeros_like(x), 0)
    for view in _under(layer, made, y.shape):
        view[...] += shared
    return made[frame]


def _norm(layer: LpPool, x: Array, y: Array, gradient: Array) -> Array:
    share = layer.size[0] * layer.size[1] / _counts(layer, x, y)
    with np.errstate(all="ignore"):
        shared = np.where(y > 0, gradient * y ** (1 - layer.p) * share, 0).astype(x.dtype)
        slopes = np.where(x == 0, 0, np.abs(x) ** (layer.p - 1) * np.sign(x))
    made, frame = _framed(layer, np.zeros_like(x), 0)
    for view in _under(layer, made, y.shape):
        view[...] += shared
    return made[frame] * slopes


def _counts(layer: Pool, x: Array, y: Array) -> Any:
    """Return how many values of each window count, (1, rows, columns, 1)."""
    axes = []
    for axis in (0, 1):
        margin = layer.padding[axis] * layer.counts_padding
        starts = np.arange(y.shape[1 + axis]) * layer.step[axis] - layer.padding[axis]
        places = starts[:, np.newaxis] + layer.dilation[axis] * np.arange(layer.size[axis])
        axes.append(((places >= -margin) & (places < x.shape[1 + axis] + margin)).sum(axis=1))
    return np.maximum(np.outer(*axes), 1)[np.newaxis, :, :, np.newaxis]


def _framed(layer: Pool, x: Array, value: float) -> tuple[Array, tuple[slice, ...]]:
    """Return a batch with room for all windows, and where in it the batch is."""
    _, rows, columns = layer.output_shape((x.shape[3], x.shape[1], x.shape[2]))
    margins, frame = [(0, 0)], [slice(None)]
    for axis, count in enumerate((rows, columns)):
        before, length = layer.padding[axis], x.shape[1 + axis]
        end = (count - 1) * layer.step[axis] + layer.extent[axis] - before
        margins.append((before, max(end - length, 0)))
        frame.append(slice(before, before + length))
    return np.pad(x, (*margins, (0, 0)), constant_values=value), tuple(frame)


def _under(layer: Pool, framed: Array, shape: tuple[int, ...]) -> Iterator[Array]:
    """Yield, for every place in a window, the values of all windows there."""
    for place in np.ndindex(layer.size):
        rows, columns = (
            slice(at * apart, at * apart + (count - 1) * step + 1, step)
            for at, apart, step, count in zip(place, layer.dilation, layer.step, shape[1:3], strict=True)
        )
        yield framed[:, rows, columns]


def adaptive(layer: Layer, inputs: list[Array], parameters: Mapping[str, Array], mode: Mode) -> Made:  # noqa: ARG001
    """Apply a pool of a given output size, or of the whole picture."""
    assert isinstance(layer, AdaptivePool)
    x = inputs[0]
    bounds = [layer.bounds(axis, x.shape[1 + axis]) for axis in (0, 1)]

    def back(gradient: Array) -> tuple[list[Array], dict[str, Array]]:
        made = np.zeros_like(x)
        for (row, (top, bottom)), (column, (left, right)) in (
            (one, other) for one in enumerate(bounds[0]) for other in enumerate(bounds[1])
        ):
            view, given = made[:, top:bottom, left:right], gradient[:, row, column]
            if layer.is_largest:
                window = x[:, top:bottom, left:right].reshape(len(x), -1, x.shape[3])
                first = window.argmax(axis=1)
                flat = np.zeros_like(window)
                np.put_along_axis(flat, first[:, np.newaxis], given[:, np.newaxis], axis=1)
                view += flat.reshape(view.shape)
            else:
                view += (given / ((bottom - top) * (right - left)))[:, np.newaxis, np.newaxis]
        return of_one(made)

    return channel_by_channel(layer, x), back


def upsample(layer: Layer, inputs: list[Array], parameters: Mapping[str, Array], mode: Mode) -> Made:  # noqa: ARG001
    """Apply an interpolation, which is a matrix down the columns and one along the rows."""
    assert isinstance(layer, Upsample)
    x = inputs[0]
    _, *sides = layer.output_shape((x.shape[3], x.shape[1], x.shape[2]))

    def back(gradient: Array) -> tuple[list[Array], dict[str, Array]]:
        down, right = (_matrix(layer, x.shape[1 + axis], side).astype(x.dtype) for axis, side in enumerate(sides))
        made = np.einsum("oh,nowc->nhwc", down, gradient, optimize=True)
        return of_one(np.einsum("pw,nhpc->nhwc", right, made, optimize=True))

    return channel_by_channel(layer, x), back


def _matrix(layer: Upsample, length: int, count: int) -> Floats:
    """Return the weights (outputs, inputs) of an axis."""
    sources, weights = upsampling_taps(layer, length, count)
    made = np.zeros((count, length))
    for tap in range(sources.shape[1]):
        np.add.at(made, (np.arange(count), sources[:, tap]), 1.0 if weights is None else weights[:, tap])
    return made
