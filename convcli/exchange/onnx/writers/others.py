"""Functions of single values, norms, and layers that change the shape, as nodes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from convcli.errors import UsageError
from convcli.exchange.onnx.writers.graph import Graph, Wire
from convcli.filters import (
    SELU_ALPHA,
    SELU_SCALE,
    BatchNorm,
    Clip,
    Crop,
    GroupNorm,
    InstanceNorm,
    Layer,
    LayerNorm,
    Linear,
    LocalResponseNorm,
    PixelShuffle,
    PixelUnshuffle,
    PReLU,
    Softplus,
    Upsample,
)

# Layers of single values, and of the channels at a position: the operator, its attributes, and its opset.
_POINTWISE: dict[str, tuple[str, Callable[[Any], dict[str, Any]], int]] = {
    "relu": ("Relu", lambda _: {}, 0),
    "leaky-relu": ("LeakyRelu", lambda layer: {"alpha": float(layer.slope)}, 0),
    "abs": ("Abs", lambda _: {}, 0),
    "sigmoid": ("Sigmoid", lambda _: {}, 0),
    "tanh": ("Tanh", lambda _: {}, 0),
    "elu": ("Elu", lambda layer: {"alpha": float(layer.alpha)}, 0),
    "celu": ("Celu", lambda layer: {"alpha": float(layer.alpha)}, 0),
    "selu": ("Selu", lambda _: {"alpha": SELU_ALPHA, "gamma": SELU_SCALE}, 0),
    "gelu": ("Gelu", lambda layer: {"approximate": layer.approximate}, 20),
    "mish": ("Mish", lambda _: {}, 18),
    "hard-sigmoid": ("HardSigmoid", lambda layer: {"alpha": float(layer.alpha), "beta": float(layer.beta)}, 0),
    "hard-swish": ("HardSwish", lambda _: {}, 0),
    "softmax": ("Softmax", lambda _: {"axis": 1}, 0),
    "log-softmax": ("LogSoftmax", lambda _: {"axis": 1}, 0),
    "dropout": ("Identity", lambda _: {}, 0),
}


def pointwise(graph: Graph, layer: Layer, wire: Wire) -> str:
    """Add the operator of a function of single values, or of channels."""
    op, attributes, opset = _POINTWISE[layer.name]
    return graph.add(op, [wire.name], opset=opset, **attributes(layer))


def is_pointwise(layer: Layer) -> bool:
    """Return whether a layer has one operator without weights."""
    return layer.name in _POINTWISE


def with_numbers(graph: Graph, layer: Layer, wire: Wire) -> str | None:
    """Add a function of single values that has numbers; None for other layers."""
    x = wire.name
    match layer:
        case Clip(low=low, high=high):
            return graph.add("Clip", [x, graph.store(low), graph.store(high)])
        case PReLU(weights=slopes):
            return graph.add("PRelu", [x, graph.store(np.reshape(slopes, (-1, 1, 1)))])
        case Softplus(beta=beta, threshold=threshold):
            if threshold < 15:
                raise UsageError(f"ONNX has no softplus with the threshold {threshold:g}", "use 20, as PyTorch does")
            if beta == 1:
                return graph.add("Softplus", [x])
            made = graph.add("Softplus", [graph.add("Mul", [x, graph.store(beta)])])
            return graph.add("Mul", [made, graph.store(1 / beta)])
    if layer.name == "invert":
        return graph.add("Sub", [graph.store(1.0), x])
    if layer.name == "silu":
        return graph.add("Mul", [x, graph.add("Sigmoid", [x])])
    return None


def norm(graph: Graph, layer: Layer, wire: Wire) -> str | None:
    """Add a norm as in inference; None for other layers."""
    channels = wire.shape[0]

    def stored(numbers: Any) -> str:
        return graph.store(np.broadcast_to(numbers, channels))

    match layer:
        case BatchNorm():
            inputs = [stored(each) for each in (layer.weight, layer.bias, layer.mean, layer.variance)]
            return graph.add("BatchNormalization", [wire.name, *inputs], epsilon=float(layer.eps))
        case InstanceNorm():
            inputs = [stored(layer.weight), stored(layer.bias)]
            return graph.add("InstanceNormalization", [wire.name, *inputs], epsilon=float(layer.eps))
        case GroupNorm():
            inputs = [stored(layer.weight), stored(layer.bias)]
            given: dict[str, Any] = {"num_groups": layer.groups, "epsilon": float(layer.eps)}
            return graph.add("GroupNormalization", [wire.name, *inputs], opset=21, **given)
        case LayerNorm():
            last = graph.add("Transpose", [wire.name], perm=[0, 2, 3, 1])
            inputs = [last, stored(layer.weight), stored(layer.bias)]
            made = graph.add("LayerNormalization", inputs, opset=17, axis=-1, epsilon=float(layer.eps))
            return graph.add("Transpose", [made], perm=[0, 3, 1, 2])
        case LocalResponseNorm(size=size):
            if size % 2 == 0:
                raise UsageError(f"ONNX takes other channels for a norm over {size}", "use an odd size")
            norms: dict[str, Any] = {"alpha": float(layer.alpha), "beta": float(layer.beta), "bias": float(layer.k)}
            return graph.add("LRN", [wire.name], size=size, **norms)
    return None


def reshaped(graph: Graph, layer: Layer, wire: Wire) -> str | None:
    """Add a layer that changes the shape; None for other layers."""
    match layer:
        case PixelShuffle(factor=factor, order=order):
            return graph.add("DepthToSpace", [wire.name], blocksize=factor, mode=order.upper())
        case PixelUnshuffle(factor=factor, order=order):
            made = graph.add("SpaceToDepth", [wire.name], blocksize=factor)
            if order == "dcr":
                return made
            channels = np.arange(wire.shape[0] * factor**2).reshape(factor**2, -1).T
            return graph.add("Gather", [made, graph.store(channels.ravel(), "i8")], axis=1)
        case Upsample():
            return _upsampled(graph, layer, wire)
        case Crop(x=x, y=y, width=width, height=height):
            numbers = ([y, x], [y + height, x + width], [2, 3])
            return graph.add("Slice", [wire.name, *(graph.store(each, "i8") for each in numbers)])
        case Linear():
            return _linear(graph, layer, wire)
    if layer.name == "flatten":
        return _as_picture(graph, graph.add("Flatten", [wire.name], axis=1))
    return None


def _upsampled(graph: Graph, layer: Upsample, wire: Wire) -> str:
    modes = {"nearest": "nearest", "bilinear": "linear", "bicubic": "cubic"}
    given: dict[str, Any] = {"mode": modes[layer.mode], "axes": [2, 3]}
    if layer.mode == "nearest":
        given |= {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    else:
        given["coordinate_transformation_mode"] = "align_corners" if layer.align_corners else "half_pixel"
    if layer.scale is not None:
        inputs = [wire.name, "", graph.store([layer.scale] * 2)]
    else:
        inputs = [wire.name, "", "", graph.store(layer.size or (), "i8")]
    return graph.add("Resize", inputs, opset=18, **given)


def _linear(graph: Graph, layer: Linear, wire: Wire) -> str:
    weights, bias = layer.parameters_for(math.prod(wire.shape))
    inputs = [graph.add("Flatten", [wire.name], axis=1), graph.store(weights), graph.store(bias)]
    return _as_picture(graph, graph.add("Gemm", inputs, transB=1))


def _as_picture(graph: Graph, name: str) -> str:
    """Add the two axes that a row of numbers lacks."""
    return graph.add("Unsqueeze", [name, graph.store([2, 3], "i8")])
