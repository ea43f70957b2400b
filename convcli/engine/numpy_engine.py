"""The NumPy engine: starts at once, and shares no loops with the other, which makes it an oracle for tests.

It works in bands of rows that fit the processor's cache. The input rows of a band are converted once, with their
borders; then every tap is a shifted slice of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from threading import local

import numpy as np
from numpy.typing import DTypeLike

from convcli.array_types import Array, Floats
from convcli.engine.bands import for_each_band
from convcli.engine.planning.plan import OUTSIDE, Plan
from convcli.filters import Size2

# Measured: fastest from 1 to 2 MB; at 256 KB the rows that bands share cost a quarter more.
_BAND_BYTES = 1024 * 1024


class _Scratch(local):
    """Arrays that a thread reuses for every band.

    Measured: with new memory for every band, mapping it took the system twice as long as the sums.
    """

    def __init__(self) -> None:
        self._arrays: dict[str, Array] = {}

    def array(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
        """Return the array of a name, of any content; its former content is lost."""
        size = math.prod(shape)
        array = self._arrays.get(name)
        if array is None or array.size < size:
            array = self._arrays[name] = np.empty(size, dtype)
        return array[:size].reshape(shape)

    def zeros(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
        """Return the array of a name, filled with zeros."""
        zeros = self.array(name, shape, dtype)
        zeros.fill(0)
        return zeros


def correlate_numpy(plan: Plan, array: Array, threads: int) -> tuple[Array, int]:
    """Carry out a plan on an array (height, width, channels); return the result, and how many values were clipped."""
    out = np.empty(plan.output_shape, plan.dtype)
    line = len(plan.columns) * max(array.shape[2], len(plan.weights)) * plan.arithmetic.itemsize
    band_rows = max(1, _BAND_BYTES // line // plan.stride[0])
    scratch = _Scratch()

    def work(first: int, last: int) -> int:
        padded = _padded_rows(plan, array, first, last, scratch)
        sums = _correlate_rows(plan, padded, last - first, scratch)
        return _store(plan, sums, out[first:last], scratch)

    # Products of matrices are computed by BLAS, which has its own threads.
    return out, for_each_band(work, len(out), band_rows, 1 if plan.mixes_planes else threads)


def _padded_rows(plan: Plan, array: Array, first: int, last: int, scratch: _Scratch) -> Array:
    """Return the input of output rows first … last - 1, as (rows, planes, padded width)."""
    height = plan.dilation[0] * (plan.weights.shape[2] - 1) + 1
    rows = plan.rows[first * plan.stride[0] : (last - 1) * plan.stride[0] + height]
    inside = rows[0] >= 0 and bool((np.diff(rows) == 1).all())
    source = array[rows[0] : rows[0] + len(rows)] if inside else array[rows]
    shape = len(rows), len(plan.columns), array.shape[2]
    # Planes are filled through a view with channels last, as in the picture.
    planes = (shape[0], 1, shape[1] * shape[2]) if plan.interleaved else (shape[0], shape[2], shape[1])
    lines = scratch.array("padded", planes, plan.arithmetic)
    padded = lines.reshape(shape) if plan.interleaved else lines.swapaxes(1, 2)
    start, stop = plan.inner
    padded[:, start:stop] = source[:, : stop - start]
    for rim in (slice(0, start), slice(stop, None)):
        padded[:, rim] = source[:, plan.columns[rim]]
    padded[rows == OUTSIDE] = plan.fill
    padded[:, plan.columns == OUTSIDE] = plan.fill
    return lines


def _correlate_rows(plan: Plan, padded: Array, count: int, scratch: _Scratch) -> Array:
    """Return the sums of products of `count` output rows, as (rows, output planes, width)."""
    if plan.factors:
        return _separable(plan, padded, count, scratch)
    # Products of matrices multiply by weights of 0 too, and 0 · NaN is NaN.
    if plan.mixes_planes and (plan.weights.all() or np.isfinite(padded).all()):
        return _mixed(plan, padded, count, scratch)
    outputs, inputs = plan.weights.shape[:2]
    per_group = outputs // plan.groups
    total = scratch.zeros("total", (count, outputs, _width(plan)), plan.arithmetic)
    for output, plane in np.ndindex(outputs, inputs):
        source = padded[:, output // per_group * inputs + plane]
        _add_taps(total[:, output], plan.weights[output, plane], partial(_shifted, plan, source, count), scratch)
    return total


def _add_taps(total: Array, weights: Floats, shifted: Callable[[Size2], Array], scratch: _Scratch) -> None:
    """Add weight · shifted(tap) for all taps to the total; equal weights share one product."""
    product = scratch.array("product", total.shape, total.dtype)
    # Not numpy.unique, which imports numpy.ma: 17 ms.
    for weight in sorted(set(weights[weights != 0].tolist())):
        taps = [(int(row), int(column)) for row, column in np.argwhere(weights == weight)]
        if abs(weight) == 1:
            change = np.add if weight > 0 else np.subtract
            for tap in taps:
                change(total, shifted(tap), out=total)
            continue
        factor = total.dtype.type(weight)
        if len(taps) == 1:
            np.multiply(shifted(taps[0]), factor, out=product)
        else:
            np.add(shifted(taps[0]), shifted(taps[1]), out=product)
            for tap in taps[2:]:
                np.add(product, shifted(tap), out=product)
            np.multiply(product, factor, out=product)
        np.add(total, product, out=total)


def _separable(plan: Plan, padded: Array, count: int, scratch: _Scratch) -> Array:
    """Return the sums of separable weights: down the columns, into lines that are still padded, then along them."""
    source = padded[:, 0]
    total = scratch.zeros("total", (count, 1, _width(plan)), plan.arithmetic)
    for factor in plan.factors:
        lines = scratch.zeros("lines", (count, source.shape[1]), plan.arithmetic)
        _add_taps(lines, factor.column[:, np.newaxis], partial(_down, plan, source, count), scratch)
        _add_taps(total[:, 0], factor.row[np.newaxis], partial(_right, plan, lines), scratch)
    return total


def _mixed(plan: Plan, padded: Array, count: int, scratch: _Scratch) -> Array:
    """Return the sums over planes: per tap a product of matrices, output planes × input planes, for every row."""
    outputs, inputs, height, width = plan.weights.shape
    per_group = outputs // plan.groups
    total = scratch.zeros("total", (count, outputs, _width(plan)), plan.arithmetic)
    product = scratch.array("product", (count, per_group, _width(plan)), plan.arithmetic)
    weights = plan.weights.astype(plan.arithmetic)
    for group in range(plan.groups):
        mine = slice(group * per_group, (group + 1) * per_group)
        source = padded[:, group * inputs : (group + 1) * inputs]
        for row, column in np.ndindex(height, width):
            seen = _shifted(plan, source, count, (row, column))
            np.matmul(weights[mine, :, row, column], seen, out=product)
            total[:, mine] += product
    return total


def _shifted(plan: Plan, source: Array, count: int, tap: Size2) -> Array:
    """Return the values under the tap (row, column), for `count` output rows."""
    return _right(plan, _down(plan, source, count, tap), tap)


def _down(plan: Plan, source: Array, count: int, tap: Size2) -> Array:
    start, step = tap[0] * plan.dilation[0], plan.stride[0]
    return source[start : start + (count - 1) * step + 1 : step]


def _right(plan: Plan, source: Array, tap: Size2) -> Array:
    start, step = tap[1] * plan.dilation[1] * plan.column_step, plan.stride[1]
    return source[..., start : start + (_width(plan) - 1) * step + 1 : step]


def _width(plan: Plan) -> int:
    return plan.output_shape[1] * plan.column_step


def _store(plan: Plan, sums: Array, out: Array, scratch: _Scratch) -> int:
    """Scale the sums into `out`, rounded half up and clipped for integers; return how many were clipped."""
    if not plan.is_plain:
        if sums.dtype != plan.scale_dtype:
            scaled = scratch.array("scaled", sums.shape, plan.scale_dtype)
            scaled[...] = sums
            sums = scaled
        if plan.divisor != 1:
            sums /= sums.dtype.type(plan.divisor)
        sums += (plan.offset + plan.rounding).astype(sums.dtype)[:, np.newaxis]
    clipped = 0
    # Few pictures clip, and the extremes take half the time of counting. NaN is an extreme too.
    if plan.dtype.kind == "u" and not (sums.min() >= 0 and sums.max() <= plan.highest):
        # In one pass; numpy.minimum and numpy.maximum take ten times as long.
        bound = scratch.array("bound", sums.shape, sums.dtype)
        np.clip(sums, 0, plan.highest, out=bound)
        if plan.source.kind == "f":
            bound[np.isnan(bound)] = 0
        clipped = int(np.count_nonzero(sums != bound))
        sums = bound
    lines = sums.reshape(out.shape) if plan.interleaved else sums.swapaxes(1, 2)
    np.copyto(out, lines, casting="unsafe")
    return clipped
