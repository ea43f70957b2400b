"""A learned kernel as a picture: how the loss fell, and the weights beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convcli.filters import Kernel
from convcli.learning import Learned
from convcli.report.filters.showing import plane_title
from convcli.report.pictures.canvas import Canvas, Point, shortened
from convcli.report.pictures.colors import BLUE, GRAY, INK, LINE
from convcli.report.pictures.panels import (
    BAR,
    HEADER,
    MARGIN,
    TICK,
    Square,
    heat_map,
    legible_numbers,
    offsets,
    scaled_planes,
    weight_bar,
)
from convcli.report.pictures.scales import short, ticks

_CURVE = (600, 420)  # width and height of the loss
_CURVE_LEFT = MARGIN + 48
_BESIDE = 130  # from the curve to the weights
_SIDE = 420  # of a single plane
_MOST_PLANES = 24  # more of them are too small to look at
_PER_ROW = 6
_GAP, _TITLE = 22, 24  # between planes, and what the title of one takes
_AFTER_BAR = 70  # for the numbers beside the color bar
_BELOW = 96
_DIGITS = 5  # of the largest weight
_DECADES = 2.0  # a loss that falls by more is drawn on a logarithmic scale
_MOST_DECADES = 18  # what is smaller than the largest loss by more lies on the lowest line
_POINTS = 4  # per pixel of the curve, at most


def draw_learning(learned: Learned, name: str, description: str) -> NDArray[np.uint8]:
    """Draw the loss against the steps, and the kernel beside it.

    Parameters
    ----------
    learned
        The kernel and the history of its descent.
    name, description
        Stand above.

    Returns
    -------
    numpy.ndarray
        (height, width, 3).
    """
    left = _CURVE_LEFT + _CURVE[0] + _BESIDE
    grid = _grid(learned.kernel)
    width = left + grid.width + 16 + BAR + _AFTER_BAR + MARGIN
    top = HEADER + 40
    canvas = Canvas(width, top + max(_CURVE[1], grid.height) + _BELOW)
    _header(canvas, learned, name, description)
    _curve(canvas, learned, top)
    _weights(canvas, learned.kernel, grid, (left, top))
    return canvas.pixels()


def _header(canvas: Canvas, learned: Learned, name: str, description: str) -> None:
    width = canvas.width - 2 * MARGIN
    canvas.text((MARGIN, 30), shortened(name or "learned", 28, width), 28)
    if description:
        canvas.text((MARGIN, 68), shortened(description, 15, width), 15, GRAY)
    steps = "1 step" if learned.steps == 1 else f"{learned.steps} steps"
    facts = [
        "×".join(map(str, learned.kernel.weights.shape)),
        f"{steps} of {learned.optimizer}",
        f"learning rate {short(learned.learning_rate)}",
        f"loss {short(learned.loss)}",
    ]
    if learned.bias_errors:
        biases = [short(each) for each in learned.kernel.bias[:4]]
        facts.append(f"bias {', '.join(biases)}{', …' if len(learned.kernel.bias) > len(biases) else ''}")
    canvas.text((MARGIN, 94 if description else 70), shortened("   ·   ".join(facts), 13, width), 13, INK)


@dataclass(frozen=True)
class _Scale:
    """How the loss is drawn: from `low` to `high`, or from their powers of ten."""

    low: float
    high: float
    logarithmic: bool

    def height(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how high values lie, 0 to 1; what is not on the scale lies at its end."""
        if self.logarithmic:
            values = np.log10(np.maximum(values, 10.0**self.low))
        return np.clip((values - self.low) / (self.high - self.low), 0.0, 1.0)

    def marks(self) -> list[tuple[float, str]]:
        """Return heights with their numbers."""
        if not self.logarithmic:
            values = ticks(self.low, self.high, 5)
            return [(float(self.height(np.array(value))), short(value)) for value in values]
        decades = round(self.high - self.low)
        every = next(step for step in (1, 2, 3, 5, 10) if decades <= 7 * step)
        exponents = range(round(self.low), round(self.high) + 1)
        return [
            ((each - self.low) / (self.high - self.low), short(10.0**each)) for each in exponents if each % every == 0
        ]


def _scale(history: NDArray[np.float64]) -> _Scale:
    finite = history[np.isfinite(history)]
    positive = finite[finite > 0]
    if not positive.size:
        return _Scale(0.0, 1.0, False)
    largest, smallest = float(positive.max()), float(positive.min())
    smallest = max(smallest, largest * 10.0**-_MOST_DECADES)
    if math.log10(largest / smallest) < _DECADES:
        return _Scale(0.0, 1.05 * largest, False)
    return _Scale(float(math.floor(math.log10(smallest))), float(math.ceil(math.log10(largest))), True)


