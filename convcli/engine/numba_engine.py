"""The Numba engine: compiled loops, called from threads over bands of rows."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pickle import UnpicklingError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convcli.engine import cache, jit
from convcli.engine.bands import for_each_band
from convcli.engine.plan import OUTSIDE, Plan

log = logging.getLogger(__name__)

# The loops that this process has compiled or loaded.
ready: set[str] = set()

# What kept code raises when it was cut short, or is another's.
_DAMAGED = (EOFError, UnpicklingError, TypeError)

# So many bands a thread: one that is held up leaves the others less to wait for.
_BANDS_PER_THREAD = 4


def correlate_numba(plan: Plan, array: NDArray[Any], threads: int) -> tuple[NDArray[Any], int]:
    """Carry out `plan` on an array (height, width, channels).

    Returns
    -------
    (result, clipped)
        The result, and how many of its values did not fit its dtype.
    """
    out = np.empty(plan.output_shape, plan.dtype)
    source = np.ascontiguousarray(array).reshape(array.shape[0], -1)
    # Numba compiles for arrays that may be written and for those that may not: one of them is enough.
    source.setflags(write=False)
    work = _band_worker(plan, source, out.reshape(out.shape[0], -1))
    band_rows = -(-len(out) // (threads * _BANDS_PER_THREAD))
    if plan.loop not in ready:
        _make_ready(plan.loop, lambda: work(0, 1))
        ready.add(plan.loop)
    return out, for_each_band(work, len(out), band_rows, threads)


def _make_ready(loop: str, first_row: Callable[[], int]) -> None:
    """Compile or load a loop by computing a row with it: one process at a time compiles, and the others find it."""
    if not jit.CACHED:
        log.info("compiling")
        first_row()
        return
    if cache.is_kept(loop) and _works(first_row):
        return
    with cache.only_one_compiles():
        if not cache.is_kept(loop):
            log.info("compiling (once)")
        if not _works(first_row):
            cache.clear(jit.kept_in())
            first_row()
        cache.remember(loop)


def _works(first_row: Callable[[], int]) -> bool:
    try:
        first_row()
    except _DAMAGED:
        return False
    return True


def _band_worker(plan: Plan, source: NDArray[Any], lines: NDArray[Any]) -> Callable[[int, int], int]:
    """Return the compiled loop with all but the band's first and last row filled in."""
    height, width = plan.weights.shape[2:]
    maps = (plan.rows, *_column_maps(plan))
    cover = plan.dilation[0] * (height - 1) + 1, plan.dilation[1] * (width - 1) * plan.column_step
    fill, scale = plan.arithmetic.type(plan.fill), _scale(plan)
    if plan.factors:
        columns, rows = _factor_taps(plan)
        return lambda first, last: int(
            jit.separable_band(source, lines, first, last, maps, plan.stride[0], cover, columns, rows, fill, scale)
        )
    taps = _taps(plan)
    planes = plan.groups * plan.weights.shape[1]
    return lambda first, last: int(
        jit.direct_band(source, lines, first, last, maps, planes, plan.stride, cover, taps, fill, scale)
    )


def _column_maps(plan: Plan) -> tuple[NDArray[np.intp], tuple[int, int]]:
    """Return the column map and its inner part, counted in values of a line."""
    step = plan.column_step
    values = plan.columns[:, np.newaxis] * step + np.arange(step)
    columns = np.where(plan.columns[:, np.newaxis] == OUTSIDE, OUTSIDE, values).ravel()
    return columns, (plan.inner[0] * step, plan.inner[1] * step)


def _taps(plan: Plan) -> tuple[NDArray[Any], ...]:
    """Return the non-zero weights: where each output plane's begin, rows down, plane, columns across, weight."""
    outputs, inputs = plan.weights.shape[:2]
    output, plane, row, column = np.nonzero(plan.weights)
    starts = np.searchsorted(output, np.arange(outputs + 1))
    group = output // (outputs // plan.groups)
    return (
        starts,
        row * plan.dilation[0],
        plane + group * inputs,
        column * plan.dilation[1] * plan.column_step,
        plan.weights[output, plane, row, column].astype(plan.arithmetic),
    )


def _factor_taps(plan: Plan) -> tuple[tuple[NDArray[Any], ...], tuple[NDArray[Any], ...]]:
    """Return the non-zero weights of the factors' columns, and of their rows: starts, offsets, weights."""
    columns, rows = zip(*((factor.column, factor.row) for factor in plan.factors), strict=True)
    return _vector_taps(plan, columns, plan.dilation[0]), _vector_taps(plan, rows, plan.dilation[1] * plan.column_step)


def _vector_taps(plan: Plan, vectors: tuple[NDArray[Any], ...], step: int) -> tuple[NDArray[Any], ...]:
    factor, index = np.nonzero(vectors)
    starts = np.searchsorted(factor, np.arange(len(vectors) + 1))
    return starts, (index * step).astype(np.uint64), np.array(vectors)[factor, index].astype(plan.arithmetic)


def _scale(plan: Plan) -> tuple[NDArray[Any], ...]:
    """Return divisor, offset per output plane, and the highest value or -1, in the dtype of the division."""
    wide = plan.scale_dtype
    highest = plan.highest if plan.dtype.kind == "u" else -1
    return (
        np.array([plan.divisor], wide),
        (plan.offset + plan.rounding).astype(wide),
        np.array([highest], wide),
    )
