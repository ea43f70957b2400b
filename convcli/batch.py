"""Which files go where, and many of them at once.

Threads share one picture, processes share many: one level at a time.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from convcli.engine import available_threads
from convcli.errors import FileError, UsageError
from convcli.image import READABLE_SUFFIXES, Format, check_writable, count_frames, format_of, free_memory
from convcli.job import (
    DRY_RUN,
    Failed,
    Job,
    Outcome,
    Recipe,
    Skipped,
    exists,
    is_folder,
    no_format,
    refusal,
    run_job,
)

STREAM = "-"
DEFAULT_NAME = "{stem}{suffix}"

# A process takes about as long to start as this many pictures take to filter.
_WORTH_PROCESSES = 8


@dataclass(frozen=True)
class Batch:
    """The work to do.

    Parameters
    ----------
    jobs
        One per input file.
    passed_over
        How many files of the folders are of no format that is read.
    done
        What an earlier run has done.
    """

    jobs: tuple[Job, ...]
    passed_over: int = 0
    done: tuple[Skipped, ...] = ()


@dataclass(frozen=True)
class _Found:
    """An input file, and the path that it keeps below the output folder."""

    source: Path | None
    relative: PurePath


def plan_batch(
    inputs: Sequence[str],
    output: str,
    *,
    recursive: bool = False,
    name: str = DEFAULT_NAME,
    filter_name: str = "filter",
    form: Format | None = None,
) -> Batch:
    """Find the input files and name the output of each.

    Parameters
    ----------
    inputs
        Files, folders, or ``-`` for standard input.
    output
        A file for one input file; a folder, existing or ending in a slash; or ``-`` for standard output.
    recursive
        Take the whole tree below a folder, and keep its paths.
    name
        How files in an output folder are named, with {stem}, {filter} and {suffix}.
    filter_name
        What {filter} stands for.
    form
        Of the output; None for the one of the file's name.

    Raises
    ------
    UsageError
        The inputs and the output do not go together, or two outputs would have one name.
    """
    found, passed_over = _find(inputs, output, recursive)
    if not found:
        raise UsageError(
            f"no picture in {', '.join(inputs)}", "-r takes the folders below too" if not recursive else ""
        )
    many = len(found) > 1 or any(is_folder(Path(each)) for each in inputs if each != STREAM)
    if output == STREAM:
        if len(found) > 1:
            raise UsageError(f"{len(found)} pictures do not fit into one stream", "give an output folder: -o out/")
        return Batch((Job(found[0].source, None, form),), passed_over)
    if _means_folder(output):
        jobs = tuple(_job_in_folder(each, Path(output), name, filter_name, form) for each in found)
        _refuse_collisions(jobs)
        return Batch(jobs, passed_over)
    if many:
        inputs_are = f"there are {len(found)} inputs" if len(found) > 1 else "the input is one"
        raise UsageError(f"{output} is not a folder, and {inputs_are}", f"write -o {output}/ to make it one")
    if form is None and format_of(output) is None:
        raise no_format(output)
    return Batch((Job(found[0].source, Path(output), form),), passed_over)


def look_ahead(job: Job, recipe: Recipe) -> Skipped | Failed:
    """Say what a job would meet, without reading or writing a pixel; of a picture's file the headers are read."""
    if job.source is not None and not exists(job.source):
        return Failed(job, FileError(f"{job.source}: no such file", "check the name"))
    try:
        return refusal(job, recipe.existing) or Skipped(job, DRY_RUN, _frames(job, recipe))
    except FileError as error:
        return Failed(job, error)


