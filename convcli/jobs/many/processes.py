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
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing.connection import Connection
from multiprocessing.connection import wait as wait_for
from multiprocessing.context import BaseContext
from typing import NamedTuple, Self
from warnings import catch_warnings, simplefilter

from convcli.ending import WORKER_SECONDS, Ended, end, is_ending, watch_worker
from convcli.errors import FileError
from convcli.jobs.batching import TaskSize
from convcli.jobs.many.rehearsal import rehearse
from convcli.jobs.many.reuse import keep_memory
from convcli.jobs.many.starting import HANG_UP, HAS_MASKS, SIGNALS, context_of_workers, signals_held
from convcli.jobs.one.recipe import Policy, Recipe
from convcli.jobs.one.run import run_job
from convcli.jobs.one.work import Failed, Job, OnOutput, Outcome
from convcli.jobs.tracker import start_tracker

# Tasks are as large as the time in which a user sees that something goes on, and half of them wait for a worker.
_TASKS_OF_A_WORKER = 2


def run_in_processes(
    jobs: Iterable[Job], recipe: Recipe, policy: Policy, on_output: OnOutput | None
) -> Generator[Outcome]:
    """Run the jobs in `policy.workers` processes, and yield the outcome of each as it ends.

    Closing the iterator early cancels jobs that have not begun, and so does the first failure unless
    `policy.keep_going`; jobs at work by then come to their end, and are yielded. At a signal they are given up. Of the
    jobs a few more are asked for than are at work.
    """
    context = context_of_workers()
    if context.get_start_method() == "spawn":
        start_tracker()
    else:
        first = next(jobs := iter(jobs))
        rehearse(first, recipe, policy)
        jobs = chain([first], jobs)
    # A pipe, since a killed process would never give back a lock: a message in it is seen by all processes and read by
    # none, so a crashing worker loses nothing.
    stopped, stop = context.Pipe(duplex=False)
    with _WorkersLogs(context) as logs:
        about = stopped, logs.sending, recipe, policy, on_output
        _ends_of_parent[:] = [stop, logs.receiving]
        pool = ProcessPoolExecutor(policy.workers, context, initializer=_prepare_worker, initargs=about)
        tasks = _Tasks(pool, jobs, _TASKS_OF_A_WORKER * (policy.workers or 1))
        stopping = False
        try:
            tasks.fill()
            logs.receive()  # by a thread, which processes are not to be copied with
            for outcome in tasks.outcomes():
                yield outcome
                if isinstance(outcome, Failed) and not policy.keep_going and not stopping:
                    stopping = True
                    stop.send_bytes(b"stop")
                    tasks.cancel()
        finally:
            stop.close()
            if is_ending():  # the files at work may take longer than a user waits
                _end_workers(context)
            pool.shutdown(cancel_futures=True)
            stopped.close()


class _Tasks:
    """Tasks of one job or of several small ones, of which a few wait beside those at work."""

    def __init__(self, pool: ProcessPoolExecutor, jobs: Iterable[Job], most: int) -> None:
        self._pool, self._jobs, self._most = pool, iter(jobs), most
        self._size = TaskSize()
        self._waiting: dict[Future[list[Outcome]], tuple[Job, ...]] = {}

    def outcomes(self) -> Iterator[Outcome]:
        """Yield the outcomes of all jobs."""
        while self._waiting:
            ended, _ = wait(self._waiting, return_when=FIRST_COMPLETED)
            for future in ended:
                outcomes = _outcomes(future, self._waiting.pop(future))
                self._size.fit(outcomes)
                yield from outcomes
            self.fill()

    def cancel(self) -> None:
        """Begin no other job."""
        self._jobs = iter(())
        for future in self._waiting:
            future.cancel()

    def fill(self) -> None:
        """Hand over as many tasks as are to be at work or wait."""
        tasks: list[tuple[Job, ...]] = []
        while len(self._waiting) + len(tasks) < self._most and (task := tuple(islice(self._jobs, self._size.files))):
            tasks.append(task)
        if tasks:
            # The first tasks start the processes. Python 3.12 warns of copies beside threads, those of BLAS among them,
            # which are made for it.
            with signals_held(), catch_warnings():
                simplefilter("ignore", DeprecationWarning)
                self._waiting.update((_submitted(self._pool, task), task) for task in tasks)


