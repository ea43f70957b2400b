"""One correlation of an array, by the faster engine."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from convcli.array_types import Array
from convcli.engine.compiled.cache import COMPILING_LOGGER
from convcli.engine.engine_choice import Engine, Settings
from convcli.engine.part import Part, aligned, runs, span
from convcli.engine.planning.levels import Level, level
from convcli.engine.planning.making import make_plan
from convcli.engine.planning.plan import Plan
from convcli.filters import Conv
from convcli.lazy import dataclass

log = logging.getLogger(COMPILING_LOGGER)

DTYPES = tuple(np.dtype(each) for each in (np.uint8, np.uint16, np.float32, np.float64))


@dataclass(frozen=True, eq=False)
class Computed:
    """The result of a computation."""

    values: Array  # (height, width, channels)
    clipped: int  # number of values clipped to the dtype of the result; beside alpha, of visible ones
    engine: Engine  # that computed it
    not_numbers: int = 0  # of values that were NaN before they became integers
    # The smallest and the largest finite value before they became integers, where that is known.
    extremes: tuple[float, float] | None = None


def run_conv(
    conv: Conv,
    array: Array,
    *,
    full_scale: float,
    dtype: DTypeLike,
    settings: Settings = Settings(),  # noqa: B008 - a frozen value
    part: Part | None = None,
) -> Computed:
    """Correlate an array (height, width, channels) of one of `DTYPES` with a layer's kernel.

    A bias or constant border of 1 is `full_scale`. Integer results are rounded half up and clipped. Where the array is
    a `part`, so is the result: its wanted rows, which end where rows that are computed together do. Raises ShapeError
    where kernel and array do not fit together.
    """
    height = array.shape[0] if part is None else part.height
    plan = _plan(conv, (height, *array.shape[1:]), array.dtype, full_scale, dtype)
    if len(plan.factors) > 1 and plan.dtype.kind == "u" and array.dtype.kind == "f" and np.isinf(array).any():
        plan = replace(plan, factors=())  # what is clipped is counted once
    engine: Engine = "numpy" if _is_product(plan) else settings.chosen(plan)
    settings = replace(settings, engine=engine, threads=settings.threads_for(plan))
    if part is None:
        found = _carried_out(plan, array, settings)
        part = Part(height, span(0, height), span(0, plan.output_shape[0]))
    else:
        several = [_carried_out(plan.for_rows(part, *run), array, settings) for run in runs(part.wanted)]
        values = several[0].values if len(several) == 1 else np.concatenate([each.values for each in several])
        found = replace(several[0], values=values, clipped=sum(each.clipped for each in several))
    if len(plan.factors) > 1 and array.dtype.kind == "f":
        _mend_infinite(found.values, plan, array, part, settings)
    return found


def rows_together(conv: Conv, shape: tuple[int, int, int], dtype: DTypeLike, full_scale: float, out: DTypeLike) -> int:
    """Return how many rows of its output the loop for a layer computes together; `shape` is the whole input's."""
    from convcli.engine.compiled.numba_engine import rows_of_loop

    return rows_of_loop(_plan(conv, shape, dtype, full_scale, out))


def _plan(conv: Conv, shape: tuple[int, int, int], dtype: DTypeLike, full_scale: float, out: DTypeLike) -> Plan:
    return _kept_plan(conv, shape, np.dtype(dtype), full_scale, np.dtype(out), level())


@lru_cache(maxsize=64)  # of networks the plan of every layer
def _kept_plan(
    conv: Conv,
    shape: tuple[int, int, int],
    dtype: np.dtype[Any],
    full_scale: float,
    out: np.dtype[Any],
    _level: Level | None,
) -> Plan:
    """Return the plan, which is kept for the next picture of a batch: it takes as long as a small one."""
    plan = make_plan(conv, shape, dtype, full_scale, out)
    # The infinite products of several factors cancel to NaN.
    return replace(plan, factors=()) if len(plan.factors) > 1 and np.isinf(plan.fill) else plan


def _carried_out(plan: Plan, array: Array, settings: Settings) -> Computed:
    """Carry out a plan by the engine of the settings."""
    threads = settings.threads or 1
    if _is_product(plan):
        from convcli.engine.products.pixels import multiplied

        return Computed(multiplied(plan, array, threads), 0, "numpy")
    if settings.engine == "numba" and not plan.is_sparse:
        from convcli.engine.compiled.numba_engine import NoLoopError, correlate_numba

        try:
            return Computed(*correlate_numba(plan, array, threads), "numba")
        except NoLoopError as error:
            log.info("%s; computing with NumPy", error)
    from convcli.engine.numpy_engine import correlate_numpy

    return Computed(*correlate_numpy(plan, array, threads), "numpy")


def _is_product(plan: Plan) -> bool:
    """Return whether a plan is a product of matrices as the pixels lie in memory."""
    if plan.weights.shape[2:] != (1, 1):
        return False
    from convcli.engine.products.pixels import is_product

    return is_product(plan)


def _mend_infinite(values: Array, plan: Plan, array: Array, part: Part, settings: Settings) -> None:
    """Compute again, without factors, the rows in which infinite products of several factors cancel to NaN."""
    is_infinite = np.zeros(part.height + 1, bool)  # the last for rows outside
    is_infinite[part.held] = np.isinf(array).any(axis=(1, 2))
    if not is_infinite.any():
        return
    plain = replace(plan, factors=())
    above = np.cumsum(np.append(0, is_infinite[plan.rows]))
    first = part.wanted * plan.stride[0]
    touched = part.wanted[above[first + len(plan.rows_under(0, 1))] > above[first]]
    # The loops for floats compute two rows together.
    for run in runs(np.intersect1d(aligned(touched, 2, plan.output_shape[0]), part.wanted)):
        again = _carried_out(plain.for_rows(part, *run), array, settings).values
        values[np.searchsorted(part.wanted, span(*run))] = again


def input_channels(conv: Conv, output: int) -> range:
    """Return the input channels that an output channel is the sum over."""
    shape = conv.kernel.weights.shape
    if len(shape) < 4:
        return range(output, output + 1)
    first = output // (shape[0] // conv.groups) * shape[1]
    return range(first, first + shape[1])
