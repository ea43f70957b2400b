"""Convolutions, pools and pads as nodes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from convcli.errors import UsageError
from convcli.exchange.onnx.writers.graph import Graph, Wire
from convcli.filters import (
    DEFAULT_BORDER,
    AdaptivePool,
    AvgPool,
    Border,
    Conv,
    ConvTranspose,
    LpPool,
    MaxPool,
    Pad,
    Pool,
    Size2,
)

_MODES = {"constant": "constant", "edge": "edge", "reflect": "reflect", "wrap": "wrap"}


def conv(graph: Graph, layer: Conv, wire: Wire) -> str:
    """Add a Conv, behind a Pad where its border is not black."""
    channels = wire.shape[0]
    kernel = layer.kernel
    weights = kernel.weights / kernel.divisor
    groups = layer.groups
    if weights.ndim < 4:  # a plane for each channel
        weights = np.broadcast_to(weights, (channels, *kernel.size))[:, np.newaxis]
        groups = channels
    inputs = [wire.name, graph.store(weights)]
    if any(kernel.bias):
        inputs.append(graph.store(np.broadcast_to(kernel.bias, len(weights))))
    given: dict[str, Any] = {
        "kernel_shape": list(kernel.size),
        "strides": list(layer.stride),
        "dilations": list(layer.dilation),
        "group": groups,
    }
    border = layer.border or DEFAULT_BORDER
    if layer.padding in ("same-upper", "same-lower"):
        if border != Border("constant"):
            raise UsageError(f"ONNX has no padding {layer.padding} with the border {border}", "use border constant")
        return graph.add("Conv", inputs, auto_pad=layer.padding.replace("-", "_").upper(), **given)
    (above, below), (left, right) = layer.margins
    if border == Border("constant"):
        return graph.add("Conv", inputs, pads=[above, left, below, right], **given)
    inputs[0] = padded(graph, wire.name, (above, below), (left, right), border)
    return graph.add("Conv", inputs, **given)


def padded(graph: Graph, name: str, vertical: Size2, horizontal: Size2, border: Border) -> str:
    """Add a Pad where there is something to add; return the name of its output."""
    (above, below), (left, right) = vertical, horizontal
    if not any((*vertical, *horizontal)):
        return name
    mode = _MODES.get(border.name)
    if border.name == "symmetric" and max(*vertical, *horizontal) <= 1:
        mode = "edge"  # of one pixel it is the same
    if mode is None:
        raise UsageError(f"ONNX has no border {border}", "give --border edge or reflect, or constant")
    pads = graph.store([0, 0, above, left, 0, 0, below, right], "i8")
    inputs = [name, pads] + ([graph.store(border.value)] if border.value else [])
    return graph.add("Pad", inputs, mode=mode, opset=19 if mode == "wrap" else 0)


def pad(graph: Graph, layer: Pad, wire: Wire) -> str:
    """Add a Pad."""
    return padded(graph, wire.name, *layer.margins, layer.border or DEFAULT_BORDER)


def conv_transpose(graph: Graph, layer: ConvTranspose, wire: Wire) -> str:
    """Add a ConvTranspose."""
    inputs = [wire.name, graph.store(layer.weights)]
    outputs = layer.weights.shape[1] * layer.groups
    if layer.has_bias:
        inputs.append(graph.store(np.broadcast_to(np.asarray(layer.bias), outputs)))
    return graph.add(
        "ConvTranspose",
        inputs,
        strides=list(layer.stride),
        pads=[*layer.padding, *layer.padding],
        output_padding=list(layer.output_padding),
        dilations=list(layer.dilation),
        group=layer.groups,
    )


def pool(graph: Graph, layer: Pool, wire: Wire) -> str:
    """Add a pool; a sum is a mean, times the number of values."""
    given: dict[str, Any] = {
        "kernel_shape": list(layer.size),
        "strides": list(layer.step),
        "pads": [*layer.padding, *layer.padding],
    }
    if layer.ceil_mode:
        given["ceil_mode"] = 1
    is_dilated = layer.dilation != (1, 1)
    if is_dilated:
        given["dilations"] = list(layer.dilation)
    match layer:
        case MaxPool():
            return graph.add("MaxPool", [wire.name], **given)
        case LpPool(p=p):
            if p != int(p) or p < 1 or layer.ceil_mode:
                raise UsageError("ONNX has no lppool with ceil_mode, or a p that is not whole", "use another p")
            return graph.add("LpPool", [wire.name], p=int(p), opset=18, **given)
    opset = 19 if is_dilated or layer.ceil_mode else 0
    factor, counts = _factor(layer)
    mean = graph.add("AveragePool", [wire.name], count_include_pad=int(counts), opset=opset, **given)
    return mean if factor == 1 else graph.add("Mul", [mean, graph.store(factor)])


def _factor(layer: Pool) -> tuple[float, bool]:
    """Return the factor of a mean, and whether it counts its padding."""
    whole = math.prod(layer.size)
    if isinstance(layer, AvgPool) and layer.divisor is None:
        return 1.0, layer.count_include_pad
    if layer.ceil_mode:
        raise UsageError(f"ONNX has no {layer.name} with ceil_mode and a divisor", "leave out ceil_mode")
    return whole / (layer.divisor or 1.0) if isinstance(layer, AvgPool) else float(whole), True


def adaptive_pool(graph: Graph, layer: AdaptivePool, wire: Wire) -> str:
    """Add a pool of the whole picture; other sizes have no operator."""
    if layer.size != (1, 1):
        raise UsageError(f"ONNX has no {layer.name} to {layer.size[0]}×{layer.size[1]}", "use a pool of a given window")
    return graph.add("GlobalMaxPool" if layer.is_largest else "GlobalAveragePool", [wire.name])
