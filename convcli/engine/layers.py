"""The one walk over layers and their branches; and layers other than Conv on arrays (height, width, channels)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np

from convcli.array_types import Array
from convcli.engine.color.alpha import KeptAlpha
from convcli.engine.pooling import pooled, pooled_opacity
from convcli.engine.spatial.layers import apply_spatial, spatial_opacity
from convcli.engine.values import as_saved, extremes, stretched
from convcli.errors import UsageError
from convcli.filters import (
    Abs,
    Clip,
    Combine,
    Curve,
    Geometry,
    Invert,
    Layer,
    LeakyReLU,
    Linear,
    Magnitude,
    Maximum,
    Normalize,
    Pixelate,
    Pool,
    Rank,
    ReLU,
    Round,
    Threshold,
)

State = TypeVar("State")
JOINED = ("add", "subtract", "multiply", "concat")


class Shared:
    """The states behind layers that stand in several branches, so that each of them is computed once.

    A state is kept until the last of the branches has used it.
    """

    def __init__(self, layers: Iterable[Layer]) -> None:
        self._left: dict[int, int] = {}  # by the identity of a layer, in how many places it is still to come
        self._kept: dict[int, tuple[Any, Any]] = {}  # the state before it, and behind it
        self._note(layers)

    def _note(self, layers: Iterable[Layer]) -> None:
        for layer in layers:
            self._left[id(layer)] = self._left.get(id(layer), 0) + 1
            if isinstance(layer, Combine) and self._left[id(layer)] == 1:
                for branch in layer.branches:
                    self._note(branch)

    def take(self, layer: Layer, before: State) -> State | None:
        """Return the state behind a layer; None where it has not been computed from that state."""
        kept = self._kept.get(id(layer))
        if kept is None or kept[0] is not before:
            return None
        self._use(layer)
        made: State = kept[1]
        return made

    def keep(self, layer: Layer, before: State, made: State) -> None:
        """Keep the state behind a layer where another branch needs it."""
        self._kept[id(layer)] = before, made
        self._use(layer)

    def _use(self, layer: Layer) -> None:
        self._left[id(layer)] -= 1
        if self._left[id(layer)] < 1:
            del self._kept[id(layer)]


def walk(
    layers: Iterable[Layer],
    state: State,
    after: Callable[[Layer, State, Sequence[State]], State],
    shared: Shared | None = None,
) -> Iterator[State]:
    """Go through layers and their branches, and yield the state after each layer.

    `after` returns that state (arrays, a shape) from the layer, the state before it, and those after its branches;
    with `shared`, which is made of the same layers, it is called once for a layer that stands in several branches.
    """
    for layer in layers:
        known = None if shared is None else shared.take(layer, state)
        if known is not None:
            state = known
        else:
            branches = layer.branches if isinstance(layer, Combine) else ()
            made = after(layer, state, [walk_through(branch, state, after, shared) for branch in branches])
            if shared is not None:
                shared.keep(layer, state, made)
            state = made
        yield state


def walk_through(
    layers: Iterable[Layer],
    state: State,
    after: Callable[[Layer, State, Sequence[State]], State],
    shared: Shared | None = None,
) -> State:
    """Return the state after the last layer, as `walk` has it."""
    for made in walk(layers, state, after, shared):
        state = made
    return state


def apply_layer(
    layer: Layer,
    values: Array,
    full_scale: float,
    opacity: Array | None = None,
    alpha: KeptAlpha = "keep",
    threads: int | None = None,
) -> Array:
    """Apply a layer, not a Conv and without branches, to values; return values of the same dtype.

    Parameters
    ----------
    values
        (height, width, channels), floats; for ranks also integers. NaN stays NaN in layers of single values.
    full_scale
        The level of white in the values.
    opacity
        (height, width, 1), 0 to 1; None where all is opaque. Values weigh by it, and hidden ones do not count.
    alpha
        The treatment of `opacity`, as in `next_opacity`.
    threads
        None for as many as pay.
    """
    match layer:
        case Rank() | Pixelate() | Geometry():
            return apply_spatial(layer, values, full_scale, opacity, alpha, threads)
        case Pool():
            return pooled(layer, values, opacity, alpha)
        case Normalize():
            return normalized(values, full_scale, extremes(values, None if opacity is None else opacity > 0))
        case Combine():
            return combined(layer, [values[:, :, channel : channel + 1] for channel in range(values.shape[2])])
        case Linear():
            return _linear(layer, values)
        case ReLU() | LeakyReLU() | Abs() | Clip() | Invert() | Curve() | Round() | Threshold():
            with np.errstate(over="ignore"):  # a level beyond float32 is infinite
                return _pointwise(layer, values, values.dtype.type(full_scale))
        case _:
            # Few filters are networks.
            from convcli.engine.networks.applying import apply_network_layer

            return apply_network_layer(layer, values, full_scale, opacity)


def opacity_after(layer: Layer, opacity: Array, alpha: KeptAlpha) -> Array:
    """Return the alpha of the output of a layer that `apply_layer` takes.

    Raises UsageError where the output has no positions.
    """
    if isinstance(layer, Pool):
        return pooled_opacity(layer, opacity, alpha)
    if isinstance(layer, Rank | Pixelate | Geometry):
        return spatial_opacity(layer, opacity, alpha)
    if isinstance(layer, Linear):
        raise UsageError("a linear layer makes numbers of a picture, which have no alpha", "use --alpha drop")
    if layer.reshapes:
        from convcli.engine.networks.applying import network_opacity

        return network_opacity(layer, opacity, alpha)
    return opacity


def combined(
    layer: Combine, parts: Sequence[Array], opacities: Sequence[Array | None] = (), full_scale: float = 1.0
) -> Array:
    """Combine arrays of one shape into one, value by value.

    `opacities` are those of the parts. Where the first part is visible, values hidden in another do not count.
    """
    if layer.name in JOINED:
        from convcli.engine.networks.joining import joined

        return joined(layer, parts, opacities, full_scale)  # type: ignore[arg-type]  # it is a join
    first = opacities[0] if opacities else None
    if first is not None:
        neutral = 0.0 if isinstance(layer, Magnitude) else -np.inf
        hidden = [(first > 0) & ~(each > 0) for each in opacities if each is not None]
        parts = [np.where(mask, part.dtype.type(neutral), part) for part, mask in zip(parts, hidden, strict=True)]
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
            result = np.clip(values, 0, np.inf)  # as maximum, in a third of the time
        case LeakyReLU(slope=slope):
            from convcli.engine.networks.norms import sloping

            result = sloping(values, values.dtype.type(slope))
        case Abs():
            result = np.abs(values)
        case Clip(low=low, high=high):
            result = np.clip(values, low * full_scale, high * full_scale)
        case Invert():
            result = full_scale - values
        case Curve():
            result = _curved(layer, values, full_scale)
        case Round():
            result = as_saved(values, full_scale)
        case Threshold(level=level):
            result = np.where(values >= level * full_scale, full_scale, np.where(np.isnan(values), values, 0))
        case _:
            raise _unknown(layer)
    return result.astype(values.dtype, copy=False)


def normalized(values: Array, full_scale: float, bounds: tuple[float, float] | None) -> Array:
    """Return values, of which the smallest and the largest of all the picture are `bounds`, stretched to full scale."""
    if bounds is None or bounds[0] == bounds[1]:
        return np.where(np.isfinite(values), values.dtype.type(0), values)
    return stretched(values, *bounds, full_scale)


def _curved(curve: Curve, values: Array, full_scale: Any) -> Array:
    x, y = np.array(curve.points).T * float(full_scale)
    # A point at a level lies on it: 3 / 255 · 255 may miss 3 by its last digit.
    x = np.where(np.abs(x - np.rint(x)) < 1e-9 * full_scale, np.rint(x), x) if full_scale > 1 else x
    result = values.copy()
    for channel in curve.changed(values.shape[2]):
        result[:, :, channel] = np.interp(values[:, :, channel], x, y)
    return result


def _linear(layer: Linear, values: Array) -> Array:
    # float64 sums: a row of ten thousand products in float32 would be off in its fourth digit.
    flat = values.transpose(2, 0, 1).ravel().astype(np.float64)
    weights, bias = layer.parameters_for(flat.size)
    finite = np.isfinite(flat)
    outputs = weights @ np.where(finite, flat, 0) + bias
    if not finite.all():
        # As in a correlation, a weight of 0 leaves out a value that is infinite or NaN.
        others = weights[:, ~finite]
        outputs += np.multiply(others, flat[~finite], out=np.zeros_like(others), where=others != 0).sum(axis=1)
    made: Array = outputs.astype(values.dtype).reshape(1, 1, -1)
    return made


def _unknown(layer: Layer) -> UsageError:
    return UsageError(f"the engine has no layer {type(layer).__name__}", "use a layer of convcli.filters")
