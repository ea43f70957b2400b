"""A kernel of several planes as a picture."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Floats
from convcli.filters import Conv, Kernel
from convcli.report.filters.showing import plane_title
from convcli.report.pictures import panels
from convcli.report.pictures.canvas import MARGIN, Canvas
from convcli.report.pictures.colors import INK
from convcli.report.pictures.response import highest_response

MOST_PLANES = 32  # more would be too small to see; the first ones are drawn

_PER_ROW = 8
_LEFT = MARGIN + 48
_GAP, _BELOW = 26, 92  # pixels between planes, and below a row of them
_NARROWEST = 760
_MATRIX = 420


def draw_planes(conv: Conv, title: Callable[[Canvas], None]) -> NDArray[np.uint8]:
    """Draw planes side by side, each with its frequency response below it, all on one scale."""
    planes = panels.scaled_planes(conv.kernel)
    shown = planes[:MOST_PLANES]
    columns, rows, side = _grid(conv.kernel, len(shown))
    band = 2 * side + _BELOW
    width = _LEFT + columns * (side + _GAP) + panels.BAR + 60 + MARGIN
    canvas = Canvas(max(_NARROWEST, width), panels.HEADER + rows * band + 50)
    title(canvas)
    largest = float(np.abs(shown).max()) or 1.0
    highest = highest_response(shown, conv.dilation, side)
    numbers = panels.legible_numbers(shown, side)
    for index, plane in enumerate(shown):
        row, column = divmod(index, columns)
        square = panels.Square(_LEFT + column * (side + _GAP), panels.HEADER + 20 + row * band, side)
        below = _plane(canvas, square, plane, conv, largest, highest, numbers)
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


def draw_matrix(conv: Conv, title: Callable[[Canvas], None]) -> NDArray[np.uint8]:
    """Draw a 1×1 kernel as a matrix: a row per output channel, a column per input channel."""
    matrix = conv.kernel.weights[:, :, 0, 0] / conv.kernel.divisor
    canvas = Canvas(_NARROWEST, panels.HEADER + _MATRIX + 120)
    title(canvas)
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


def _plane(
    canvas: Canvas,
    square: panels.Square,
    plane: Floats,
    conv: Conv,
    largest: float,
    highest: float,
    numbers: panels.Numbers | None,
) -> panels.Square:
    panels.heat_map(canvas, square, plane, largest, anchor=conv.kernel.anchor, numbers=numbers)
    below = panels.Square(square.left, square.top + square.side + 14, square.side)
    panels.response_map(canvas, below, plane, highest, conv.dilation)
    return below
