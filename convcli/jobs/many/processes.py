"""Many jobs at once, in processes of one thread each.

Most of this file is about signals: Ctrl-C goes to all processes of a terminal, SIGTERM to one or to all, and neither
may leave a traceback on the terminal or a temporary file behind.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext

from convcli.ending import WORKER_SECONDS, Ended, end, is_ending, watch_worker
from convcli.errors import FileError
from convcli.jobs.many.reuse import keep_memory
from convcli.jobs.one.recipe import Policy, Recipe
from convcli.jobs.one.run import run_job
from convcli.jobs.one.work import Failed, Job, OnOutput, Outcome

# Windows has no SIGHUP, which comes when the terminal is closed.
_HANG_UP = tuple(number for number in (getattr(signal, "SIGHUP", None),) if number is not None)
_SIGNALS = (signal.SIGINT, signal.SIGTERM, *_HANG_UP)
_HAS_MASKS = hasattr(signal, "pthread_sigmask")  # Windows has none


def run_in_processes(
    jobs: Sequence[Job], recipe: Recipe, policy: Policy, on_output: OnOutput | None
) -> Generator[Outcome]:
    """Run the jobs in `policy.workers` processes, and yield the outcome of each as it ends.

    Closing the iterator early cancels jobs that have not begun, and so does the first failure unless
    `policy.keep_going`; jobs at work by then come to their end, and are yielded. At a signal they are given up.
    """
    # Forked children of a process with threads may hang; spawned ones start clean on every system.
    context = multiprocessing.get_context("spawn")
    _start_tracker()
    # A pipe, since a killed process would never give back a lock: a message in it is seen by all processes and read by
    # none, so a crashing worker loses nothing.
    stopped, stop = context.Pipe(duplex=False)
    with _workers_logs(context) as log_pipe:
        pool = ProcessPoolExecutor(policy.workers, context, initializer=_prepare_worker, initargs=(stopped, log_pipe))
        try:
            with _signals_held():  # submitting starts the processes
                futures = {_submit(pool, job, recipe, policy, on_output): job for job in jobs}
            stopping = False
            for future in as_completed(futures):
                outcome = _outcome(future, futures[future])
                if outcome is None:
                    continue
                yield outcome
                if isinstance(outcome, Failed) and not policy.keep_going and not stopping:
                    stopping = True
                    stop.send_bytes(b"stop")
                    for each in futures:
                        each.cancel()
        finally:
            stop.close()
            if is_ending():  # the files at work may take longer than a user waits
                _end_workers(context)
            pool.shutdown(cancel_futures=True)
            stopped.close()


def _outcome(future: Future[Outcome | None], job: Job) -> Outcome | None:
    """Return the outcome of a job; None if it was not begun."""
    if future.cancelled():
        return None
    try:
        return future.result()
    except BrokenProcessPool:
        return Failed(
            job, FileError(f"{job.source_name}: its process died, for want of memory perhaps", "try --jobs 1")
        )


def _end_workers(context: SpawnContext) -> None:
    """End the workers: those at work clean up, those that are still starting have nothing to clean up."""
    workers = context.active_children()
    for worker in workers:
        worker.terminate()
    limit = time.monotonic() + WORKER_SECONDS
    for worker in workers:
        worker.join(max(0, limit - time.monotonic()))
        worker.kill()


@contextmanager
def _workers_logs(context: SpawnContext) -> Iterator[Connection]:
    """Yield a pipe for the log messages of the workers, and log them here at once.

    A message about compiling is for the time during which the other workers wait for it.
    """
    receiving, sending = context.Pipe(duplex=False)
    receiver = threading.Thread(target=_receive_logs, args=(receiving,), daemon=True)
    receiver.start()
    try:
        yield sending
    finally:
        sending.close()  # the workers have ended and closed theirs, so this ends the thread
        receiver.join()
        receiving.close()


def _receive_logs(receiving: Connection) -> None:
    while True:
        try:
            name, level, text = receiving.recv()
        except EOFError:
            return
        logging.getLogger(name).log(level, text)


class _SendingHandler(logging.Handler):
    """Sends log messages to the parent: so short that the system writes each in one piece."""

    def __init__(self, sending: Connection) -> None:
        super().__init__()
        self._sending = sending

    def emit(self, record: logging.LogRecord) -> None:
        self._sending.send((record.name, record.levelno, record.getMessage()[:500]))


def _start_tracker() -> None:
    """Start Python's resource tracker, which ignores SIGHUP, so that it outlives the terminal.

    It ignores SIGINT and SIGTERM by itself, and inherits that it ignores SIGHUP.
    """
    if not _HANG_UP or threading.current_thread() is not threading.main_thread():
        return
    from multiprocessing import resource_tracker  # Windows has none

    before = {number: signal.signal(number, signal.SIG_IGN) for number in _HANG_UP}
    try:
        resource_tracker.ensure_running()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _signals_held() -> Iterator[None]:
    """Hold signals back while processes are started.

    A process whose start is cut short prints a traceback, and the pool may wait for it for ever.
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
        for each in reversed(_SIGNALS):  # Ctrl-C last: if it comes just now, the other handlers are back
            signal.signal(each, before[each])
    for number in held:
        signal.raise_signal(number)


def _submit(
    pool: ProcessPoolExecutor, job: Job, recipe: Recipe, policy: Policy, on_output: OnOutput | None
) -> Future[Outcome | None]:
    try:
        return pool.submit(_run_in_worker, job, recipe, policy, on_output)
    except BrokenProcessPool as error:  # a process has died already, with most of the files yet to come
        future: Future[Outcome | None] = Future()
        future.set_exception(error)
        return future


_stopped: list[Connection] = []  # of this process, if it is a worker


def _prepare_worker(stopped: Connection, log_pipe: Connection) -> None:
    # Ctrl-C and SIGHUP go to all processes of a terminal: the parent ends the others by SIGTERM.
    for number in (signal.SIGINT, *_HANG_UP):
        signal.signal(number, signal.SIG_IGN)
    if _HAS_MASKS:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    watch_worker()
    keep_memory()
    _stopped.append(stopped)
    logger = logging.getLogger("convcli")
    logger.addHandler(_SendingHandler(log_pipe))
    logger.setLevel(logging.INFO)


def _run_in_worker(job: Job, recipe: Recipe, policy: Policy, on_output: OnOutput | None) -> Outcome | None:
    # The pool hands out a few jobs ahead of time, which cannot be canceled any more.
    if any(each.poll() for each in _stopped):
        return None
    try:
        signal.signal(signal.SIGTERM, end)
        return run_job(job, recipe, policy, on_output)
    except Ended:
        # The temporary file is removed by now; the pool would take the exception for a result, and go on.
        os._exit(1)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
