"""Kernels of the families on rows, as `apply` filters them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from convcli.array_types import Array
from convcli.catalog import load_filter
from convcli.detective.wide.families import Values
from convcli.detective.wide.rows import Rows
from convcli.filters import Conv
from convcli.learning import row_of_boxes

Replay = Callable[[Rows, str, Values, str], Array]


def _gaussian(rows: Rows, _: str, values: Values, border: str) -> Array:
    return rows.along_both(_bell(values[-1]), _bell(values[0]), border)


def _bell(sigma: float) -> Array:
    reach = int(4 * sigma + 0.5)
    weights = np.exp(-np.square(np.arange(-reach, reach + 1) / sigma) / 2)
    return np.asarray(weights / weights.sum())


def _box(rows: Rows, _: str, values: Values, border: str) -> Array:
    return rows.along_both(_ones(values[0]), _ones(values[-1]), border)


def _twice(rows: Rows, _: str, values: Values, border: str) -> Array:
    line = np.convolve(_ones(values[0]), _ones(values[0]))
    return rows.along_both(line, line, border)


def _ones(length: float) -> Array:
    return np.full(round(length), 1 / round(length))


def _thrice(rows: Rows, _: str, values: Values, border: str) -> Array:
    line = row_of_boxes(values[0])
    return rows.along_both(line, line, border)


def _unsharp(rows: Rows, _: str, values: Values, border: str) -> Array:
    return rows.own + values[1] * (rows.own - _gaussian(rows, "", values[:1], border))


def _of_text(rows: Rows, text: str, _: Values, border: str) -> Array:
    (layer,) = load_filter(text).layers
    assert isinstance(layer, Conv)
    return rows.through(layer.kernel.weights / layer.kernel.divisor, border)


REPLAYS: dict[str, Replay] = {
    "gaussian": _gaussian,
    "gaussian of boxes": _thrice,
    "gaussian on axes": _gaussian,
    "box": _box,
    "box on axes": _box,
    "boxes": _twice,
    "disk": _of_text,
    "motion": _of_text,
    "unsharp": _unsharp,
}
