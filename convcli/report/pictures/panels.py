"""Panels: heat maps, responses, axes and color bars, each drawn into a square of a picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from PIL import Image

from convcli.array_types import Floats
from convcli.filters import Kernel, Size2
from convcli.lazy import dataclass
from convcli.report.pictures.canvas import LABEL, Canvas, width_of
from convcli.report.pictures.colors import BLUE, GRAY, INK, LINE, OCHER, RED, diverging, on, sequential
from convcli.report.pictures.response import profiles, square_response
from convcli.report.pictures.scales import short, ticks

HEADER = 128  # height of the heading of a kernel
CYCLES = "cycles per pixel"
BAR = 14  # width of a color bar
_LARGEST_CELL = 128
_STRIP, _STRETCHED = 4, 24  # cells of a kernel so much longer than wide are stretched to so many pixels
_SMALLEST_FRAMED = 8  # pixels of a cell
_SMALLEST_FONT, _LARGEST_FONT = 10, 22
_SMALLEST_CELL_WITH_NUMBER = 20
_CURVES = {"horizontal": (BLUE, 0.0), "vertical": (RED, 7.0), "diagonal": (OCHER, 2.0)}

Box = tuple[int, int, int, int]  # left, top, right, bottom; the last two exclusive
Mark = tuple[float, str]  # a row or column, and the text there


@dataclass(frozen=True)
class Numbers:
    """Format of numbers: significant digits, and size of the font."""

    digits: int
    size: int


@dataclass(frozen=True)
class Square:
    """The area of a panel: its upper left corner, and its side."""

    left: int
    top: int
    side: int

    @property
    def box(self) -> Box:
        """All of the area."""
        return self.left, self.top, self.left + self.side, self.top + self.side

    def centered(self, width: int, height: int) -> Box:
        """Return a box of a size in the middle."""
        left, top = self.left + (self.side - width) // 2, self.top + (self.side - height) // 2
        return left, top, left + width, top + height


def heat_map(
    canvas: Canvas,
    square: Square,
    plane: Floats,
    largest: float,
    *,
    anchor: Size2 | None = None,
    numbers: Numbers | None = None,
) -> Box:
    """Draw a plane of weights (height, width) as colored cells, and return their box.

    `largest`, above 0, is the magnitude of the darkest color. The cell at `anchor` (row, column) is framed, and cells
    have numbers in the format `numbers`, unless these are None.
    """
    high, wide = cell_size(plane.shape[0], plane.shape[1], square.side)
    colors = diverging(plane / largest)
    if high == 0 or wide == 0:
        scale = square.side / max(plane.shape)
        size = max(1, round(plane.shape[1] * scale)), max(1, round(plane.shape[0] * scale))
        cells = np.asarray(Image.fromarray(colors).resize(size, Image.Resampling.BOX))
    else:
        cells = colors.repeat(high, axis=0).repeat(wide, axis=1)
    box = square.centered(cells.shape[1], cells.shape[0])
    canvas.paste(box[:2], cells)
    canvas.frame(box, LINE)
    if anchor is not None and min(high, wide) >= _SMALLEST_FRAMED and plane.size > 1:
        left, top = box[0] + anchor[1] * wide, box[1] + anchor[0] * high
        width = 1 if min(high, wide) < 24 else 2
        inside = left + width + 1, top + width + 1, left + wide - width - 1, top + high - width - 1
        canvas.frame(inside, on(colors[anchor]), width)
    if numbers is not None:
        for row, column in np.ndindex(plane.shape):
            middle = box[0] + (column + 0.5) * wide, box[1] + (row + 0.5) * high
            text = short(float(plane[row, column]), numbers.digits)
            canvas.text(middle, text, numbers.size, on(colors[row, column]), "mm")
    return box


def cell_size(rows: int, columns: int, side: int) -> tuple[int, int]:
    """Return height and width of a weight's cell in a square; 0 if there are more weights than pixels.

    Cells are squares; those of long strips are stretched, since thin lines are hard to see.
    """
    cell = min(side // max(rows, columns), _LARGEST_CELL)
    if max(rows, columns) < _STRIP * min(rows, columns) or cell >= _STRETCHED or cell == 0:
        return cell, cell
    return max(cell, min(_STRETCHED, side // rows)), max(cell, min(_STRETCHED, side // columns))


def legible_numbers(planes: Floats, side: int) -> Numbers | None:
    """Return the format of most digits in which all weights fit into their cells; None if none does."""
    high, wide = cell_size(planes.shape[1], planes.shape[2], side)
    if min(high, wide) < _SMALLEST_CELL_WITH_NUMBER:
        return None
    for digits in (4, 3, 2):
        widest = max(width_of(short(weight, digits), 100) for weight in planes.ravel().tolist()) / 100
        size = min(_LARGEST_FONT, high // 2, int(0.84 * wide / widest))
        if size >= _SMALLEST_FONT:
            return Numbers(digits, size)
    return None


def offsets(canvas: Canvas, box: Box, plane: Floats, anchor: Size2, dilation: Size2) -> None:
    """Write the distances of the rows and columns of a heat map from the anchor, in pixels."""
    left, top, right, bottom = box
    for axis, (length, first, last) in enumerate(((plane.shape[0], top, bottom), (plane.shape[1], left, right))):
        cell = (last - first) / length
        most = max(1, (last - first) // 34)  # numbers that have room
        every = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500) if length <= step * most)
        for index in range(anchor[axis] % every, length, every):
            middle = first + (index + 0.5) * cell
            at, align = ((left - 9, middle), "rm") if axis == 0 else ((middle, bottom + 8), "ma")
            canvas.label(at, short((index - anchor[axis]) * dilation[axis]), align)


def response_map(canvas: Canvas, square: Square, plane: Floats, largest: float, dilation: Size2) -> None:
    """Draw the magnitude of a plane's frequency response, zero frequency in the middle."""
    values = square_response(plane, dilation, square.side)
    canvas.paste((square.left, square.top), sequential(values / largest))
    canvas.frame(square.box, LINE)


