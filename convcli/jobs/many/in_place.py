"""The record of files that are replaced, so that none is filtered twice: of all folders in one file.

A run that begins anew adds a line with its inputs, a file one just before it is replaced: on the disk, or the file is
left as it is. So of a run that was stopped it is known which files are done, and of an earlier one that it is another.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from convcli.errors import UsageError, WriteError
from convcli.jobs.many.appending import appending, compact
from convcli.jobs.many.planning import Batch
from convcli.jobs.many.record import DONE_BEFORE, Lines, opened_lines, version_at
from convcli.jobs.one.identity import identity_of
from convcli.jobs.one.recipe import Recipe
from convcli.jobs.one.work import Job, Skipped
from convcli.jobs.paths import is_folder, resolved
from convcli.jobs.replacing import backup_of
from convcli.lazy import dataclass
from convcli.places import Place, State, place_of, version_of
from convcli.user_folders import user_folder
from convcli.words import counted

_LARGEST = 64 * 2**20  # bytes, beyond which the lines go that stand for nothing any more
_LEAVE_OUT = "leave out --resume to filter all of them"


class Scope(NamedTuple):
    """The inputs of a run: files, and folders around files, by their real paths."""

    files: frozenset[str]
    folders: frozenset[str]
    recursive: bool

    @classmethod
    def of(cls, inputs: Sequence[str], *, recursive: bool) -> Scope:
        """Return the scope of the inputs of a command line."""
        folders = {text for text in inputs if is_folder(place_of(text))}
        files = {os.path.realpath(text) for text in inputs if text not in folders}
        return cls(frozenset(files), frozenset(map(os.path.realpath, folders)), recursive)

    def with_files(self, names: Iterable[str]) -> Scope:
        """Return the scope with more files: those that links lead to from its folders."""
        places = self.places
        more = {name for name in names if places.isdisjoint(_places_around(name))}
        return self._replace(files=self.files | more) if more else self

    @property
    def places(self) -> set[tuple[str, str]]:
        """The inputs, each with its kind."""
        kind = "tree" if self.recursive else "folder"
        return {("file", each) for each in self.files} | {(kind, each) for each in self.folders}


@dataclass(frozen=True)
class RecordInPlace:
    """The record of the files that are replaced by a recipe."""

    file: Path
    recipe: str

    def prepare(self) -> None:
        """Make the file; raise OSError where it cannot be written."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.touch()
        compact(self.file, _LARGEST)
        with appending(self.file):
            pass

    def begin(self, scope: Scope) -> None:
        """Add the line of a run that begins anew; raise OSError where it cannot be."""
        files, folders = sorted(scope.files), sorted(scope.folders)
        self._append({"begun": self.recipe, "files": files, "folders": folders, "recursive": scope.recursive})

    def add(self, job: Job, output: Place, source: State, written: State) -> None:
        """Add a line for a file that is about to be replaced, an `OnOutput`; raise WriteError where it cannot be."""
        name = _name_of(job)
        try:
            self._append([name, name, name, *version_of(source), self.recipe, *version_of(written)])
        except OSError as error:
            reason = error.strerror or error
            raise WriteError(
                f"{output} is left as it was: {self.file}, which records what is done, cannot be written ({reason})",
                "--resume does the rest, once it can be",
            ) from error

    def _append(self, line: object) -> None:
        # Between line ends, so that a line which a kill or a full disk cuts short spoils no other.
        text = f"\n{json.dumps(line)}\n".encode()
        with appending(self.file) as descriptor:
            if os.write(descriptor, text) != len(text):
                raise OSError(0, "its disk is full")
            os.fsync(descriptor)


def record_in_place(recipe: Recipe) -> RecordInPlace:
    """Return the record of the files that are replaced by a recipe, which need not exist yet.

    Another version of this program goes on with what one has begun: what is done is done.
    """
    return RecordInPlace(user_folder("state") / "in-place.jsonl", identity_of(recipe, None, version=""))


class Plan(NamedTuple):
    """The files of a batch that are still to be replaced, and those that are done.

    `begins` has the inputs of which a run begins anew, None for none; `changed` counts files that are filtered again,
    since they are no more what an earlier run has made.
    """

    batch: Batch
    begins: Scope | None
    changed: int = 0


def plan_anew(batch: Batch, record: RecordInPlace, scope: Scope, *, forced: bool) -> Plan:
    """Plan a batch that filters all its files.

    Raises UsageError, unless `forced`, where an earlier run of the same recipe has done some of them and not all.
    """
    with _opened(record) as earlier:
        done = [earlier.state(job, record.recipe) == _DONE for job in batch.jobs]
        jobs = tuple(map(earlier.known, batch.jobs))
    if 0 < sum(done) < len(done) and not forced:
        raise UsageError(
            f"{sum(done)} of {counted(len(done), 'file')} were replaced by this filter before, in a run that did not"
            " do them all",
            "--resume does the rest; --force filters all of them, those a second time",
        )
    return Plan(batch._replace(jobs=jobs), scope.with_files(map(_name_of, jobs)))


