"""The Numba engine: compiled loops, called from threads over bands of rows."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pickle import UnpicklingError

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Array, Floats
from convcli.engine.bands import for_each_band
from convcli.engine.compiled import cache, jit
from convcli.engine.compiled.vectors import ROWS
from convcli.engine.planning.plan import OUTSIDE, Plan

log = logging.getLogger(cache.COMPILING_LOGGER)

# Names of the loops that this process has compiled or loaded.
ready: set[str] = set()

# Errors of cached code that was cut short or is another's.
_DAMAGED = (EOFError, UnpicklingError, TypeError)

# Several bands per thread, so that the threads wait less for a slow one.
_BANDS_PER_THREAD = 4


def correlate_numba(plan: Plan, array: Array, threads: int) -> tuple[Array, int]:
    """Carry out a plan on an array (height, width, channels); return the result, and how many values were clipped."""
    out = np.empty(plan.output_shape, plan.dtype)
    source = np.ascontiguousarray(array).reshape(array.shape[0], -1)
    # Numba would compile once for writable arrays and once for others.
    source.setflags(write=False)
    work = _band_worker(plan, source, out.reshape(out.shape[0], -1))
    band_rows = -(-len(out) // (threads * _BANDS_PER_THREAD))
    if plan.loop not in ready:
        _make_ready(plan.loop, lambda: work(0, 1))
        ready.add(plan.loop)
    return out, for_each_band(work, len(out), band_rows, threads)


def _make_ready(loop: str, first_row: Callable[[], int]) -> None:
    """Compile or load a loop by computing a row; one process at a time compiles, for the others to load."""
    if not jit.CACHED:
        log.info("compiling")
        first_row()
        return
    if cache.is_cached(loop) and _works(first_row):
        return
    with cache.compile_lock():
        if not cache.is_cached(loop):
            log.info("compiling (once): convcli warmup does it ahead of need")
            cache.remove_outdated(jit.cache_folder())
        if not _works(first_row):
            cache.clear(jit.cache_folder())
            first_row()
        cache.mark_cached(loop)


def _works(first_row: Callable[[], int]) -> bool:
    try:
        first_row()
    except _DAMAGED:
        return False
    return True


def _band_worker(plan: Plan, source: Array, lines: Array) -> Callable[[int, int], int]:
    """Return the loop as a function of a band's first and last row."""
    # For a pass over more rows than the output has, with rows outside.
    rows = np.append(plan.rows, np.full((ROWS - 1) * plan.stride[0], OUTSIDE, np.intp))
    maps = rows, *_column_maps(plan)
    fill, scale = plan.arithmetic.type(plan.fill), _scale(plan)
    if plan.factors:
        down, along = _factor_taps(plan)
        return lambda first, last: int(
            jit.separable_band(source, lines, first, last, maps, plan.stride[0], _cover(plan), down, along, fill, scale)
        )
    taps = _taps(plan)
    planes = plan.groups * plan.weights.shape[1]
    return lambda first, last: int(
        jit.direct_band(source, lines, first, last, maps, planes, plan.stride, _cover(plan), taps, fill, scale)
    )


def _cover(plan: Plan) -> tuple[int, int]:
    """Return the padded rows under `ROWS` rows of the output, and the reach of the kernel to the right."""
    height, width = plan.weights.shape[2:]
    rows = plan.dilation[0] * (height - 1) + 1 + (ROWS - 1) * plan.stride[0]
    return rows, plan.dilation[1] * (width - 1) * plan.column_step


def _column_maps(plan: Plan) -> tuple[NDArray[np.intp], tuple[int, int]]:
    """Return the column map and its inner part, in values of a line."""
    step = plan.column_step
    values = plan.columns[:, np.newaxis] * step + np.arange(step)
    columns = np.where(plan.columns[:, np.newaxis] == OUTSIDE, OUTSIDE, values).ravel()
    return columns, (plan.inner[0] * step, plan.inner[1] * step)


def _taps(plan: Plan) -> tuple[Array, ...]:
    """Return the taps of every output plane: ends of lists, rows down, plane, columns across, weights."""
    outputs, inputs = plan.weights.shape[:2]
    ends, output, plane, down, across, weights = _lists(plan, _for_rows(plan, plan.weights))
    group = output // (outputs // plan.groups)
    return ends, down, plane + group * inputs, across, weights


def _factor_taps(plan: Plan) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    """Return the taps of the factors' columns and rows: ends of lists, rows down (or line), columns across, weights."""
    columns = np.array([factor.column for factor in plan.factors])[:, np.newaxis, :, np.newaxis]
    rows = np.array([factor.row for factor in plan.factors])
    along = np.zeros((len(rows), 1, ROWS, rows.shape[1], ROWS))
    for row in range(ROWS):
        along[:, 0, row, :, row] = rows
    return tuple(
        (ends, down, across, weights)
        for ends, _, _, down, across, weights in (_lists(plan, _for_rows(plan, columns)), _lists(plan, along))
    )  # type: ignore[return-value]


def _for_rows(plan: Plan, weights: Floats) -> Floats:
    """Return weights (…, height, width) for a pass over `ROWS` rows: (…, rows, width, row)."""
    step, dilation = plan.stride[0], plan.dilation[0]
    extent = dilation * (weights.shape[2] - 1) + 1
    spaced = np.zeros((*weights.shape[:2], extent + (ROWS - 1) * step, weights.shape[3], ROWS))
    for row in range(ROWS):
        spaced[:, :, row * step : row * step + extent : dilation, :, row] = weights
    return spaced


def _lists(plan: Plan, weights: Floats) -> tuple[Array, ...]:
    """Return weights (group, plane, rows, width, row) as lists of taps, three per group (see `jit.add_taps`).

    The result is the ends of the lists, and of every tap the group, plane, rows down, values across, and weights.
    """
    first, second = np.moveaxis(weights != 0, -1, 0)
    kinds = [np.argwhere(each) for each in (first & ~second, first & second, second & ~first)]
    found = np.concatenate(kinds)
    kind = np.repeat(np.arange(3), list(map(len, kinds)))
    order = np.lexsort((kind, found[:, 0]))
    group, plane, down, across = found[order].T
    ends = np.searchsorted(3 * group + kind[order], np.arange(3 * len(weights) + 1))
    step = plan.dilation[1] * plan.column_step
    return ends, group, plane, down, across * step, weights[group, plane, down, across].astype(plan.arithmetic)


def _scale(plan: Plan) -> tuple[Array, ...]:
    """Return divisor, offset per output plane, and the highest value or -1, in the dtype of the division."""
    highest = plan.highest if plan.dtype.kind == "u" else -1
    scale = [plan.divisor], plan.offset + plan.rounding, [highest]
    return tuple(np.asarray(each).astype(plan.scale_dtype) for each in scale)
