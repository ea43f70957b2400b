"""Panels of an answer beside its kernel: the map of the residual, and the tone curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from convcli.detective import ResidualMap
from convcli.report.pictures import panels
from convcli.report.pictures.canvas import Canvas
from convcli.report.pictures.colors import BLUE, GRAY, GREEN, LINE, RED, Color, sequential
from convcli.report.pictures.scales import short, ticks

_APART = 70  # pixels from mark to mark, about
_DOT = 2  # pixels, of a point of a curve
_MOST_DOTS = 40
_CHANNELS = {"": BLUE, "r": RED, "g": GREEN, "b": BLUE}

Points = Sequence[tuple[float, float]]


def residual_size(residual: ResidualMap, width: int, height: int) -> tuple[int, int]:
    """Return width and height of the map of a residual in an area, in the shape of the picture."""
    scale = min(width / residual.size[1], height / residual.size[0])
    return max(1, round(residual.size[1] * scale)), max(1, round(residual.size[0] * scale))


def residual_panel(canvas: Canvas, at: tuple[int, int], size: tuple[int, int], residual: ResidualMap) -> None:
    """Draw the map of a residual, dark where it is large, with positions in pixels of TARGET and a color bar."""
    left, top = at
    width, height = size
    largest = float(residual.cells.max())
    colors = Image.fromarray(sequential(residual.cells / largest))
    canvas.text((left, top - 34), "residual, root mean square in values of TARGET", 15)
    canvas.paste(at, np.asarray(colors.resize(size, Image.Resampling.NEAREST)))
    canvas.frame((left, top, left + width, top + height), LINE)
    for column in ticks(residual.at[1], residual.at[1] + residual.size[1] - 1, max(1, width // _APART)):
        along = left + (column - residual.at[1]) / residual.size[1] * width
        canvas.line([(along + 0.5, top + height + 1), (along + 0.5, top + height + 5)], GRAY)
        canvas.label((along, top + height + 9), short(column), "ma")
    for row in ticks(residual.at[0], residual.at[0] + residual.size[0] - 1, max(1, height // _APART)):
        along = top + (row - residual.at[0]) / residual.size[0] * height
        canvas.line([(left - 6, along + 0.5), (left - 2, along + 0.5)], GRAY)
        canvas.label((left - 10, along), short(row), "rm")
    canvas.label((left + width / 2, top + height + 34), "pixels of TARGET", "ma")
    panels.color_bar(canvas, left + width + 16, top, height, 0, largest, signed=False)


def curve_panel(canvas: Canvas, square: panels.Square, curves: Mapping[str, Points], name: str) -> None:
    """Draw tone curves from 0 to full scale, over a dashed line that leaves tones as they are.

    `curves` are the points of each, by the letter of its channel, which is empty for all.
    """
    left, top, side = square.left, square.top, square.side
    canvas.text((left, top - 34), f"tone curve: {name}" if name else "tone curve", 15)
    marks = [(each, short(each)) for each in ticks(0, 1, 5)]
    rows = [(top + side - value * side, text) for value, text in marks]
    panels.axes(canvas, square.box, rows, [(left + value * side, text) for value, text in marks], 10)
    canvas.line([(left, top + side), (left + side, top)], GRAY, 1.2, 5)
    for letter, points in curves.items():
        _curve(canvas, square, points, _CHANNELS[letter])
    canvas.label((left + side / 2, top + side + 34), "share of full scale before the curve", "ma")


def _curve(canvas: Canvas, square: panels.Square, points: Points, color: Color) -> None:
    left, side, bottom = square.left, square.side, square.top + square.side
    known, made = np.transpose(points)
    at = np.linspace(0, 1, side + 1)
    drawn = zip(at.tolist(), np.clip(np.interp(at, known, made), 0, 1).tolist(), strict=True)
    canvas.line([(left + x * side, bottom - y * side) for x, y in drawn], color, 2.2)
    for x, y in points if len(points) <= _MOST_DOTS else ():
        if 0 <= x <= 1 and 0 <= y <= 1:
            across, down = left + x * side, bottom - y * side
            canvas.pen.ellipse([across - _DOT, down - _DOT, across + _DOT, down + _DOT], fill=color)
