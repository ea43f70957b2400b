"""The Numba engine: compiled loops, called from threads over bands of rows."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Callable
from functools import cache as remembered
from functools import lru_cache
from typing import Any

import numpy as np

from convcli.array_types import Array
from convcli.engine.bands import for_each_band
from convcli.engine.compiled import cache, loading
from convcli.engine.compiled.convention import Arguments, Call, Entry, Loop, loop_named
from convcli.engine.planning.plan import Plan

log = logging.getLogger(cache.COMPILING_LOGGER)

# The loops that this process has loaded, or has to call as Numba does (None).
ready: dict[str, Entry | None] = {}

# Several bands per thread, so that the threads wait less for a slow one.
_BANDS_PER_THREAD = 4


class NoLoopError(Exception):
    """A loop cannot be had: there is no Numba, and no code that was compiled before."""


def correlate_numba(plan: Plan, array: Array, threads: int) -> tuple[Array, int]:
    """Carry out a plan on an array (height, width, channels); return the result, and how many values were clipped.

    Raises NoLoopError.
    """
    out = np.empty(plan.output_shape, plan.dtype)
    source = np.ascontiguousarray(array).reshape(array.shape[0], -1)
    arguments = _arguments(plan, source.shape, source.dtype)
    loop = arguments.loop
    work = _worker(loop, Call(arguments, source, out.reshape(out.shape[0], -1)))
    band_rows = -(-len(out) // (threads * _BANDS_PER_THREAD if threads > 1 else 1))
    return out, for_each_band(work, len(out), band_rows, threads, loop.kind.unit(plan))


@lru_cache(maxsize=16)
def _arguments(plan: Plan, shape: tuple[int, int], dtype: np.dtype[Any]) -> Arguments:
    """Return the arguments of a plan's loop, which are kept for the next picture: they take as long as a small one."""
    loop, (height, *width) = loop_named(plan.loop), plan.output_shape
    # Pictures without memory: only their shapes and dtypes are looked at.
    source = np.broadcast_to(np.zeros(1, dtype), shape)
    out = np.broadcast_to(np.zeros(1, plan.dtype), (height, math.prod(width)))
    return Arguments(loop, loop.kind.values(plan, source, out))


def rows_of_loop(plan: Plan) -> int:
    """Return how many rows of the output the loop of a plan computes together, from the first row on."""
    return loop_named(plan.loop).kind.unit(plan)


def _worker(loop: Loop, call: Call) -> Callable[[int, int], int]:
    """Return a call as a function of a band's first and last row, and load or compile its loop once."""
    if loop.name not in ready:
        ready[loop.name] = None if _wants_numba_itself() else _entry(loop.name)
    entry = ready[loop.name]
    if entry is not None:
        return call.through(entry)
    try:
        work = call.by_numba(_function(loop.name))
        work(0, 1)  # by one thread, since others would compile it again
    except (ImportError, OSError) as error:
        raise NoLoopError(f"Numba is not there: {error}") from error
    return work


@remembered
def _function(name: str) -> Callable[..., int]:
    """Return the function of a loop, which Numba compiles when it is first called, once for the process."""
    from convcli.engine.compiled.loops.kit import called_by_python

    return called_by_python(loop_named(name).function())


def _wants_numba_itself() -> bool:
    """Return whether Numba is told to do what compiled objects would not: to compile nothing, or to check indices."""
    return any(os.environ.get(f"NUMBA_{each}", "0") not in ("", "0") for each in ("DISABLE_JIT", "BOUNDSCHECK"))


def _entry(name: str) -> Entry | None:
    """Return a loop of the cache or of the package, or one that another process compiles now; None where that fails."""
    image = cache.read(name)
    if image is None and (damaged := cache.drop_damaged(name)) is not None:
        log.info("%s is damaged, and made anew", damaged)
    if image is None:
        # These import what starts processes and keeps temporary files: 8 ms, a sixth of a small picture.
        from convcli.engine.compiled import trial

        image = trial.kept(name)
    if image is None:
        from convcli.engine.compiled.processes import compiled_elsewhere

        log.info("compiling (once): convcli warmup does it ahead of need")
        image = compiled_elsewhere(name)
    if image is not None:
        try:
            return loading.load(image)
        except OSError as error:
            log.info("compiled code cannot be loaded here (%s)", error)
    log.info("compiling, for this process alone")
    return None
