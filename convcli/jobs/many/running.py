"""Many jobs, in this process or in several.

Threads share one picture, processes share many: one level at a time.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import chain
from pathlib import Path

from convcli.disk import descriptor_of
from convcli.ending import is_ending
from convcli.engine import available_threads
from convcli.errors import NoRoomError
from convcli.image import free_memory
from convcli.jobs.one.recipe import Policy, Recipe
from convcli.jobs.one.run import run_job
from convcli.jobs.one.work import Done, Failed, Job, OnOutput, Outcome
from convcli.places import Remote

# A process takes about as long to start as this many pictures take to filter.
_WORTH_PROCESSES = 8


def until_failure(outcomes: Iterable[Outcome]) -> Generator[Outcome]:
    """Yield outcomes up to the first failure."""
    for outcome in outcomes:
        yield outcome
        if isinstance(outcome, Failed):
            return


def _per_processor(job: Job) -> int:
    """Return how many processes keep a processor busy: two where one may be waiting for a server."""
    return 2 if isinstance(job.source, Remote) or isinstance(job.target, Remote) else 1


def run_batch(
    jobs: Sequence[Job],
    recipe: Recipe,
    policy: Policy,
    on_output: OnOutput | None = None,
    more: Iterable[Job] = (),
) -> Generator[Outcome]:
    """Run the jobs, and yield the outcome of each as it ends; closing early cancels jobs that have not begun.

    `on_output` is called just before an output takes its name, in the process that writes it, to which it is pickled.
    `more` jobs are asked for when the others are at work.
    """
    if len(jobs) < 2 or policy.scheduler is not None:
        yield from _run(jobs, recipe, policy, on_output, more)
        return
    from convcli.disk import can_flush_together, flush_file_systems  # here, for batches alone

    if not can_flush_together():
        yield from _run(jobs, recipe, policy, on_output, more)
        return
    folders: set[Path] = set()
    try:
        with closing(_run(jobs, recipe, policy._replace(flush_new=False), on_output, more)) as outcomes:
            for outcome in outcomes:
                if isinstance(outcome, Done) and isinstance(outcome.job.target, Path):
                    folders.add(outcome.job.target.parent)
                yield outcome
    finally:
        if not is_ending():
            flush_file_systems(folders)


def _run(
    jobs: Sequence[Job], recipe: Recipe, policy: Policy, on_output: OnOutput | None, more: Iterable[Job]
) -> Generator[Outcome]:
    if not jobs:
        return
    policy = policy._replace(settings=policy.settings.settled()) if len(jobs) > 1 else policy
    if policy.scheduler is not None:
        from convcli.jobs.cluster.batch import run_on_cluster  # here, since few have a cluster

        yield from run_on_cluster(jobs, recipe, policy, on_output, more)
        return
    workers = policy.workers
    if workers is None:
        workers = available_threads() * _per_processor(jobs[0]) if len(jobs) >= _WORTH_PROCESSES else 1
    if any(job.source is not None and descriptor_of(job.source) is not None for job in jobs):
        workers = 1  # another process does not have what is open in this one
    workers = min(workers, len(jobs))
    settings = replace(policy.settings, repeats=-(-len(jobs) // workers))
    every = chain(jobs, more)
    if workers == 1:
        outcomes = (run_job(job, recipe, policy._replace(settings=settings), on_output) for job in every)
        yield from outcomes if policy.keep_going else until_failure(outcomes)
        return
    # Imported here: it takes 5 ms, and one picture needs no other process.
    from convcli.jobs.many.processes import run_in_processes

    settings = replace(settings, threads=settings.threads or 1)
    shared = policy._replace(workers=workers, memory=free_memory() // workers, settings=settings)
    waiting = []
    for outcome in run_in_processes(every, recipe, shared, on_output):
        # A picture without room beside others may have room alone, when they have ended.
        if policy.keep_going and isinstance(outcome, Failed) and isinstance(outcome.error, NoRoomError):
            waiting.append(outcome.job)
        else:
            yield outcome
    for job in waiting:
        yield run_job(job, recipe, policy, on_output)
