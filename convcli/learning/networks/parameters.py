"""The numbers of layers that are learned, and layers with other numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from convcli.array_types import Array
from convcli.filters import (
    BatchNorm,
    Conv,
    ConvTranspose,
    GroupNorm,
    Kernel,
    Layer,
    LayerNorm,
    Linear,
    NamedConv,
    PReLU,
    Shape,
)

Numbers = dict[str, Array]
MEASURED = ("mean", "variance")  # which no gradient changes
_LEARNING = Conv, Linear, ConvTranspose, PReLU, BatchNorm, GroupNorm, LayerNorm


def learns(layer: Layer) -> bool:
    """Return whether numbers of a layer are learned; those of a filter by its name stay as they are."""
    return isinstance(
        layer, Conv | Linear | ConvTranspose | PReLU | BatchNorm | GroupNorm | LayerNorm
    ) and not isinstance(layer, NamedConv)


def numbers_of(layer: Layer, shape: Shape, dtype: Any) -> Numbers:
    """Return the numbers of a layer for input of `shape` (channels, height, width); none where it has none."""
    made: dict[str, Any] = {}
    match layer:
        case Conv():
            made = {"weights": layer.kernel.weights / layer.kernel.divisor, "bias": layer.kernel.bias}
            outputs = layer.output_shape(shape)[0]
            if layer.kernel.weights.ndim > 2 and len(made["bias"]) == 1 and learns(layer):
                made["bias"] = np.repeat(made["bias"], outputs)
        case Linear():
            made = dict(zip(("weights", "bias"), layer.parameters_for(int(np.prod(shape))), strict=True))
        case ConvTranspose():
            made = {"weights": layer.weights, "bias": layer.bias}
            outputs = layer.output_shape(shape)[0]
            made["bias"] = np.broadcast_to(np.atleast_1d(made["bias"]), outputs)
        case PReLU():
            made = {"weights": layer.numbers["weights"]}
        case BatchNorm() | GroupNorm() | LayerNorm():
            made = {name: np.broadcast_to(each, shape[0]) for name, each in layer.numbers.items()}
    return {name: np.array(each, dtype) for name, each in made.items()}


def with_numbers(layer: Layer, numbers: Numbers) -> Layer:
    """Return a layer with other numbers in place of its own."""
    given = {name: each.astype(np.float64) for name, each in numbers.items()}
    texts: dict[str, Any] = {name: tuple(each.tolist()) for name, each in given.items()}
    match layer:
        case Conv():
            anchor = layer.kernel.anchor if layer.kernel.has_own_anchor else None
            kernel = Kernel(given["weights"], bias=texts["bias"], anchor=anchor)
            names = ("stride", "padding", "dilation", "groups", "border", "centered")
            return Conv(kernel, **{name: getattr(layer, name) for name in names})
        case Linear():
            return Linear(layer.out_features, given["weights"], given["bias"])
        case ConvTranspose():
            return replace(layer, weights=given["weights"], bias=texts["bias"], is_random=False)
        case PReLU() | BatchNorm() | GroupNorm() | LayerNorm():
            return replace(layer, **texts)
    return layer
