"""One correlation of an array, by the faster engine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from convcli.array_types import Array
from convcli.engine.engine_choice import Engine, Settings
from convcli.engine.planning.plan import make_plan
from convcli.filters import Conv

DTYPES = tuple(np.dtype(each) for each in (np.uint8, np.uint16, np.float32, np.float64))


@dataclass(frozen=True, eq=False)
class Computed:
    """The result of a computation.

    Parameters
    ----------
    values
        (height, width, channels).
    clipped
        The number of values clipped to the dtype of the result.
    engine
        The engine that computed it.
    """

    values: Array
    clipped: int
    engine: Engine


def run_conv(
    conv: Conv,
    array: Array,
    *,
    full_scale: float,
    dtype: DTypeLike,
    settings: Settings = Settings(),  # noqa: B008 - a frozen value
) -> Computed:
    """Correlate an array (height, width, channels) with a layer's kernel.

    Parameters
    ----------
    array
        uint8, uint16, float32 or float64.
    full_scale
        The value of a bias or constant border of 1.
    dtype
        Of the result; integers are rounded half up and clipped.

    Raises
    ------
    ShapeError
        Kernel and array do not fit together.
    """
    plan = make_plan(conv, (array.shape[0], array.shape[1], array.shape[2]), array.dtype, full_scale, dtype)
    chosen = settings.chosen(plan)
    if chosen == "numba":
        from convcli.engine.compiled.numba_engine import correlate_numba as correlate
    else:
        from convcli.engine.numpy_engine import correlate_numpy as correlate
    return Computed(*correlate(plan, array, settings.threads_for(plan)), chosen)


def full_scale_of(dtype: DTypeLike) -> float:
    """Return the value of a bias of 1 in arrays of a dtype: its largest integer, or 1 for floats."""
    dtype = np.dtype(dtype)
    return float(np.iinfo(dtype).max) if dtype.kind == "u" else 1.0
