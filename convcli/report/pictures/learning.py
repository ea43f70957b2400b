"""The picture of what was learned: the loss of each step, the kernel, the map of the residual, and the tone curve."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Floats
from convcli.detective import CurveStep, Detected
from convcli.filters import Kernel
from convcli.lazy import dataclass
from convcli.learning import Learned
from convcli.report.filters.showing import is_mix, plane_title
from convcli.report.pictures import panels
from convcli.report.pictures.answer import curve_panel, residual_panel, residual_size
from convcli.report.pictures.canvas import MARGIN, Canvas
from convcli.report.pictures.colors import BLUE, INK
from convcli.report.pictures.scales import short, ticks
from convcli.words import counted, times

_CURVE = (600, 420)  # width and height of the loss curve
_CURVE_LEFT = MARGIN + 48
_BESIDE = 130  # pixels from the curve to the weights
_SIDE = 420  # of a single plane
_MOST_PLANES = 24  # more would be too small to see
_PER_ROW = 6
_GAP, _TITLE = 22, 24  # pixels between planes, and of the title of one
_AFTER_BAR = 70  # for the numbers beside the color bar
_BETWEEN = 120  # pixels from a panel to the one below it
_BELOW = 96
_DIGITS = 5  # of the largest weight
_DECADES = 2.0  # a loss that falls by more is drawn on a logarithmic scale
_MOST_DECADES = 18  # of a logarithmic scale
_POINTS = 4  # per pixel of the curve, at most


def draw_learning(learned: Detected, name: str, description: str) -> NDArray[np.uint8]:
    """Draw what was learned below a name and a description: (height, width, 3).

    On the left the loss of each step, and below it where the residual is, if there is one; on the right the kernel,
    and below it the tone curve, if there is one.
    """
    grid = _grid(learned.kernel)
    left, top = _CURVE_LEFT + _CURVE[0] + _BESIDE, panels.HEADER + 40
    residual = learned.residual if learned.residual is not None and learned.residual.rms else None
    curves = [step for step in learned.found if isinstance(step, CurveStep)]
    size = residual_size(residual, *_CURVE) if residual else (0, 0)
    ends = [_CURVE[1] + (_BETWEEN + size[1] if residual else 0)]
    ends.append(grid.height + len(curves) * (_BETWEEN + _SIDE))
    beside = max(grid.width, _SIDE if curves else 0)
    width = left + beside + 16 + panels.BAR + _AFTER_BAR + MARGIN
    canvas = Canvas(width, top + max(ends) + _BELOW)
    _heading(canvas, learned, name, description)
    _curve(canvas, learned, top)
    _weights(canvas, learned.kernel, grid, (left, top))
    if residual:
        residual_panel(canvas, (_CURVE_LEFT, top + _CURVE[1] + _BETWEEN), size, residual)
    for number, step in enumerate(curves):
        below = top + grid.height + _BETWEEN + number * (_BETWEEN + _SIDE)
        curve_panel(canvas, panels.Square(left, below, _SIDE), step.curves, step.known or "")
    return canvas.pixels()


def _heading(canvas: Canvas, learned: Detected, name: str, description: str) -> None:
    facts = [
        times(learned.kernel.weights.shape),
        f"{counted(learned.steps, 'step')} of {learned.optimizer}",
        f"learning rate {short(learned.learning_rate)}",
        f"loss {short(learned.loss)}",
    ]
    if learned.bias_errors:
        biases = [short(each) for each in learned.kernel.bias[:4]]
        facts.append(f"bias {', '.join(biases)}{', …' if len(learned.kernel.bias) > len(biases) else ''}")
    canvas.heading(name or "learned", description, facts)


@dataclass(frozen=True)
class LossScale:
    """The scale of the loss: from `low` to `high`, or if logarithmic from 10^low to 10^high."""

    low: float
    high: float
    logarithmic: bool

    def height(self, values: Floats) -> Floats:
        """Return the heights of values, 0 to 1; values beyond the scale lie at its end."""
        if self.logarithmic:
            values = np.log10(np.maximum(values, 10.0**self.low))
        return np.clip((values - self.low) / (self.high - self.low), 0.0, 1.0)

    def marks(self) -> list[panels.Mark]:
        """Return heights and their numbers."""
        if not self.logarithmic:
            values = ticks(self.low, self.high, 5)
            return [(float(self.height(np.array(value))), short(value)) for value in values]
        decades = round(self.high - self.low)
        every = next(step for step in (1, 2, 3, 5, 10) if decades <= 7 * step)
        exponents = range(round(self.low), round(self.high) + 1)
        return [
            ((each - self.low) / (self.high - self.low), short(10.0**each)) for each in exponents if each % every == 0
        ]


def loss_scale(history: Floats) -> LossScale:
    """Return the scale on which losses are drawn: logarithmic where they fall by much."""
    finite = history[np.isfinite(history)]
    positive = finite[finite > 0]
    if not positive.size:
        return LossScale(0.0, 1.0, False)
    largest = float(positive.max())
    smallest = max(float(positive.min()), largest * 10.0**-_MOST_DECADES)
    if math.log10(largest / smallest) < _DECADES:
        return LossScale(0.0, 1.05 * largest, False)
    return LossScale(float(math.floor(math.log10(smallest))), float(math.ceil(math.log10(largest))), True)


def _curve(canvas: Canvas, learned: Learned, top: int) -> None:
    """Draw the loss of each step, a dot at its end, and the last loss to the right of that."""
    width, height = _CURVE
    left, bottom = _CURVE_LEFT, top + height
    scale = loss_scale(learned.history)
    canvas.text((left, top - 34), "loss, on a logarithmic scale" if scale.logarithmic else "loss", 15)
    last = max(learned.steps, 2)
    steps = [round(value) for value in ticks(0, last, 6) if value == round(value)]
    marked = [1, *(step for step in steps if step > 1 + last // 20)]
    rows = [(bottom - mark * height, text) for mark, text in scale.marks()]
    columns = [(left + (step - 1) / (last - 1) * width, str(step)) for step in marked]
    panels.axes(canvas, (left, top, left + width, bottom), rows, columns, 10)
    canvas.label((left + width / 2, bottom + 34), "step", "ma")
    points = [
        (left + index / (last - 1) * width, bottom - share * height)
        for index, share in zip(*_thinned(learned.history, scale), strict=True)
    ]
    if len(points) > 1:
        canvas.line(points, BLUE, 2.2)
    right, end = points[-1]
    turns = np.linspace(0, 2 * math.pi, 25).tolist()
    canvas.line([(right + 2 * math.cos(turn), end + 2 * math.sin(turn)) for turn in turns], BLUE, 4)
    canvas.label((right + 11, end), short(learned.loss), "lm", BLUE)


def _thinned(history: Floats, scale: LossScale) -> tuple[list[int], list[float]]:
    """Return steps of the history, from 0, and their heights: of many, the extremes of each column of pixels."""
    heights = scale.height(np.nan_to_num(history, nan=np.inf, posinf=np.finfo(np.float64).max))
    steps = list(range(len(heights)))
    if len(steps) > _CURVE[0] * _POINTS:
        parts = np.array_split(np.arange(len(heights)), _CURVE[0])
        extremes = [{part[0], part[np.argmin(heights[part])], part[np.argmax(heights[part])]} for part in parts]
        steps = [int(step) for each in extremes for step in sorted(each)] + steps[-1:]
    return steps, heights[steps].tolist()


@dataclass(frozen=True)
class _Grid:
    """The layout of planes: columns and rows of squares."""

    columns: int
    rows: int
    side: int

    @property
    def titled(self) -> int:
        """Height of the title of a plane."""
        return _TITLE if self.columns * self.rows > 1 else 0

    @property
    def width(self) -> int:
        return self.columns * self.side + (self.columns - 1) * _GAP

    @property
    def height(self) -> int:
        return self.rows * (self.side + self.titled) + (self.rows - 1) * _GAP

    def square(self, index: int, at: tuple[int, int]) -> panels.Square:
        """Return the square of a plane."""
        row, column = divmod(index, self.columns)
        top = at[1] + row * (self.side + self.titled + _GAP) + self.titled
        return panels.Square(at[0] + column * (self.side + _GAP), top, self.side)


def _grid(kernel: Kernel) -> _Grid:
    count = min(len(kernel.planes), _MOST_PLANES)
    if count == 1 or is_mix(kernel):
        return _Grid(1, 1, _SIDE)
    inputs = kernel.weights.shape[1] if kernel.weights.ndim == 4 else 1
    if not 1 < inputs <= _PER_ROW:
        columns = min(count, 3 if count <= 9 else _PER_ROW)
    else:
        # The planes of an output channel share a row, with those of other output channels if there are many.
        columns = inputs * (1 if count <= 4 * inputs else _PER_ROW // inputs)
    rows = -(-count // columns)
    return _Grid(columns, rows, {1: 300, 2: 230, 3: 190}.get(max(columns, rows), 150))


def _weights(canvas: Canvas, kernel: Kernel, grid: _Grid, at: tuple[int, int]) -> None:
    mixes = is_mix(kernel)
    planes = kernel.weights[:, :, 0, 0][np.newaxis] / kernel.divisor if mixes else panels.scaled_planes(kernel)
    largest = float(np.abs(planes[:_MOST_PLANES]).max()) or 1.0
    # A weight that is a rounding error beside the largest is drawn as zero.
    shown = np.round(planes[:_MOST_PLANES], _DIGITS - 1 - math.floor(math.log10(largest)))
    numbers = panels.legible_numbers(shown, grid.side)
    canvas.text((at[0], at[1] - 34), "weights", 15)
    for index, plane in enumerate(shown):
        square = grid.square(index, at)
        if len(planes) > 1:
            canvas.label((square.left, square.top - 20), plane_title(kernel, index), color=INK)
        anchor = None if mixes else kernel.anchor
        box = panels.heat_map(canvas, square, plane, largest, anchor=anchor, numbers=numbers)
        if len(planes) == 1:
            high = max(box[3] - box[1], grid.side // 2)
            panels.weight_bar(canvas, box[2] + 16, square.top + (grid.side - high) // 2, high, shown)
            panels.offsets(canvas, box, plane, anchor or (0, 0), (1, 1))
            below = "input channel; a row per output channel" if mixes else "pixels from the anchor"
            canvas.label((square.left + square.side / 2, box[3] + 34), below, "ma")
    if len(planes) > len(shown):
        canvas.label((at[0], at[1] + grid.height + 14), f"the first {len(shown)} of {len(planes)} planes")
    if len(planes) > 1:
        panels.weight_bar(canvas, at[0] + grid.width + 16, grid.square(0, at).top, grid.side, shown)
