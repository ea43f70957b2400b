"""The picture of a training: the losses of the epochs, and which of them was kept."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from convcli.learning import TrainedNetwork
from convcli.report.pictures import panels
from convcli.report.pictures.canvas import MARGIN, Canvas
from convcli.report.pictures.colors import BLUE, GRAY, RED
from convcli.report.pictures.learning import loss_scale
from convcli.report.pictures.scales import short, ticks
from convcli.words import counted, grouped

_CURVE = (760, 420)  # width and height of the curves
_LEFT, _RIGHT, _BELOW = MARGIN + 48, 120, 96  # the right for the names of the curves
_FIRST = 34  # pixels above the curves for their title
_APART = 16  # pixels between two names, at least


def draw_training(trained: TrainedNetwork, name: str, description: str) -> NDArray[np.uint8]:
    """Draw the losses of a training below a name and a description: (height, width, 3)."""
    width, height = _CURVE
    top = panels.HEADER + 40
    canvas = Canvas(_LEFT + width + _RIGHT + MARGIN, top + height + _BELOW)
    last = max(len(trained.epochs) - 1, 1)
    facts = [
        counted(trained.layers, "layer"),
        f"{grouped(trained.weights)} weights",
        f"{counted(last, 'epoch')} of {trained.settings.optimizer}",
        f"learning rate {short(trained.settings.rate)}",
        f"kept epoch {trained.best}",
    ]
    canvas.heading(name, description, facts)
    curves = {"learned from": (BLUE, [each.loss for each in trained.epochs])}
    held = [each.held_out for each in trained.epochs if each.held_out is not None]
    if len(held) == len(trained.epochs):
        curves["held out"] = (RED, held)
    scale = loss_scale(np.concatenate([values for _, values in curves.values()]))
    kind = f"{trained.settings.loss} of each epoch"
    canvas.text((_LEFT, top - _FIRST), f"{kind}, on a logarithmic scale" if scale.logarithmic else kind, 15)
    bottom = top + height
    rows = [(bottom - mark * height, text) for mark, text in scale.marks()]
    epochs = [round(value) for value in ticks(0, last, 6) if value == round(value)]
    columns = [(_LEFT + each / last * width, str(each)) for each in epochs]
    panels.axes(canvas, (_LEFT, top, _LEFT + width, bottom), rows, columns, 10)
    canvas.label((_LEFT + width / 2, bottom + 34), "epoch", "ma")
    best = _LEFT + trained.best / last * width
    canvas.line([(best, top), (best, bottom)], GRAY, 1, dash=4)
    ends: list[float] = []
    for title, (color, values) in curves.items():
        heights = scale.height(np.array(values))
        points = [
            (_LEFT + index / last * width, bottom - float(share) * height)
            for index, share in enumerate(heights.tolist())
            if math.isfinite(values[index])
        ]
        if len(points) > 1:
            canvas.line(points, color, 2.2)
        at = points[-1][1]
        at = next((at + (_APART if at >= other else -_APART) for other in ends if abs(at - other) < _APART), at)
        ends.append(at)
        canvas.label((_LEFT + width + 11, at), title, "lm", color)
    return canvas.pixels()
