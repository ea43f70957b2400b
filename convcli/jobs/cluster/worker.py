"""A job on a worker of a cluster."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import NamedTuple

from convcli.disk import can_flush_together, flush_file_systems
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


def run_on_worker(name: str, jobs: tuple[Job, ...], recipe: Recipe, policy: Policy, version: str) -> list[Answer]:
    """Run jobs of a batch of that name; return the answers of those that were begun.

    `version` is that of the sender: a worker that came later may have another.
    """
    from distributed import get_worker

    worker = get_worker()
    limit = getattr(worker.memory_manager, "memory_limit", None) or free_memory()
    memory = min(limit, free_memory()) // worker.state.nthreads
    alone = policy._replace(memory=memory, flush_new=not can_flush_together())  # the others at the end of the batch
    answers: list[Answer] = []
    for job in jobs:
        if name in _ended:
            break
        answers.append(_answer(job, recipe, alone, version))
        if isinstance(answers[-1].outcome, Failed) and not policy.keep_going:
            break
    return answers


def flush_there(folders: frozenset[Path]) -> None:
    """Flush the files in folders to the disk."""
    flush_file_systems(folders)


def _answer(job: Job, recipe: Recipe, policy: Policy, version: str) -> Answer:
    try:
        check_version(version, f"{job.source_name}: ")
        check_seen(job.source)
    except FileError as error:
        return Answer(Failed(job, error), [])
    outputs: list[tuple[Place, State, State]] = []
    return Answer(run_job(job, recipe, policy, partial(_note, outputs)), outputs)


def check_version(version: str, prefix: str = "") -> None:
    """Raise FileError where the sender of a task has another version than this worker."""
    from distributed import get_worker

    if version != __version__:
        message = f"{prefix}the worker {get_worker().address} has convcli {__version__}, not {version}"
        raise FileError(message, "install the same version there")


def check_seen(file: Place | None) -> None:
    """Raise FileError where a file is not there on this worker."""
    from distributed import get_worker

    if file is not None and not exists(file):
        message = f"{file} is not there on the worker {get_worker().address}"
        raise FileError(message, "name files in folders that all machines share")


def _note(
    outputs: list[tuple[Place, State, State]],
    _: Job,
    output: Place,
    source: State,
    written: State,
) -> None:
    outputs.append((output, source, written))
