"""Norms and prelu, on shares of full scale."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from convcli.array_types import Array, Floats
from convcli.filters import BatchNorm, GroupNorm, LayerNorm, LocalResponseNorm, PReLU


def _row(numbers: Any, dtype: Any) -> Array:
    return np.array(numbers, dtype)


def sloped(layer: PReLU, values: Array) -> Array:
    """Return values, negative ones times the slope of their channel."""
    return sloping(values, _row(layer.weights, values.dtype))


def sloping(values: Array, slope: Any) -> Array:
    """Return values, negative ones times a slope; `slope` is one number or one for each channel."""
    if np.all(slope <= 1) and np.all(slope != 0):
        # A tenth of the time; infinity times a slope of 0 would be larger than none.
        bent: Array = np.maximum(values, values * slope)
        return bent
    return np.where(values > 0, values, values * slope)


def batch_normalized(layer: BatchNorm, values: Array, full_scale: float) -> Array:
    """Return values by the given means and variances."""
    mean, variance, weight, bias = (
        _row(each, np.float64) for each in (layer.mean, layer.variance, layer.weight, layer.bias)
    )
    scale = weight / np.sqrt(variance + layer.eps)
    made: Array = (values - (mean * full_scale).astype(values.dtype)) * scale.astype(values.dtype)
    made += (bias * full_scale).astype(values.dtype)
    return made


def response_normalized(layer: LocalResponseNorm, values: Array, full_scale: float) -> Array:
    """Return values over the squares of the channels around them."""
    shares = values.astype(np.float64) / full_scale
    before, after = layer.size // 2, (layer.size - 1) // 2
    padded = np.pad(np.square(shares), ((0, 0), (0, 0), (before, after)))
    # Each window by itself: differences of running sums would spread NaN, and what is large, over later channels.
    squares = sliding_window_view(padded, layer.size, axis=2).sum(axis=-1)
    made: Array = values / (layer.k + layer.alpha / layer.size * squares) ** layer.beta
    return made


def layer_normalized(layer: LayerNorm, values: Array, full_scale: float) -> Array:
    """Return values by the mean and the variance of the channels at their pixel."""
    shares: Floats = values.astype(np.float64) / full_scale
    shares -= shares.mean(axis=2, keepdims=True)
    shares /= np.sqrt(np.square(shares).mean(axis=2, keepdims=True) + layer.eps)
    normalized: Array = (shares * _row(layer.weight, np.float64) + _row(layer.bias, np.float64)) * full_scale
    return normalized


def group_normalized(layer: GroupNorm, values: Array, full_scale: float, opacity: Array | None) -> Array:
    """Return values by the means and variances of their groups, over what is visible where something is."""
    height, width, channels = values.shape
    shares: Floats = values.astype(np.float64) / full_scale
    grouped = shares.reshape(height, width, layer.groups_of(channels), -1)
    weights = None
    if opacity is not None and opacity.max() > 0 and opacity.min() < 1:
        weights = np.broadcast_to(opacity[:, :, :, np.newaxis], grouped.shape)
        grouped = np.where(weights > 0, grouped, 0)
    mean = np.average(grouped, axis=(0, 1, 3), weights=weights)[:, np.newaxis]
    variance = np.average(np.square(grouped - mean), axis=(0, 1, 3), weights=weights)[:, np.newaxis]
    made = (shares.reshape(grouped.shape) - mean) / np.sqrt(variance + layer.eps)
    made = made.reshape(values.shape) * _row(layer.weight, np.float64) + _row(layer.bias, np.float64)
    normalized: Array = made * full_scale
    return normalized
