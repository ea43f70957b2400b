"""The NumPy engine: starts at once, and shares no loops with the other, which makes it an oracle for tests.

It works in bands of rows that fit the processor's cache. The input rows of a band are converted once, with their
borders; then every tap is a shifted slice of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from threading import local
from typing import TypeVar

import numpy as np
from numpy.typing import DTypeLike

from convcli.array_types import Array, Bools, Floats
from convcli.engine.bands import for_each_band
from convcli.engine.part import OUTSIDE
from convcli.engine.planning.plan import Plan

# Taps that are summed one after the other; their sums are added in pairs (see `convcli.engine.planning.arithmetic`).
# Measured for 3×3 to 15×15 weights: 16 took up to a tenth longer, and one chain of all no less.
LEAF = 32

T = TypeVar("T")
Tap = tuple[int, ...]  # (plane, row, column), as far as they are given
Term = tuple[float, list[Tap]]  # a weight, and taps that have it

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


def correlate_numpy(plan: Plan, array: Array, threads: int) -> tuple[Array, int]:
    """Carry out a plan on an array (height, width, channels); return the result, and how many values were clipped."""
    out = np.empty(plan.output_shape, plan.dtype)
    columns = plan.weights.shape[3] * plan.output_shape[1] if plan.is_sparse else len(plan.columns)
    line = columns * max(array.shape[2], len(plan.weights)) * plan.arithmetic.itemsize
    band_rows = max(1, _BAND_BYTES // line // plan.stride[0])
    scratch = _Scratch()

    def work(first: int, last: int) -> int:
        used, begin = (plan.gathered(first, last), first) if plan.is_sparse else (plan, 0)
        padded = _padded_rows(used, array, first - begin, last - begin, scratch)
        sums = _correlate_rows(used, padded, last - first, scratch)
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
    if not plan.mixes_planes:
        return _by_taps(plan, padded, count, scratch)
    # Products of matrices multiply by weights of 0 too, and 0 · NaN is NaN.
    finite = np.array([True]) if plan.weights.all() else _finite_rows(plan, padded, count)
    if finite.all():
        return _mixed(plan, padded, count, scratch)
    by_taps = _by_taps(plan, padded, count, scratch).copy()
    np.copyto(by_taps, _mixed(plan, padded, count, scratch), where=finite[:, np.newaxis, np.newaxis])
    return by_taps


def _finite_rows(plan: Plan, padded: Array, count: int) -> Bools:
    """Return for each of `count` output rows whether all rows under it are finite."""
    wrong = np.cumsum(np.append(0, ~np.isfinite(padded).all(axis=(1, 2))))
    first = np.arange(count) * plan.stride[0]
    finite: Bools = wrong[first + plan.dilation[0] * (plan.weights.shape[2] - 1) + 1] == wrong[first]
    return finite


def _by_taps(plan: Plan, padded: Array, count: int, scratch: _Scratch) -> Array:
    outputs, inputs = plan.weights.shape[:2]
    per_group = outputs // plan.groups
    total = scratch.array("total", (count, outputs, _width(plan)), plan.arithmetic)
    for output, weights in enumerate(plan.weights):
        planes = padded[:, output // per_group * inputs :]
        _sum_taps(total[:, output], weights, lambda tap: _shifted(plan, planes[:, tap[0]], count, tap[1:]), scratch)  # noqa: B023
    return total


def _sum_taps(total: Array, weights: Floats, shifted: Callable[[Tap], Array], scratch: _Scratch) -> None:
    """Set the total to the sum of weight · shifted(tap) over all taps; equal weights share one product."""
    # Not numpy.unique, which imports numpy.ma: 17 ms.
    by_weight: dict[float, list[Tap]] = {}
    for tap in map(tuple, np.argwhere(weights).tolist()):
        by_weight.setdefault(float(weights[tap]), []).append(tap)
    _pairwise(total, _leaves(by_weight), partial(_sum_terms, shifted=shifted, scratch=scratch), scratch)


def _leaves(by_weight: dict[float, list[Tap]]) -> list[list[Term]]:
    """Return terms, each a weight and its taps, in lists of at most `LEAF` taps, or of one term of more."""
    leaves: list[list[Term]] = []
    room = 0
    for weight, taps in by_weight.items():
        if len(taps) > room:
            leaves.append([])
            room = LEAF
        leaves[-1].append((weight, taps))
        room -= len(taps)
    return leaves


def _sum_terms(total: Array, terms: list[Term], *, shifted: Callable[[Tap], Array], scratch: _Scratch) -> None:
    """Set the total to the sum of weight · (sum of shifted(tap)) over the terms, one after the other."""
    for number, (weight, taps) in enumerate(terms):
        if number and abs(weight) == 1:
            change = np.add if weight > 0 else np.subtract
            for tap in taps:
                change(total, shifted(tap), out=total)
            continue
        target = scratch.array("product", total.shape, total.dtype) if number else total
        factor = total.dtype.type(weight)
        if len(taps) == 1:
            np.multiply(shifted(taps[0]), factor, out=target)
        else:
            _pairwise(target, _cut(taps), partial(_sum_equals, shifted=shifted), scratch, "equals")
            if weight != 1:
                np.multiply(target, factor, out=target)
        if number:
            np.add(total, target, out=total)


def _sum_equals(total: Array, taps: list[Tap], *, shifted: Callable[[Tap], Array]) -> None:
    """Set the total to the sum of shifted(tap), one after the other."""
    if len(taps) == 1:
        np.copyto(total, shifted(taps[0]))
        return
    np.add(shifted(taps[0]), shifted(taps[1]), out=total)
    for tap in taps[2:]:
        np.add(total, shifted(tap), out=total)


def _cut(taps: list[Tap]) -> list[list[Tap]]:
    """Return taps in lists of `LEAF`."""
    return [taps[first : first + LEAF] for first in range(0, len(taps), LEAF)]


def _pairwise(
    total: Array, leaves: Sequence[T], set_to: Callable[[Array, T], None], scratch: _Scratch, name: str = "sums"
) -> None:
    """Set the total to the sum of leaves, each of which `set_to` computes, as a balanced tree of sums.

    `name` is that of an array for the second half; those of smaller parts are longer by a character each.
    """
    if not leaves:
        total.fill(0)
        return
    if len(leaves) == 1:
        set_to(total, leaves[0])
        return
    half = (len(leaves) + 1) // 2
    _pairwise(total, leaves[:half], set_to, scratch, f"{name}+")
    other = scratch.array(name, total.shape, total.dtype)
    _pairwise(other, leaves[half:], set_to, scratch, f"{name}+")
    np.add(total, other, out=total)


def _separable(plan: Plan, padded: Array, count: int, scratch: _Scratch) -> Array:
    """Return the sums of separable weights: down the columns, into lines that are still padded, then along them."""
    source = padded[:, 0]
    total = scratch.array("total", (count, 1, _width(plan)), plan.arithmetic)
    lines = scratch.array("lines", (count, source.shape[1]), plan.arithmetic)
    for number, factor in enumerate(plan.factors):
        part = scratch.array("part", total.shape, total.dtype) if number else total
        _sum_taps(lines, factor.column, partial(_down, plan, source, count), scratch)
        _sum_taps(part[:, 0], factor.row, lambda tap: _right(plan, lines, tap[0]), scratch)
        if number:
            np.add(total, part, out=total)
    return total


def _mixed(plan: Plan, padded: Array, count: int, scratch: _Scratch) -> Array:
    """Return the sums over planes: per tap a product of matrices, output planes × input planes, for every row."""
    outputs, inputs, *size = plan.weights.shape
    per_group = outputs // plan.groups
    total = scratch.array("total", (count, outputs, _width(plan)), plan.arithmetic)
    product = scratch.array("product", (count, per_group, _width(plan)), plan.arithmetic)
    weights = plan.weights.astype(plan.arithmetic)
    taps = list(np.ndindex(*size))
    for group in range(plan.groups):
        mine = slice(group * per_group, (group + 1) * per_group)
        source = padded[:, group * inputs : (group + 1) * inputs]

        def set_to(part: Array, taps: list[Tap]) -> None:
            for number, tap in enumerate(taps):
                seen = _shifted(plan, source, count, tap)  # noqa: B023
                np.matmul(weights[mine, :, tap[0], tap[1]], seen, out=product)  # noqa: B023
                np.add(part, product, out=part) if number else np.copyto(part, product)

        _pairwise(total[:, mine], _cut(taps), set_to, scratch)
    return total


def _shifted(plan: Plan, source: Array, count: int, tap: Tap) -> Array:
    """Return the values under the tap (row, column), for `count` output rows."""
    return _right(plan, _down(plan, source, count, tap), tap[1])


def _down(plan: Plan, source: Array, count: int, tap: Tap) -> Array:
    start, step = tap[0] * plan.dilation[0], plan.stride[0]
    return source[start : start + (count - 1) * step + 1 : step]


def _right(plan: Plan, source: Array, column: int) -> Array:
    start, step = column * plan.dilation[1] * plan.column_step, plan.stride[1]
    return source[..., start : start + (_width(plan) - 1) * step + 1 : step]


def _width(plan: Plan) -> int:
    return plan.output_shape[1] * plan.column_step


def _store(plan: Plan, sums: Array, out: Array, scratch: _Scratch) -> int:
    """Scale the sums into `out`, rounded half up and clipped for integers; return how many were clipped."""
    # Integers without divisor and offset are the output as they are.
    is_plain = plan.arithmetic.kind == "i" and plan.divisor == 1 and not plan.offset.any()
    if not is_plain:
        if sums.dtype != plan.scale_dtype:
            scaled = scratch.array("scaled", sums.shape, plan.scale_dtype)
            scaled[...] = sums
            sums = scaled
        if plan.divisor != 1:
            sums /= sums.dtype.type(plan.divisor)
        sums += (plan.offset + plan.rounding).astype(sums.dtype)[:, np.newaxis]
    clipped = 0
    # Few pictures clip, and the extremes take half the time of counting. NaN is an extreme too.
    highest = (int(plan.highest) if is_plain else plan.highest) if plan.dtype.kind == "u" else 0
    if plan.dtype.kind == "u" and not (sums.min() >= 0 and sums.max() <= highest):
        # In one pass; numpy.minimum and numpy.maximum take ten times as long.
        bound = scratch.array("bound", sums.shape, sums.dtype)
        np.clip(sums, 0, highest, out=bound)
        if plan.source.kind == "f":
            bound[np.isnan(bound)] = 0
        clipped = int(np.count_nonzero(sums != bound))
        sums = bound
    lines = sums.reshape(out.shape) if plan.interleaved else sums.swapaxes(1, 2)
    np.copyto(out, lines, casting="unsafe")
    return clipped
