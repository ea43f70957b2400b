"""Many jobs at once, in processes of one thread each.

Most of this file is about signals: Ctrl-C goes to all processes of a terminal, the signal to end to one or to
all, and neither may leave a trace on the terminal or a temporary file behind.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext
from types import FrameType
from typing import NoReturn

from convcli.errors import FileError
from convcli.jobs.one.run import run_job
from convcli.jobs.one.work import Failed, Job, Outcome, Recipe

# Windows has no SIGHUP, which comes when the terminal is closed.
_HANG_UP = tuple(number for number in (getattr(signal, "SIGHUP", None),) if number is not None)
_SIGNALS = (signal.SIGINT, signal.SIGTERM, *_HANG_UP)
_HAS_MASKS = hasattr(signal, "pthread_sigmask")  # Windows has none


def run_in_processes(
    jobs: Sequence[Job], recipe: Recipe, workers: int, *, keep_going: bool = True
) -> Generator[Outcome]:
    """Run the jobs in so many processes, and yield what became of each as it ends.

    Closing the iterator early cancels what has not begun, and so does the first failure unless `keep_going`; what is
    at work by then comes to its end, and is yielded.
    """
    # Forked children of a process with threads may hang; spawned ones start clean on every system.
    context = multiprocessing.get_context("spawn")
    _start_tracker()
    # Without locks, which a process that is killed would never give back: what lies in this pipe is seen by all
    # processes and read by none.
    stopped, stop = context.Pipe(duplex=False)
    with _logs_repeated(context) as log_pipe:
        pool = ProcessPoolExecutor(workers, context, initializer=_prepare_process, initargs=(stopped, log_pipe))
        try:
            with _signals_held():  # submitting starts the processes
                futures = {_submit(pool, job, recipe): job for job in jobs}
            stopping = False
            for future in as_completed(futures):
                outcome = _outcome(future, futures[future])
                if outcome is None:
                    continue
                yield outcome
                if isinstance(outcome, Failed) and not keep_going and not stopping:
                    stopping = True
                    stop.send_bytes(b"stop")
                    for each in futures:
                        each.cancel()
        finally:
            stop.close()
            pool.shutdown(cancel_futures=True)
            stopped.close()


def _outcome(future: Future[Outcome | None], job: Job) -> Outcome | None:
    """Return what became of a job; None if it was not begun."""
    if future.cancelled():
        return None
    try:
        return future.result()
    except BrokenProcessPool:
        return Failed(
            job, FileError(f"{job.source_name}: its process died, for want of memory perhaps", "try --jobs 1")
        )


@contextmanager
def _logs_repeated(context: SpawnContext) -> Iterator[Connection]:
    """Give the end of a pipe for what the processes log, and log it here as it comes.

    What one of them says of compiling has to be said while the others wait for it.
    """
    receiving, sending = context.Pipe(duplex=False)
    relay = threading.Thread(target=_relay, args=(receiving,), daemon=True)
    relay.start()
    try:
        yield sending
    finally:
        sending.close()  # the processes have ended and closed theirs: so ends the thread
        relay.join()
        receiving.close()


def _relay(receiving: Connection) -> None:
    while True:
        try:
            name, level, text = receiving.recv()
        except EOFError:
            return
        logging.getLogger(name).log(level, text)


class _Sender(logging.Handler):
    """Sends what is logged to the parent: lines so short that the system writes each in one piece."""

    def __init__(self, sending: Connection) -> None:
        super().__init__()
        self._sending = sending

    def emit(self, record: logging.LogRecord) -> None:
        self._sending.send((record.name, record.levelno, record.getMessage()[:500]))


def _start_tracker() -> None:
    """Start Python's process that tidies up after all others, deaf to the end of the terminal, which it must survive.

    It sees to it that it does not hear Ctrl-C and the signal to end, and takes from us that it does not hear this one.
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


def _submit(pool: ProcessPoolExecutor, job: Job, recipe: Recipe) -> Future[Outcome | None]:
    try:
        return pool.submit(_run_in_process, job, recipe)
    except BrokenProcessPool as error:  # a process has died already, with most of the files yet to come
        future: Future[Outcome | None] = Future()
        future.set_exception(error)
        return future


_stopped: list[Connection] = []  # of this process, if it is one of a pool


def _prepare_process(stopped: Connection, log_pipe: Connection) -> None:
    # Ctrl-C and the end of a terminal go to all its processes: the parent waits for the files at work, and begins no
    # other.
    for number in (signal.SIGINT, *_HANG_UP):
        signal.signal(number, signal.SIG_IGN)
    if _HAS_MASKS:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    _stopped.append(stopped)
    logger = logging.getLogger("convcli")
    logger.addHandler(_Sender(log_pipe))
    logger.setLevel(logging.INFO)


def _run_in_process(job: Job, recipe: Recipe) -> Outcome | None:
    # The pool hands a few jobs out ahead of time, which cannot be canceled any more.
    if any(each.poll() for each in _stopped):
        return None
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
