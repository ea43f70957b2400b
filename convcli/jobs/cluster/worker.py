"""A job on a worker of a cluster."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from convcli.errors import FileError
from convcli.image import free_memory
from convcli.jobs.one.recipe import Policy, Recipe
from convcli.jobs.one.run import run_job
from convcli.jobs.one.work import Failed, Job, Outcome
from convcli.jobs.paths import exists
from convcli.places import Place, State
from convcli.version import __version__

_ended: set[str] = set()  # batches of which no job is begun any more


class Answer(NamedTuple):
    """An outcome, and the outputs: of each its path, the state of its input, and its own."""

    outcome: Outcome
    outputs: list[tuple[Place, State, State]]


def end_batch(name: str) -> None:
    """Begin no more jobs of a batch."""
    _ended.add(name)


def run_on_worker(name: str, job: Job, recipe: Recipe, policy: Policy, version: str) -> Answer | None:
    """Run a job of a batch of that name; return None where the batch has ended.

    `version` is that of the sender: a worker that came later may have another.
    """
    from distributed import get_worker

    if name in _ended:
        return None
    worker = get_worker()
    if version != __version__:
        message = f"{job.source_name}: the worker {worker.address} has convcli {__version__}, not {version}"
        return Answer(Failed(job, FileError(message, "install the same version there")), [])
    if job.source is not None and not exists(job.source):
        message = f"{job.source_name} is not there on the worker {worker.address}"
        return Answer(Failed(job, FileError(message, "name files in folders that all machines share")), [])
    limit = getattr(worker.memory_manager, "memory_limit", None) or free_memory()
    outputs: list[tuple[Place, State, State]] = []
    alone = policy._replace(memory=min(limit, free_memory()) // worker.state.nthreads)
    return Answer(run_job(job, recipe, alone, partial(_note, outputs)), outputs)


def _note(
    outputs: list[tuple[Place, State, State]],
    _: Job,
    output: Place,
    source: State,
    written: State,
) -> None:
    outputs.append((output, source, written))