def _outcomes(future: Future[list[Outcome]], jobs: Sequence[Job]) -> list[Outcome]:
    """Return the outcomes of the jobs of a task that were begun."""
    if future.cancelled():
        return []
    try:
        return future.result()
    except BrokenProcessPool:
        return [
            Failed(job, FileError(f"{job.source_name}: its process died, for want of memory perhaps", "try --jobs 1"))
            for job in jobs
        ]


def _end_workers(context: BaseContext) -> None:
    """End the workers: those at work clean up, those that are still starting have nothing to clean up."""
    workers = context.active_children()
    for worker in workers:
        worker.terminate()
    limit = time.monotonic() + WORKER_SECONDS
    for worker in workers:
        worker.join(max(0, limit - time.monotonic()))
        worker.kill()


class _WorkersLogs:
    """A pipe for the log messages of the workers, which are logged here at once.

    A message about compiling is for the time during which the other workers wait for it.
    """

    def __init__(self, context: BaseContext) -> None:
        self.receiving, self.sending = context.Pipe(duplex=False)
        self._receiver = threading.Thread(target=self._log, daemon=True)

    def receive(self) -> None:
        """Begin to log what arrives."""
        self._receiver.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.sending.close()  # the workers have ended and closed theirs, so this ends the thread
        if self._receiver.ident is not None:
            self._receiver.join()
        self.receiving.close()

    def _log(self) -> None:
        while True:
            try:
                name, level, text = self.receiving.recv()
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


def _submitted(pool: ProcessPoolExecutor, jobs: tuple[Job, ...]) -> Future[list[Outcome]]:
    try:
        return pool.submit(_run_in_worker, jobs)
    except BrokenProcessPool as error:  # a process has died already, with most of the files yet to come
        future: Future[list[Outcome]] = Future()
        future.set_exception(error)
        return future


class _Work(NamedTuple):
    """The work that a worker does with each job, until it is stopped."""

    stopped: Connection
    recipe: Recipe
    policy: Policy
    on_output: OnOutput | None


_work: list[_Work] = []  # of this process, if it is a worker
_ends_of_parent: list[Connection] = []  # which a copy of it has too


def _prepare_worker(
    stopped: Connection, log_pipe: Connection, recipe: Recipe, policy: Policy, on_output: OnOutput | None
) -> None:
    # Ctrl-C and SIGHUP go to all processes of a terminal: the parent ends the others by SIGTERM.
    for number in (signal.SIGINT, *HANG_UP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for each in _ends_of_parent:
        each.close()
    for name in logging.root.manager.loggerDict:  # the parent prints
        if name.partition(".")[0] == "convcli":
            logging.getLogger(name).handlers.clear()
    if HAS_MASKS:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    watch_worker()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    keep_memory()
    _work[:] = [_Work(stopped, recipe, policy, on_output)]
    logger = logging.getLogger("convcli")
    logger.addHandler(_SendingHandler(log_pipe))
    logger.setLevel(logging.INFO)


def _end_with_parent() -> None:
    """End this worker when its parent is gone, however that ended: it would wait for tasks for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)


def _run_in_worker(jobs: tuple[Job, ...]) -> list[Outcome]:
    (work,) = _work
    outcomes: list[Outcome] = []
    for job in jobs:
        # The pool hands out a few tasks ahead of time, which cannot be canceled any more.
        if work.stopped.poll():
            break
        try:
            signal.signal(signal.SIGTERM, end)
            outcomes.append(run_job(job, work.recipe, work.policy, work.on_output))
        except Ended:
            # The temporary file is removed by now; the pool would take the exception for a result, and go on.
            os._exit(1)
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if isinstance(outcomes[-1], Failed) and not work.policy.keep_going:
            break
    return outcomes
