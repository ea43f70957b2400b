"""The NumPy engine: starts at once, and is the independent second opinion for tests.

It works in bands of rows that stay in the processor's cache. A band's input rows are
converted once, with their borders; then every tap is one shifted slice of them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convcli.engine.bands import for_each_band
from convcli.engine.plan import OUTSIDE, Plan
from convcli.pipeline import Pair

# Measured best between 256 KB and 1 MB: the band, its sum and one product share the cache.
_BAND_BYTES = 512 * 1024


def correlate_numpy(plan: Plan, array: NDArray[Any], threads: int) -> tuple[NDArray[Any], int]:
    """Carry out `plan` on an array (height, width, channels).

    Returns
    -------
    (result, clipped)
        The result, and how many of its values did not fit its dtype.
    """
    out = np.empty(plan.output_shape, plan.dtype)
    line = len(plan.columns) * max(array.shape[2], len(plan.weights)) * plan.arithmetic.itemsize
    band_rows = max(1, _BAND_BYTES // line // plan.stride[0])

    def work(first: int, last: int) -> int:
        values = _correlate_rows(plan, _padded_rows(plan, array, first, last), last - first)
        return _store(plan, values, out[first:last])

    # Products of matrices are BLAS's, which brings its own threads.
    mixes_planes = plan.weights.shape[1] > 1
    return out, for_each_band(work, len(out), band_rows, 1 if mixes_planes else threads)


def _padded_rows(plan: Plan, array: NDArray[Any], first: int, last: int) -> NDArray[Any]:
    """Return what output rows first … last - 1 are made of, as (rows, planes, padded width)."""
    height = plan.dilation[0] * (plan.weights.shape[2] - 1) + 1
    rows = plan.rows[first * plan.stride[0] : (last - 1) * plan.stride[0] + height]
    inside = rows[0] >= 0 and bool((np.diff(rows) == 1).all())
    source = array[rows[0] : rows[0] + len(rows)] if inside else array[rows]
    padded = np.empty((len(rows), len(plan.columns), array.shape[2]), plan.arithmetic)
    start, stop = plan.inner
    padded[:, start:stop] = source[:, : stop - start]
    for rim in (slice(0, start), slice(stop, None)):
        padded[:, rim] = source[:, plan.columns[rim]]
    padded[rows == OUTSIDE] = plan.fill
    padded[:, plan.columns == OUTSIDE] = plan.fill
    if plan.interleaved:
        return padded.reshape(len(rows), 1, -1)
    return np.ascontiguousarray(padded.swapaxes(1, 2))


def _correlate_rows(plan: Plan, padded: NDArray[Any], count: int) -> NDArray[Any]:
    """Return the sums of products of `count` output rows, as (rows, output planes, width)."""
    if plan.factors:
        return _separable(plan, padded, count)
    if plan.weights.shape[1] > 1:
        return _mixed(plan, padded, count)
    planes = len(plan.weights)
    per_group = planes // plan.groups
    total = np.zeros((count, planes, _width(plan)), plan.arithmetic)
    for plane, weights in enumerate(plan.weights[:, 0]):
        source = padded[:, plane // per_group]
        _add_taps(total[:, plane], weights, partial(_shifted, plan, source, count))
    return total


def _add_taps(total: NDArray[Any], weights: NDArray[np.float64], shifted: Callable[[Pair], NDArray[Any]]) -> None:
    """Add weight · shifted(tap) over the taps; equal weights share one product."""
    product = np.empty_like(total)
    for weight in np.unique(weights[weights != 0]):
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


def _separable(plan: Plan, padded: NDArray[Any], count: int) -> NDArray[Any]:
    """Down the columns first, into lines that are still padded, then along them."""
    source = padded[:, 0]
    total = np.zeros((count, 1, _width(plan)), plan.arithmetic)
    for factor in plan.factors:
        lines = np.zeros((count, source.shape[1]), plan.arithmetic)
        _add_taps(lines, factor.column[:, np.newaxis], partial(_down, plan, source, count))
        _add_taps(total[:, 0], factor.row[np.newaxis], partial(_right, plan, lines))
    return total


def _mixed(plan: Plan, padded: NDArray[Any], count: int) -> NDArray[Any]:
    """Every tap is a product of matrices: output planes × input planes, for every row."""
    outputs, inputs, height, width = plan.weights.shape
    per_group = outputs // plan.groups
    total = np.zeros((count, outputs, _width(plan)), plan.arithmetic)
    weights = plan.weights.astype(plan.arithmetic)
    for group in range(plan.groups):
        mine = slice(group * per_group, (group + 1) * per_group)
        source = padded[:, group * inputs : (group + 1) * inputs]
        for row, column in np.ndindex(height, width):
            total[:, mine] += weights[mine, :, row, column] @ _shifted(plan, source, count, (row, column))
    return total


def _shifted(plan: Plan, source: NDArray[Any], count: int, tap: Pair) -> NDArray[Any]:
    """Return what the tap (row, column) sees, for `count` output rows."""
    return _right(plan, _down(plan, source, count, tap), tap)


def _down(plan: Plan, source: NDArray[Any], count: int, tap: Pair) -> NDArray[Any]:
    start, step = tap[0] * plan.dilation[0], plan.stride[0]
    return source[start : start + (count - 1) * step + 1 : step]


def _right(plan: Plan, source: NDArray[Any], tap: Pair) -> NDArray[Any]:
    start, step = tap[1] * plan.dilation[1] * plan.column_step, plan.stride[1]
    return source[..., start : start + (_width(plan) - 1) * step + 1 : step]


def _width(plan: Plan) -> int:
    return plan.output_shape[1] * plan.column_step


def _store(plan: Plan, sums: NDArray[Any], out: NDArray[Any]) -> int:
    """Scale the sums into `out`, rounded half up and clipped for integers; return how many were clipped."""
    if not plan.is_plain:
        if sums.dtype.kind == "i":
            sums = sums.astype(np.float32)
        if plan.divisor != 1:
            sums /= sums.dtype.type(plan.divisor)
        sums += (plan.offset + plan.rounding).astype(sums.dtype)[:, np.newaxis]
    clipped = 0
    if plan.dtype.kind == "u":
        highest = np.iinfo(plan.dtype).max
        # Few pictures clip: the two extremes tell at half the price of counting.
        if sums.min() < 0 or sums.max() >= highest + 1:
            clipped = int(np.count_nonzero(sums < 0) + np.count_nonzero(sums >= highest + 1))
            np.clip(sums, 0, highest, out=sums)
    lines = sums.reshape(out.shape) if plan.interleaved else sums.swapaxes(1, 2)
    np.copyto(out, lines, casting="unsafe")
    return clipped
