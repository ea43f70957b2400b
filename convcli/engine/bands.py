"""Bands: groups of rows of a picture, distributed over threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np


def available_threads() -> int:
    """Return the number of processors that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def for_each_band(work: Callable[[int, int], int], rows: int, band_rows: int, threads: int) -> int:
    """Call ``work(first, last)`` for bands of at most `band_rows` that cover `rows`; return the sum of the results.

    `work` computes the rows first ≤ row < last and writes to them alone; for threads to run at once it must release the
    interpreter lock. One thread is the calling thread.
    """
    band_rows = max(1, min(band_rows, -(-rows // threads)))
    firsts = range(0, rows, band_rows)

    def work_from(first: int) -> int:
        # Floats may be infinite or NaN, and so may their sums. NumPy keeps its warnings per thread.
        with np.errstate(invalid="ignore", over="ignore"):
            return work(first, min(first + band_rows, rows))

    if threads == 1 or len(firsts) == 1:
        return sum(map(work_from, firsts))
    with ThreadPoolExecutor(min(threads, len(firsts))) as pool:
        return sum(pool.map(work_from, firsts))