def plan_rest(batch: Batch, record: RecordInPlace) -> Plan:
    """Plan the rest of a batch, of which earlier runs have done a part.

    Raises UsageError where it cannot be told which files are done: the record knows nothing of some that have a backup,
    or an earlier run on them, by another recipe, was stopped too.
    """
    done: list[Skipped] = []
    rest: list[Job] = []
    states: Counter[str] = Counter()
    anew: list[str] = []
    unknown: list[Job] = []
    with _opened(record) as earlier:
        for job in batch.jobs:
            state = earlier.state(job, record.recipe)
            states[state] += 1
            if state == _DONE:
                done.append(Skipped(job, DONE_BEFORE))
                continue
            rest.append(earlier.known(job))
            if state in (_UNKNOWN, _OTHER, _OTHER_DONE):
                anew.append(_name_of(job))
            if state == _UNKNOWN and _has_backup(job):
                unknown.append(job)
        is_mixed = states[_OTHER_DONE] and (states[_OTHER] or earlier.knows(record.recipe, rest))
    if unknown:
        raise UsageError(
            f"{unknown[0].source_name} has a backup, and nothing is recorded of the run that made it,"
            f" so {counted(len(unknown), 'file')} may be done or not",
            f"move the backup away where it is not done, or {_LEAVE_OUT}",
        )
    if is_mixed:
        both = states[_OTHER_DONE] + states[_OTHER]
        raise UsageError(
            f"{states[_OTHER_DONE]} of {counted(both, 'file')} were last replaced by another filter or other options",
            f"repeat that filter and its options with --resume, or {_LEAVE_OUT}",
        )
    begins = Scope(frozenset(anew), frozenset(), recursive=False) if anew else None
    return Plan(batch._replace(jobs=tuple(rest), done=tuple(done)), begins, states[_CHANGED])


# What the record knows of a file: done by the latest run on it, or not yet; done by that, and changed since; done or
# not by a run of another recipe; nothing.
_DONE, _TO_DO, _CHANGED, _OTHER_DONE, _OTHER, _UNKNOWN = "done", "to do", "changed", "other, done", "other", "unknown"


class _Run(NamedTuple):
    start: int
    recipe: str


class _Earlier:
    """The earlier runs: the latest on each file and folder, and their files."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._latest: dict[tuple[str, str], _Run] = {}  # by the kind of an input and its path
        self._of_recipe: set[tuple[str, str, str]] = set()
        for start, text in lines.others:
            said = _parsed_run(text)
            if said is not None:
                scope = Scope(frozenset(said["files"]), frozenset(said["folders"]), said["recursive"])
                places, run = scope.places, _Run(start, said["begun"])
                self._latest.update(dict.fromkeys(places, run))
                self._of_recipe.update((run.recipe, *place) for place in places)

    def state(self, job: Job, recipe: str) -> str:
        """Return what the record knows of a file."""
        name = _name_of(job)
        run = max((self._latest[place] for place in _places_around(name) if place in self._latest), default=None)
        start, line = self._lines.latest(name)
        if line is None or (run is not None and start < run.start):
            return _UNKNOWN if run is None else _TO_DO if run.recipe == recipe else _OTHER
        now = version_at(Path(name))
        is_done, is_same = now == (line[6], line[7]), line[5] == recipe
        if run is None:
            return _DONE if is_done and is_same else _UNKNOWN
        if run.recipe != recipe:
            return _OTHER_DONE if is_done else _OTHER
        return _DONE if is_done else _TO_DO if now == (line[3], line[4]) else _CHANGED

    def known(self, job: Job) -> Job:
        """Return a job that is only done while its file is as it is now; one that an earlier run has made, it owns."""
        name = _name_of(job)
        seen, (_, line) = version_at(Path(name)), self._lines.latest(name)
        is_made = line is not None and seen == (line[6], line[7])
        assert job.target is not None
        return job._replace(seen=seen, own=frozenset({resolved(job.target)}) if is_made else frozenset())

    def knows(self, recipe: str, jobs: Sequence[Job]) -> bool:
        """Return whether a run of a recipe was on one of some files."""
        return any((recipe, *place) in self._of_recipe for job in jobs for place in _places_around(_name_of(job)))


def _places_around(name: str) -> Iterator[tuple[str, str]]:
    """Yield the kinds and paths of inputs that a file would be in."""
    yield "file", name
    folder = os.path.dirname(name)  # noqa: PTH120 - of many files, as text
    yield "folder", folder
    while True:
        yield "tree", folder
        above = os.path.dirname(folder)  # noqa: PTH120
        if above == folder:
            return
        folder = above


def _name_of(job: Job) -> str:
    assert job.source is not None
    return os.path.realpath(str(job.source))


def _has_backup(job: Job) -> bool:
    """Return whether a file has a backup that is not one more name of it, as a run leaves it that was killed then."""
    assert job.source is not None
    backup = backup_of(job.source)
    try:
        return os.path.lexists(backup) and not os.path.samefile(resolved(job.source), backup)  # noqa: PTH121
    except OSError:
        return True


def _parsed_run(text: bytes) -> dict[str, Any] | None:
    """Return the line of a run; None for one that was cut short, and for damage."""
    kinds = {"begun": str, "files": list, "folders": list, "recursive": bool}
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    is_run = isinstance(said, dict) and all(isinstance(said.get(key), kind) for key, kind in kinds.items())
    return said if is_run and all(isinstance(each, str) for each in said["files"] + said["folders"]) else None


@contextmanager
def _opened(record: RecordInPlace) -> Iterator[_Earlier]:
    with opened_lines(record.file) as lines:
        yield _Earlier(lines)
