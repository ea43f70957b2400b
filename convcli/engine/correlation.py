"""One correlation of an array, by the faster engine."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
from numpy.typing import DTypeLike

from convcli.array_types import Array
from convcli.engine.compiled.cache import COMPILING_LOGGER
from convcli.engine.engine_choice import Engine, Settings
from convcli.engine.planning.plan import make_plan
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
) -> Computed:
    """Correlate an array (height, width, channels) of one of `DTYPES` with a layer's kernel.

    A bias or constant border of 1 is `full_scale`. Integer results are rounded half up and clipped. Raises ShapeError
    where kernel and array do not fit together.
    """
    height, width, channels = array.shape
    plan = make_plan(conv, (height, width, channels), array.dtype, full_scale, dtype)
    if len(plan.factors) > 1 and (np.isinf(plan.fill) or (array.dtype.kind == "f" and np.isinf(array).any())):
        plan = replace(plan, factors=())  # the infinite products of several factors cancel to NaN
    threads = settings.threads_for(plan)
    if settings.chosen(plan) == "numba":
        from convcli.engine.compiled.numba_engine import NoLoopError, correlate_numba

        try:
            return Computed(*correlate_numba(plan, array, threads), "numba")
        except NoLoopError as error:
            log.info("%s; computing with NumPy", error)
    from convcli.engine.numpy_engine import correlate_numpy

    return Computed(*correlate_numpy(plan, array, threads), "numpy")


def input_channels(conv: Conv, output: int) -> range:
    """Return the input channels that an output channel is the sum over."""
    shape = conv.kernel.weights.shape
    if len(shape) < 4:
        return range(output, output + 1)
    first = output // (shape[0] // conv.groups) * shape[1]
    return range(first, first + shape[1])
