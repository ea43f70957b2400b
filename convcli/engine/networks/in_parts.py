"""Layers of networks with positions of their own, on some rows of a picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.array_types import Array
from convcli.engine.color.alpha import KeptAlpha
from convcli.engine.networks.applying import moving_layer
from convcli.engine.networks.resizing import padded, shuffled, unshuffled, upsampled, upsampling_taps
from convcli.engine.networks.transposed import conv_transposed, rows_with_taps
from convcli.engine.part import OUTSIDE, Part, Rows, span
from convcli.engine.planning.borders import border_sources
from convcli.errors import UsageError
from convcli.filters import (
    DEFAULT_BORDER,
    ConvTranspose,
    Pad,
    PixelShuffle,
    PixelUnshuffle,
    Reshaping,
    Shape,
    Upsample,
)


def rows_below(layer: Reshaping, shape: Shape, wanted: Rows) -> Rows:
    """Return the rows of a layer's input of `shape` that rows of its output need; the layer does not need all."""
    height = shape[1]
    match layer:
        case Pad():
            inside = np.unique(_padded_rows(layer, height)[wanted])
            inside = inside[inside != OUTSIDE]
            return inside if len(inside) else span(0, 1)
        case PixelShuffle(factor=factor):
            return np.unique(wanted // factor)
        case PixelUnshuffle(factor=factor):
            return (wanted[:, np.newaxis] * factor + np.arange(factor)).ravel()
        case Upsample():
            sources, _ = upsampling_taps(layer, height, layer.output_shape(shape)[1])
            return np.unique(sources[wanted])
        case ConvTranspose():
            return rows_with_taps(layer, height, wanted)
    raise UsageError(f"the layer {layer.name} needs all rows at once", "use a layer that does not")


def part_reshaped(
    layer: Reshaping, values: Array, opacity: Array | None, full_scale: float, part: Part, *, opaque: bool
) -> Array:
    """Return wanted rows that follow each other, as `apply_network_layer` does; `opaque` as all of the input is."""
    with np.errstate(all="ignore"):
        return _reshaped(layer, values, opacity, full_scale, part, opaque=opaque).astype(values.dtype, copy=False)


def part_of_opacity(layer: Reshaping, opacity: Array, alpha: KeptAlpha, part: Part) -> Array:
    """Return wanted rows of the alpha that `network_opacity` makes."""
    moving = moving_layer(layer, alpha)
    assert isinstance(moving, Reshaping)
    return np.clip(part_reshaped(moving, opacity, None, 1.0, part, opaque=False), 0, 1)


def _reshaped(
    layer: Reshaping, values: Array, opacity: Array | None, full_scale: float, part: Part, *, opaque: bool
) -> Array:
    match layer:
        case Pad():
            border = layer.border or DEFAULT_BORDER
            rows = part.filled(values, _padded_rows(layer, part.height)[part.wanted], border.value * full_scale)
            (left, right) = layer.margins[1]
            return padded(replace(layer, top=0, bottom=0, left=left, right=right), rows, full_scale)
        case PixelShuffle(factor=factor):
            begin = int(part.wanted[0]) - int(part.held[0]) * factor
            return shuffled(layer, values)[begin : begin + len(part.wanted)]
        case PixelUnshuffle():
            return unshuffled(layer, values)
        case Upsample():
            return upsampled(layer, values, opacity, part, opaque=opaque)
        case ConvTranspose():
            return conv_transposed(layer, values, full_scale, part)
    raise UsageError(f"the layer {layer.name} needs all rows at once", "use a layer that does not")


def _padded_rows(layer: Pad, height: int) -> Rows:
    """Return the row of the picture for each row with the margins, or `OUTSIDE`."""
    above, below = layer.margins[0]
    return border_sources(layer.border or DEFAULT_BORDER, above, height + above + below, height)
