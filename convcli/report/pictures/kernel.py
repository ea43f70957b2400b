"""A kernel as a picture: its weights as a heat map, and its frequency response."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Floats
from convcli.filters import Conv
from convcli.report.pictures import panels
from convcli.report.pictures.canvas import MARGIN, Canvas
from convcli.report.pictures.planes import draw_matrix, draw_planes
from convcli.report.pictures.response import highest_response
from convcli.report.pictures.scales import short
from convcli.words import times

_SIDE = 380  # of the three panels


def draw_kernel(conv: Conv, name: str, description: str) -> NDArray[np.uint8]:
    """Draw a kernel and its frequency response below its name and description: (height, width, 3)."""
    title = partial(_heading, conv=conv, name=name, description=description)
    if len(conv.kernel.planes) == 1:
        return _one_plane(conv, title)
    return (draw_matrix if conv.kernel.weights.ndim == 4 and conv.kernel.size == (1, 1) else draw_planes)(conv, title)


def _one_plane(conv: Conv, title: Callable[[Canvas], None]) -> NDArray[np.uint8]:
    kernel = conv.kernel
    canvas = Canvas(MARGIN * 2 + 52 + 3 * _SIDE + 300, panels.HEADER + _SIDE + 142)
    title(canvas)
    top = panels.HEADER + 40
    plane = panels.scaled_planes(kernel)[0]
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
    box = panels.heat_map(canvas, square, plane, largest, anchor=kernel.anchor, numbers=numbers)
    panels.offsets(canvas, box, plane, kernel.anchor, conv.dilation)
    canvas.label((square.left + square.side / 2, box[3] + 30), "pixels from the anchor", "ma")
    height = max(box[3] - box[1], square.side // 2)
    middle = square.top + square.side // 2
    panels.weight_bar(canvas, square.left + square.side + 14, middle - height // 2, height, plane)


def _heading(canvas: Canvas, conv: Conv, name: str, description: str) -> None:
    kernel = conv.kernel
    facts = [times(kernel.weights.shape)]
    if len(kernel.planes) == 1:
        facts.append(f"sum {short(kernel.sum / kernel.divisor)}")
    if kernel.size != (1, 1):
        facts.append(f"rank {kernel.rank}")
    facts.append("output {} to {} of full scale".format(*map(short, kernel.output_range)))
    if conv.dilation != (1, 1):
        facts.append(f"dilation {times(conv.dilation)}")
    canvas.heading(name, description, facts)
