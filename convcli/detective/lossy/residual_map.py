"""ResidualMap: the difference that is left between an answer and TARGET, and where in the picture it is."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np

from convcli.array_types import Array, Bools, Floats
from convcli.engine import full_scale_of
from convcli.filters import DEFAULT_BORDER, Size2
from convcli.lazy import dataclass
from convcli.learning import Learned, LearningPair, replayed
from convcli.words import short_repr

_CELLS = 128  # along the longer side, at most
_SMALLEST = 4  # pixels of a cell
_ENDS = 0.02  # of the squares, outside of a box on each of its sides
_LARGE = 3_000_000  # values of a picture, of which but so many rows in each row of cells are compared
_ROWS = 8
_MOST_PRODUCTS = 4e8  # of weights and values: 0.3 s


@dataclass(frozen=True)
class Box:
    """A part of TARGET in pixels, and the `share` of the squared differences in it."""

    x: int
    y: int
    width: int
    height: int
    share: float


@dataclass(frozen=True, eq=False)
class ResidualMap:
    """The difference that is left, by cells of the picture.

    Parameters
    ----------
    cells
        (rows, columns), the root mean square of the differences in each cell, in values of TARGET.
    rms
        That of all differences.
    size, at
        Height and width in pixels of what is compared, and the row and column of its first pixel in TARGET.
    worst
        The smallest share of the cells that has half of the squared differences; 0 where there are none.
    rim
        The share of the squared differences in the outermost cells.
    detail
        The changes between neighbors in the worst cells, over those in the whole picture.
    box
        The part that has most of the squared differences beyond the usual ones; None where none has more than others.
    """

    cells: Floats
    rms: float
    size: tuple[int, int]
    at: tuple[int, int]
    worst: float
    rim: float
    detail: float
    box: Box | None

    __repr__ = short_repr

    @property
    def rms_outside(self) -> float:
        """The root mean square of the differences outside of the box."""
        box, pixels = self.box, math.prod(self.size)
        if box is None or box.width * box.height >= pixels:
            return self.rms
        return self.rms * math.sqrt((1 - box.share) * pixels / (pixels - box.width * box.height))

    @property
    def cell(self) -> int:
        """Rows and columns of the largest cell."""
        return max(-(-side // len(cells)) for side, cells in zip(self.size, (self.cells, self.cells.T), strict=True))


def residual_map(
    difference: Array, target: Array, at: tuple[int, int] = (0, 0), size: Size2 | None = None
) -> ResidualMap:
    """Return where a difference from a target is, both (height, width, channels); `at` is its first pixel in TARGET.

    Of a picture of a `size`, they have the `compared_rows`.
    """
    if size is None:
        size = difference.shape[0], difference.shape[1]
        return _map_of(difference, target, size, at, _edges(size[0], max(size)))
    starts = np.cumsum([0, *(end - top for top, end in _strips(size))])
    return _map_of(difference, target, size, at, starts)


def compared_rows(shape: tuple[int, ...]) -> Array | None:
    """Return the rows of a large target, (height, width, channels), that are compared; None for all."""
    if math.prod(shape) <= _LARGE:
        return None
    return np.concatenate([np.arange(top, end) for top, end in _strips((shape[0], shape[1]))])


def _strips(size: Size2) -> list[tuple[int, int]]:
    """Return the first row, and that after the last, of what is compared in each row of cells of a large picture."""
    edges = _edges(size[0], max(size)).tolist()
    return [(top, min(top + _ROWS, end)) for top, end in pairwise(edges)]


def kernel_residual(learned: Learned, pair: LearningPair) -> ResidualMap | None:
    """Return where a learned kernel alone does not fit; None where sizes differ, or where to see would take long.

    Of a large picture, some rows in each row of cells are compared.
    """
    kernel, source, target = learned.kernel, pair.source, pair.target
    size = target.shape[0], target.shape[1]
    strips, reach = [(0, size[0])], 0
    if target.size > _LARGE:
        strips, reach = _strips(size), kernel.size[0]
    height = sum(end - top + 2 * reach for top, end in strips)
    products = math.prod((*kernel.size, max(len(kernel.planes), target.shape[2]), height, size[1]))
    if learned.padding != "same" or source.shape[:2] != size or products > _MOST_PRODUCTS:
        return None
    parts = [_difference(learned, pair, top, end, reach) for top, end in strips]
    if len(parts) == 1:
        return residual_map(parts[0], target)
    return residual_map(np.concatenate(parts), target[compared_rows(target.shape)], size=size)


def _difference(learned: Learned, pair: LearningPair, top: int, end: int, reach: int) -> Array:
    """Return the difference in rows from `top` to before `end`, for which the source has `reach` more on both sides."""
    border = learned.border.border if learned.border else learned.given_border or DEFAULT_BORDER
    rows = np.arange(top - reach, end + reach)
    total = len(pair.source)
    rows = rows % total if border.name == "wrap" else rows[(rows >= 0) & (rows < total)]
    made = replayed(learned.kernel, pair.source[rows], pair.target.dtype, padding="same", border=border)
    first = int(np.flatnonzero(rows == top)[0])
    difference = made[first : first + end - top].astype(np.result_type(made.dtype, np.float32))
    difference -= pair.target[top:end]
    for mask in (pair.mask, pair.source_mask):
        if mask is not None:
            difference = np.where(mask[top:end], difference, np.float32(0))
    return difference


def _map_of(difference: Array, target: Array, size: Size2, at: Size2, rows: Array) -> ResidualMap:
    """Return the map of a picture of a size, of whose rows of cells these begin at `rows` in what is compared."""
    edges = rows, _edges(size[1], max(size))
    of_pixels = np.einsum("ijk,ijk->ij", difference, difference) / difference.shape[2]
    squares = _cell_means(of_pixels, edges)
    total = float(squares.sum())
    worst = _worst(squares)
    inner = float(squares[1:-1, 1:-1].sum())
    return ResidualMap(
        cells=np.sqrt(squares),
        rms=float(np.sqrt(of_pixels.mean(dtype=np.float64))),
        size=size,
        at=at,
        worst=float(worst.mean()),
        rim=1 - inner / total if total else 0.0,
        detail=_detail_in(worst, target, edges),
        box=_box(squares, size, at),
    )


def rounded(values: Array, dtype: np.dtype[Any]) -> Array:
    """Return shares of full scale as values of a picture, in floats: rounded and clipped where it has integers."""
    if dtype.kind != "u":
        return values.copy()
    made = np.empty(values.shape, np.float32)  # a large picture has no room for more than this copy
    np.multiply(values, full_scale_of(dtype), out=made, casting="same_kind")
    made += 0.5
    return np.clip(np.floor(made, out=made), 0, full_scale_of(dtype), out=made)


def _cell_means(values: Array, edges: tuple[Array, Array]) -> Floats:
    """Return the means of the cells of (height, width) values, between edges down and right."""
    sums = np.add.reduceat(np.add.reduceat(values, edges[0][:-1], axis=0, dtype=np.float64), edges[1][:-1], axis=1)
    return np.asarray(sums / np.outer(*(np.diff(each) for each in edges)), np.float64)


def _edges(side: int, longer: int) -> Array:
    """Return the first pixels of the cells along a side, and its length."""
    pixels = max(_SMALLEST, longer / _CELLS)
    return np.linspace(0, side, max(1, round(side / pixels)) + 1).astype(int)


def _worst(squares: Floats) -> Bools:
    """Return the fewest cells that have half of all squares."""
    order = np.argsort(-squares, axis=None)
    sums = np.cumsum(squares.ravel()[order])
    count = int(np.searchsorted(sums, sums[-1] / 2)) + 1 if sums[-1] > 0 else 0
    result = np.zeros(squares.size, bool)
    result[order[:count]] = True
    return result.reshape(squares.shape)


def _detail_in(cells: Bools, target: Array, edges: tuple[Array, Array]) -> float:
    """Return the changes between neighbors in some cells, over those in all, in the middle channel."""
    gray = target[:, :, target.shape[2] // 2].astype(np.result_type(target.dtype, np.float32))
    down, right = (np.abs(np.diff(gray, axis=axis, prepend=gray.take([0], axis))) for axis in (0, 1))
    changes = _cell_means(down + right, edges)
    usual = float(changes.mean())
    return float(changes[cells].mean()) / usual if usual and cells.any() else 1.0


def _box(squares: Floats, size: tuple[int, int], at: tuple[int, int]) -> Box | None:
    beyond = np.maximum(squares - np.median(squares), 0)
    if not beyond.any():
        return None
    (top, bottom), (left, right) = (_interval(beyond.sum(axis=axis)) for axis in (1, 0))
    rows, columns = (_edges(side, max(size)) for side in size)
    x, y, right_end, below = (int(each) for each in (columns[left], rows[top], columns[right], rows[bottom]))
    share = float(squares[top:bottom, left:right].sum() / squares.sum())
    return Box(x + at[1], y + at[0], right_end - x, below - y, share)


def _interval(sums: Floats) -> tuple[int, int]:
    """Return the first and the last cell, exclusive, between which nearly all is."""
    shares = np.cumsum(sums) / sums.sum()
    return int(np.searchsorted(shares, _ENDS)), int(np.searchsorted(shares, 1 - _ENDS)) + 1