def frequencies(canvas: Canvas, square: Square, marks: Sequence[float]) -> None:
    """Write frequencies along the lower and the left side of a response map."""
    for mark in marks:
        along = (mark + 0.5) * (square.side - 1)
        right, bottom = square.left + along, square.top + square.side
        canvas.line([(right + 0.5, bottom + 1), (right + 0.5, bottom + 5)], GRAY)
        canvas.label((right, bottom + 9), short(mark), "ma")
        canvas.line([(square.left - 6, square.top + along + 0.5), (square.left - 2, square.top + along + 0.5)], GRAY)
        canvas.label((square.left - 10, square.top + along), short(mark), "rm")


def color_bar(canvas: Canvas, left: int, top: int, height: int, low: float, high: float, *, signed: bool) -> None:
    """Draw the colors of numbers, from `low` at the bottom to `high`."""
    values = np.linspace(high, low, height)
    scale = max(abs(low), abs(high)) or 1.0
    column = (diverging if signed else sequential)(values / scale)
    canvas.paste((left, top), np.broadcast_to(column[:, np.newaxis], (height, BAR, 3)).copy())
    canvas.frame((left, top, left + BAR, top + height), LINE)
    for value in ticks(low, high, max(3, height // 60)):
        row = top + (high - value) / ((high - low) or 1.0) * (height - 1)
        canvas.line([(left + BAR + 2, row + 0.5), (left + BAR + 6, row + 0.5)], GRAY)
        canvas.label((left + BAR + 10, row), short(value), "lm")


def weight_bar(canvas: Canvas, left: int, top: int, height: int, weights: Floats) -> None:
    """Draw the colors of weights; nothing if all are zero."""
    low, high = min(0.0, float(weights.min())), max(0.0, float(weights.max()))
    if low < high:
        color_bar(canvas, left, top, height, low, high, signed=True)


def profile(canvas: Canvas, square: Square, plane: Floats, largest: float, dilation: Size2) -> None:
    """Draw the response along both axes and their diagonal as curves, with a legend."""
    left, top, side = square.left, square.top, square.side
    rows = [(top + side - value / largest * side, short(value)) for value in ticks(0, largest, 5)]
    columns = [(left + each / 0.5 * side, short(each)) for each in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)]
    axes(canvas, square.box, rows, columns, 8)
    start = float(left)
    for name, values in profiles(plane, dilation, side + 1).items():
        color, dash = _CURVES[name]
        points = [(left + index, top + side - value / largest * side) for index, value in enumerate(values.tolist())]
        canvas.line(points, color, 2.2, dash)
        below = top + side + 68
        canvas.line([(start, below), (start + 26, below)], color, 2.2, dash)
        canvas.label((start + 32, below), name, "lm", INK)
        start += 32 + width_of(name, LABEL) + 18


def axes(canvas: Canvas, box: Box, rows: Iterable[Mark], columns: Iterable[Mark], gap: int) -> None:
    """Draw the axes of curves: lines across with numbers `gap` pixels to their left, and marks below."""
    left, _, right, bottom = box
    for row, text in rows:
        canvas.line([(left, row + 0.5), (right, row + 0.5)], LINE)
        canvas.label((left - gap, row), text, "rm")
    for column, text in columns:
        canvas.line([(column + 0.5, bottom), (column + 0.5, bottom + 5)], GRAY)
        canvas.label((column, bottom + 9), text, "ma")
    canvas.line([(left, bottom + 0.5), (right, bottom + 0.5)], GRAY)


def scaled_planes(kernel: Kernel) -> Floats:
    """Return every plane of a kernel, divided by its divisor: (planes, height, width)."""
    return kernel.planes / kernel.divisor
