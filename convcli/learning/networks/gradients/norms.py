"""Gradients of norms."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from convcli.array_types import Array
from convcli.filters import BatchNorm, GroupNorm, Layer, LayerNorm, LocalResponseNorm
from convcli.learning.networks.gradients.made import Made, Mode, of_one


def batch_norm(layer: Layer, inputs: list[Array], parameters: Mapping[str, Array], mode: Mode) -> Made:
    """Apply means and variances: in training those of the batch, which are measured, later those of the training."""
    assert isinstance(layer, BatchNorm)
    x, weight, bias = inputs[0], parameters["weight"], parameters["bias"]
    if mode.is_training:
        mean, variance = x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2))
        if mode.measured is not None:
            count = x.size // x.shape[3]
            mode.measured[id(layer)] = mean, variance * (count / max(count - 1, 1))
    else:
        mean, variance = parameters["mean"], parameters["variance"]
    scale = 1 / np.sqrt(variance + layer.eps).astype(x.dtype)
    plain = (x - mean) * scale

    def back(gradient: Array) -> tuple[list[Array], dict[str, Array]]:
        of_weight, of_bias = (gradient * plain).sum(axis=(0, 1, 2)), gradient.sum(axis=(0, 1, 2))
        of_plain = gradient * weight
        if mode.is_training:
            of_plain = _less_means(of_plain, plain, (0, 1, 2))
        return [of_plain * scale], {"weight": _like(of_weight, weight), "bias": _like(of_bias, bias)}

    return plain * weight + bias, back


def group_norm(layer: Layer, inputs: list[Array], parameters: Mapping[str, Array], mode: Mode) -> Made:  # noqa: ARG001
    """Apply the mean and the variance of each group of channels of an item."""
    assert isinstance(layer, GroupNorm)
    items, height, width, channels = inputs[0].shape
    shape = (items, height, width, layer.groups_of(channels), channels // layer.groups_of(channels))
    return _over(inputs[0], shape, (1, 2, 4), parameters, layer.eps)


def layer_norm(layer: Layer, inputs: list[Array], parameters: Mapping[str, Array], mode: Mode) -> Made:  # noqa: ARG001
    """Apply the mean and the variance of the channels of each pixel."""
    assert isinstance(layer, LayerNorm)
    return _over(inputs[0], inputs[0].shape, (3,), parameters, layer.eps)


def _over(x: Array, shape: tuple[int, ...], axes: tuple[int, ...], parameters: Mapping[str, Array], eps: float) -> Made:
    """Apply the mean and the variance over axes of a shape that the values are seen in."""
    weight, bias = parameters["weight"], parameters["bias"]
    grouped = x.reshape(shape)
    scale = 1 / np.sqrt(grouped.var(axis=axes, keepdims=True) + eps).astype(x.dtype)
    plain = (grouped - grouped.mean(axis=axes, keepdims=True)) * scale

    def back(gradient: Array) -> tuple[list[Array], dict[str, Array]]:
        flat = plain.reshape(x.shape)
        of_weight, of_bias = (gradient * flat).sum(axis=(0, 1, 2)), gradient.sum(axis=(0, 1, 2))
        of_plain = _less_means((gradient * weight).reshape(shape), plain, axes)
        of_x = (of_plain * scale).reshape(x.shape)
        return [of_x], {"weight": _like(of_weight, weight), "bias": _like(of_bias, bias)}

    return plain.reshape(x.shape) * weight + bias, back


def _less_means(of_plain: Array, plain: Array, axes: tuple[int, ...]) -> Array:
    """Return the part of a gradient that leaves the mean and the variance as they are."""
    mean = of_plain.mean(axis=axes, keepdims=True)
    along: Array = of_plain - mean - plain * (of_plain * plain).mean(axis=axes, keepdims=True)
    return along


def _like(gradient: Array, parameter: Array) -> Array:
    """Return the gradient of a number for each channel, or of one for all."""
    return gradient if parameter.size > 1 or gradient.size == 1 else gradient.sum(keepdims=True)


def response_norm(layer: Layer, inputs: list[Array], parameters: Mapping[str, Array], mode: Mode) -> Made:  # noqa: ARG001
    """Divide values by a power of the squares of the channels around them."""
    assert isinstance(layer, LocalResponseNorm)
    x = inputs[0]
    before, after = layer.size // 2, (layer.size - 1) // 2
    share = layer.alpha / layer.size
    base = layer.k + share * _over_channels(x * x, before, after)
    y = (x * base**-layer.beta).astype(x.dtype, copy=False)

    def back(gradient: Array) -> tuple[list[Array], dict[str, Array]]:
        around = _over_channels(gradient * x * base ** (-layer.beta - 1), after, before)
        made = gradient * base**-layer.beta - 2 * layer.beta * share * x * around
        return of_one(made.astype(x.dtype, copy=False))

    return y, back


def _over_channels(values: Array, before: int, after: int) -> Array:
    """Return for each channel the sum over those from so many before it to so many after it."""
    count = values.shape[3]
    padded = np.pad(values, ((0, 0), (0, 0), (0, 0), (before, after)))
    total = padded[..., :count].copy()
    for offset in range(1, before + after + 1):
        total += padded[..., offset : offset + count]
    return total
