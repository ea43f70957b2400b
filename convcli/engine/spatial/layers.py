"""Layers that look at neighbors or put pixels elsewhere: windows and geometry, on arrays with alpha."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.array_types import Array
from convcli.engine.bands import available_threads
from convcli.engine.color.alpha import KeptAlpha
from convcli.filters import Crop, Geometry, Mirror, Pixelate, Rank, Resize, Turn, Unsharp

Spatial = Rank | Pixelate | Geometry
_WORTH_THREADS = 1 << 20  # values


def apply_spatial(
    layer: Spatial,
    values: Array,
    full_scale: float,
    opacity: Array | None = None,
    alpha: KeptAlpha = "keep",
    threads: int | None = None,
) -> Array:
    """Apply a layer to values (height, width, channels) of any dtype; return values of the same dtype, floats of means.

    With opacity (height, width, 1), means are weighed by it, and hidden values have no rank. Beyond the picture a
    constant border is opaque where alpha is kept, and transparent where it is filtered.
    """
    # Most pictures need neither.
    from convcli.engine.spatial.rank import rank_filtered
    from convcli.engine.spatial.resampling import pixelated, resized

    threads = threads or (available_threads() if values.size > _WORTH_THREADS else 1)
    match layer:
        case Rank():
            return rank_filtered(
                layer,
                values,
                full_scale=full_scale,
                visible=None if opacity is None else opacity > 0,
                sees_outside=alpha == "keep",
                threads=threads,
            )
        case Pixelate():
            return pixelated(layer, values, opacity)
        case Resize():
            return resized(layer, values, full_scale, opacity, threads)
        case Crop(x=x, y=y, width=width, height=height):
            return values[y : y + height, x : x + width]
        case Mirror(axis=axis):
            return np.flip(values, 1 if axis == "horizontal" else 0)
        case Turn(degrees=degrees):
            return np.rot90(values, degrees // 90)
    raise NotImplementedError(type(layer).__name__)


def spatial_opacity(layer: Spatial, opacity: Array, alpha: KeptAlpha) -> Array:
    """Return the alpha of the output: moved with the pixels, else filtered as the colors are or kept."""
    if isinstance(layer, Geometry):
        return np.clip(apply_spatial(layer, opacity, 1.0), 0, 1)
    if alpha == "keep":
        return opacity
    if isinstance(layer, Rank) and layer.border is not None and layer.border.name == "constant":
        layer = replace(layer, border=replace(layer.border, value=0.0))
    return apply_spatial(layer, opacity, 1.0)


def sharpened(layer: Unsharp, own: Array, blurred: Array, full_scale: float) -> Array:
    """Return values with more of their difference from blurred ones, where that is larger than the threshold."""
    difference = own - blurred
    more = np.where(np.abs(difference) > layer.threshold * full_scale, layer.amount * difference, 0)
    return (own + more).astype(own.dtype, copy=False)
