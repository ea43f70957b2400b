"""Many jobs on the workers of a Dask cluster: a file a task, or several small ones.

The scheduler gives the tasks of a lost worker to the others. Such a task may have written its output already, so a
task may overwrite what was not there when it was sent.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from convcli.errors import ConvcliError, FileError, UsageError, unforeseen
from convcli.jobs.batching import TaskSize
from convcli.jobs.cluster.connection import connected
from convcli.jobs.cluster.picture import run_in_blocks
from convcli.jobs.cluster.tasks import DIED, LOSSES, LostError, Tasks
from convcli.jobs.cluster.worker import Answer, end_batch, flush_there, run_on_worker
from convcli.jobs.one.outputs import refusal
from convcli.jobs.one.recipe import Policy, Recipe
from convcli.jobs.one.run import run_job
from convcli.jobs.one.work import Failed, Job, OnOutput, Outcome
from convcli.jobs.paths import exists, resolved, whole
from convcli.places import BEGUN, FAILED, Place, State, state_of
from convcli.version import __version__

if TYPE_CHECKING:
    from distributed import Client

_MOST_CHANNELS = 64  # of outputs apart, that a task which is done again may overwrite


class _Sent(NamedTuple):
    """A job, and as others see it; its source before it was sent, and the outputs that were not there."""

    job: Job
    task: Job
    source: State
    outputs: tuple[Place, ...]


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
    assert policy.scheduler is not None
    with connected(policy.scheduler, policy.workers) as client:
        if len(jobs) == 1 and more == () and (outcome := run_in_blocks(client, jobs[0], recipe, policy, on_output)):
            yield outcome
            return
        yield from _Run(client, recipe, policy, on_output, len(jobs)).outcomes(chain(jobs, more))


class _Run:
    """A batch on its way through a cluster."""

    def __init__(self, client: Client, recipe: Recipe, policy: Policy, on_output: OnOutput | None, total: int) -> None:
        self._client, self._recipe, self._on_output, self._policy = client, recipe, on_output, policy
        self._tasks: Tasks[tuple[_Sent, ...]] = Tasks(client, "start it again, and repeat the command with --resume")
        settings = policy.settings
        settings = replace(settings, threads=settings.threads or 1, repeats=-(-total // self._tasks.threads))
        self._shared = policy._replace(scheduler=None, workers=None, settings=settings)
        self._size = TaskSize()
        self._is_stopped = False
        self._folders: set[Path] = set()  # with new files

    def outcomes(self, jobs: Iterable[Job]) -> Generator[Outcome]:
        """Yield the outcomes, those first that need no worker."""
        try:
            for outcome in self._outcomes(iter(jobs)):
                yield outcome
                if isinstance(outcome, Failed) and not self._policy.keep_going and not self._is_stopped:
                    self._is_stopped = True
                    self._client.run(end_batch, self._tasks.name)
            if self._folders:
                self._client.run(flush_there, frozenset(self._folders), on_error="ignore")
        finally:
            self._tasks.cancel()

    def _outcomes(self, waiting: Iterator[Job]) -> Iterator[Outcome]:
        yield from self._send(waiting, self._tasks.most)
        for sent, result in self._tasks.ended():
            if isinstance(result, BaseException) and len(sent) > 1:  # one of them has to answer for it
                for each in sent:
                    self._submit((each,))
                continue
            outcomes = self._answered(sent, result)
            self._size.fit(outcomes)
            yield from outcomes
            yield from self._send(waiting, 1)

    def _send(self, waiting: Iterator[Job], tasks: int) -> Iterator[Outcome]:
        """Send so many tasks, and yield the outcomes of jobs on the way that are clear without a worker."""
        task: list[_Sent] = []
        while tasks and not self._is_stopped:
            job = next(waiting, None)
            # Where there is no source, running the job says so.
            sent = job and (self._known(job) or _sent(job) or run_job(job, self._recipe, self._policy))
            if isinstance(sent, _Sent):
                task.append(sent)
            elif sent is not None:
                yield sent
            if task and (job is None or len(task) >= self._size.files):
                for each in task:
                    for output in each.outputs:
                        self._record(each, output, BEGUN)
                self._submit(tuple(task))
                task, tasks = [], tasks - 1
            if job is None:
                return

    def _known(self, job: Job) -> Outcome | None:
        try:
            return refusal(job, self._policy.existing)
        except ConvcliError as error:
            return Failed(job, error)

    def _submit(self, sent: tuple[_Sent, ...]) -> None:
        jobs = tuple(each.task for each in sent)
        call = run_on_worker, (self._tasks.name, jobs, self._recipe, self._shared, __version__)
        self._tasks.send(sent, call, LOSSES if len(sent) == 1 else 0)

    def _answered(self, sent: Sequence[_Sent], result: list[Answer] | BaseException) -> list[Outcome]:
        """Return the outcomes of the jobs of a task that were begun, and note their outputs."""
        if isinstance(result, BaseException):
            (one,) = sent
            result = [Answer(Failed(one.task, _error_of(result, one.job.source_name)), [])]
        return [self._noted(each, answer) for each, answer in zip(sent, result, strict=False)]

    def _noted(self, sent: _Sent, answer: Answer) -> Outcome:
        written = {output: (source, state) for output, source, state in answer.outputs}
        self._folders |= {output.parent for output in written if isinstance(output, Path)}
        for output, (source, state) in written.items():
            self._record(sent, output, state, source)
        for output in sent.outputs:
            if output not in written:
                self._record(sent, output, FAILED)
        return _as_given(answer.outcome, sent.job)

    def _record(self, sent: _Sent, output: Place, state: State, source: State | None = None) -> None:
        if self._on_output is not None:
            self._on_output(sent.job, output, source or sent.source, state)


def _error_of(raised: BaseException, name: str) -> ConvcliError:
    if isinstance(raised, LostError):
        fault, hint = DIED
        return FileError(f"{name}: {fault}", hint)
    assert isinstance(raised, Exception)
    return unforeseen(raised, name)


def _sent(job: Job) -> _Sent | None:
    """Return a job as it is sent: with whole paths, and outputs that it may overwrite since there are none yet.

    None where its source is not there.
    """
    assert job.source is not None
    assert job.target is not None
    source = state_of(job.source)
    if source is None:
        return None
    task = job._replace(source=whole(job.source), target=whole(job.target))
    all_outputs = [task.numbered(channel) for channel in range(_MOST_CHANNELS if job.each else 1)]
    outputs = tuple(each for each in all_outputs if not exists(each))
    return _Sent(job, task._replace(own=job.own | {resolved(each) for each in outputs}), source, outputs)


def _as_given(outcome: Outcome, job: Job) -> Outcome:
    """Return an outcome in the names that were given."""
    if isinstance(outcome, Failed):
        theirs, error = outcome.job, outcome.error
        for full, given in ((theirs.source_name, job.source_name), (theirs.target_name, job.target_name)):
            error.message = error.message.replace(full, given)
    return outcome._replace(job=job)
