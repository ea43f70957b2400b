"""The choice of the engine that finishes sooner, start-up included, and of its threads.

Costs were measured as processor time of an x86-64 with AVX-512 VNNI (Xeon, 2 MB of L2 cache); their ratios matter.
"""

from __future__ import annotations

import logging
import math
import sys
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from convcli.engine.bands import available_threads
from convcli.engine.compiled import cache, shipped
from convcli.filters import ENGINE, THREADS, judged
from convcli.lazy import dataclass

if TYPE_CHECKING:
    from convcli.engine.planning.plan import Plan

Engine = Literal["numpy", "numba"]

log = logging.getLogger(cache.COMPILING_LOGGER)

# Nanoseconds of a processor: the shortest of several rounds with one thread, for 300×400 to 3000×4000 pixels of 3
# channels and kernels of 3×3 to 61×61, November 2026, NumPy 2.4 and Numba 0.68.
# NumPy reads, converts and writes a value. A pass adds a tap, or multiplies by a weight that its taps share; by the
# bytes of a number in the sums, those of int16, float32 and float64. Where planes are mixed, BLAS multiplies.
NUMPY_VALUE = 1.6
NUMPY_PASS = {2: 0.1, 4: 0.2, 8: 0.42}
NUMPY_MATRIX = {4: 0.08, 8: 0.18}
# A value and a product of the loops of each kind. They differ by a factor of two at most between processor levels, and
# between float32 and float64, and by about ten from those of NumPy.
LOOP_COSTS = {
    "box": (0.4, 0.003),
    "outer": (0.4, 0.015),
    "quads": (0.25, 0.008),
    "fused": (0.35, 0.018),
    "fft": (5.0, 0.003),
    "layers": (0.4, 0.018),
    "words": (0.4, 0.02),
    "direct": (0.6, 0.03),
    "separable": (0.8, 0.05),
}
# Seconds that importing and loading a first loop take longer than importing what computes by NumPy.
NUMBA_START = 0.002
# Seconds to try a loop that came with the package, once: of commands on JPEGs, in a fresh cache and in a warm one.
NUMBA_TRIAL = 0.03
# Seconds to compile a loop in a process that imports Numba for it.
NUMBA_COMPILE = 2.5
# Seconds that a person notices; a line says how to save as many.
NOTICEABLE = 1.0
# Products from which threads pay. Two take 0.3 ms to start on an idle machine, ten times that on a busy one: a strip of
# 12 × 1024 pixels with 3 × 3 weights, a tenth of a million products, took 0.5 ms with one thread and 4.8 with two.
_WORTH_THREADS = 2_000_000


# The loops that would have been used, had they been compiled.
missing_loops: set[str] = set()


@dataclass(frozen=True)
class Settings:
    """Settings of the computation, which do not change its result."""

    engine: Engine | Literal["auto"] = "auto"  # auto: the one that finishes sooner
    threads: int | None = None  # None for as many as the process has processors
    repeats: int = 1  # arrays of this size that the process will compute; all share the start of the faster engine
    # The loops that are compiled as far as the choice goes; None for those that are when it is made. Loops that other
    # commands compile meanwhile would give some arrays of a run another engine, whose results may differ by a level.
    loops: frozenset[str] | None = None

    def __post_init__(self) -> None:
        judged(ENGINE, self.engine)
        if self.threads is not None:
            object.__setattr__(self, "threads", judged(THREADS, self.threads))

    def chosen(self, plan: Plan) -> Engine:
        """Return the engine for a plan."""
        if self.engine != "auto":
            return self.engine
        return choose_engine(plan, self.threads_for(plan), self.repeats, self.loops)

    def settled(self) -> Settings:
        """Return settings that choose the same engine for a plan in every process and at any time."""
        if self.engine != "auto" or self.loops is not None:
            return self
        return replace(self, loops=cache.cached_loops() | shipped.shipped_loops())

    def threads_for(self, plan: Plan) -> int:
        """Return the number of threads for a plan."""
        return self.threads or (available_threads() if plan.products > _WORTH_THREADS else 1)


