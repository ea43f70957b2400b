"""The one walk over layers and their branches; and layers other than Conv on arrays (height, width, channels)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np

from convcli.array_types import Array
from convcli.errors import UsageError
from convcli.filters import (
    Abs,
    AvgPool,
    Clip,
    Combine,
    Invert,
    Layer,
    LeakyReLU,
    Linear,
    Magnitude,
    Maximum,
    MaxPool,
    Normalize,
    Pool,
    ReLU,
    SumPool,
    Threshold,
)

State = TypeVar("State")


def walk(
    layers: Iterable[Layer], state: State, after: Callable[[Layer, State, Sequence[State]], State]
) -> Iterator[State]:
    """Go through layers and their branches, and yield the state after each layer.

    `after` returns that state (arrays, a shape) from the layer, the state before it, and those after its branches.
    """
    for layer in layers:
        branches = layer.branches if isinstance(layer, Combine) else ()
        state = after(layer, state, [walk_through(branch, state, after) for branch in branches])
        yield state


def walk_through(
    layers: Iterable[Layer], state: State, after: Callable[[Layer, State, Sequence[State]], State]
) -> State:
    """Return the state after the last layer, as `walk` has it."""
    for made in walk(layers, state, after):
        state = made
    return state


def apply_layer(layer: Layer, values: Array, full_scale: float) -> Array:
    """Apply a layer, not a Conv and without branches, to values; return values of the same dtype.

    Parameters
    ----------
    values
        (height, width, channels), float32 or float64.
    full_scale
        The level of white in the values.
    """
    match layer:
        case MaxPool() | SumPool() | AvgPool():
            return _pooled(layer, values)
        case Combine():
            return combined(layer, [values[:, :, channel : channel + 1] for channel in range(values.shape[2])])
        case Linear():
            return _linear(layer, values)
        case _:
            with np.errstate(over="ignore"):  # a level beyond float32 is infinite
                return _pointwise(layer, values, values.dtype.type(full_scale))


def combined(layer: Combine, parts: Sequence[Array]) -> Array:
    """Combine arrays of one shape into one, value by value."""
    match layer:
        case Magnitude():
            total = np.square(parts[0])
            for part in parts[1:]:
                total += np.square(part)
            return np.sqrt(total, out=total)
        case Maximum():
            result = parts[0].copy()
            for part in parts[1:]:
                np.maximum(result, part, out=result)
            return result
    raise _unknown(layer)


def _pointwise(layer: Layer, values: Array, full_scale: Any) -> Array:
    result: Array
    match layer:
        case ReLU():
            result = np.maximum(values, 0)
        case LeakyReLU(slope=slope):
            result = np.where(values > 0, values, values * values.dtype.type(slope))
        case Abs():
            result = np.abs(values)
        case Clip(low=low, high=high):
            result = np.clip(values, low * full_scale, high * full_scale)
        case Invert():
            result = full_scale - values
        case Normalize():
            low, high = values.min(), values.max()
            result = (values - low) * (full_scale / (high - low)) if high > low else np.zeros_like(values)
        case Threshold(level=level):
            result = np.where(values >= level * full_scale, full_scale, full_scale * 0)
        case _:
            raise _unknown(layer)
    return result.astype(values.dtype, copy=False)


def _pooled(layer: Pool, values: Array) -> Array:
    _, rows, columns = layer.output_shape((values.shape[2], *values.shape[:2]))
    combine: Callable[..., Any] = np.maximum if isinstance(layer, MaxPool) else np.add
    result: Array | None = None
    for row, column in np.ndindex(layer.size):
        part = values[row :: layer.step[0], column :: layer.step[1]][:rows, :columns]
        result = part.copy() if result is None else combine(result, part, out=result)
    assert result is not None
    if isinstance(layer, AvgPool):
        result /= values.dtype.type(layer.size[0] * layer.size[1])
    return result


def _linear(layer: Linear, values: Array) -> Array:
    flat = values.transpose(2, 0, 1).ravel()
    weights, bias = layer.parameters_for(flat.size)
    # float64 sums: a row of ten thousand products in float32 would be off in its fourth digit.
    outputs = weights @ flat.astype(np.float64) + bias
    made: Array = outputs.astype(values.dtype).reshape(1, 1, -1)
    return made


def _unknown(layer: Layer) -> UsageError:
    return UsageError(f"the engine has no layer {type(layer).__name__}", "use a layer of convcli.filters")
