"""Fully connected layers, transposed convolutions, and layers between channels and pixels."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from convcli.array_types import Array
from convcli.filters import ConvTranspose, Layer
from convcli.learning.networks.gradients.layout import item_by_item
from convcli.learning.networks.gradients.made import Made, Mode, of_one


def linear(layer: Layer, inputs: list[Array], parameters: Mapping[str, Array], mode: Mode) -> Made:  # noqa: ARG001
    """Apply `weights` (outputs, inputs) and `bias` to values in the order of channels, rows and columns."""
    x, weights = inputs[0], parameters["weights"]
    items, height, width, channels = x.shape
    flat = x.transpose(0, 3, 1, 2).reshape(items, -1)
    y = flat @ weights.T + parameters["bias"]

    def back(gradient: Array) -> tuple[list[Array], dict[str, Array]]:
        rows = gradient.reshape(items, -1)
        of_x = (rows @ weights).reshape(items, channels, height, width).transpose(0, 2, 3, 1)
        return [np.ascontiguousarray(of_x)], {"weights": rows.T @ flat, "bias": rows.sum(axis=0)}

    return y.reshape(items, 1, 1, -1), back


def conv_transpose(layer: Layer, inputs: list[Array], parameters: Mapping[str, Array], mode: Mode) -> Made:  # noqa: ARG001
    """Apply a transposed convolution by `weights` (inputs, outputs of a group, height, width) and `bias`."""
    assert isinstance(layer, ConvTranspose)
    x, weights, bias = inputs[0], parameters["weights"], parameters["bias"]
    items, height, width, channels = x.shape
    outputs, *sides = layer.output_shape((channels, height, width))
    own, given = outputs // layer.groups, channels // layer.groups
    whole = [side + 2 * less for side, less in zip(sides, layer.padding, strict=True)]
    made = np.zeros((items, whole[0], whole[1], outputs), x.dtype)
    inner = (
        slice(None),
        slice(layer.padding[0], layer.padding[0] + sides[0]),
        slice(layer.padding[1], layer.padding[1] + sides[1]),
    )

    def parts(batch: Array) -> list[tuple[int, int, int, slice, Array]]:
        """Return a view of `batch` for each weight and group, with the channels of the input."""
        (down, right), (step_down, step_right) = layer.dilation, layer.stride
        found = []
        for row, column in np.ndindex(weights.shape[2:]):
            rows = slice(row * down, row * down + (height - 1) * step_down + 1, step_down)
            columns = slice(column * right, column * right + (width - 1) * step_right + 1, step_right)
            for group in range(layer.groups):
                view = batch[:, rows, columns, group * own : (group + 1) * own]
                found.append((row, column, group, slice(group * given, (group + 1) * given), view))
        return found

    for row, column, _, channel, view in parts(made):
        view[...] += x[..., channel] @ weights[channel, :, row, column]

    def back(gradient: Array) -> tuple[list[Array], dict[str, Array]]:
        wide = np.zeros_like(made)
        wide[inner] = gradient
        of_x, of_weights = np.zeros_like(x), np.zeros_like(weights)
        for row, column, _, channel, view in parts(wide):
            of_x[..., channel] += view @ weights[channel, :, row, column].T
            flat = np.ascontiguousarray(x[..., channel]).reshape(-1, given)
            of_weights[channel, :, row, column] = flat.T @ np.ascontiguousarray(view).reshape(-1, own)
        of_bias = gradient.sum(axis=(0, 1, 2))
        return [of_x], {"weights": of_weights, "bias": of_bias if bias.size > 1 else of_bias.sum(keepdims=True)}

    return made[inner] + bias, back


def moved(layer: Layer, inputs: list[Array], parameters: Mapping[str, Array], mode: Mode) -> Made:  # noqa: ARG001
    """Apply a layer that puts values elsewhere, as pixel-shuffle, flatten, crop, mirror and turn do."""
    x = inputs[0]
    _, *shape = x.shape
    # The layer moves the numbers of the values, which are exact in float64, as it moves the values.
    numbers = np.arange(x[0].size, dtype=np.float64).reshape(1, *shape)
    places = item_by_item(layer, numbers)[0].astype(np.intp)

    def back(gradient: Array) -> tuple[list[Array], dict[str, Array]]:
        made = np.zeros((len(x), x[0].size), gradient.dtype)
        made[:, places.ravel()] = gradient.reshape(len(x), -1)
        return of_one(made.reshape(x.shape))

    return x.reshape(len(x), -1)[:, places.ravel()].reshape(len(x), *places.shape), back
