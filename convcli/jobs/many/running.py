"""Many jobs, in this process or in several.

Threads share one picture, processes share many: one level at a time.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import replace

from convcli.engine import available_threads
from convcli.errors import NoRoomError
from convcli.image import free_memory
from convcli.jobs.one.run import run_job
from convcli.jobs.one.work import Failed, Job, Outcome, Recipe

# A process takes about as long to start as this many pictures take to filter.
_WORTH_PROCESSES = 8


def until_failure(outcomes: Iterable[Outcome]) -> Generator[Outcome]:
    """Pass outcomes on up to the first failure."""
    for outcome in outcomes:
        yield outcome
        if isinstance(outcome, Failed):
            return


def run_batch(
    jobs: Sequence[Job], recipe: Recipe, workers: int | None = None, *, keep_going: bool = True
) -> Generator[Outcome]:
    """Run the jobs, and yield what became of each as it ends.

    Closing the iterator early cancels what has not begun.

    Parameters
    ----------
    jobs, recipe
        The work.
    workers
        Processes; None for as many as pay for their start.
    keep_going
        Whether jobs are begun after one has failed. Those at work by then come to their end.
    """
    if not jobs:
        return
    if workers is None:
        workers = available_threads() if len(jobs) >= _WORTH_PROCESSES else 1
    workers = min(workers, len(jobs))
    repeats = -(-len(jobs) // workers)
    settings = replace(recipe.settings, repeats=repeats)
    if workers == 1:
        recipe = replace(recipe, settings=settings)
        outcomes = (run_job(job, recipe) for job in jobs)
        yield from outcomes if keep_going else until_failure(outcomes)
        return
    # Imported here: it takes 5 ms, and one picture needs no other process.
    from convcli.jobs.many.processes import run_in_processes

    shared = replace(
        recipe,
        settings=replace(settings, threads=settings.threads or 1),
        memory=free_memory() // workers,
    )
    waiting = []
    for outcome in run_in_processes(jobs, shared, workers, keep_going=keep_going):
        # What does not fit beside others may fit alone, when they have come to their end.
        if keep_going and isinstance(outcome, Failed) and isinstance(outcome.error, NoRoomError):
            waiting.append(outcome.job)
        else:
            yield outcome
    for job in waiting:
        yield run_job(job, recipe)
