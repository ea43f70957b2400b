"""Bands: groups of rows of a picture, distributed over threads."""

from __future__ import annotations

import os
from _thread import allocate_lock, start_new_thread
from collections import deque
from collections.abc import Callable

import numpy as np


def available_threads() -> int:
    """Return the number of processors that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def for_each_band(work: Callable[[int, int], int], rows: int, band_rows: int, threads: int, unit: int = 1) -> int:
    """Call ``work(first, last)`` for bands of about `band_rows` that cover `rows`; return the sum of the results.

    `work` computes the rows first ≤ row < last and writes to them alone; for threads to run at once it must release the
    interpreter lock. The calling thread is one of them; each takes the next band when it is done with one. All others
    have ended when this returns or raises.

    Bands begin at multiples of `unit`, whose rows are computed together, so that results are the same for any number of
    threads.
    """
    band_rows = -(-max(1, min(band_rows, -(-rows // threads))) // unit) * unit
    left = deque(range(0, rows, band_rows))

    def work_on() -> int:
        total = 0
        # Floats may be infinite or NaN, and so may their sums. NumPy keeps its warnings per thread.
        with np.errstate(invalid="ignore", over="ignore"):
            while True:
                try:
                    first = left.popleft()
                except IndexError:
                    return total
                total += work(first, min(first + band_rows, rows))

    helpers = [_Helper(work_on) for _ in range(min(threads, len(left)) - 1)]
    try:
        total = work_on()
    finally:
        left.clear()
        for each in helpers:
            each.wait()
    return total + sum(each.result() for each in helpers)


class _Helper:
    """A thread that calls a function once.

    `threading.Thread` waits until its thread runs, and a pool keeps threads, which a process that forks must not have.
    """

    def __init__(self, work: Callable[[], int]) -> None:
        self._work = work
        self._total = 0
        self._error: BaseException | None = None
        self._running = allocate_lock()
        self._running.acquire()
        try:
            start_new_thread(self._run, ())
        except RuntimeError:  # there can be no more threads: those that there are do the work
            self._running.release()

    def _run(self) -> None:
        try:
            self._total = self._work()
        except BaseException as error:
            self._error = error
        finally:
            self._running.release()

    def wait(self) -> None:
        """Wait until the thread has ended."""
        with self._running:
            pass

    def result(self) -> int:
        """Return what the function returned, or raise what it raised."""
        if self._error is not None:
            raise self._error
        return self._total