def _frames(job: Job, recipe: Recipe) -> int:
    """Return how many frames or pages would be written; raise WriteError where the output has no room for them."""
    form = None if job.source is None else format_of(job.source)
    many = form is not None and (form.animated or form.paged)
    if job.source is None or not many or recipe.frame is not None:
        return 1
    count = count_frames(job.source, recipe.max_pixels)
    target = job.format or (format_of(job.target) if job.target else None)
    if count > 1 and form is not None and target is not None:
        frames, pages = (1, count) if form.paged else (count, 1)
        check_writable(target, bits=8, has_alpha=False, channels=1, frames=frames, animated=True, pages=pages)
    return count


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
    from convcli.processes import run_in_processes

    settings = replace(settings, threads=settings.threads or 1)
    recipe = replace(recipe, settings=settings, memory=free_memory() // workers)
    yield from run_in_processes(jobs, recipe, workers, keep_going=keep_going)


def _means_folder(output: str) -> bool:
    separators = tuple(filter(None, (os.sep, os.altsep)))
    return output.endswith(separators) or is_folder(Path(output))


def _find(inputs: Sequence[str], output: str, recursive: bool) -> tuple[list[_Found], int]:
    found: list[_Found] = []
    passed_over = 0
    for text in inputs:
        path = Path(text)
        if text == STREAM:
            found.append(_Found(None, PurePath("stdin")))
        elif is_folder(path):
            closed: list[Path] = []
            readable, others = files_below(path, recursive=recursive, output=Path(output), closed=closed)
            # Reading a closed folder fails, as a file does that may not be read: in its turn, and the others are done.
            found += [
                _Found(file, file.relative_to(path) if file != path else PurePath(path.name))
                for file in readable + closed
            ]
            passed_over += others
        else:
            found.append(_Found(path, PurePath(path.name)))
    return found, passed_over


def files_below(
    folder: Path, *, recursive: bool, output: Path, closed: list[Path] | None = None
) -> tuple[list[Path], int]:
    """Return the readable files of a folder in order of their names, and the number of others.

    What lies in the output folder is not input: a second run would filter its own results.

    Parameters
    ----------
    folder, recursive, output
        Where to look.
    closed
        Takes the folders that may not be looked into; without it, the first of them is an error.

    Raises
    ------
    FileError
        A folder may not be looked into.
    """

    def keep(error: OSError) -> None:
        if closed is None:
            raise FileError(f"{error.filename} may not be read: {error.strerror}", "change its mode") from error
        closed.append(Path(error.filename))

    files: list[Path] = []
    for parent, folders, names in os.walk(folder, onerror=keep, followlinks=False):
        folders[:] = sorted(each for each in folders if not _same(Path(parent, each), output)) if recursive else []
        files += [Path(parent, each) for each in sorted(names) if not each.startswith(".")]
    readable = [file for file in files if file.suffix.lower() in READABLE_SUFFIXES]
    return readable, len(files) - len(readable)


def _same(path: Path, other: Path) -> bool:
    return exists(other) and path.samefile(other)


def _job_in_folder(found: _Found, folder: Path, name: str, filter_name: str, form: Format | None) -> Job:
    if found.source is None:
        raise UsageError("standard input has no name to keep in a folder", "give an output file, or - for stdout")
    suffix = form.suffixes[0] if form else found.relative.suffix
    try:
        file_name = name.format(stem=found.relative.stem, filter=filter_name, suffix=suffix)
    except (KeyError, IndexError, ValueError, AttributeError):
        raise UsageError(f"--name {name!r} cannot be filled in", "use {stem}, {filter} and {suffix}") from None
    if PurePath(file_name).name != file_name or file_name in ("", ".."):
        raise UsageError(f"--name {name!r} gives {file_name!r}, which is no file name", "leave out slashes")
    if form is None and format_of(file_name) is None and format_of(found.relative) is not None:
        raise no_format(file_name)
    target = folder / found.relative.parent / file_name
    return Job(found.source, target, form, makes_folder=True)


def _refuse_collisions(jobs: Iterable[Job]) -> None:
    targets: dict[Path | None, Job] = {}
    for job in jobs:
        other = targets.setdefault(job.target, job)
        if other is not job:
            raise UsageError(
                f"{other.source_name} and {job.source_name} would both become {job.target_name}",
                "filter them into different folders, or name them apart with --name",
            )


def refuse_overwritten_inputs(jobs: Iterable[Job]) -> None:
    """Refuse a batch that may overwrite, where an output is the input of another job or the same file as its output.

    The names may differ: links lead to one file.

    Raises
    ------
    UsageError
        Naming the files. An output that is its own input is left to its job.
    """
    outputs: dict[tuple[int, int], Job] = {}
    jobs = [job for job in jobs if job.target is not None]
    for job in jobs:
        identity = _identity(job.numbered(0))
        if identity is not None and outputs.setdefault(identity, job) is not job:
            other = outputs[identity]
            raise UsageError(
                f"{other.target_name} and {job.target_name} are one file", "remove the link, or write to another folder"
            )
    for job in jobs if outputs else ():
        identity = _identity(job.source) if job.source is not None else None
        other = outputs.get(identity, job) if identity is not None else job
        if other is not job:
            raise UsageError(
                f"{other.source_name} would become {other.target_name}, which is an input too",
                "write to another folder, or name the outputs apart with --name",
            )


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from all others, whatever its names; None where there is none yet."""
    try:
        status = path.stat()
    except OSError:  # whoever opens it will hear why
        return None
    return status.st_dev, status.st_ino
