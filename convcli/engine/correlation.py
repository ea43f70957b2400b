"""One correlation of an array, by whichever engine is quicker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import DTypeLike

from convcli.array_types import Array
from convcli.engine.bands import available_threads
from convcli.engine.choose import Engine, choose_engine
from convcli.engine.planning.plan import Plan, make_plan
from convcli.errors import UsageError
from convcli.filters import Conv

DTYPES = tuple(np.dtype(each) for each in (np.uint8, np.uint16, np.float32, np.float64))

# Two threads take 0.3 ms to start on an idle machine, and ten times that on a busy one. A strip of 12 × 1024 pixels
# with 3 × 3 weights, a tenth of a million products, took 0.5 ms with one thread and 4.8 with two.
_WORTH_THREADS = 2_000_000


@dataclass(frozen=True)
class Settings:
    """How to compute, as against what.

    Parameters
    ----------
    engine
        ``numpy``, ``numba``, or ``auto``: the one that finishes sooner.
    threads
        None for as many as the process has processors.
    repeats
        How many arrays of this size the process will work on: the start of the
        faster engine pays for all of them.
    """

    engine: Engine | Literal["auto"] = "auto"
    threads: int | None = None
    repeats: int = 1

    def __post_init__(self) -> None:
        if self.engine not in ("auto", "numpy", "numba"):
            raise UsageError(f"unknown engine {self.engine!r}", "write auto, numpy or numba")
        if self.threads is not None and self.threads < 1:
            raise UsageError(f"{self.threads} threads cannot compute", "give a number from 1")

    def chosen(self, plan: Plan) -> Engine:
        """Return the engine for arrays that `plan` is for."""
        return choose_engine(plan, self.threads_for(plan), self.repeats) if self.engine == "auto" else self.engine

    def threads_for(self, plan: Plan) -> int:
        """Return how many threads work on such an array."""
        return self.threads or (available_threads() if plan.products > _WORTH_THREADS else 1)


@dataclass(frozen=True, eq=False)
class Computed:
    """What came out, and how.

    Parameters
    ----------
    values
        (height, width, channels).
    clipped
        How many values did not fit the dtype of the result.
    engine
        Which one computed it.
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
    settings: Settings = Settings(),
) -> Computed:
    """Correlate an array (height, width, channels) with a layer's kernel.

    Parameters
    ----------
    array
        uint8, uint16, float32 or float64.
    full_scale
        What a bias or constant border of 1 is in its values.
    dtype
        Of the result; integers are rounded half up and clipped.

    Raises
    ------
    ShapeError
        Kernel and array do not fit together.
    """
    plan = make_plan(conv, (array.shape[0], array.shape[1], array.shape[2]), array.dtype, full_scale, dtype)
    chosen = settings.chosen(plan)
    threads = settings.threads_for(plan)
    if chosen == "numba":
        from convcli.engine.compiled.numba_engine import correlate_numba

        return Computed(*correlate_numba(plan, array, threads), chosen)
    from convcli.engine.numpy_engine import correlate_numpy

    return Computed(*correlate_numpy(plan, array, threads), chosen)


def full_scale_of(dtype: DTypeLike) -> float:
    """Return what a bias of 1 is in the values of an array: the largest integer, or 1 for floats."""
    dtype = np.dtype(dtype)
    return float(np.iinfo(dtype).max) if dtype.kind == "u" else 1.0
