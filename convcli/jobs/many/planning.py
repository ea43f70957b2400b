"""The jobs of a batch: an output for every input."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath
from typing import NamedTuple

from convcli.errors import UsageError
from convcli.image import Format, format_of
from convcli.jobs.many.finding import Found, find
from convcli.jobs.one.outputs import no_format
from convcli.jobs.one.work import Job, Skipped
from convcli.jobs.paths import STREAM, is_folder

DEFAULT_NAME = "{stem}{suffix}"


class Batch(NamedTuple):
    """A job per input file, the number of files whose format is not read, and the jobs that an earlier run has done."""

    jobs: tuple[Job, ...]
    passed_over: int = 0
    done: tuple[Skipped, ...] = ()


def plan_batch(
    inputs: Sequence[str],
    output: str,
    *,
    recursive: bool = False,
    name: str = DEFAULT_NAME,
    filter_name: str = "filter",
    form: Format | None = None,
) -> Batch:
    """Find the input files, and name the output of each.

    The inputs are files, folders, or ``-`` for standard input; `recursive` takes the whole tree below a folder, and
    keeps its paths. The output is a file for one input file; a folder, existing or ending in a slash, where `name` has
    {stem}, {filter}, which is `filter_name`, and {suffix}; or ``-`` for standard output. Its format is `form`, or for
    None that of its name.

    Raises UsageError where the inputs and the output do not go together, or two outputs would have one name.
    """
    found, passed_over = find(inputs, output, recursive=recursive)
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


def _means_folder(output: str) -> bool:
    separators = tuple(filter(None, (os.sep, os.altsep)))
    return output.endswith(separators) or is_folder(Path(output))


def _job_in_folder(found: Found, folder: Path, name: str, filter_name: str, form: Format | None) -> Job:
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
