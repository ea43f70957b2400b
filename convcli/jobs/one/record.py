"""What was done: a record that a stopped batch leaves, and another run goes on from.

One file per output folder, in the user's folder for such things, so that nothing stands beside the pictures that is
none. It only grows: a line is added for every output just before that takes its name, with what its input was like,
which filter was applied, and what tells this output from any other file of its name. So there is no moment at which a
kill leaves an output without its line; and a line without its output is seen to be one.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from convcli.image import Format
from convcli.jobs.one.work import Job, Recipe, Skipped
from convcli.version import __version__

DONE_BEFORE = "done before, and its input is as it was"

_DAYS_KEPT = 30
_LARGEST = 64 * 2**20  # bytes: of a batch of 200 000 files, or of a small one that is done again every night
# What changes neither the pixels nor the file that they are written to.
_WITHOUT_EFFECT = {"existing", "max_pixels", "settings", "record"}

# Size and time of the last change, in nanoseconds.
_State = tuple[int, int]


@dataclass(frozen=True)
class Record:
    """Where the record of an output folder stands, and what is done now.

    Parameters
    ----------
    file
        One JSON list a line.
    recipe
        A number for the filter and all options that make a difference.
    """

    file: Path
    recipe: str

    def prepare(self, *, anew: bool) -> None:
        """Make the file, and remove the records that nobody has used for a month.

        Parameters
        ----------
        anew
            Whether all of the batch is done again: then a record that has grown very large is begun anew.

        Raises
        ------
        OSError
            The file cannot be written.
        """
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a") as stream:
            os.utime(self.file)
            if anew and stream.tell() > _LARGEST:
                stream.truncate(0)
        for other in self.file.parent.glob("*.jsonl"):
            with suppress(OSError):  # another run has removed it
                if time.time() - other.stat().st_mtime > _DAYS_KEPT * 24 * 3600:
                    other.unlink()

    def add(self, job: Job, output: Path, source: os.stat_result, written: os.stat_result) -> None:
        """Add a line for an output that is about to take its name."""
        assert job.source is not None  # standard input has no name to keep in a folder
        assert job.target is not None
        names = [_place(job.target), _place(output), _place(job.source)]
        line = json.dumps([*names, *_state(source), self.recipe, *_state(written)])
        # The picture is worth more than its line: without it, the next run refuses the output as one that exists.
        with suppress(OSError):
            descriptor = os.open(self.file, os.O_WRONLY | os.O_APPEND)
            try:
                # Between line ends, so that what a kill or a full disk has cut short spoils no other line.
                os.write(descriptor, f"\n{line}\n".encode())
            finally:
                os.close(descriptor)


@dataclass(frozen=True)
class Resumed:
    """A batch, divided.

    Parameters
    ----------
    done
        The jobs that were done before, by the same recipe, of inputs that have not changed; nor have the outputs.
    jobs
        All others.
    strangers
        How many outputs are of another filter or other options.
    """

    done: tuple[Skipped, ...]
    jobs: tuple[Job, ...]
    strangers: int


def record_of(folder: Path, recipe: Recipe, form: Format | None) -> Record:
    """Return the record of an output folder, either of which need not exist yet.

    Parameters
    ----------
    folder
        The output folder.
    recipe, form
        What is done, and the format that was asked for.
    """
    home = platformdirs.user_state_path("convcli", appauthor=False) / "batches"
    key = hashlib.sha256(os.fsencode(os.path.realpath(folder))).hexdigest()[:32]
    return Record(home / f"{key}.jsonl", _number(recipe, form))


def resume(jobs: Iterable[Job], record: Record) -> Resumed:
    """Divide jobs into those that were done before and those that are still to do.

    An output that stands there is trusted only if it is, to the nanosecond, the one of which the record tells. Where it
    is, and its input has changed since, it is known to be no one else's, and may be overwritten.
    """
    lines: dict[str, dict[str, list[Any]]] = {}
    for line in _lines(record.file):
        lines.setdefault(line[0], {})[line[1]] = line
    done: list[Skipped] = []
    rest: list[Job] = []
    strangers = 0
    for job in jobs:
        told = lines.get(_place(job.target), {}) if job.target is not None else {}
        standing = {Path(output): line for output, line in told.items() if _state_of(Path(output)) == tuple(line[6:])}
        same = {output: line for output, line in standing.items() if line[5] == record.recipe}
        strangers += len(same) < len(standing)
        is_whole = len(same) == sum(line[5] == record.recipe for line in told.values())
        # Of several outputs the first is written last.
        first = same.get(Path(_place(job.numbered(0)))) if job.target is not None else None
        if is_whole and first is not None and job.source is not None and _is_as_it_was(job.source, first):
            done.append(Skipped(job, DONE_BEFORE))
        else:
            rest.append(replace(job, own=tuple(same)))
    return Resumed(tuple(done), tuple(rest), strangers)


def is_own(job: Job, output: Path) -> bool:
    """Whether an output is left from an earlier run of this batch, and may be overwritten."""
    return bool(job.own) and Path(_place(output)) in job.own


def _is_as_it_was(source: Path, line: list[Any]) -> bool:
    return line[2] == _place(source) and _state_of(source) == (line[3], line[4])


def _lines(file: Path) -> Iterator[list[Any]]:
    try:
        texts = file.read_text("utf-8", errors="replace").splitlines()
    except OSError:  # there is none yet, and nothing is known to be done
        return
    for text in texts:
        try:
            line = json.loads(text)
        except (ValueError, RecursionError):  # the blank line between two, one that was cut short, or damage
            continue
        if isinstance(line, list) and [type(each) for each in line] == [str, str, str, int, int, str, int, int]:
            yield line


def _state(status: os.stat_result) -> _State:
    return status.st_size, status.st_mtime_ns


def _state_of(path: Path) -> _State | None:
    try:
        return _state(path.stat())
    except OSError:
        return None


def _place(path: Path) -> str:
    """Return the path of a file that is the same however its folder is written."""
    return os.path.join(_folder(path.parent), path.name)  # noqa: PTH118 - joined a million times, as text


@cache
def _folder(folder: Path) -> str:
    return os.path.realpath(folder)


def _number(recipe: Recipe, form: Format | None) -> str:
    told = hashlib.sha256(f"{__version__} {form.name if form else ''}".encode())
    for part in _parts(recipe):
        told.update(part)
    return told.hexdigest()


def _parts(value: object) -> Iterator[bytes]:
    """Yield all that a recipe says, down to the last weight."""
    if is_dataclass(value):
        yield type(value).__qualname__.encode()
        for each in fields(value):
            if each.name not in _WITHOUT_EFFECT:
                yield f" {each.name}=".encode()
                yield from _parts(getattr(value, each.name))
    elif isinstance(value, np.ndarray):
        yield f"{value.dtype}{value.shape}".encode()
        yield value.tobytes()
    elif isinstance(value, tuple):
        yield f"({len(value)}".encode()
        for each in value:
            yield from _parts(each)
    elif callable(value):
        yield f"{value.__module__}.{getattr(value, '__qualname__', '')}".encode()
    else:
        yield repr(value).encode()
