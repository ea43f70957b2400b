"""Outputs that would replace inputs, or each other, whatever their names."""

from __future__ import annotations

import re
from collections.abc import Iterable

from convcli.errors import UsageError
from convcli.jobs.one.work import Job
from convcli.jobs.paths import resolved
from convcli.places import Place, Remote

_NUMBERED = re.compile(r"(.+)-\d+")


def refuse_overwritten_inputs(jobs: Iterable[Job]) -> None:
    """Refuse a batch that may overwrite, where an output is the input of another job or the same file as its output.

    The names may differ: links lead to one file. An output that is its own input is left to its job.
    """
    outputs: dict[object, Job] = {}
    jobs = [job for job in jobs if job.target is not None]
    for job in jobs:
        identity = _identity(job.numbered(0))
        if identity is not None and outputs.setdefault(identity, job) is not job:
            other = outputs[identity]
            names = {other.target_name, job.target_name}
            if len(names) == 1:
                raise UsageError(f"{job.target_name} is named twice", "name it once")
            raise UsageError(
                f"{' and '.join(sorted(names))} are one file", "move the link away, or write to another folder"
            )
    numbered = {resolved(job.target): job for job in jobs if job.each and job.target is not None}
    for job in jobs:
        identity = _identity(job.source) if job.source is not None and outputs else None
        other = outputs.get(identity, job) if identity is not None else job
        output = other.target_name
        # The number of channels is known only when a picture is read: by its name, an input may be one of any channel.
        if other is job and job.source is not None and (match := _NUMBERED.fullmatch(job.source.stem)):
            other, output = numbered.get(resolved(job.source.with_stem(match[1])), job), job.source_name
        if other is not job:
            raise UsageError(
                f"{other.source_name} would become {output}, which is an input too",
                "write to another folder, or name the outputs apart with --name",
            )


def _identity(path: Place) -> object:
    """Return what is one for all names of a file: the system's numbers, or its URL; None where it does not exist."""
    if isinstance(path, Remote):
        return path
    try:
        status = path.stat()
    except OSError:  # opening it will raise the same
        return None
    return status.st_dev, status.st_ino
