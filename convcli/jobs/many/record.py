"""The record of a batch: a line for every output, from which another run continues where this one was stopped.

One file per output folder, in the user's state folder, so that only pictures are beside pictures. A line is added for
every output just before that takes its name, with the state of its input, the recipe, and the state of the output,
which distinguishes it from any other file of its name. So at no moment does a kill leave an output without its line;
and a line without its output is recognized.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import time
from array import array
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from convcli.image import Format
from convcli.jobs.many.planning import Batch
from convcli.jobs.one.identity import identity_of
from convcli.jobs.one.recipe import Recipe
from convcli.jobs.one.work import Job, Skipped
from convcli.jobs.paths import resolved
from convcli.lazy import dataclass
from convcli.places import BEGUN, Place, State, place_of, state_of, version_of
from convcli.user_folders import user_folder

DONE_BEFORE = "done before, and its input is as it was"

_OLDEST_DAYS = 30
_LARGEST = 64 * 2**20  # bytes: of a batch of 200 000 files, or of a small one that is done again every night
# Of a line: target, output, source, size and time of the source, recipe, size and time of the output. Files behind URLs
# have an ETag in place of the time; it is empty while the output is on its way.
_LINE = [(str,), (str,), (str,), (int,), (int, str), (str,), (int,), (int, str)]
_AFTER_TARGET = b'", "'  # as JSON never has it within a text


@dataclass(frozen=True)
class Record:
    """The record of an output folder."""

    file: Path  # of one JSON list a line
    recipe: str  # a hash of the recipe, of the format that was asked for, and of the version

    def prepare(self, *, anew: bool) -> None:
        """Make the file, and remove the records that have not been used for a month; raise OSError if it cannot.

        Where all of the batch is done `anew`, a record that has grown very large is emptied.
        """
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a") as stream:
            os.utime(self.file)
            if anew and stream.tell() > _LARGEST:
                stream.truncate(0)
        for other in self.file.parent.glob("*.jsonl"):
            with suppress(OSError):  # another run has removed it
                if time.time() - other.stat().st_mtime > _OLDEST_DAYS * 24 * 3600:
                    other.unlink()

    def add(self, job: Job, output: Place, source: State, written: State) -> None:
        """Add a line for an output that is about to take its name: an `OnOutput`."""
        assert job.source is not None  # standard input has no name to keep in a folder
        assert job.target is not None
        names = [resolved(job.target), resolved(output), resolved(job.source)]
        line = json.dumps([*names, *version_of(source), self.recipe, *version_of(written)])
        # The picture is worth more than its line: without it, the next run refuses the output as one that exists.
        with suppress(OSError):
            descriptor = os.open(self.file, os.O_WRONLY | os.O_APPEND)
            try:
                # Between line ends, so that a line which a kill or a full disk cuts short spoils no other.
                os.write(descriptor, f"\n{line}\n".encode())
            finally:
                os.close(descriptor)


def record_of(folder: Place, recipe: Recipe, form: Format | None) -> Record:
    """Return the record of an output folder, for the format that was asked for; neither file need exist yet."""
    home = user_folder("state") / "batches"
    name = os.path.realpath(folder) if isinstance(folder, Path) else str(folder)
    key = hashlib.sha256(os.fsencode(name)).hexdigest()[:32]
    return Record(home / f"{key}.jsonl", identity_of(recipe, form))


def resume(batch: Batch, record: Record) -> tuple[Batch, int]:
    """Divide a batch into jobs that were done before, by the same recipe of the same input, and those still to do.

    An output is trusted only if its size and time are, to the nanosecond, those in the record, or in a bucket its size
    and ETag. If they are and its input has changed since, the output belongs to this batch and may be overwritten. The
    number that is returned is of existing outputs of another filter or other options.
    """
    done: list[Skipped] = []
    rest: list[Job] = []
    strangers = 0
    with opened_lines(record.file) as lines:
        for job in batch.jobs:
            recorded = lines.of(resolved(job.target)) if job.target is not None else {}
            targets = {} if job.target is None else {resolved(job.target): job.target}
            standing = {
                output: line
                for output, line in recorded.items()
                if stands(targets.get(output) or place_of(output), line)
            }
            same = {output: line for output, line in standing.items() if line[5] == record.recipe}
            strangers += len(same) < len(standing)
            is_whole = len(same) == sum(line[5] == record.recipe and line[7] != "" for line in recorded.values())
            # Of several outputs the first is written last.
            first = same.get(resolved(job.numbered(0))) if job.target is not None else None
            if is_whole and first is not None and _is_unchanged(job, first):
                done.append(Skipped(job, DONE_BEFORE))
            else:
                rest.append(job._replace(own=frozenset(same)))
    return batch._replace(jobs=tuple(rest), done=tuple(done)), strangers


def _is_unchanged(job: Job, line: list[Any]) -> bool:
    """Return whether the input of a job is that of a line, whose output stands."""
    source = job.source
    return (
        source is not None
        and line[2] == resolved(source)
        and line[4] != ""
        and version_at(source) == (line[3], line[4])
    )


def stands(output: Place, line: list[Any]) -> bool:
    """Return whether an output is that of a line.

    Of one that was on its way at a kill only the size is known; of one that another machine had begun, that there was
    none before it.
    """
    version = version_at(output)
    return version is not None and (line[6] == BEGUN.st_size or version == (line[6], line[7] or version[1]))


class Lines:
    """The lines of a record: of each only the place is known, until its target is asked for.

    That of a million outputs is opened in a second, where parsing all of it takes ten, and a gigabyte of memory.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.others: list[tuple[int, bytes]] = []  # lines that are about no output, and their places
        self._starts = array("q")  # of each line
        self._earlier = array("q")  # the index of the line before of the same target, or -1
        self._latest: dict[int, int] = {}  # the index of the last line of a target, by the hash of its text
        start = 0
        for text in stream:
            end = text.find(_AFTER_TARGET)
            if text.startswith(b"{"):
                self.others.append((start, text))
            elif end > 0:
                key = hash(text[:end])
                self._earlier.append(self._latest.get(key, -1))
                self._latest[key] = len(self._starts)
                self._starts.append(start)
            start += len(text)

    def of(self, target: str) -> dict[str, list[Any]]:
        """Return the last line of each output of a target, by the output."""
        found: dict[str, list[Any]] = {}
        for _, line in self._backwards(target):
            found.setdefault(line[1], line)
        return found

    def latest(self, target: str) -> tuple[int, list[Any] | None]:
        """Return the last line of a target, and its place; None where it has none."""
        return next(self._backwards(target), (-1, None))

    def needed(self) -> Iterator[bytes]:
        """Yield the last line of each target, and the latest of equal others, in their order."""
        others = {text: start for start, text in self.others}
        starts = sorted({*others.values(), *(self._starts[index] for index in self._latest.values())})
        for start in starts:
            self._stream.seek(start)
            text = self._stream.readline()
            line = None if text.startswith(b"{") else _parsed(text)
            if text.startswith(b"{") or line is not None:
                yield text

    def _backwards(self, target: str) -> Iterator[tuple[int, list[Any]]]:
        """Yield the lines of a target and their places, from the last on."""
        index = self._latest.get(hash(json.dumps([target])[: -len('"]')].encode()), -1)
        while index >= 0:
            start = self._starts[index]
            self._stream.seek(start)
            line = _parsed(self._stream.readline())
            if line is not None and line[0] == target:  # not another one of the same hash
                yield start, line
            index = self._earlier[index]


