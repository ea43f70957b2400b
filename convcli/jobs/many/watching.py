"""Inputs that are done again whenever they change: which are due, once nobody writes to them any more."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from convcli.errors import ReadError
from convcli.jobs.many.earlier import Earlier
from convcli.jobs.one.work import Done, Failed, Job, Outcome
from convcli.jobs.paths import resolved
from convcli.places import State, state_of, version_of

SETTLED = 0.2  # seconds for which an input has to stay as it is
_PATIENCE = 2.0  # seconds without a change after which an input that cannot be read is taken for whole


_Version = tuple[int, int | str]


class _Change(NamedTuple):
    version: _Version
    since: float


class Due(NamedTuple):
    """Jobs of inputs that have settled: to be tried, since their ends may be missing; and to be done as they are."""

    tried: tuple[Job, ...]
    certain: tuple[Job, ...]


class WatchedInputs:
    """The inputs of a batch that is planned again and again.

    Parameters
    ----------
    plan
        Returns a job for each input that is there. An output of one of them is never an input.
    names_are_fixed
        Whether the name of an output stays where its input changes; otherwise the plan is made anew.
    earlier
        What earlier runs have made, of which the same holds; None where nothing is recorded.
    clock
        The time in seconds, from any beginning.
    """

    def __init__(
        self,
        plan: Callable[[], Sequence[Job]],
        earlier: Earlier | None = None,
        *,
        names_are_fixed: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._plan, self._earlier, self._clock = plan, earlier, clock
        self._names_are_fixed = names_are_fixed
        self._jobs: dict[str, Job] = {}
        self._seen: dict[str, _Version] = {}
        self._changes: dict[str, _Change] = {}
        self._outputs: set[str] = set()
        self._made: dict[str, set[str]] = {}  # outputs, by the first of their job
        self._is_first = True

    @property
    def are_changing(self) -> bool:
        """True while an input has changed and is not done."""
        return bool(self._changes)

    def forget(self) -> int:
        """Take all inputs for changed, since the filter is; return how many are known."""
        self._seen.clear()
        self._is_first = False
        return len(self._jobs.keys() - self._outputs)

    def due(self, changed: Collection[str] | None = None) -> Due:
        """Look at inputs; return the jobs of those that are new or have changed, and have settled since.

        Looked at are those at the paths that have `changed` or below, and those that are changing already; for None
        all. The first time, those are due whose output is missing or older.
        """
        now = self._clock()
        changes: dict[str, _Change] = {}
        due: tuple[list[Job], list[Job]] = [], []
        for name in self._looked_at(changed):
            job = self._jobs.get(name)
            state = None if job is None or job.source is None or name in self._outputs else state_of(job.source)
            if job is None or state is None or version_of(state) == self._seen.get(name):
                continue
            if self._is_first and self._is_current(job, state):
                self._seen[name] = version_of(state)
                continue
            if self._earlier is not None and self._earlier.has_made(name, version_of(state)):
                self._outputs.add(name)
                continue
            change = changes[name] = self._change(name, state, now)
            if now - change.since >= SETTLED:
                due[now - change.since >= _PATIENCE].append(self._owning(job))
        self._changes, self._is_first = changes, False
        return Due(*map(tuple, due))

    def _looked_at(self, changed: Collection[str] | None) -> list[str]:
        """Return the names of the inputs to look at; plan again where there may be others."""
        names = None if changed is None else {resolved(Path(each)) for each in changed}
        if names is not None and self._names_are_fixed and names <= self._jobs.keys():
            return sorted(names | self._changes.keys())
        before = self._jobs.keys()
        self._jobs = {resolved(job.source): job for job in self._plan() if job.source is not None}
        self._outputs.update(resolved(job.numbered(0)) for name, job in self._jobs.items() if name not in before)
        if names is None:
            return list(self._jobs)
        others = tuple(f"{each}{os.sep}" for each in names - self._jobs.keys())
        more = {name for name in self._jobs if name not in before or name.startswith(others)}
        return sorted(names | more | self._changes.keys())

    def take(self, outcome: Outcome, *, is_certain: bool) -> bool:
        """Remember the outcome of a job that was due; return False where it is to be tried again."""
        job = outcome.job
        assert job.source is not None
        if isinstance(outcome, Failed) and isinstance(outcome.error, ReadError) and not is_certain:
            return False
        name = resolved(job.source)
        self._seen[name] = self._changes.pop(name).version
        if isinstance(outcome, Done):
            made = {resolved(job.numbered(channel)) for channel in range(outcome.files)}
            self._made.setdefault(resolved(job.numbered(0)), set()).update(made)
            self._outputs |= made
        return True

    def _change(self, name: str, state: State, now: float) -> _Change:
        change = self._changes.get(name)
        if change is not None and change.version == version_of(state):
            return change
        # At the beginning, nobody writes to a file that is old.
        is_old = self._is_first and time.time() - state.st_mtime > _PATIENCE
        return _Change(version_of(state), now - _PATIENCE if is_old else now)

    def _owning(self, job: Job) -> Job:
        """Return a job that may overwrite what was made of its input before."""
        first = resolved(job.numbered(0))
        recorded = () if self._earlier is None else self._earlier.made_of(job)
        return job._replace(own=frozenset(self._made.get(first, set()).union(recorded)))

    def _is_current(self, job: Job, state: State) -> bool:
        if self._earlier is not None and self._earlier.is_done(job, version_of(state)):
            return True
        output = state_of(job.numbered(0))
        # The time of a folder that is a file is not a number: no output is known to be older.
        return output is not None and not output.st_mtime < state.st_mtime
