"""The transposed convolution of arrays."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.filters import ConvTranspose


def conv_transposed(layer: ConvTranspose, values: Array, full_scale: float) -> Array:
    """Return the sums of all pixels' weights, (height, width, output channels), in the dtype of the values."""
    height, width, channels = values.shape
    outputs, *sides = layer.output_shape((channels, height, width))
    whole = [side + 2 * less for side, less in zip(sides, layer.padding, strict=True)]
    made = np.zeros((whole[0], whole[1], outputs), values.dtype)
    # (taps, groups, inputs of a group, outputs of a group)
    weights = layer.weights.reshape(layer.groups, -1, *layer.weights.shape[1:]).astype(values.dtype)
    own, given = outputs // layer.groups, channels // layer.groups
    (down, right), (step_down, step_right) = layer.dilation, layer.stride
    for row, column in np.ndindex(layer.weights.shape[2:]):
        rows = slice(row * down, row * down + (height - 1) * step_down + 1, step_down)
        columns = slice(column * right, column * right + (width - 1) * step_right + 1, step_right)
        for group in range(layer.groups):
            pixels = values[:, :, group * given : (group + 1) * given]
            made[rows, columns, group * own : (group + 1) * own] += pixels @ weights[group, :, :, row, column]
    above, left = layer.padding
    made += (np.array(layer.bias) * full_scale).astype(values.dtype)
    return made[above : above + sides[0], left : left + sides[1]]
