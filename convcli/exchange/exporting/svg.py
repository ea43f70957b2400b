"""A filter of SVG: feConvolveMatrix, which turns the kernel by 180°, and feColorMatrix."""

from __future__ import annotations

import re
from xml.sax.saxutils import quoteattr

import numpy as np

from convcli.exchange.exporting.handed import Handed, number, rows_of
from convcli.exchange.exporting.kernels import (
    anchor_of,
    border_note,
    border_of,
    clipping_note,
    layers_for,
    needs_border,
    plane_of,
)
from convcli.filters import Conv, Invert, Layer, Pipeline, ReLU

TITLE = "SVG"
_EDGES = {"constant": "none", "edge": "duplicate", "reflect": "duplicate", "symmetric": "duplicate", "wrap": "wrap"}
_COLORS = 3


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
    weights = layer.kernel.weights
    if weights.shape in ((_COLORS, _COLORS, 1, 1), (1, _COLORS, 1, 1)):
        return [_color_matrix(layer)]
    plane = plane_of(layer, TITLE)
    row, column = anchor_of(layer, TITLE)
    border = border_of(layer)
    if needs_border(layer) and (border.name in ("reflect", "symmetric") or border.value):
        stands_in = "none, which is black," if border.value else "duplicate, which repeats the outer pixel,"
        # Of one pixel beyond the picture both are the same.
        if border.name != "symmetric" or max(map(max, layer.margins)) > 1:
            notes.append(border_note(layer, TITLE, stands_in))
    if any(layer.kernel.bias):
        notes.append("browsers differ in feConvolveMatrix's bias: Firefox leaves it out")
    turned = plane[::-1, ::-1]
    height, width = plane.shape
    values = {"bias": number(layer.kernel.bias[0])} if any(layer.kernel.bias) else {}
    return [
        _element(
            "feConvolveMatrix",
            order=f"{width} {height}",
            kernelMatrix="  ".join(rows_of(turned, " ")),
            divisor=number(layer.kernel.divisor),
            **values,
            targetX=str(column),
            targetY=str(row),
            edgeMode=_EDGES[border.name],
            preserveAlpha="true",
        )
    ]


def _color_matrix(conv: Conv) -> str:
    matrix = np.broadcast_to(conv.kernel.weights[:, :, 0, 0] / conv.kernel.divisor, (_COLORS, _COLORS))
    biases = np.broadcast_to(np.array(conv.kernel.bias), _COLORS)
    rows = [
        " ".join([*map(number, row), "0", number(bias)])
        for row, bias in zip(matrix.tolist(), biases.tolist(), strict=True)
    ]
    return _element("feColorMatrix", values="  ".join([*rows, "0 0 0 1 0"]))


def _element(name: str, **attributes: str) -> str:
    return f"<{name} {' '.join(f'{key}={quoteattr(value)}' for key, value in attributes.items())}/>"
