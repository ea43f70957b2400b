"""Many jobs on the workers of a Dask cluster: one task a file, of which a few are sent ahead.

The scheduler gives the tasks of a lost worker to the others. Such a task may have written its output already, so a
task may overwrite what was not there when it was sent.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from convcli.errors import ConvcliError, FileError, UsageError, unforeseen
from convcli.jobs.cluster import facts
from convcli.jobs.cluster.worker import Answer, end_batch, run_on_worker
from convcli.jobs.one.outputs import refusal
from convcli.jobs.one.recipe import CLUSTER_LOGGER, LOCAL, Policy, Recipe
from convcli.jobs.one.run import run_job
from convcli.jobs.one.work import Failed, Job, OnOutput, Outcome
from convcli.jobs.paths import exists, resolved
from convcli.places import BEGUN, FAILED, Place, Remote, State, place_of, state_of
from convcli.version import __version__
from convcli.words import counted

if TYPE_CHECKING:
    from distributed import Client, Future

log = logging.getLogger(CLUSTER_LOGGER)

_AHEAD = 3  # tasks sent for each thread of the cluster: one is at work, the others are on their way
_SECONDS = 30  # to wait for a scheduler, and for its first worker
_LOSSES = 5  # times that a task is sent again whose workers were lost, each after the three that the scheduler allows
_MOST_CHANNELS = 64  # of outputs apart, that a task which is done again may overwrite

_LOST = FileError("the scheduler is lost", "start it again, and repeat the command with --resume")


class _Sent(NamedTuple):
    """A job, and as others see it; its source before it was sent, and the outputs that were not there."""

    job: Job
    task: Job
    source: State
    outputs: tuple[Place, ...]
    losses: int = 0


def run_on_cluster(
    jobs: Sequence[Job],
    recipe: Recipe,
    policy: Policy,
    on_output: OnOutput | None,
    more: Iterable[Job] = (),
) -> Generator[Outcome]:
    """Run the jobs on the cluster at `policy.scheduler`, and yield the outcome of each as it ends.

    Closing the iterator early cancels jobs that have not begun, and so does the first failure unless
    `policy.keep_going`; jobs at work by then come to their end, and are yielded. `on_output` is called in this process,
    when an output has its name. `more` jobs are asked for when the others are at work.

    Raises UsageError where there is no such cluster, or a worker has another version or none, and FileError where the
    scheduler is lost.
    """
    if any(job.source is None or job.target is None for job in jobs):
        raise UsageError("--scheduler is for files, not for stdin and stdout", "name the files, or leave it out")
    with _connected(policy) as client:
        yield from _Run(client, recipe, policy, on_output, len(jobs)).outcomes(chain(jobs, more))


class _Run:
    """A batch on its way through a cluster."""

    def __init__(self, client: Client, recipe: Recipe, policy: Policy, on_output: OnOutput | None, total: int) -> None:
        from distributed import as_completed

        self._client, self._recipe, self._on_output, self._policy = client, recipe, on_output, policy
        self._threads = sum(client.nthreads().values())
        settings = policy.settings
        settings = replace(settings, threads=settings.threads or 1, repeats=-(-total // self._threads))
        self._shared = policy._replace(scheduler=None, workers=None, settings=settings)
        self._name = f"convcli-{uuid4().hex}"
        self._sent: dict[Future, _Sent] = {}
        self._ended = as_completed((), with_results=False, raise_errors=False)

    def outcomes(self, jobs: Iterable[Job]) -> Generator[Outcome]:
        """Yield the outcomes, those first that need no worker."""
        waiting = iter(jobs)
        try:
            yield from self._send(waiting, _AHEAD * self._threads)
            for future in self._ended:
                outcome = self._outcome(future)
                if outcome is None:
                    continue
                yield outcome
                if isinstance(outcome, Failed) and not self._policy.keep_going:
                    waiting = iter(())
                    self._client.run(end_batch, self._name)
                yield from self._send(waiting, 1)
        finally:
            if self._sent and self._client.status == "running":
                with suppress(Exception):  # it ends all the same: the scheduler forgets the tasks of a lost client
                    self._client.cancel(list(self._sent), force=True)

    def _send(self, waiting: Iterator[Job], count: int) -> Iterator[Outcome]:
        """Send so many jobs, and yield the outcomes of those before them that are clear without a worker."""
        for job in waiting:
            # Where there is no source, running the job says so.
            sent = self._known(job) or _sent(job) or run_job(job, self._recipe, self._policy)
            if not isinstance(sent, _Sent):
                yield sent
                continue
            for output in sent.outputs:
                self._record(sent, output, BEGUN)
            self._submit(sent)
            count -= 1
            if not count:
                return

    def _known(self, job: Job) -> Outcome | None:
        try:
            return refusal(job, self._policy.existing)
        except ConvcliError as error:
            return Failed(job, error)

    def _submit(self, sent: _Sent) -> None:
        words = (self._name, sent.task, self._recipe, self._shared, __version__)
        self._watch(self._client.submit(run_on_worker, *words, key=f"{self._name}-{uuid4().hex}"), sent)

    def _watch(self, future: Future, sent: _Sent) -> None:
        self._sent[future] = sent
        self._ended.add(future)

    def _outcome(self, future: Future) -> Outcome | None:
        """Return the outcome of a job; None if it was not begun, or is sent once more."""
        from distributed.scheduler import KilledWorker

        sent = self._sent.pop(future)
        if future.status == "finished":
            try:
                answer: Answer | None = future.result()
            except (OSError, CancelledError) as lost:
                raise _LOST from lost
            return None if answer is None else self._answered(sent, answer)
        if future.status in ("pending", "lost"):  # with the worker that had the answer; it is done again
            self._watch(future, sent)
            return None
        if future.status == "cancelled" or self._client.status != "running":
            raise _LOST
        error = future.exception()
        if not isinstance(error, KilledWorker):
            return self._answered(sent, Answer(Failed(sent.task, unforeseen(error, sent.job.source_name)), []))
        if sent.losses < _LOSSES:
            self._submit(sent._replace(losses=sent.losses + 1))
            return None
        message = f"{sent.job.source_name}: its workers died, for want of memory perhaps"
        failed = Failed(sent.task, FileError(message, "give the workers more memory, or fewer threads"))
        return self._answered(sent, Answer(failed, []))

    def _answered(self, sent: _Sent, answer: Answer) -> Outcome:
        written = {output: (source, state) for output, source, state in answer.outputs}
        for output, (source, state) in written.items():
            self._record(sent, output, state, source)
        for output in sent.outputs:
            if output not in written:
                self._record(sent, output, FAILED)
        return _as_given(answer.outcome, sent.job)

    def _record(self, sent: _Sent, output: Place, state: State, source: State | None = None) -> None:
        if self._on_output is not None:
            self._on_output(sent.job, output, source or sent.source, state)


def _sent(job: Job) -> _Sent | None:
    """Return a job as it is sent: with whole paths, and outputs that it may overwrite since there are none yet.

    None where its source is not there.
    """
    assert job.source is not None
    assert job.target is not None
    source = state_of(job.source)
    if source is None:
        return None
    task = job._replace(source=_whole(job.source), target=_whole(job.target))
    all_outputs = [task.numbered(channel) for channel in range(_MOST_CHANNELS if job.each else 1)]
    outputs = tuple(each for each in all_outputs if not exists(each))
    return _Sent(job, task._replace(own=job.own | {resolved(each) for each in outputs}), source, outputs)


def _whole(place: Place) -> Place:
    return place if isinstance(place, Remote) else place_of(resolved(place))


def _as_given(outcome: Outcome, job: Job) -> Outcome:
    """Return an outcome in the names that were given."""
    if isinstance(outcome, Failed):
        theirs, error = outcome.job, outcome.error
        for whole, given in ((theirs.source_name, job.source_name), (theirs.target_name, job.target_name)):
            error.message = error.message.replace(whole, given)
    return outcome._replace(job=job)


@contextmanager
def _connected(policy: Policy) -> Iterator[Client]:
    """Connect to a cluster, or start one, and end that."""
    try:
        import distributed
    except ImportError as error:
        raise UsageError("--scheduler needs Dask, which is not installed", "pip install 'convcli[cluster]'") from error
    for name in logging.root.manager.loggerDict:  # each has a level of its own; its errors are told in a line each
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL)
    with _cluster(policy) as address:
        try:
            client = distributed.Client(address, timeout=_SECONDS)
        except (OSError, ValueError, TypeError) as error:
            raise UsageError(
                f"no scheduler answers at {policy.scheduler}", "give its address, such as tcp://host:8786, or local"
            ) from error
        with closing(client):
            _check_workers(client, policy)
            yield client


@contextmanager
def _cluster(policy: Policy) -> Iterator[str]:
    if policy.scheduler != LOCAL:
        assert policy.scheduler is not None
        yield policy.scheduler
        return
    from distributed import LocalCluster

    from convcli.engine import available_threads

    count = policy.workers or available_threads()
    _start_quiet_tracker()
    with _without_interrupts():
        cluster = LocalCluster(n_workers=count, threads_per_worker=1, silence_logs=logging.CRITICAL)
    with closing(cluster):
        yield cluster.scheduler_address


def _start_quiet_tracker() -> None:
    """Start Python's resource tracker so that it does not warn of what an interrupted cluster leaves to it."""
    if os.name != "posix":
        return
    from multiprocessing import resource_tracker  # Windows has none

    sys.warnoptions.append("ignore")
    try:
        resource_tracker.ensure_running()
    finally:
        sys.warnoptions.remove("ignore")


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Have threads and processes that are started ignore Ctrl-C, which goes to all processes of a terminal."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGHUP))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _check_workers(client: Client, policy: Policy) -> None:
    """Wait for the first worker, and refuse a cluster with another version of convcli."""
    import cloudpickle

    try:
        client.wait_for_workers(1, timeout=_SECONDS)
    except TimeoutError as error:
        raise UsageError(f"the scheduler at {policy.scheduler} has no workers", "start some: dask worker") from error
    cloudpickle.register_pickle_by_value(facts)  # a worker without convcli says so
    try:
        found = client.run(facts.version_there)
    finally:
        cloudpickle.unregister_pickle_by_value(facts)
    for worker, version in found.items():
        if version != __version__:
            has = f"convcli {version}" if version else "no convcli"
            raise UsageError(f"the worker {worker} has {has}, this is {__version__}", "install the same version there")
    link = f"; {client.dashboard_link}" if client.dashboard_link else ""
    log.info("%s on the cluster at %s%s", counted(len(found), "worker"), client.scheduler.address, link)
