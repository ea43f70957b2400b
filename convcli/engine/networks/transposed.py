"""The transposed convolution of arrays."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.engine.part import Part, Rows, span
from convcli.filters import ConvTranspose, Shape


def conv_transposed(layer: ConvTranspose, values: Array, full_scale: float, part: Part | None = None) -> Array:
    """Return the sums of all pixels' weights, (height, width, output channels), in the dtype of the values.

    Of a `part`, whose wanted rows follow each other as those that it holds do, these rows.
    """
    width, channels = values.shape[1:]
    part = part or _whole(layer, values)
    outputs, _, wide = layer.output_shape((channels, part.height, width))
    top, first = int(part.wanted[0]) + layer.padding[0], int(part.held[0])  # of the sums, and of the values
    made = np.zeros((len(part.wanted), wide + 2 * layer.padding[1], outputs), values.dtype)
    # (taps, groups, inputs of a group, outputs of a group)
    weights = layer.weights.reshape(layer.groups, -1, *layer.weights.shape[1:]).astype(values.dtype)
    own, given = outputs // layer.groups, channels // layer.groups
    (down, right), (step_down, step_right) = layer.dilation, layer.stride
    for row, column in np.ndindex(layer.weights.shape[2:]):
        # The values whose tap of this row is among the wanted rows.
        begin = max(-(-(top - row * down) // step_down), first)
        end = min((top + len(made) - 1 - row * down) // step_down + 1, first + len(values))
        if begin >= end:
            continue
        place = begin * step_down + row * down - top
        rows = slice(place, place + (end - begin - 1) * step_down + 1, step_down)
        columns = slice(column * right, column * right + (width - 1) * step_right + 1, step_right)
        for group in range(layer.groups):
            pixels = values[begin - first : end - first, :, group * given : (group + 1) * given]
            made[rows, columns, group * own : (group + 1) * own] += pixels @ weights[group, :, :, row, column]
    made += (np.array(layer.bias) * full_scale).astype(values.dtype)
    left = layer.padding[1]
    return made[:, left : left + wide]


def rows_with_taps(layer: ConvTranspose, height: int, wanted: Rows) -> Rows:
    """Return the rows of values whose taps are among some rows of the output; one of them where there are none."""
    top, bottom = (int(row) + layer.padding[0] for row in wanted[[0, -1]])
    first = max(-(-(top - layer.extent[0] + 1) // layer.stride[0]), 0)
    last = min(bottom // layer.stride[0] + 1, height)
    first = min(first, height - 1)
    return span(first, max(last, first + 1))


def _whole(layer: ConvTranspose, values: Array) -> Part:
    height, width, channels = values.shape
    shape: Shape = channels, height, width
    return Part(height, span(0, height), span(0, layer.output_shape(shape)[1]))