@contextmanager
def opened_lines(file: Path) -> Iterator[Lines]:
    """Open a record; without one, no batch was run yet."""
    try:
        stream: IO[bytes] = file.open("rb")
    except OSError:
        stream = io.BytesIO()
    with stream:
        yield Lines(stream)


def parsed_lines(file: Path, start: int) -> tuple[int, list[list[Any]]]:
    """Return the end of a record, and the values of its whole lines from a place on; none where there is no record."""
    try:
        with file.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            if size <= start:
                return size, []  # it may have been emptied
            stream.seek(start)
            text = stream.read(size - start)
    except OSError:
        return 0, []
    whole = text[: text.rfind(b"\n") + 1]
    return start + len(whole), [line for each in whole.splitlines() if (line := _parsed(each)) is not None]


def _parsed(text: bytes) -> list[Any] | None:
    """Return the values of a line; None for one that was cut short, and for damage."""
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return line if _is_line(line) else None


def _is_line(line: Any) -> bool:
    return (
        isinstance(line, list)
        and len(line) == len(_LINE)
        and all(type(each) in kinds for each, kinds in zip(line, _LINE, strict=True))
    )


def version_at(place: Place) -> tuple[int, int | str] | None:
    """Return what tells the file at a place from another one of its name; None where there is none."""
    state = state_of(place)
    return None if state is None else version_of(state)
