"""The progress of a picture in strips, kept beside the work, so that a killed run is gone on with.

One file per output and what the run is about, in the user's state folder: its input, its recipe and the version. It
names the partial output, and is replaced after strips whose pixels are on the disk, so it promises nothing that is not.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple, Protocol

from convcli.disk import Partial, adopted, flush_partial, remove_partial
from convcli.image import Format
from convcli.jobs.one.finishing import Tally
from convcli.jobs.one.identity import identity_of
from convcli.jobs.one.recipe import STRIPS_LOGGER, Policy, Recipe
from convcli.jobs.one.work import Job
from convcli.jobs.paths import resolved
from convcli.note import Note
from convcli.places import Place, State, version_of
from convcli.user_folders import user_folder

_MOMENT = 0.2  # seconds; ending may take less than one

log = logging.getLogger(STRIPS_LOGGER)


class Reached(NamedTuple):
    """The point that a run had reached: a row of a frame, with facts about all before; and what it left."""

    frame: int
    row: int
    tallies: tuple[Tally, ...]
    notes: tuple[Note, ...]
    partial: Partial
    state: dict[str, Any]  # of the writer


class Followed(Protocol):
    """Strips, of which the first are written."""

    @property
    def ends(self) -> Sequence[tuple[int, int]]:
        """The frame of each, and the row behind its last."""

    @property
    def tallies(self) -> Sequence[Tally]:
        """The facts about each, and about those of earlier runs."""

    @property
    def notes(self) -> tuple[Note, ...]:
        """Notes on the strips."""


class Progress:
    """The progress of a job in strips, and that of an earlier run of it.

    `source` is the state of the input before it is read; None where it has none.
    """

    def __init__(self, job: Job, recipe: Recipe, form: Format, policy: Policy, source: State | None) -> None:
        assert job.source is not None
        assert job.target is not None
        self.resumes = policy.resumes
        self._target = job.target
        about = [identity_of(recipe, form), form.name, resolved(job.source)]
        self._file = _folder() / f"{_hashed(resolved(job.target))}-{_hashed(json.dumps(about))}.json"
        self._about = [*about, None if source is None else list(version_of(source))]
        self._is_kept = source is not None and isinstance(job.target, Path)
        self._flushing: Thread | None = None
        self._written = 0  # strips of this run
        self._rows = 0  # of a frame, that are noted
        self._is_noted = False

    def found(self) -> Reached | None:
        """Return where an earlier run of the same job was; None where it begins anew.

        The parts of runs by other recipes or of other inputs stay for `--resume`, until the output is there.
        """
        if not self.resumes:
            forget_parts(self._target)
            return None
        for other in parts_of(self._target):
            if other != self._file:
                self._tell_of(other)
        said = _said_in(self._file)
        if said is None:
            log.info("%s is begun at its first row: no earlier run has left a part of it", self._target)
            return None
        reached = self._reached(said)
        self._is_noted = reached is not None
        if reached is None:
            _forget(self._file)
        else:
            self._rows = reached.row
        return reached

    def _tell_of(self, other: Path) -> None:
        said = _said_in(other)
        if said is None or not _is_there(said):
            _forget(other)
            return
        log.warning(
            "%s: an earlier run has left %s rows of it, by another filter, other options or of another input; they stay"
            " for the same command with these, until this one is done",
            self._target,
            said.get("row"),
        )

    def save(self, strips: Followed, partial: Path, state: Callable[[], dict[str, Any] | None]) -> None:
        """Note that one more strip is written, and how far it all is, unless the last note is still on its way.

        `state` returns that of the writer, once the system has all that is written; None where rows wait in it.
        """
        self._written += 1
        if not self._is_kept or (self._flushing is not None and self._flushing.is_alive()):
            return
        said = state()
        if said is None:
            return
        frame, row = strips.ends[self._written - 1]
        count = len(strips.tallies) - len(strips.ends) + self._written
        text = json.dumps(
            {
                "about": self._about,
                "partial": str(partial.absolute()),
                "size": partial.stat().st_size,  # of a folder, that of its list of names
                "frame": frame,
                "row": row,
                "tallies": strips.tallies[:count],
                "notes": [[note.code, note] for note in strips.notes],
                "state": said,
            }
        )
        self._flushing = Thread(target=self._flush, args=(partial, text, row), daemon=True)
        self._flushing.start()

    def is_noted(self) -> bool:
        """Return whether another run can go on with what is written, once the last note had a moment to arrive."""
        if self._flushing is not None:
            self._flushing.join(_MOMENT)
        return self._is_noted

    def tell_rest(self) -> None:
        """Tell how far a run has come that ends before its end, where another can go on with what is written."""
        if self.resumes and self.is_noted():
            log.warning("%s: %d rows are done; the same command goes on with them", self._target, self._rows)

    def forget(self) -> None:
        """Remove the note, and all that is left of other runs: the output is there."""
        if self._flushing is not None:
            self._flushing.join()
        with suppress(OSError):  # of a folder of state that cannot be used; the output is there all the same
            self._file.unlink()
        forget_parts(self._target)

    def _flush(self, partial: Path, text: str, row: int) -> None:
        # Whoever cannot write it has lost no more than time.
        with suppress(OSError):
            flush_partial(partial)
            self._file.parent.mkdir(parents=True, exist_ok=True)
            new = self._file.with_suffix(f".{os.getpid()}")
            new.write_text(text, encoding="utf-8")
            new.replace(self._file)
            self._is_noted, self._rows = True, row

    def _reached(self, said: dict[str, Any]) -> Reached | None:
        if said.get("about") != self._about:
            log.warning("%s is begun anew: its input is not what it was", self._target)
            return None
        try:
            partial = adopted(Path(said["partial"]), at_least=said["size"])
            notes = tuple(Note(*each) for each in said["notes"])
            tallies = tuple(Tally(*each) for each in said["tallies"])
            found = partial and Reached(said["frame"], said["row"], tallies, notes, partial, said["state"])
        except (KeyError, TypeError, OSError):
            found = None
        if found is None:
            log.warning("%s is begun anew: the part of it is gone", self._target)
        else:
            log.info("%s goes on at row %d", self._target, found.row)
        return found


def parts_of(target: Place) -> list[Path]:
    """Return the notes on what earlier runs have left of an output."""
    return sorted(_folder().glob(f"{_hashed(resolved(target))}-*.json"))


def forget_parts(target: Place) -> None:
    """Remove the parts of an output, and the notes on them: the output is there, or begun anew."""
    for file in parts_of(target):
        _forget(file)


def _forget(file: Path) -> None:
    with suppress(KeyError, TypeError, ValueError):
        remove_partial(Path((_said_in(file) or {})["partial"]))
    with suppress(OSError):
        file.unlink()


def _said_in(file: Path) -> dict[str, Any] | None:
    try:
        said = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _is_there(said: dict[str, Any]) -> bool:
    try:
        return Path(said["partial"]).exists()
    except (KeyError, TypeError, ValueError, OSError):
        return False


def _folder() -> Path:
    return user_folder("state") / "strips"


def _hashed(text: str) -> str:
    return hashlib.sha256(os.fsencode(text)).hexdigest()[:32]
