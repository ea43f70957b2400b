"""Convolutions: products of matrices, whose rows are the windows of a batch.

A window's rows lie in memory as one run of pixels times channels, so that copying windows takes few long runs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.lib.stride_tricks import as_strided

from convcli.array_types import Array
from convcli.filters import Conv, Layer, Size2
from convcli.learning.networks.gradients.made import Made, Mode
from convcli.learning.networks.gradients.margins import with_margins, without_margins
from convcli.learning.networks.gradients.scratch import Scratch


def conv(layer: Layer, inputs: list[Array], parameters: Mapping[str, Array], mode: Mode) -> Made:
    """Apply a convolution of any settings, by `weights` that have the divisor in them, and `bias`."""
    assert isinstance(layer, Conv)
    x, weights, bias = inputs[0], parameters["weights"], parameters["bias"]
    margins = layer.margins_for((x.shape[1], x.shape[2]))
    padded = with_margins(x, margins, layer.border)
    _, *sides = layer.output_shape((x.shape[3], x.shape[1], x.shape[2]))
    geometry = _Geometry(layer.stride, layer.dilation, (sides[0], sides[1]))
    products = _planes if weights.ndim < 4 else _grouped
    y, back_of_products = products(padded, weights, layer.groups, geometry, leads_on=mode.leads_on)
    y += bias

    def back(gradient: Array) -> tuple[list[Array], dict[str, Array]]:
        of_padded, of_weights = back_of_products(gradient)
        # A product of matrices is several times as fast as a sum over the first axes.
        of_bias = np.ones(gradient.size // gradient.shape[3], x.dtype) @ gradient.reshape(-1, gradient.shape[3])
        of_bias = of_bias if bias.size > 1 else of_bias.sum(keepdims=True)
        of_x = without_margins(of_padded, x.shape, margins, layer.border) if mode.leads_on else np.zeros_like(x)
        return [of_x], {"weights": of_weights, "bias": of_bias}

    return y, back


class _Geometry:
    """The windows of a convolution: their strides, the distances in them, and their number (down, right)."""

    def __init__(self, stride: Size2, dilation: Size2, count: Size2) -> None:
        self.stride, self.dilation, self.count = stride, dilation, count

    def under(self, padded: Array, row: int, column: int) -> Array:
        """Return the view of the values under a weight, (items, rows, columns, channels)."""
        slices = [
            slice(place * apart, place * apart + (count - 1) * step + 1, step)
            for place, apart, step, count in zip((row, column), self.dilation, self.stride, self.count, strict=True)
        ]
        return padded[:, slices[0], slices[1]]

    def windows(self, padded: Array, size: Size2) -> Scratch:
        """Return all windows as rows of a matrix in scratch memory, each (height, width, channels)."""
        padded = np.ascontiguousarray(padded)
        items, _, _, channels = padded.shape
        # Not those that it has: along an axis of one value they may be any.
        one = padded.itemsize
        item, down, right = (one * math.prod(padded.shape[axis:]) for axis in (1, 2, 3))
        (height, width), (step_down, step_right), (apart_down, apart_right) = size, self.stride, self.dilation
        rows, columns = self.count
        shape: tuple[int, ...] = (items, rows, columns, height, width, channels)
        strides: tuple[int, ...] = (
            *(item, down * step_down, right * step_right),
            *(down * apart_down, right * apart_right, one),
        )
        if apart_right == 1:
            shape, strides = (*shape[:4], width * channels), (*strides[:4], one)
        made = Scratch((items * rows * columns, height * width * channels), padded.dtype)
        made.array.reshape(shape)[...] = as_strided(padded, shape, strides, writeable=False)
        return made


def _grouped(  # type: ignore[no-untyped-def]  # a pair of an array and a function
    padded: Array, weights: Array, groups: int, geometry: _Geometry, *, leads_on: bool
):
    """Return the output of weights (outputs, inputs of a group, height, width), and the way back."""
    outputs, inputs, height, width = weights.shape
    own = outputs // groups
    shape = (padded.shape[0], *geometry.count, own)
    made, windows = [], []
    for group in range(groups):
        part = padded[..., group * inputs : (group + 1) * inputs] if groups > 1 else padded
        windows.append(geometry.windows(part, (height, width)))
        kernels = weights[group * own : (group + 1) * own]
        matrix = np.ascontiguousarray(kernels.transpose(2, 3, 1, 0)).reshape(-1, own)
        made.append((windows[-1].array @ matrix).reshape(shape))

    def back(gradient: Array) -> tuple[Array, Array]:
        of_padded, of_weights = [], []
        for group in range(groups):
            part = gradient[..., group * own : (group + 1) * own] if groups > 1 else gradient
            flat = np.ascontiguousarray(part).reshape(-1, own)
            of_kernels = (windows[group].array.T @ flat).reshape(height, width, inputs, own)
            of_weights.append(of_kernels.transpose(3, 2, 0, 1))
            kernels = weights[group * own : (group + 1) * own]
            if leads_on:
                of_padded.append(_back_to_pixels(part, kernels, padded.shape, geometry))
        return _joined(of_padded, 3) if leads_on else padded, _joined(of_weights, 0)

    return _joined(made, 3), back


def _back_to_pixels(gradient: Array, kernels: Array, shape: tuple[int, ...], geometry: _Geometry) -> Array:
    """Return the gradient of the padded batch of a group."""
    _, inputs, height, width = kernels.shape
    items, rows, columns = shape[:3]
    if geometry.stride == (1, 1):
        # A correlation of the gradient with the kernels turned by 180°.
        reach = [apart * (side - 1) for apart, side in zip(geometry.dilation, (height, width), strict=True)]
        wide = np.pad(gradient, ((0, 0), (reach[0],) * 2, (reach[1],) * 2, (0, 0)))
        turned = np.ascontiguousarray(kernels[:, :, ::-1, ::-1].transpose(2, 3, 0, 1)).reshape(-1, inputs)
        whole = _Geometry((1, 1), geometry.dilation, (wide.shape[1] - reach[0], wide.shape[2] - reach[1]))
        windows = whole.windows(wide, (height, width))
        made = (windows.array @ turned).reshape(items, *whole.count, inputs)
        missing = rows - whole.count[0], columns - whole.count[1]
        return made if missing == (0, 0) else np.pad(made, ((0, 0), (0, missing[0]), (0, missing[1]), (0, 0)))
    of_padded = np.zeros((items, rows, columns, inputs), gradient.dtype)
    for row, column in np.ndindex(height, width):
        geometry.under(of_padded, row, column)[...] += gradient @ kernels[:, :, row, column]
    return of_padded


def _planes(  # type: ignore[no-untyped-def]  # a pair of an array and a function
    padded: Array,
    weights: Array,
    groups: int,  # noqa: ARG001 - as the others
    geometry: _Geometry,
    *,
    leads_on: bool,  # noqa: ARG001
):
    """Return the output of one plane for every channel (height, width), or one each, and the way back."""
    size = weights.shape[-2:]
    made = np.zeros((padded.shape[0], *geometry.count, padded.shape[3]), padded.dtype)
    for row, column in np.ndindex(*size):
        made += geometry.under(padded, row, column) * weights[..., row, column]

    def back(gradient: Array) -> tuple[Array, Array]:
        of_padded, of_weights = np.zeros_like(padded), np.zeros_like(weights)
        for row, column in np.ndindex(*size):
            geometry.under(of_padded, row, column)[...] += gradient * weights[..., row, column]
            products = np.einsum("nrwc,nrwc->c", gradient, geometry.under(padded, row, column))
            of_weights[..., row, column] = products if weights.ndim == 3 else products.sum()
        return of_padded, of_weights

    return made, back


def _joined(parts: list[Array], axis: int) -> Array:
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis)
