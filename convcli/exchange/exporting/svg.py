"""A filter of SVG: feConvolveMatrix, which turns the kernel by 180°, and feColorMatrix."""

from __future__ import annotations

import re
from xml.sax.saxutils import quoteattr

import numpy as np

from convcli.array_types import Floats
from convcli.exchange.exporting.handed import Handed, number, rows_of
from convcli.exchange.exporting.kernels import (
    anchor_of,
    bias_of,
    border_note,
    border_of,
    clipping_note,
    color_matrix_of,
    layers_for,
    needs_border,
    plane_of,
)
from convcli.filters import Conv, Invert, Layer, Pipeline, ReLU

TITLE = "SVG"
_EDGES = {"constant": "none", "edge": "duplicate", "reflect": "duplicate", "symmetric": "duplicate", "wrap": "wrap"}
_COLORS = 3
# Weights that Chromium keeps as they are, and those that it takes at all (156, and Skia's sources).
_EXACT, _DRAWN = 28, 256


def export(pipeline: Pipeline, ending: str = "") -> Handed:  # noqa: ARG001 - one form for every file
    """Return a drawing with the filter and a picture under it; raise UsageError for what SVG has not."""
    layers = layers_for(pipeline, TITLE, Invert, ReLU)
    notes: list[str] = []
    steps = [line for layer in layers for line in _primitive(layer, notes)]
    if len(layers) > 1:
        notes.append(clipping_note(TITLE))
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", pipeline.name).strip("-") or "filter"
    name = name if name[0].isalpha() else f"filter-{name}"
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="100%">',
        f'  <filter id="{name}" x="0" y="0" width="100%" height="100%" color-interpolation-filters="sRGB">',
        *(f"    {step}" for step in steps),
        "  </filter>",
        f'  <image href="input.png" filter="url(#{name})"/>',
        "</svg>",
    ]
    used = f"on a page: filter: url(#{name}), or of the file: url(FILE#{name})"
    return Handed("\n".join(lines) + "\n", tuple(dict.fromkeys(notes)), (used,))


def _primitive(layer: Layer, notes: list[str]) -> list[str]:
    if isinstance(layer, Invert):
        return [_element("feColorMatrix", values="-1 0 0 0 1  0 -1 0 0 1  0 0 -1 0 1  0 0 0 1 0")]
    if not isinstance(layer, Conv):
        return []  # relu: values below 0 are cut off as it is
    matrix = color_matrix_of(layer)
    if matrix is not None:
        return [_color_matrix(layer, matrix)]
    plane = plane_of(layer, TITLE)
    row, column = anchor_of(layer, TITLE)
    border = border_of(layer)
    if needs_border(layer) and (border.name in ("reflect", "symmetric") or border.value):
        stands_in = "none, which is black," if border.value else "duplicate, which repeats the outer pixel,"
        # Of one pixel beyond the picture both are the same.
        if border.name != "symmetric" or max(map(max, layer.margins)) > 1:
            notes.append(border_note(layer, TITLE, stands_in))
    bias = bias_of(layer)
    if bias:
        notes.append("browsers differ in feConvolveMatrix's bias: Firefox leaves it out")
    edge, divisor = _EDGES[border.name], layer.kernel.divisor
    if plane.size <= _EXACT:
        return [_convolution(plane, (row, column), divisor, bias, edge)]
    if (factors := _factors(plane)) is not None and max(plane.shape) <= _EXACT:
        down, along = factors
        notes.append(
            "two steps in place of a large kernel, which browsers round between: Chromium's weights are 8 bits"
        )
        return [_convolution(down, (row, 0), 1.0, 0.0, edge), _convolution(along, (0, column), divisor, bias, edge)]
    if plane.size > _DRAWN:
        notes.append(f"Chromium draws no picture under more than {_DRAWN} weights, and these are {plane.size}")
    else:
        notes.append(
            f"Chromium rounds the weights of a kernel of more than {_EXACT} to 8 bits: a picture may be darker"
        )
    return [_convolution(plane, (row, column), divisor, bias, edge)]


def _convolution(plane: Floats, anchor: tuple[int, int], divisor: float, bias: float, edge: str) -> str:
    height, width = plane.shape
    values = {"bias": number(bias)} if bias else {}
    return _element(
        "feConvolveMatrix",
        order=f"{width} {height}",
        kernelMatrix="  ".join(rows_of(plane[::-1, ::-1], " ")),
        divisor=number(divisor),
        **values,
        targetX=str(anchor[1]),
        targetY=str(anchor[0]),
        edgeMode=edge,
        preserveAlpha="true",
    )


def _factors(plane: Floats) -> tuple[Floats, Floats] | None:
    """Return the column of sum 1 and the row that a plane without negative weights is the product of, or None."""
    row, column = np.unravel_index(np.abs(plane).argmax(), plane.shape)
    down, along = plane[:, column : column + 1], plane[row : row + 1]
    total = float(down.sum())
    if plane.min() < 0 or np.abs(down * along / plane[row, column] - plane).max() > 1e-9 * plane[row, column]:
        return None
    return down / total, along * (total / plane[row, column])


def _color_matrix(conv: Conv, matrix: Floats) -> str:
    biases = np.broadcast_to(np.array(conv.kernel.bias), _COLORS)
    rows = [
        " ".join([*map(number, row), "0", number(bias)])
        for row, bias in zip(matrix.tolist(), biases.tolist(), strict=True)
    ]
    return _element("feColorMatrix", values="  ".join([*rows, "0 0 0 1 0"]))


def _element(name: str, **attributes: str) -> str:
    return f"<{name} {' '.join(f'{key}={quoteattr(value)}' for key, value in attributes.items())}/>"
