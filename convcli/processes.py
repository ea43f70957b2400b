"""Many jobs at once, in processes of one thread each.

Most of this file is about signals: Ctrl-C goes to all processes of a terminal, the signal to end to one or to
all, and neither may leave a trace on the terminal or a temporary file behind.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from convcli.errors import FileError
from convcli.job import Failed, Job, Outcome, Recipe, run_job

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_HAS_MASKS = hasattr(signal, "pthread_sigmask")  # Windows has none


def run_in_processes(jobs: Sequence[Job], recipe: Recipe, workers: int) -> Generator[Outcome]:
    """Run the jobs in so many processes, and yield what became of each as it ends.

    Closing the iterator early cancels what has not begun.
    """
    # Forked children of a process with threads may hang; spawned ones start clean on every system.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, initializer=_prepare_process)
    try:
        with _signals_held():  # submitting starts the processes
            futures = {_submit(pool, job, recipe): job for job in jobs}
        for future in as_completed(futures):
            yield _outcome(future, futures[future])
    finally:
        pool.shutdown(cancel_futures=True)


def _outcome(future: Future[Outcome], job: Job) -> Outcome:
    try:
        return future.result()
    except BrokenProcessPool:
        return Failed(
            job, FileError(f"{job.source_name}: its process died, for want of memory perhaps", "try --jobs 1")
        )


@contextmanager
def _signals_held() -> Iterator[None]:
    """Hold Ctrl-C and the signal to end back while processes are started.

    A process whose start is cut short complains on stderr, and the pool may wait for it for ever.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    before = {each: signal.signal(each, lambda number, _: held.append(number)) for each in _SIGNALS}
    if _HAS_MASKS:  # which processes inherit, unlike handlers
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        if _HAS_MASKS:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        for each in reversed(_SIGNALS):  # Ctrl-C last: one that comes just now finds all as it was
            signal.signal(each, before[each])
    for number in held:
        signal.raise_signal(number)


def _submit(pool: ProcessPoolExecutor, job: Job, recipe: Recipe) -> Future[Outcome]:
    try:
        return pool.submit(_run_in_process, job, recipe)
    except BrokenProcessPool as error:  # a process has died already, with most of the files yet to come
        future: Future[Outcome] = Future()
        future.set_exception(error)
        return future


def _prepare_process() -> None:
    # Ctrl-C goes to all processes of a terminal: the parent waits for the files at work, and begins no other.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if _HAS_MASKS:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


def _run_in_process(job: Job, recipe: Recipe) -> Outcome:
    try:
        signal.signal(signal.SIGTERM, _terminate)
        return run_job(job, recipe)
    except SystemExit:
        # The temporary file is gone; the pool would take this for a result, and go on.
        os._exit(1)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit
