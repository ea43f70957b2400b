"""The choice of the engine that finishes sooner, start-up included, and of its threads.

Costs were measured with one thread of an x86-64 with AVX-512 (Zen 4); their ratios matter.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from convcli.engine.bands import available_threads
from convcli.engine.compiled import cache
from convcli.filters import ENGINE, THREADS, judged

if TYPE_CHECKING:
    from convcli.engine.planning.plan import Plan

Engine = Literal["numpy", "numba"]

# Seconds of a processor that Numba saves for a product of a weight and a value, and for a value that is read and
# written: 3 megapixels RGB of 8 bits, kernels of 1 to 225 weights. Sums in float64 save twice as much.
_SAVED_BY_PRODUCT = 0.22e-9
_SAVED_BY_VALUE = 0.3e-9
# Seconds to import Numba and load compiled code from its cache: a process that filters 64×64 pixels takes 0.49 with it,
# 0.19 with NumPy. Where SciPy is installed Numba imports it, which takes 0.1 more.
_NUMBA_START = 0.3
# Seconds to compile a loop: 2.9 to 3.2 for the first of its arithmetic, 1.3 to 2.3 for others.
_COMPILE = 3.0
# Products from which threads pay. Two take 0.3 ms to start on an idle machine, ten times that on a busy one: a strip of
# 12 × 1024 pixels with 3 × 3 weights, a tenth of a million products, took 0.5 ms with one thread and 4.8 with two.
_WORTH_THREADS = 2_000_000


@dataclass(frozen=True)
class Settings:
    """Settings of the computation, which do not change its result."""

    engine: Engine | Literal["auto"] = "auto"  # auto: the one that finishes sooner
    threads: int | None = None  # None for as many as the process has processors
    repeats: int = 1  # arrays of this size that the process will compute; all share the start of the faster engine

    def __post_init__(self) -> None:
        judged(ENGINE, self.engine)
        if self.threads is not None:
            object.__setattr__(self, "threads", judged(THREADS, self.threads))

    def chosen(self, plan: Plan) -> Engine:
        """Return the engine for a plan."""
        return choose_engine(plan, self.threads_for(plan), self.repeats) if self.engine == "auto" else self.engine

    def threads_for(self, plan: Plan) -> int:
        """Return the number of threads for a plan."""
        return self.threads or (available_threads() if plan.products > _WORTH_THREADS else 1)


def choose_engine(plan: Plan, threads: int, repeats: int = 1) -> Engine:
    """Return the engine that takes less time, where this process has still to compute `repeats` arrays."""
    seconds = plan.products * _SAVED_BY_PRODUCT + math.prod(plan.output_shape) * _SAVED_BY_VALUE
    if plan.arithmetic.itemsize == 8:
        seconds *= 2
    numba_engine = sys.modules.get("convcli.engine.compiled.numba_engine")
    saved = repeats * seconds / threads - (_NUMBA_START if numba_engine is None else 0.0)
    if saved <= 0:
        return "numpy"
    if (numba_engine is not None and plan.loop in numba_engine.ready) or cache.is_cached(plan.loop):
        return "numba"
    # A single picture does not wait for the compiler, which pays only with later pictures.
    return "numba" if repeats > 1 and saved > _COMPILE else "numpy"
