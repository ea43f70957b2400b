"""A pipeline as a picture: the values between its layers, and the layers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Floats
from convcli.engine import apply_layer
from convcli.filters import (
    Abs,
    Activation,
    Clip,
    Combine,
    Conv,
    Curve,
    Invert,
    Layer,
    LayerRow,
    LeakyReLU,
    Pool,
    ReLU,
    Shape,
    Threshold,
)
from convcli.report.filters.layers import Layers
from convcli.report.pictures.canvas import MARGIN, Canvas, shortened, width_of
from convcli.report.pictures.colors import BLUE, GRAY, INK, LINE
from convcli.report.pictures.panels import Square, heat_map, scaled_planes
from convcli.words import counted, grouped, times

_HEADER = 112
_PITCH = 128  # from values to the next values, in pixels
_WIDTH = 1120
_FLOW = 110  # column of the values
_CARD = (268, 84)  # left edge and height of a layer
_THUMB, _GAP = 58, 10
_MOST_THUMBS, _MOST_BRANCHES = 6, 8
_SHEETS, _SHEET_STEP = 5, 5  # channels that are drawn, and pixels between them
_NEAR, _FAR = (190, 208, 214), (230, 240, 243)
_CURVED = (ReLU, LeakyReLU, Activation, Abs, Clip, Curve, Invert, Threshold)


def draw_layers(layers: Layers) -> NDArray[np.uint8]:
    """Draw a filter's layers from top to bottom: (height, width, 3).

    On the left the values between the layers, a sheet per channel, five at most; on the right the layers with their
    kernels, or with the curve of a function.
    """
    described = list(layers.described)
    canvas = Canvas(_WIDTH, _HEADER + _PITCH * len(described) + 120)
    extent = described[-1][2].receptive_field.extent
    facts = [
        counted(len(described), "layer"),
        f"{grouped(layers.parameters)} parameters",
        f"an output value sees {times(extent) + ' of the input' if extent else 'all of the input'}",
    ]
    canvas.heading(layers.pipeline.name or "pipeline", layers.pipeline.description, facts)
    largest = max(max(shape[1:]) for shape in (layers.input_shape, *(row.output_shape for _, _, row in described)))
    top = _HEADER + 50
    _values(canvas, top, layers.input_shape, largest, "input")
    for number, (layer, settings, row) in enumerate(described, start=1):
        middle = top + _PITCH * number - _PITCH // 2
        end = middle + 20
        canvas.line([(_FLOW, middle - 18), (_FLOW, end)], GRAY, 1.4)
        canvas.line([(_FLOW - 4, end - 6), (_FLOW, end), (_FLOW + 4, end - 6)], GRAY, 1.4)
        _card(canvas, middle, layer, settings, row, number)
        last = "output" if number == len(described) else ""
        _values(canvas, top + _PITCH * number, row.output_shape, largest, last)
    return canvas.pixels()


def _values(canvas: Canvas, middle: int, shape: Shape, largest: int, name: str) -> None:
    """Draw values as sheets, one per channel, sized by the root of their sides so that small ones are seen."""
    channels, height, width = shape
    high, wide = (max(5, round(46 * math.sqrt(side / largest))) for side in (height, width))
    sheets = min(channels, _SHEETS)
    for sheet in reversed(range(sheets)):
        aside = (2 * sheet - sheets + 1) * _SHEET_STEP // 2
        left, top = _FLOW - wide // 2 + aside, middle - high // 2 - aside
        color = tuple(round(near + (far - near) * sheet / _SHEETS) for near, far in zip(_NEAR, _FAR, strict=True))
        canvas.pen.rectangle((left, top, left + wide, top + high), fill=color, outline=BLUE)
    canvas.text((_FLOW + 48, middle - (9 if name else 0)), times(shape), 15, INK, "lm")
    if name:
        canvas.text((_FLOW + 48, middle + 11), name, 13, GRAY, "lm")


def _card(canvas: Canvas, middle: int, layer: Layer, settings: str, row: LayerRow, number: int) -> None:
    left, height = _CARD
    top, right = middle - height // 2, _WIDTH - MARGIN
    canvas.pen.rounded_rectangle((left, top, right, top + height), 6, fill=(255, 255, 255), outline=LINE)
    drawn = list(_thumbnails(layer))
    most = _MOST_BRANCHES if isinstance(layer, Combine) else _MOST_THUMBS
    thumbs_left = right - 14 - (min(len(drawn), most) * (_THUMB + _GAP) - _GAP if drawn else 0)
    if len(drawn) > most:
        more = f"+{len(drawn) - most}"
        thumbs_left -= round(width_of(more, 12)) + 8
        canvas.text((right - 14, middle), more, 12, GRAY, "rm")
    room = thumbs_left - left - 34
    canvas.text((left + 18, top + 14), f"{number}  {row.name}", 17)
    if settings:
        canvas.text((left + 18, top + 39), shortened(settings, 13, room), 13)
    canvas.text((left + 18, top + (59 if settings else 41)), shortened(_facts(row), 12, room), 12, GRAY)
    for index, thumbnail in enumerate(drawn[:most]):
        square = Square(thumbs_left + index * (_THUMB + _GAP), middle - _THUMB // 2, _THUMB)
        if isinstance(thumbnail, np.ndarray):
            heat_map(canvas, square, thumbnail, float(np.abs(thumbnail).max()) or 1.0)
        else:
            _curve(canvas, square, thumbnail)


def _facts(row: LayerRow) -> str:
    field = row.receptive_field
    sees = f"sees {times(field.extent)}" if field.extent else "sees all of the input"
    steps = f", one value every {times(field.stride)}" if field.extent and field.stride != (1, 1) else ""
    learned = f"{grouped(row.parameters)} parameters, " if row.parameters else ""
    return f"{learned}{sees}{steps}"


def _thumbnails(layer: Layer, done: set[int] | None = None) -> Iterator[Floats | Layer]:
    """Yield the planes of weights of a layer, or itself if it has a curve or a window.

    In branches, those of each layer once: `done` has the identities of those that were.
    """
    done = set() if done is None else done
    if isinstance(layer, Conv):
        yield from scaled_planes(layer.kernel)
    elif isinstance(layer, Combine):
        for branch in layer.branches:
            for each in branch:
                if id(each) not in done:
                    done.add(id(each))
                    yield from _thumbnails(each, done)
    elif isinstance(layer, (*_CURVED, Pool)):
        yield layer


def _curve(canvas: Canvas, square: Square, layer: Layer) -> None:
    """Draw a layer's output for values from −full scale to full scale, or the window of a pool."""
    left, top, side = square.left, square.top, square.side
    canvas.frame(square.box, LINE)
    if isinstance(layer, Pool):
        _window(canvas, square, layer)
        return
    _grid_lines(canvas, square, side / 2)
    inputs = np.linspace(-1, 1, 8 * side + 1)
    if isinstance(layer, Curve):
        layer = replace(layer, channels="all")
    outputs = apply_layer(layer, inputs.reshape(1, -1, 1), 1.0).ravel()
    points = [
        (left + (x + 1) / 2 * side, top + (1 - y) / 2 * side)
        for x, y in zip(inputs.tolist(), outputs.tolist(), strict=True)
        if abs(y) <= 1
    ]
    canvas.line(points, BLUE, 2)


def _window(canvas: Canvas, square: Square, pool: Pool) -> None:
    """Draw two windows, a stride apart, on a grid of pixels."""
    left, top = square.left, square.top
    height, width = pool.extent
    cells = max(width + pool.step[1], height + pool.step[0], 3)
    cell = square.side / cells
    for index in range(1, cells):
        _grid_lines(canvas, square, index * cell)
    for start, color in ((left + pool.step[1] * cell, GRAY), (left, BLUE)):
        right, bottom = round(start + width * cell), round(top + height * cell)
        canvas.frame((round(start) + 1, top + 1, right - 1, bottom - 1), color, 2)


def _grid_lines(canvas: Canvas, square: Square, at: float) -> None:
    """Draw a line down and a line across a square, both `at` pixels from its upper left corner."""
    left, top, side = square.left, square.top, square.side
    canvas.line([(left + at, top), (left + at, top + side)], LINE)
    canvas.line([(left, top + at), (left + side, top + at)], LINE)