@dataclass(frozen=True)
class Seconds:
    """Estimated seconds that each engine takes from now on."""

    numpy: float
    numba: float  # its start included, where there is still one
    compiling: float  # before Numba can begin; 0 for a loop that is compiled

    @property
    def quicker(self) -> Engine:
        """The engine that ends sooner."""
        return "numba" if self.numba + self.compiling < self.numpy else "numpy"

    @property
    def saved_by_warmup(self) -> float:
        """Seconds that the quicker engine takes longer than Numba would if the loop were compiled."""
        return min(self.numpy, self.numba + self.compiling) - self.numba


@lru_cache(maxsize=16)
def estimate(plan: Plan, threads: int, repeats: int, *, started: bool, compiled: bool) -> Seconds:
    """Estimate the seconds for `repeats` arrays, where Numba is `started` in the process and the loop `compiled`."""
    size, values = plan.arithmetic.itemsize, math.prod(plan.output_shape)
    if plan.stride != (1, 1):  # what is read is more than what is written
        values = max(values, len(plan.rows) * len(plan.columns) * plan.output_shape[2])
    products = plan.products * NUMPY_MATRIX[size] if plan.mixes_planes else _passes(plan) * NUMPY_PASS[size]
    value, product = LOOP_COSTS[plan.loop.partition("-")[0]]
    share = repeats / threads * 1e-9
    numpy = share * (values * NUMPY_VALUE + products)
    numba = share * (values * value + plan.products * product)
    return Seconds(numpy, numba + (0.0 if started else NUMBA_START), 0.0 if compiled else NUMBA_COMPILE)


def choose_engine(plan: Plan, threads: int, repeats: int = 1, loops: frozenset[str] | None = None) -> Engine:
    """Return the engine that ends sooner, where this process has still to compute `repeats` arrays.

    `loops` are as in `Settings`. Logs where ``convcli warmup`` would have made NumPy's work noticeably shorter; the
    compiler logs its own.
    """
    # Another thread may just be importing the module, which has no loops then.
    ready = getattr(sys.modules.get("convcli.engine.compiled.numba_engine"), "ready", None)
    started, known = (ready is not None, ready or ()) if loops is None else (False, loops)
    seconds = estimate(plan, threads, repeats, started=started, compiled=True)
    if seconds.quicker == "numpy" or plan.loop in known:
        return seconds.quicker
    if loops is not None or not cache.is_cached(plan.loop):
        seconds = replace(seconds, compiling=NUMBA_TRIAL if shipped.is_shipped(plan.loop) else NUMBA_COMPILE)
    if seconds.quicker == "numpy":
        missing_loops.add(plan.loop)
        if seconds.saved_by_warmup >= NOTICEABLE and log.isEnabledFor(logging.INFO) and _is_made_by_warmup(plan.loop):
            log.info("compiling once would save seconds here: run convcli warmup")
    return seconds.quicker


def _is_made_by_warmup(loop: str) -> bool:
    return cache.may_write(cache.folder()) and _has_sample(loop)


@lru_cache
def _has_sample(loop: str) -> bool:
    from convcli.engine.warming import sample_of  # makes the plans of many loops, which takes up to a tenth of a second

    return sample_of(loop) is not None


def _passes(plan: Plan) -> int:
    """Return how many values NumPy adds or multiplies, where equal weights share a product."""
    height, width, channels = plan.output_shape
    if plan.factors:
        tables = [table for factor in plan.factors for table in (factor.column, factor.row)]
    else:
        tables = list(plan.weights)
    per_pixel = 0
    for table in tables:
        weights = table[table != 0].tolist()
        per_pixel += len(weights) + len(set(weights) - {1.0, -1.0})
    return height * width * per_pixel * (channels if plan.interleaved else 1)
