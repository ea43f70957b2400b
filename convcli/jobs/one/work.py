"""Jobs and their outcomes: the file to read, the file to write, and the result.

Named tuples here and beside are imported in a sixth of the time of frozen dataclasses: 0.2 ms, not 1.3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from convcli.errors import ConvcliError
from convcli.image import Format
from convcli.jobs.paths import resolved
from convcli.note import Note
from convcli.places import Place, State

DRY_RUN = "dry run"


class Job(NamedTuple):
    """One file to read, and the file or files to write.

    `source` and `target` are None for standard input and output. `format` is that of the output; None for the one that
    suits it: CSV for an array, PNG for a picture. With `makes_folder` the target's folder is made where it is missing,
    with `each` every output channel is written to a file of its own, named after the target: `numbered`. `own` are
    files of an earlier run of the same batch, `resolved`, which may be overwritten; a file that is replaced is one of
    them if an earlier run has made it, and is replaced only as it was `seen` (`version_of`).
    """

    source: Place | None
    target: Place | None
    format: Format | None = None
    makes_folder: bool = False
    each: bool = False
    own: frozenset[str] = frozenset()
    seen: tuple[int, int | str] | None = None

    @property
    def source_name(self) -> str:
        """The source in messages."""
        return "stdin" if self.source is None else str(self.source)

    @property
    def is_in_place(self) -> bool:
        """True where the output takes the place of the input."""
        return self.source is not None and self.source == self.target

    @property
    def target_name(self) -> str:
        """The target in messages: the first, where there are several."""
        return "stdout" if self.target is None else str(self.numbered(0))

    def numbered(self, channel: int) -> Place:
        """Return the file of an output channel: ``name-0.png`` for ``name.png``, or the one of all channels."""
        assert self.target is not None  # standard output has no channels of its own
        return self.target.with_stem(f"{self.target.stem}-{channel}") if self.each else self.target

    def owns(self, output: Place) -> bool:
        """Return whether an output is left from an earlier run of this batch, and may be overwritten."""
        return bool(self.own) and resolved(output) in self.own


# Called just before an output takes its name, as `write_whole` does it: its job, its place, the state of its source
# before that was read, and its own. Where another machine writes it, called before that begins, and when it has failed,
# with `BEGUN` or `FAILED` in place of its state.
OnOutput = Callable[[Job, Place, State, State], None]


class Done(NamedTuple):
    """The output is written, in `seconds` from opening the source.

    Its `size` is (height, width) in pixels, `clipped` the share of the values that did not fit, 0 to 1. The notes are
    warnings, one sentence each; `files` were written, each of so many frames or pages, in `strips`.
    """

    job: Job
    seconds: float
    size: tuple[int, int]
    clipped: float
    engine: str
    notes: tuple[Note, ...] = ()
    files: int = 1
    frames: int = 1
    strips: int = 1


class Skipped(NamedTuple):
    """Nothing was written, as asked; `frames` would have been, where they were counted."""

    job: Job
    reason: str
    frames: int = 1


class Failed(NamedTuple):
    """Nothing was written, because of an error."""

    job: Job
    error: ConvcliError


Outcome = Done | Skipped | Failed
