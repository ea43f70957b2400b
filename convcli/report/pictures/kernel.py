"""A kernel as a picture: its weights as heat maps, and their frequency responses."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Floats
from convcli.filters import Conv, Kernel
from convcli.report.filters.showing import plane_title
from convcli.report.pictures import panels
from convcli.report.pictures.canvas import MARGIN, Canvas
from convcli.report.pictures.colors import INK
from convcli.report.pictures.response import highest_response
from convcli.report.pictures.scales import short
from convcli.words import times

MOST_PLANES = 32  # more would be too small to see; the first ones are drawn

_SIDE = 380  # of the three panels of a single plane
_PER_ROW = 8
_LEFT = MARGIN + 48
_GAP, _BELOW = 26, 92  # pixels between planes, and below a row of them
_NARROWEST = 760
_MATRIX = 420


def draw_kernel(conv: Conv, name: str, description: str) -> NDArray[np.uint8]:
    """Draw a kernel and its frequency response below its name and description: (height, width, 3)."""
    new_canvas = partial(_canvas, conv, name, description)
    if len(conv.kernel.planes) == 1:
        return _one_plane(conv, new_canvas)
    return (_matrix if conv.kernel.weights.ndim == 4 and conv.kernel.size == (1, 1) else _planes)(conv, new_canvas)


def _one_plane(conv: Conv, new_canvas: Callable[[int, int], Canvas]) -> NDArray[np.uint8]:
    canvas = new_canvas(MARGIN * 2 + 52 + 3 * _SIDE + 300, panels.HEADER + _SIDE + 142)
    top = panels.HEADER + 40
    plane = panels.scaled_planes(conv.kernel)[0]
    _weights(canvas, panels.Square(MARGIN + 52, top, _SIDE), plane, conv)
    largest = highest_response(plane[np.newaxis], conv.dilation, _SIDE)
    second = panels.Square(MARGIN + 52 + _SIDE + 160, top, _SIDE)
    canvas.text((second.left, top - 34), "frequency response, magnitude", 15)
    panels.response_map(canvas, second, plane, largest, conv.dilation)
    panels.frequencies(canvas, second, (-0.5, -0.25, 0.0, 0.25, 0.5))
    panels.color_bar(canvas, second.left + _SIDE + 14, top, _SIDE, 0, largest, signed=False)
    canvas.label((second.left + _SIDE / 2, top + _SIDE + 30), f"horizontal, {panels.CYCLES}", "ma")
    canvas.upward_label((second.left - 54, top + _SIDE / 2), f"vertical, {panels.CYCLES}")
    third = panels.Square(second.left + _SIDE + 140, top, _SIDE)
    panels.profile(canvas, third, plane, largest, conv.dilation)
    canvas.text((third.left, top - 34), "along its axes", 15)
    canvas.label((third.left + _SIDE / 2, top + _SIDE + 30), panels.CYCLES, "ma")
    return canvas.pixels()


def _weights(canvas: Canvas, square: panels.Square, plane: Floats, conv: Conv) -> None:
    kernel = conv.kernel
    largest = float(np.abs(plane).max()) or 1.0
    divided = f", divided by {short(kernel.divisor)}" if kernel.divisor != 1 else ""
    canvas.text((square.left, square.top - 34), f"weights{divided}", 15)
    numbers = panels.legible_numbers(plane[np.newaxis], square.side)
    box = panels.heat_map(canvas, square, plane, largest, anchor=conv.anchor, numbers=numbers)
    panels.offsets(canvas, box, plane, conv.anchor, conv.dilation)
    canvas.label((square.left + square.side / 2, box[3] + 30), "pixels from the anchor", "ma")
    height = max(box[3] - box[1], square.side // 2)
    middle = square.top + square.side // 2
    panels.weight_bar(canvas, square.left + square.side + 14, middle - height // 2, height, plane)


def _planes(conv: Conv, new_canvas: Callable[[int, int], Canvas]) -> NDArray[np.uint8]:
    """Draw planes side by side, each with its frequency response below it, all on one scale."""
    planes = panels.scaled_planes(conv.kernel)
    shown = planes[:MOST_PLANES]
    columns, rows, side = _grid(conv.kernel, len(shown))
    band = 2 * side + _BELOW
    width = _LEFT + columns * (side + _GAP) + panels.BAR + 60 + MARGIN
    canvas = new_canvas(max(_NARROWEST, width), panels.HEADER + rows * band + 50)
    largest = float(np.abs(shown).max()) or 1.0
    highest = highest_response(shown, conv.dilation, side)
    numbers = panels.legible_numbers(shown, side)
    for index, plane in enumerate(shown):
        row, column = divmod(index, columns)
        square = panels.Square(_LEFT + column * (side + _GAP), panels.HEADER + 20 + row * band, side)
        below = panels.Square(square.left, square.top + side + 14, side)
        panels.heat_map(canvas, square, plane, largest, anchor=conv.anchor, numbers=numbers)
        panels.response_map(canvas, below, plane, highest, conv.dilation)
        canvas.label((square.left, square.top - 20), plane_title(conv.kernel, index), color=INK)
        if column == 0:
            panels.frequencies(canvas, below, (-0.5, 0.0, 0.5))
        if column == columns - 1 or index == len(shown) - 1:
            panels.weight_bar(canvas, square.left + side + 14, square.top, side, shown)
            panels.color_bar(canvas, square.left + side + 14, below.top, side, 0, highest, signed=False)
    legend = f"Above the weights, below their frequency responses in {panels.CYCLES}; one scale for all planes."
    if len(planes) > len(shown):
        legend = f"The first {len(shown)} of {len(planes)} planes. {legend}"
    canvas.caption(legend)
    return canvas.pixels()


def _matrix(conv: Conv, new_canvas: Callable[[int, int], Canvas]) -> NDArray[np.uint8]:
    """Draw a 1×1 kernel as a matrix: a row per output channel, a column per input channel."""
    matrix = conv.kernel.weights[:, :, 0, 0] / conv.kernel.divisor
    canvas = new_canvas(_NARROWEST, panels.HEADER + _MATRIX + 120)
    square = panels.Square((_NARROWEST - _MATRIX) // 2, panels.HEADER + 20, _MATRIX)
    numbers = panels.legible_numbers(matrix[np.newaxis], _MATRIX)
    box = panels.heat_map(canvas, square, matrix, float(np.abs(matrix).max()) or 1.0, numbers=numbers)
    panels.offsets(canvas, box, matrix, (0, 0), (1, 1))
    canvas.label(((box[0] + box[2]) / 2, box[3] + 30), "input channel", "ma")
    canvas.upward_label((box[0] - 44, (box[1] + box[3]) / 2), "output channel")
    panels.weight_bar(canvas, square.left + _MATRIX + 14, square.top, _MATRIX, matrix)
    canvas.caption("A kernel of 1x1 sees no neighbors: it mixes channels, and every frequency passes alike.")
    return canvas.pixels()


def _grid(kernel: Kernel, count: int) -> tuple[int, int, int]:
    """Return columns, rows, and the side of a plane in pixels."""
    inputs = kernel.weights.shape[1] if kernel.weights.ndim == 4 else 1
    # An output channel has a row of its own if its planes fit into one.
    columns = inputs if 1 < inputs <= _PER_ROW else min(count, _PER_ROW)
    rows = -(-count // columns)
    widest = {1: 300, 2: 300, 3: 260, 4: 220}.get(columns, 150)
    tallest = {1: 300, 2: 220}.get(rows, 150)
    return columns, rows, min(widest, tallest)


def _canvas(conv: Conv, name: str, description: str, width: int, height: int) -> Canvas:
    """Return a canvas with the heading of a kernel."""
    kernel = conv.kernel
    facts = [times(kernel.weights.shape)]
    if len(kernel.planes) == 1:
        facts.append(f"sum {short(kernel.sum / kernel.divisor)}")
    if kernel.size != (1, 1):
        facts.append(f"rank {kernel.rank}")
    facts.append("output {} to {} of full scale".format(*map(short, kernel.output_range)))
    if conv.dilation != (1, 1):
        facts.append(f"dilation {times(conv.dilation)}")
    canvas = Canvas(width, height)
    canvas.heading(name, description, facts)
    return canvas
