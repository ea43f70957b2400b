"""Gradients of single values, and of the channels at a position."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from convcli.array_types import Array
from convcli.filters import SELU_ALPHA, SELU_SCALE, Curve, Layer, Sigmoid, Softplus
from convcli.learning.networks.gradients.layout import pixel_by_pixel
from convcli.learning.networks.gradients.made import Made, Mode, of_one

_SIGMOID, _SOFTPLUS = Sigmoid(), Softplus()


def pointwise(layer: Layer, inputs: list[Array], parameters: Mapping[str, Array], mode: Mode) -> Made:  # noqa: ARG001
    """Apply a function of single values, whose slope is in a table."""
    x = inputs[0]
    y = pixel_by_pixel(layer, x)
    slope = SLOPES[layer.name]

    def back(gradient: Array) -> tuple[list[Array], dict[str, Array]]:
        with np.errstate(all="ignore"):
            factor = np.asarray(slope(layer, x, y))
            return of_one(gradient * (factor if factor.dtype == bool else factor.astype(x.dtype, copy=False)))

    return y, back


def softmax(layer: Layer, inputs: list[Array], parameters: Mapping[str, Array], mode: Mode) -> Made:  # noqa: ARG001
    """Apply the softmax over the channels."""
    y = pixel_by_pixel(layer, inputs[0])
    return y, lambda g: of_one(y * (g - (g * y).sum(axis=3, keepdims=True)))


def log_softmax(layer: Layer, inputs: list[Array], parameters: Mapping[str, Array], mode: Mode) -> Made:  # noqa: ARG001
    """Apply the logarithm of the softmax."""
    y = pixel_by_pixel(layer, inputs[0])
    return y, lambda g: of_one(g - np.exp(y) * g.sum(axis=3, keepdims=True))


def prelu(layer: Layer, inputs: list[Array], parameters: Mapping[str, Array], mode: Mode) -> Made:  # noqa: ARG001
    """Apply learned slopes to negative values."""
    x, slopes = inputs[0], parameters["weights"]
    is_positive = x > 0

    def back(gradient: Array) -> tuple[list[Array], dict[str, Array]]:
        of_slopes = np.where(is_positive, 0, gradient * x).sum(axis=(0, 1, 2))
        of_slopes = of_slopes if slopes.size > 1 else of_slopes.sum(keepdims=True)
        return [np.where(is_positive, gradient, gradient * slopes)], {"weights": of_slopes}

    return np.where(is_positive, x, x * slopes), back


def dropout(layer: Layer, inputs: list[Array], parameters: Mapping[str, Array], mode: Mode) -> Made:  # noqa: ARG001
    """Leave out a share of the values in training, and make the others as much larger."""
    x, share = inputs[0], float(getattr(layer, "p", 0))
    if not mode.is_training or mode.generator is None or share == 0:
        return x, of_one
    kept = mode.generator.random(x.shape, np.float32) >= share
    factor = kept.astype(x.dtype) / x.dtype.type(1 - share if share < 1 else 1)
    return x * factor, lambda g: of_one(g * factor)


def _sigmoid(x: Array) -> Array:
    return pixel_by_pixel(_SIGMOID, x)


def _gelu(layer: Any, x: Array, y: Array) -> Array:
    if layer.approximate == "tanh":
        factor = math.sqrt(2 / math.pi)
        inner = np.tanh(factor * (x + 0.044715 * x**3))
        tanh: Array = 0.5 * (1 + inner) + 0.5 * x * (1 - inner**2) * factor * (1 + 3 * 0.044715 * x**2)
        return tanh
    # The output is x times the normal distribution.
    normal = np.where(x != 0, y / np.where(x != 0, x, 1), 0.5)
    slope: Array = normal + x * np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    return slope


def _silu(_: Any, x: Array, __: Array) -> Array:
    share = _sigmoid(x)
    slope: Array = share * (1 + x * (1 - share))
    return slope


def _mish(_: Any, x: Array, __: Array) -> Array:
    tanh = np.tanh(pixel_by_pixel(_SOFTPLUS, x))
    slope: Array = tanh + x * (1 - tanh**2) * _sigmoid(x)
    return slope


def _softplus(layer: Any, x: Array, _: Array) -> Array:
    scaled = x * layer.beta
    return np.where(scaled > layer.threshold, 1, _sigmoid(scaled))


def _hard_sigmoid(layer: Any, x: Array, _: Array) -> Array:
    line = layer.alpha * x + layer.beta
    return np.where((line > 0) & (line < 1), layer.alpha, 0)


def _curve(layer: Curve, x: Array, _: Array) -> Array:
    ends, values = np.array(layer.points).T
    slopes = np.concatenate([[0], np.diff(values) / np.diff(ends), [0]])
    made = np.ones_like(x)
    for channel in layer.changed(x.shape[3]):
        made[..., channel] = slopes[np.searchsorted(ends, x[..., channel], side="right")]
    return made


# The slope of each function, of the layer, its input and its output. At a corner it is that of PyTorch.
SLOPES: dict[str, Callable[[Any, Array, Array], Any]] = {
    "relu": lambda _, x, __: x > 0,
    "leaky-relu": lambda layer, x, _: np.where(x > 0, 1, layer.slope),
    "abs": lambda _, x, __: np.sign(x),
    "clip": lambda layer, x, _: (x >= layer.low) & (x <= layer.high),
    "invert": lambda _, x, __: np.full_like(x, -1),
    "curve": _curve,
    "sigmoid": lambda _, __, y: y * (1 - y),
    "tanh": lambda _, __, y: 1 - y**2,
    "elu": lambda layer, x, _: np.where(x > 0, 1, layer.alpha * np.exp(x)),
    "celu": lambda layer, x, _: np.where(x > 0, 1, np.exp(x / layer.alpha)),
    "selu": lambda _, x, __: SELU_SCALE * np.where(x > 0, 1, SELU_ALPHA * np.exp(x)),
    "gelu": _gelu,
    "silu": _silu,
    "mish": _mish,
    "softplus": _softplus,
    "hard-sigmoid": _hard_sigmoid,
    "hard-swish": lambda _, x, __: np.where(x > 3, 1, np.where(x < -3, 0, x / 3 + 0.5)),
}
