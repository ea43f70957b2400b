"""Kernels as other programs have them: over a window around the pixel, each tap with its own weight."""

from __future__ import annotations

import re

import numpy as np

from convcli.array_types import Floats
from convcli.errors import UsageError
from convcli.exchange.exporting.joining import joined_layers
from convcli.filters import DEFAULT_BORDER, Border, Conv, Layer, Pipeline, Rank

_COLORS = 3
_LEAST_BIAS = 2e-5  # half a hundredth of a level of 8 bits

_OF_VALUES = ("relu", "leaky-relu", "abs", "clip", "invert", "round", "threshold", "curve")

_OF_RANKS = ("median", "min", "max")

# What takes any filter, for advice.
_ANYTHING = "export it --to opencv or scipy"
_OF_NETWORKS = "ONNX has the layers of networks: --to onnx; or leave it out, and do it there by its own means"


def layers_for(pipeline: Pipeline, title: str, *others: type[Layer]) -> list[Layer]:
    """Return the layers of a filter, kernels joined to one where that is exact.

    Raises UsageError where there is a layer that is neither a kernel nor one of the `others`.
    """
    layers = joined_layers(pipeline.layers)
    for layer in layers:
        if not isinstance(layer, (Conv, *others)):
            raise UsageError(f"{title} has no {layer.name}", _ANYTHING if _is_simple(layer) else _OF_NETWORKS)
    return layers


def title_of(pipeline: Pipeline) -> str:
    """Return the name of a filter for comments: a file may have any, and none may end the comment that it is in."""
    return re.sub(r"[^\w .:+=,()-]", "-", pipeline.name) or "The filter"


def only_kernel(pipeline: Pipeline, title: str) -> Conv:
    """Return the kernel that a filter is; raise UsageError where it is none, or not exactly."""
    layers = joined_layers(pipeline.layers)
    name = pipeline.name or "the filter"
    for layer in layers:
        if not isinstance(layer, Conv):
            raise UsageError(f"{title} holds one kernel, and {name} is {_named(layer, name)}", _ANYTHING)
    if len(layers) > 1:
        hint = "give --border wrap, with which they are one, or " + _ANYTHING
        raise UsageError(
            f"{title} holds one kernel, and the {len(layers)} of {name} are one only without borders", hint
        )
    conv = layers[0]
    assert isinstance(conv, Conv)
    return conv


def plane_of(conv: Conv, title: str) -> Floats:
    """Return the one plane of a kernel, dilated, not divided; raise UsageError where channels have others."""
    weights = dilated(conv)
    if weights.ndim == 4 and conv.groups == 1 and weights.shape[0] == weights.shape[1]:
        channels = range(len(weights))
        if not any(weights[i, j].any() for i in channels for j in channels if i != j):
            weights = weights[channels, channels]
    if weights.ndim == 3 and (weights == weights[0]).all():
        weights = weights[0]
    if weights.ndim > 2 or len(set(conv.kernel.bias)) > 1:
        raise UsageError(f"{title} filters all channels alike, and this kernel does not", _ANYTHING)
    return weights


def color_matrix_of(conv: Conv) -> Floats | None:
    """Return the 3×3 matrix, divided, by which a kernel mixes the colors of a pixel; None for any other kernel."""
    weights = conv.kernel.weights
    if weights.shape not in ((_COLORS, _COLORS, 1, 1), (1, _COLORS, 1, 1)) or conv.stride != (1, 1) or conv.groups > 1:
        return None
    matrix: Floats = np.broadcast_to(weights[:, :, 0, 0] / conv.kernel.divisor, (_COLORS, _COLORS))
    return matrix


def dilated(conv: Conv) -> Floats:
    """Return the weights with zeros between them where the kernel is dilated."""
    weights = conv.kernel.weights
    if conv.dilation == (1, 1):
        return weights
    spread = np.zeros((*weights.shape[:-2], *conv.extent))
    spread[..., :: conv.dilation[0], :: conv.dilation[1]] = weights
    return spread


def anchor_of(conv: Conv, title: str) -> tuple[int, int]:
    """Return row and column, in the dilated window, of the pixel; raise UsageError where the size is not kept."""
    if conv.stride != (1, 1):
        raise UsageError(
            f"{title} has no stride, and this kernel has one of {conv.stride[0]}×{conv.stride[1]}", _ANYTHING
        )
    (above, below), (left, right) = conv.margins
    height, width = conv.extent
    if above + below != height - 1 or left + right != width - 1:
        raise UsageError(f"{title} keeps the size of the picture, and padding {conv.padding} does not", _ANYTHING)
    return above, left


def centered(plane: Floats, anchor: tuple[int, int], *, square: bool = False, least: int = 1) -> Floats:
    """Return a plane with zeros around it, of odd sides, whose middle is the anchor."""
    (height, width), (row, column) = plane.shape, anchor
    reach = [max(row, height - 1 - row, least // 2), max(column, width - 1 - column, least // 2)]
    if square:
        reach = [max(reach)] * 2
    if (2 * reach[0] + 1, 2 * reach[1] + 1) == plane.shape:
        return plane
    placed = np.zeros((2 * reach[0] + 1, 2 * reach[1] + 1))
    top, left = reach[0] - row, reach[1] - column
    placed[top : top + height, left : left + width] = plane
    return placed


def bias_of(conv: Conv) -> float:
    """Return the bias of a kernel, or 0 for one that is far below a level, as learned kernels have it."""
    bias = conv.kernel.bias[0]
    return bias if abs(bias) > _LEAST_BIAS else 0.0


def border_of(layer: Conv | Rank) -> Border:
    """Return the border of a kernel or a rank, that of pictures where it names none."""
    return layer.border or DEFAULT_BORDER


def needs_border(layer: Conv | Rank) -> bool:
    """Return whether a kernel or a window reaches beyond the picture."""
    return any(map(any, layer.margins))


def border_note(layer: Conv | Rank, title: str, stands_in: str) -> str:
    """Return the note that another border stands in for that of a layer, and how far in it is seen."""
    (above, below), (left, right) = layer.margins
    outer = max(above, below, left, right)
    differ = f"the outer {outer} pixels differ" if outer > 1 else "the outermost pixels differ"
    return f"{title} has no border {border_of(layer)}: {stands_in} takes its place, and {differ}"


def clipping_note(title: str) -> str:
    """Return the note for a chain whose steps are clipped."""
    return f"{title} cuts values below 0 and above white off between the steps, where convcli keeps them"


def _named(layer: Layer, name: str) -> str:
    return "none" if layer.name == name else f"none: it has {layer.name}"


def _is_simple(layer: Layer) -> bool:
    return layer.name in (*_OF_VALUES, *_OF_RANKS, "magnitude", "maximum")
