"""A pipeline on an array: layer after layer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from convcli.engine.alpha import Alpha, next_opacity, weighted_by_alpha
from convcli.engine.choose import Engine
from convcli.engine.correlation import Computed, Settings, run_conv
from convcli.engine.layers import apply_layer, combined
from convcli.engine.planning.plan import make_plan
from convcli.engine.values import to_integers
from convcli.errors import UsageError
from convcli.filters import AvgPool, Combine, Conv, Layer, Linear, Pipeline, Pool

Array = NDArray[Any]


def apply_pipeline(
    pipeline: Pipeline,
    array: Array,
    *,
    full_scale: float,
    dtype: DTypeLike,
    settings: Settings = Settings(),  # noqa: B008 - a frozen value
) -> Computed:
    """Apply a pipeline to an array (height, width, channels).

    Values between layers are floats and unclipped: float64 for float64 and uint16 input, else float32.

    Parameters
    ----------
    array
        uint8, uint16, float32 or float64.
    full_scale
        What a bias or constant border of 1 is in its values.
    dtype
        Of the result; integers are rounded half up and clipped.

    Raises
    ------
    ShapeError
        The pipeline does not fit the array; raised before anything is computed.
    """
    pipeline.output_shape((array.shape[2], *array.shape[:2]))
    if pipeline.conv is not None:
        return run_conv(pipeline.conv, array, full_scale=full_scale, dtype=dtype, settings=settings)
    way = _LayerWalk(full_scale, between_layers(array.dtype), settings)
    values, _ = way.through(pipeline.layers, array, None)
    return Computed(*_as_dtype(values, dtype), way.engine)


def run_with_alpha(
    pipeline: Pipeline,
    array: Array,
    *,
    alpha: Alpha,
    full_scale: float,
    dtype: DTypeLike,
    settings: Settings = Settings(),  # noqa: B008 - a frozen value
) -> Computed:
    """Apply a pipeline to the colors of an array whose last channel is alpha.

    Parameters
    ----------
    alpha
        ``keep``: colors weigh as much as they are seen (see `weighted_by_alpha`), alpha stays as it is;
        ``filter``: the same, and alpha is filtered too; ``drop``: alpha is ignored and left out.

    Returns
    -------
    Computed
        Colors and, unless dropped, alpha as the last channel.
    """
    colors, opacity = array[:, :, :-1], array[:, :, -1:]
    if alpha == "drop":
        return apply_pipeline(pipeline, colors, full_scale=full_scale, dtype=dtype, settings=settings)
    pipeline.output_shape((colors.shape[2], *colors.shape[:2]))
    seen = opacity.astype(np.float64) / full_scale
    if seen.min() == 1 and pipeline.conv is not None:
        # Where nothing is transparent, weighing by alpha changes nothing, and integers stay exact.
        computed = apply_pipeline(pipeline, colors, full_scale=full_scale, dtype=dtype, settings=settings)
        seen = next_opacity(pipeline.conv, seen, alpha, settings)
    else:
        way = _LayerWalk(full_scale, np.dtype(np.float64), settings, alpha)
        values, passed = way.through(pipeline.layers, colors, seen)
        seen = passed if passed is not None else seen
        computed = Computed(*_as_dtype(_with_halves(values, full_scale), dtype), way.engine)
    levels, _ = _as_dtype(_with_halves(seen * full_scale, full_scale), dtype)
    return replace(computed, values=np.concatenate([computed.values, levels], axis=2))


def between_layers(dtype: DTypeLike) -> np.dtype[Any]:
    """Return the dtype of the values between layers for input of `dtype`."""
    return np.dtype(np.float32 if np.dtype(dtype) in (np.uint8, np.float32) else np.float64)


@dataclass
class _LayerWalk:
    """The way of an array through layers, and what it needs on it.

    Parameters
    ----------
    full_scale
        What a level of 1 is in the values.
    between
        dtype of the values between layers.
    settings
        How to compute.
    alpha
        What becomes of alpha, where there is one.
    engine
        The one that computed the last Conv.
    """

    full_scale: float
    between: np.dtype[Any]
    settings: Settings
    alpha: Alpha = "keep"
    engine: Engine = "numpy"

    def through(self, layers: Iterable[Layer], values: Array, seen: Array | None) -> tuple[Array, Array | None]:
        """Return values and alpha (0 to 1; None for none) after the layers."""
        for layer in layers:
            if isinstance(layer, Combine) and layer.branches:
                parts = [self.through(branch, values, seen) for branch in layer.branches]
                values, seen = combined(layer, [part for part, _ in parts]), parts[0][1]
            elif isinstance(layer, Conv):
                values = self._conv(layer, values, seen)
                seen = None if seen is None else self._next_seen(layer, seen)
            else:
                values = apply_layer(layer, values.astype(self.between, copy=False), self.full_scale)
                seen = None if seen is None else self._next_seen(layer, seen)
        return values, seen

    def _conv(self, conv: Conv, values: Array, seen: Array | None) -> Array:
        if seen is None or seen.min() == 1:
            computed = run_conv(conv, values, full_scale=self.full_scale, dtype=self.between, settings=self.settings)
            self.engine = computed.engine
            return computed.values
        shape = (values.shape[0], values.shape[1], values.shape[2])
        self.engine = self.settings.chosen(make_plan(conv, shape, np.float64, self.full_scale, np.float64))
        settings = replace(self.settings, engine=self.engine)
        return weighted_by_alpha(conv, values, seen, self.full_scale, settings)

    def _next_seen(self, layer: Layer, seen: Array) -> Array:
        if isinstance(layer, Conv):
            return next_opacity(layer, seen, "filter" if self.alpha == "filter" else "keep", self.settings)
        if isinstance(layer, Pool):
            # The sum of a window may be beyond white, its alpha not beyond opaque.
            return apply_layer(AvgPool(layer.size, layer.stride), seen, 1.0)
        if isinstance(layer, Linear):
            raise UsageError("a linear layer makes numbers of a picture, which have no alpha", "use --alpha drop")
        return seen


def _with_halves(values: Array, full_scale: float) -> Array:
    """Round levels to a millionth, in place: quotients and shares miss a half by less, and would be rounded down."""
    return np.round(values, 6, out=values) if full_scale > 1 else values  # floats have no levels


def _as_dtype(values: Array, dtype: DTypeLike) -> tuple[Array, int]:
    return to_integers(values, dtype, "clip") if np.dtype(dtype).kind == "u" else (values.astype(dtype), 0)
