"""The outputs that earlier runs have made, as far as the record of their folder has lines that still hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from convcli.jobs.many.record import Record, parsed_lines, stands
from convcli.jobs.one.work import Job
from convcli.jobs.paths import resolved
from convcli.places import Place, place_of

_Version = tuple[int, int | str]


class Earlier:
    """The lines of a record that grows meanwhile: those that were added are read when something is asked.

    Parameters
    ----------
    record
        The record of the output folder.
    is_watched
        Whether a path is one of the inputs, or was.
    """

    def __init__(self, record: Record, is_watched: Callable[[str], bool]) -> None:
        self._file, self._is_watched = record.file, is_watched
        self._recipes = {record.recipe}
        self._read = 0  # bytes
        self._by_output: dict[str, list[Any]] = {}
        self._by_target: dict[str, set[str]] = {}

    def takes(self, recipe: str) -> None:
        """Take the outputs of another recipe too for those of this run, whose filter has changed."""
        self._recipes.add(recipe)

    def has_made(self, name: str, version: _Version) -> bool:
        """Return whether a file, of that version, was made of a watched input: it is none itself."""
        line = self._lines().get(name)
        return line is not None and line[2] != name and version == (line[6], line[7]) and self._is_watched(line[2])

    def is_done(self, job: Job, version: _Version) -> bool:
        """Return whether the output of a job was made by the recipe of an input of that version."""
        return any(version == (line[3], line[4]) for line in self._standing(job))

    def made_of(self, job: Job) -> set[str]:
        """Return the outputs of a job that were made by the recipe, and are as they were."""
        return {line[1] for line in self._standing(job)}

    def _standing(self, job: Job) -> Iterable[list[Any]]:
        assert job.target is not None
        lines, target = self._lines(), resolved(job.target)
        targets: dict[str, Place] = {target: job.target}
        for output in self._by_target.get(target, ()):
            line = lines[output]
            if line[5] in self._recipes and stands(targets.get(output) or place_of(output), line):
                yield line

    def _lines(self) -> dict[str, list[Any]]:
        self._read, added = parsed_lines(self._file, self._read)
        for line in added:
            self._by_output[line[1]] = line
            self._by_target.setdefault(line[0], set()).add(line[1])
        return self._by_output
