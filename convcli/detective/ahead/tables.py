"""Tables: the outputs of a resampling as sums over the pixels of INPUT, and what a kernel before it adds to them.

Resampling is linear, and the same along rows and columns by themselves. So an output is linear in the weights of a
kernel before it: that of a weight is the resampled INPUT, moved by the place of the weight.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np

from convcli.array_types import Array
from convcli.detective.geometry.frame import Frame
from convcli.detective.geometry.programs import axis_weights, is_other
from convcli.lazy import dataclass

_WINDOW = 32  # pixels of a side of the outputs
_WINDOWS = 5  # along a side
_SUPPORT = 4.0  # pixels of the smaller picture, that every resampling reaches at most
_RIM = 16  # pixels of INPUT that kernels may reach


@dataclass(frozen=True, eq=False)
class Tables:
    """A window of outputs: `down` and `right`, float32 (outputs, inputs), and the first input's `top` and `left`.

    `rows` and `columns` are those of the outputs in TARGET.
    """

    down: Array
    right: Array
    top: int
    left: int
    rows: slice
    columns: slice

    def patch(self, view: Array, reach: int) -> Array:
        """Return the inputs of a view, (height, width, …), and those up to `reach` pixels around them."""
        height, width = self.down.shape[1], self.right.shape[1]
        rows = slice(self.top - reach, self.top + height + reach)
        return np.asarray(view[rows, self.left - reach : self.left + width + reach])

    def made(self, values: Array, save: Callable[[Array], Array] | None = None) -> Array:
        """Return the outputs of inputs, (height, width, channels); some programs `save` what the rows become first."""
        lines = np.moveaxis(np.tensordot(self.right, values, (1, 1)), 0, 1)
        return np.asarray(np.tensordot(self.down, lines if save is None else save(lines), (1, 0)))

    def made_down_first(self, values: Array, save: Callable[[Array], Array]) -> Array:
        """Return the outputs as ImageMagick makes them of a larger picture: first of the columns, then of the rows."""
        columns = save(np.tensordot(self.down, values, (1, 0)))
        return np.moveaxis(np.tensordot(self.right, columns, (1, 1)), 0, 1)

    def taps(self, plane: Array, side: int) -> Array:
        """Return the outputs for each weight of a kernel of a side, (side², outputs); `plane` reaches beyond by it."""
        height, width = self.down.shape[1], self.right.shape[1]
        right = np.ascontiguousarray(self.right.T)
        taps = np.empty((side * side, len(self.down), len(self.right)), np.float32)
        for down in range(side):
            lines = self.down @ plane[down : down + height]
            for across in range(side):
                np.matmul(lines[:, across : across + width], right, out=taps[down * side + across])
        return taps.reshape(side * side, -1)


def tables_of(frame: Frame, view: tuple[int, ...], shape: tuple[int, ...], reach: int = _RIM) -> list[Tables]:
    """Return the tables of windows of TARGET, of `shape`, whose inputs, and `reach` pixels around, are in a view."""
    axes = [
        [
            (*table, outputs)
            for outputs in _windows(shape[axis], step_of(frame, view, shape, axis), reach)
            if (table := _table(frame, view, shape, axis, outputs))[1] >= reach
            and table[1] + table[0].shape[1] + reach <= view[axis]
        ]
        for axis in (0, 1)
    ]
    return [
        Tables(down, right, top, left, rows, columns) for (down, top, rows), (right, left, columns) in product(*axes)
    ]


def _windows(length: int, step: float, reach: int) -> Iterator[slice]:
    """Yield the outputs of windows of an axis, that far from the rim, or nearer where there is no room."""
    side = min(_WINDOW, length)
    margin = min(
        round((reach + _SUPPORT) / min(step, 1.0) if step < 1 else reach / step + _SUPPORT) + 1, (length - side) // 2
    )
    count = min(_WINDOWS, max(1, (length - 2 * margin) // side))
    for start in np.linspace(margin, length - margin - side, count).astype(int).tolist():
        yield slice(start, start + side)


def step_of(frame: Frame, view: tuple[int, ...], shape: tuple[int, ...], axis: int) -> float:
    """Return the pixels of INPUT from one output to the next."""
    if frame.part is not None:
        return frame.part[axis + 2] / shape[axis]
    return view[axis] / frame.size_for(shape)[axis]


def _table(frame: Frame, view: tuple[int, ...], shape: tuple[int, ...], axis: int, outputs: slice) -> tuple[Array, int]:
    """Return the table of an axis, (outputs, inputs), and its first input."""
    first, moved = (frame.part[axis], 0) if frame.part is not None else (0, (frame.top, frame.left)[axis])
    length = frame.part[axis + 2] if frame.part is not None else view[axis]
    if is_other(frame.filter):
        size = shape[axis] if frame.part is not None else frame.size_for(shape)[axis]
        places, weights = axis_weights(frame.filter, length, size)
        rows = slice(outputs.start + moved, outputs.stop + moved)
        return _placed(places[rows] + first, weights[rows])
    # What resampling makes of single pixels.
    step, reach = step_of(frame, view, shape, axis), _SUPPORT * max(step_of(frame, view, shape, axis), 1) + 2
    start = max(0, int(first + (outputs.start + moved) * step - reach))
    stop = min(view[axis], int(first + (outputs.stop + moved) * step + reach) + 1)
    points = np.zeros((view[axis], stop - start), np.float32)
    points[np.arange(start, stop), np.arange(stop - start)] = 1
    one = slice(shape[1 - axis] // 2, shape[1 - axis] // 2 + 1)
    if axis:
        spread = np.broadcast_to(points, (view[0], *points.shape))
        table = frame.resized_part(spread, shape, one, outputs)[0]
    else:
        spread = np.broadcast_to(points[:, np.newaxis], (view[0], view[1], points.shape[1]))
        table = frame.resized_part(spread, shape, outputs, one)[:, 0]
    used = np.flatnonzero(np.abs(table).max(axis=0) > 0)
    inputs = slice(int(used[0]), int(used[-1]) + 1)
    return np.ascontiguousarray(table[:, inputs], np.float32), start + inputs.start


def _placed(places: Array, weights: Array) -> tuple[Array, int]:
    """Return weights, (outputs, taps), at their places as a table, and the first place."""
    first = int(places.min())
    table = np.zeros((len(places), int(places.max()) - first + 1), np.float32)
    np.add.at(table, (np.arange(len(places))[:, np.newaxis], places - first), weights.astype(np.float32))
    return table, first
