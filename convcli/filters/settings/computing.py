"""The settings of the computation, which do not change its result."""

from __future__ import annotations

from convcli.filters.settings.parameter import Choice, Number

MOST_THREADS = 1024

ENGINE = Choice(
    "engine",
    "auto",
    help="What computes; auto takes the quicker one.",
    examples=("numpy",),
    choices=("auto", "numpy", "numba"),
    exact=True,
)
THREADS = Number("threads", help="How many work on one array.", examples=(2,), low=1, high=MOST_THREADS, whole=True)
