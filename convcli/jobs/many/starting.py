"""The start of worker processes: as copies or anew, undisturbed by signals."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import BaseContext

from convcli.ending import WATCHER

# Windows has no SIGHUP, which comes when the terminal is closed.
HANG_UP = tuple(number for number in (getattr(signal, "SIGHUP", None),) if number is not None)
SIGNALS = (signal.SIGINT, signal.SIGTERM, *HANG_UP)
HAS_MASKS = hasattr(signal, "pthread_sigmask")  # Windows has none


def context_of_workers() -> BaseContext:
    """Return how workers start: as copies of this process where no other thread does anything in it, else anew.

    A copy takes 10 ms, a new one 200; but it may wait for ever for what another thread held at that moment. The thread
    that watches signals holds nothing.
    """
    # A library whose threads Python does not know of: it reads Zarr, where sizes are asked for before the batch.
    if "tensorstore" in sys.modules:
        return multiprocessing.get_context("spawn")
    others = [each for each in threading.enumerate() if each is not threading.main_thread() and each.name != WATCHER]
    if sys.platform == "linux" and not others:
        return multiprocessing.get_context("fork")
    return multiprocessing.get_context("spawn")


@contextmanager
def signals_held() -> Iterator[None]:
    """Hold signals back while processes are started.

    A process whose start is cut short prints a traceback, and the pool may wait for it for ever.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    before = {each: signal.signal(each, lambda number, _: held.append(number)) for each in SIGNALS}
    if HAS_MASKS:  # which processes inherit, unlike handlers
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        if HAS_MASKS:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        for each in reversed(SIGNALS):  # Ctrl-C last: if it comes just now, the other handlers are back
            signal.signal(each, before[each])
    for number in held:
        signal.raise_signal(number)