def _curve(canvas: Canvas, learned: Learned, top: int) -> None:
    width, height = _CURVE
    left, bottom = _CURVE_LEFT, top + _CURVE[1]
    scale = _scale(learned.history)
    canvas.text((left, top - 34), "loss, on a logarithmic scale" if scale.logarithmic else "loss", 15)
    for place, text in scale.marks():
        row = bottom - place * height
        canvas.line([(left, row + 0.5), (left + width, row + 0.5)], LINE)
        canvas.text((left - 10, row), text, TICK, GRAY, "rm")
    last = max(learned.steps, 2)
    for step in _step_marks(last):
        column = left + (step - 1) / (last - 1) * width
        canvas.line([(column + 0.5, bottom), (column + 0.5, bottom + 5)], GRAY)
        canvas.text((column, bottom + 9), str(step), TICK, GRAY, "ma")
    canvas.line([(left, bottom + 0.5), (left + width, bottom + 0.5)], GRAY)
    canvas.text((left + width / 2, bottom + 34), "step", TICK, GRAY, "ma")
    points = [
        (left + index / (last - 1) * width, bottom - place * height)
        for index, place in zip(*_thinned(learned.history, scale), strict=True)
    ]
    if len(points) > 1:
        canvas.line(points, BLUE, 2.2)
    _mark_end(canvas, points[-1], learned)


def _step_marks(last: int) -> list[int]:
    """Return the first step, and round ones after it."""
    rest = [round(value) for value in ticks(0, last, 6) if value == round(value)]
    return [1, *(step for step in rest if step > 1 + last // 20)]


def _thinned(history: NDArray[np.float64], scale: _Scale) -> tuple[list[float], list[float]]:
    """Return places in the history and their heights: of many, the lowest and highest of each column of pixels."""
    places = scale.height(np.nan_to_num(history, nan=np.inf, posinf=np.finfo(np.float64).max))
    most = _CURVE[0] * _POINTS
    if len(places) <= most:
        return list(map(float, range(len(places)))), places.tolist()
    kept: list[int] = []
    for part in np.array_split(np.arange(len(places)), _CURVE[0]):
        ends = {int(part[0]), int(part[np.argmin(places[part])]), int(part[np.argmax(places[part])])}
        kept += sorted(ends)
    kept.append(len(places) - 1)
    return list(map(float, kept)), places[kept].tolist()


def _mark_end(canvas: Canvas, end: Point, learned: Learned) -> None:
    """Put a dot at the end of the curve, and the last loss to its right, where no curve comes."""
    turns = np.linspace(0, 2 * math.pi, 25).tolist()
    canvas.line([(end[0] + 2 * math.cos(turn), end[1] + 2 * math.sin(turn)) for turn in turns], BLUE, 4)
    canvas.text((end[0] + 11, end[1]), short(learned.loss), TICK, BLUE, "lm")


@dataclass(frozen=True)
class _Grid:
    """Where planes stand: so many columns and rows of squares."""

    columns: int
    rows: int
    side: int

    @property
    def titled(self) -> int:
        """What stands above every plane."""
        return _TITLE if self.columns * self.rows > 1 else 0

    @property
    def width(self) -> int:
        return self.columns * self.side + (self.columns - 1) * _GAP

    @property
    def height(self) -> int:
        return self.rows * (self.side + self.titled) + (self.rows - 1) * _GAP

    def square(self, index: int, at: tuple[int, int]) -> Square:
        """Return where a plane stands."""
        row, column = divmod(index, self.columns)
        top = at[1] + row * (self.side + self.titled + _GAP) + self.titled
        return Square(at[0] + column * (self.side + _GAP), top, self.side)


def _grid(kernel: Kernel) -> _Grid:
    count = min(len(kernel.planes), _MOST_PLANES)
    if count == 1:
        return _Grid(1, 1, _SIDE)
    inputs = kernel.weights.shape[1] if kernel.weights.ndim == 4 else 1
    if not 1 < inputs <= _PER_ROW:
        columns = min(count, 3 if count <= 9 else _PER_ROW)
    else:
        # The planes of an output channel stand side by side, and several of those in a row where they are many.
        columns = inputs * (1 if count <= 4 * inputs else _PER_ROW // inputs)
    rows = -(-count // columns)
    side = {1: 300, 2: 230, 3: 190}.get(max(columns, rows), 150)
    return _Grid(columns, rows, side)


def _weights(canvas: Canvas, kernel: Kernel, grid: _Grid, at: tuple[int, int]) -> None:
    planes = scaled_planes(kernel)
    largest = float(np.abs(planes[:_MOST_PLANES]).max()) or 1.0
    # What is no more than a rounding beside the largest weight is drawn as the zero that it is meant to be.
    shown = np.round(planes[:_MOST_PLANES], _DIGITS - 1 - math.floor(math.log10(largest)))
    numbers = legible_numbers(shown, grid.side)
    canvas.text((at[0], at[1] - 34), "weights", 15)
    for index, plane in enumerate(shown):
        square = grid.square(index, at)
        if len(planes) > 1:
            canvas.text((square.left, square.top - 20), plane_title(kernel, index), TICK)
        box = heat_map(canvas, square, plane, largest, anchor=kernel.anchor, numbers=numbers)
        if len(planes) == 1:
            high = max(box[3] - box[1], grid.side // 2)
            weight_bar(canvas, box[2] + 16, square.top + (grid.side - high) // 2, high, shown)
            offsets(canvas, box, plane, kernel.anchor, (1, 1))
            canvas.text((square.left + square.side / 2, box[3] + 34), "pixels from the anchor", TICK, GRAY, "ma")
    if len(planes) > len(shown):
        text = f"the first {len(shown)} of {len(planes)} planes"
        canvas.text((at[0], at[1] + grid.height + 14), text, TICK, GRAY)
    if len(planes) > 1:
        weight_bar(canvas, at[0] + grid.width + 16, grid.square(0, at).top, grid.side, shown)
