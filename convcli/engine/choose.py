"""Which engine finishes sooner, start-up counted.

The figures were measured with one thread of an x86-64 with AVX-512 (Zen 4); what matters is their relation.
"""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Literal

from convcli.engine.compiled import cache

if TYPE_CHECKING:
    from convcli.engine.planning.plan import Plan

Engine = Literal["numpy", "numba"]

# Seconds of a processor that Numba saves for a product of a weight and a value, and for a value that is read and
# written: 3 megapixels RGB of 8 bits, kernels of 1 to 225 weights. Sums in float64 save twice as much.
_SAVED_BY_PRODUCT = 0.22e-9
_SAVED_BY_VALUE = 0.3e-9
# Seconds to import Numba and load compiled code from its cache: a process that filters 64×64 pixels with it takes 0.49,
# one that does so with NumPy 0.19. Where scipy is installed Numba imports it, which takes 0.1 more.
_NUMBA_START = 0.3
# Seconds to compile a loop: 2.9 to 3.2 for the first of its arithmetic, 1.3 to 2.3 for others.
_COMPILE = 3.0
# Seconds that one picture may wait for the compiler, which comes back only with the next pictures.
_LONGEST_WAIT = 2.0


def choose_engine(plan: Plan, threads: int, repeats: int = 1) -> Engine:
    """Return the engine that takes less time.

    Parameters
    ----------
    plan
        What is to be computed. While its loop is not compiled, nobody waits for that with one picture.
    threads
        That work on an array.
    repeats
        How many such arrays this process has still to compute.
    """
    start = 0.0 if "convcli.engine.compiled.numba_engine" in sys.modules else _NUMBA_START
    saved = repeats * _saved(plan) / threads - start
    if saved <= 0:
        return "numpy"
    if is_compiled(plan.loop):
        return "numba"
    is_patient = repeats > 1 or _COMPILE <= _LONGEST_WAIT
    return "numba" if is_patient and saved > _COMPILE else "numpy"


def _saved(plan: Plan) -> float:
    """Return the seconds of a processor that Numba saves with one array."""
    seconds = plan.products * _SAVED_BY_PRODUCT + math.prod(plan.output_shape) * _SAVED_BY_VALUE
    return seconds * 2 if plan.arithmetic.itemsize == 8 else seconds


def is_compiled(loop: str) -> bool:
    """Whether a loop can be used at once: this process has it already, or it is kept."""
    engine = sys.modules.get("convcli.engine.compiled.numba_engine")
    return (engine is not None and loop in engine.ready) or cache.is_cached(loop)
