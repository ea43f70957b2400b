"""The layers of networks on arrays (height, width, channels)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.array_types import Array
from convcli.engine.color.alpha import KeptAlpha
from convcli.engine.networks import norms, resizing
from convcli.engine.networks.activations import activated
from convcli.engine.networks.transposed import conv_transposed
from convcli.errors import UsageError
from convcli.filters import (
    Activation,
    AdaptivePool,
    BatchNorm,
    Border,
    ConvTranspose,
    Dropout,
    Flatten,
    GroupNorm,
    Layer,
    LayerNorm,
    LocalResponseNorm,
    OverChannels,
    Pad,
    PixelShuffle,
    PixelUnshuffle,
    PReLU,
    Upsample,
)


def apply_network_layer(layer: Layer, values: Array, full_scale: float, opacity: Array | None = None) -> Array:
    """Apply a layer of `convcli.filters.networks`; parameters and result as of `apply_layer`."""
    with np.errstate(all="ignore"):
        made = _resized(layer, values, full_scale, opacity)
        made = _alike(layer, values, full_scale, opacity) if made is None else made
    return made.astype(values.dtype, copy=False)


def network_opacity(layer: Layer, opacity: Array, alpha: KeptAlpha) -> Array:
    """Return the alpha of the output of a layer of networks, moved as untouched channels are.

    Raises UsageError where the output has no positions.
    """
    moving = moving_layer(layer, alpha)
    return opacity if moving is None else np.clip(apply_network_layer(moving, opacity, 1.0), 0, 1)


def moving_layer(layer: Layer, alpha: KeptAlpha) -> Layer | None:
    """Return the layer that moves alpha as a layer moves colors; None where it stays.

    Raises UsageError where the output has no positions.
    """
    moving = layer.for_untouched()
    if isinstance(moving, Pad) and moving.border is not None and moving.border.name == "constant":
        return replace(moving, border=Border("constant", float(alpha == "keep")))
    return moving


def _resized(layer: Layer, values: Array, full_scale: float, opacity: Array | None) -> Array | None:
    """Return what a layer makes that changes the shape; None for the others."""
    match layer:
        case Pad():
            return resizing.padded(layer, values, full_scale)
        case AdaptivePool():
            return resizing.adaptively_pooled(layer, values, opacity)
        case PixelShuffle():
            return resizing.shuffled(layer, values)
        case PixelUnshuffle():
            return resizing.unshuffled(layer, values)
        case Upsample():
            return resizing.upsampled(layer, values, opacity)
        case ConvTranspose():
            return conv_transposed(layer, values, full_scale)
        case Flatten():
            return values.transpose(2, 0, 1).reshape(1, 1, -1)
    return None


def _alike(layer: Layer, values: Array, full_scale: float, opacity: Array | None) -> Array:
    """Return what a layer makes that keeps the shape."""
    match layer:
        case Activation() | OverChannels():
            return activated(layer, values, values.dtype.type(full_scale))
        case PReLU():
            return norms.sloped(layer, values)
        case BatchNorm():
            return norms.batch_normalized(layer, values, full_scale)
        case LayerNorm():
            return norms.layer_normalized(layer, values, full_scale)
        case LocalResponseNorm():
            return norms.response_normalized(layer, values, full_scale)
        case GroupNorm():
            return norms.group_normalized(layer, values, full_scale, opacity)
        case Dropout():
            return values
    raise UsageError(f"the engine has no layer {type(layer).__name__}", "use a layer of convcli.filters")
