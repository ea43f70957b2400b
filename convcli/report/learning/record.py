"""A record of how a filter was learned, in comments at the end of its file, which `convcli report` reads.

Comments belong to no key, so every reader of filter files takes them. Each line is a name and a value in JSON:
``#: cause = "sharpen; exact"``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import field
from typing import Any

import numpy as np

from convcli.array_types import Floats
from convcli.detective import CurveStep, Detected, ResidualMap
from convcli.filters import Conv, Kernel, Pipeline
from convcli.lazy import dataclass
from convcli.learning import TrainedNetwork
from convcli.report.learning.match import match_rows
from convcli.report.learning.network import cause_of, trained_rows
from convcli.report.learning.text import LearnedFrom, kernel_rows, shows_kernel
from convcli.report.printing import json_text

_HEADING = "# How it was learned, for convcli report; weights that are changed make it untrue."
_MARK, _BETWEEN = "#: ", " = "
_MOST_ERRORS = 225  # weights whose errors are kept
_MOST_STEPS, _MOST_POINTS, _MOST_CELLS = 80, 33, 32
_DIGITS = 6

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class Record:
    """The way that a filter was learned.

    Parameters
    ----------
    cause
        What was done, in one sentence.
    rows
        The names and texts of the report.
    loss
        The step, counted from 1, and the loss before it; of many some. Of a network the epoch, and its mean loss.
    held_out
        Of a network the epoch, and the loss on what is held out.
    steps
        The name of the steps: ``step`` or ``epoch``.
    curves
        The points of the tone curve, in shares of full scale, by the letter of its channel, which is empty for all.
    errors
        The standard errors of the weights, of their shape, infinite for those that the pair leaves open; None where
        there are many, or nothing explains the pair: they would hold for a kernel that made it.
    layer
        The number of the layer that they are of, counted from 1.
    is_explained
        False for the nearest kernel to a pair that no filter explains.
    residual
        The root mean square of the difference that is left, by cells of TARGET (rows, columns); None where there is
        none.
    size
        Height and width of what the cells cover, in pixels.
    """

    cause: str
    rows: tuple[tuple[str, str], ...] = ()
    loss: Points = ()
    held_out: Points = ()
    steps: str = "step"
    curves: Mapping[str, Points] = field(default_factory=dict)
    errors: Floats | None = None
    layer: int = 1
    is_explained: bool = True
    residual: Floats | None = None
    size: tuple[int, int] = (0, 0)


def record_comment(learned: Detected, subject: LearnedFrom, pipeline: Pipeline) -> str:
    """Return what was learned as lines of comments; `subject` has names without folders.

    The `pipeline` is the filter that is written, whose kernel may be another than the learned one.
    """
    rows = [*match_rows(learned, levels=subject.levels)]
    if shows_kernel(learned):
        rows += kernel_rows(learned, subject)
    values: dict[str, Any] = {"cause": learned.cause, "rows": rows, "loss": _thinned_loss(learned.history)}
    curves = {
        letter: each for step in learned.found if isinstance(step, CurveStep) for letter, each in step.curves.items()
    }
    if curves:
        values["curves"] = {letter: _rounded(_some(list(points), _MOST_POINTS)) for letter, points in curves.items()}
    if not learned.is_explained:
        values["explained"] = False
    layer = _layer_of(learned.kernel, pipeline)
    if learned.is_explained and layer and learned.errors.size <= _MOST_ERRORS:
        values |= {"errors": _rounded(learned.errors.tolist()), "layer": layer}
    if learned.residual is not None and learned.residual.rms:
        values["residual"] = _cells(learned.residual)
    return _comment(values)


def trained_comment(trained: TrainedNetwork, subject: LearnedFrom) -> str:
    """Return how a network was trained as lines of comments; `subject` has names without folders."""
    epochs = _some(list(enumerate(trained.epochs)), _MOST_STEPS)
    values: dict[str, Any] = {"cause": cause_of(trained), "rows": [*trained_rows(trained, subject)]}
    values["loss"] = [[number, _short(each.loss)] for number, each in epochs if math.isfinite(each.loss)]
    values["held_out"] = [[number, _short(each.held_out)] for number, each in epochs if each.held_out is not None]
    return _comment({**values, "steps": "epoch"})


def _comment(values: Mapping[str, Any]) -> str:
    lines = [f"{_MARK}{name}{_BETWEEN}{json_text(value)}" for name, value in values.items()]
    return "\n".join([_HEADING, *lines]) + "\n"


def record_in(text: str) -> Record | None:
    """Return the record in the text of a filter file; None where there is none, or what is left of it is damaged."""
    marked = (line.strip() for line in text.splitlines() if line.lstrip().startswith(_MARK))
    pairs = (line.removeprefix(_MARK).partition(_BETWEEN) for line in marked)
    try:
        values = {name: json.loads(value) for name, _, value in pairs}
        errors, residual = values.get("errors"), values.get("residual")
        return Record(
            cause=str(values["cause"]),
            rows=tuple((str(name), str(each)) for name, each in values["rows"]),
            loss=_points(values["loss"]),
            held_out=_points(values.get("held_out", ())),
            steps="epoch" if values.get("steps") == "epoch" else "step",
            curves={str(letter): _points(each) for letter, each in values.get("curves", {}).items()},
            errors=None if errors is None else _with_open(errors),
            layer=int(values.get("layer", 1)),
            is_explained=values.get("explained") is not False,
            residual=None if residual is None else _read_cells(residual),
            size=(0, 0) if residual is None else (int(residual["height"]), int(residual["width"])),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return None  # it was edited


def _layer_of(kernel: Kernel, pipeline: Pipeline) -> int:
    """Return the number of the layer that has a kernel as it was learned, counted from 1; 0 where none has."""
    for number, layer in enumerate(pipeline.layers, 1):
        own = layer.kernel if isinstance(layer, Conv) else None
        if own is not None and own.divisor == kernel.divisor and np.array_equal(own.weights, kernel.weights):
            return number
    return 0


def _thinned_loss(history: Floats) -> list[list[float]]:
    steps = np.unique(np.rint(np.geomspace(1, max(len(history), 1), _MOST_STEPS)).astype(int))
    return [[int(step), _short(float(history[step - 1]))] for step in steps if step <= len(history)]


def _some(points: list[Any], most: int) -> list[Any]:
    kept = np.unique(np.rint(np.linspace(0, len(points) - 1, most)).astype(int))
    return [list(points[index]) for index in kept]


def _rounded(values: Any) -> Any:
    return [_rounded(each) for each in values] if isinstance(values, list) else _short(values)


def _short(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def _cells(residual: ResidualMap) -> dict[str, Any]:
    """Return the cells in 255 steps of the largest, two hexadecimal digits each."""
    squares = np.square(residual.cells)
    every = -(-max(squares.shape) // _MOST_CELLS)
    for axis, length in enumerate(squares.shape):
        starts = np.arange(0, length, every)
        counts = np.diff(np.append(starts, length))
        squares = np.add.reduceat(squares, starts, axis=axis) / np.expand_dims(counts, 1 - axis)
    cells = np.sqrt(squares)
    largest = float(cells.max()) or 1.0
    return {
        "height": residual.size[0],
        "width": residual.size[1],
        "largest": _short(largest),
        "rows": [row.astype(np.uint8).tobytes().hex() for row in np.rint(255 * cells / largest)],
    }


def _read_cells(values: Mapping[str, Any]) -> Floats:
    rows = [np.frombuffer(bytes.fromhex(row), np.uint8) for row in values["rows"]]
    cells: Floats = np.stack(rows).astype(np.float64) * float(values["largest"]) / 255
    if not cells.size or not np.isfinite(cells).all():
        raise ValueError("no cells")
    return cells


def _points(values: Any) -> Points:
    return tuple((float(x), float(y)) for x, y in values if x is not None and y is not None)


def _with_open(errors: Any) -> Floats:
    """Return errors as an array, infinite where they are null."""
    found: Floats = np.array(errors, np.float64)  # null becomes NaN
    return np.where(np.isnan(found), np.inf, found)
