"""The outcomes of a batch: lines, JSON, a summary."""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from copy import copy
from pathlib import Path

from convcli.errors import ConvcliError, FilterError, OutputRefused
from convcli.jobs import DRY_RUN, Done, Failed, Outcome, PassedOver, Skipped
from convcli.note import Note
from convcli.report.voice import Voice
from convcli.words import counted

_NUMBER = re.compile(r"\d[\d.\N{NO-BREAK SPACE}]*(?<=\d)")
_MOST_NOTES = 3  # of a kind, each of another file; and refused outputs
_MOST_NAMES = 5  # of files that failed
_MOST_REASONS = 10  # for which files failed: with a line for each, the summary fits a screen of 24
_FEW = 3  # files that failed, whose errors are still on the screen: they are not repeated
_REST = "the same command with --resume does the rest"


def outcome_json(outcome: Outcome) -> str:
    """Return one line of JSON, with what became of a file."""
    import json  # here, since few ask for it: 1.5 ms

    done = outcome if isinstance(outcome, Done) else None
    frames = 1 if isinstance(outcome, Failed) else outcome.frames
    return json.dumps(
        {
            "input": outcome.job.source_name,
            "output": outcome.job.target_name,
            "status": type(outcome).__name__.lower(),
            "seconds": round(done.seconds, 4) if done else None,
            "clipped": round(done.clipped, 6) if done else None,
            "engine": done.engine if done else None,
            "error": named_error(outcome).headline if isinstance(outcome, Failed) else None,
            "notes": [{"code": note.code, "text": note} for note in done.notes] if done else [],
        }
        | ({"frames": frames} if frames > 1 else {})
        | ({"strips": done.strips} if done and done.strips > 1 else {})
    )


def report_outcome(
    outcome: Outcome, voice: Voice, *, alone: bool, notes: Sequence[str] | None = None, in_one_line: bool = False
) -> None:
    """Print the outcome of one file; if it is not alone, only errors and warnings, unless verbose.

    The warnings are `notes`; or for None, and if verbose, all those of the file. With `in_one_line` that on clipped
    values stands in the line of the file.
    """
    match outcome:
        case Failed():
            voice.error(outcome.error if alone else named_error(outcome))
        case Done():
            clipped = [note for note in outcome.notes if note.code == "clipped"] if in_one_line else []
            for note in outcome.notes if notes is None or voice.verbose else notes:
                if note not in clipped:
                    voice.warn(f"{outcome.job.source_name}: {note}")
            (voice.say if alone else voice.detail)(
                _done_line(outcome, verbose=voice.verbose, more="".join(f"; warning: {note}" for note in clipped))
            )
        case Skipped(reason=reason) if reason == DRY_RUN:
            more = " …" if outcome.job.each else ""
            frames = f" ({outcome.frames} frames)" if outcome.frames > 1 else ""
            voice.say(f"would {'replace' if outcome.job.is_in_place else 'write'} {_names(outcome)}{more}{frames}")
        case Skipped(reason=reason):
            (voice.say if alone else voice.detail)(f"skipped {outcome.job.source_name}: {reason}")


def named_error(outcome: Failed) -> ConvcliError:
    """Return the error of a file, whose message names the file, its output or the file of the filter."""
    error, name = outcome.error, outcome.job.source_name
    if isinstance(error, FilterError) or name in error.headline or outcome.job.target_name in error.headline:
        return error
    named = copy(error)
    # Where Dask is imported, an error and its copy share their attributes.
    named.__dict__ = {**vars(error), "message": f"{name}: {error.message}"}
    return named


def _done_line(outcome: Done, *, verbose: bool, more: str = "") -> str:
    height, width = outcome.size
    files = f" and {outcome.files - 1} more" if outcome.files > 1 else ""
    frames = f", {outcome.frames} frames" if outcome.frames > 1 else ""
    strips = f", {outcome.strips} strips" if outcome.strips > 1 else ""
    engine = f", {outcome.engine}" if verbose else ""
    facts = f"{width}×{height}{frames}{strips}, {outcome.seconds:.2f} s{engine}{more}"
    return f"{_names(outcome)}{files} ({facts})"


def _names(outcome: Outcome) -> str:
    job = outcome.job
    return job.source_name if job.is_in_place else f"{job.source_name} → {job.target_name}"


def passed_over_texts(passed_over: PassedOver) -> list[str]:
    """Return the counts of files in folders that are no inputs, each with its reason; nothing where there are none."""
    counts = [
        (passed_over.unread, f"{passed_over.unread} of no format that convcli reads"),
        (passed_over.special, f"{counted(passed_over.special, 'special file')} left out"),
        (passed_over.arrays, f"{counted(passed_over.arrays, 'array')} left out"),
    ]
    return [text for count, text in counts if count]


class Summary:
    """Counts of outcomes, as one sentence, and advice."""

    def __init__(self, *, alone: bool = False, backups: bool = False) -> None:
        self._alone = alone  # a file whose notes are all told as they are
        self._backups = backups  # the originals of files that are replaced stay
        self._failed: dict[str, list[str]] = {}  # files, by the reason without its numbers
        self._reasons: dict[str, str] = {}  # of the first of these files, with its numbers
        self._notes: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()  # outputs, by the hint
        self._counts: Counter[str] = Counter()
        self._clipped = 0  # files with a note on it
        self._most = 0.0, "", ""  # clipped: the share, the file, and the advice on it
        self._folder: str | None = None  # around the outputs, so far; empty where there is none
        self._is_in_place = False
        self._pixels = 0
        self._start = time.perf_counter()

    def add(self, outcome: Outcome) -> None:
        """Count one file."""
        # A file that is mended changes nothing about an output that exists.
        if isinstance(outcome, Failed) and not isinstance(outcome.error, OutputRefused):
            reason = _reason(outcome)
            kind = _NUMBER.sub("…", reason)
            self._reasons.setdefault(kind, reason)
            self._failed.setdefault(kind, []).append(outcome.job.source_name)
        if isinstance(outcome, Done):
            self._add_done(outcome)
        dry = isinstance(outcome, Skipped) and outcome.reason == DRY_RUN
        self._counts["to do" if dry else type(outcome).__name__.lower()] += 1

    def _add_done(self, outcome: Done) -> None:
        height, width = outcome.size
        self._pixels += height * width * outcome.frames
        self._is_in_place = outcome.job.is_in_place
        target = outcome.job.target
        folder = "" if target is None else str(target.parent)
        if self._folder is None or not folder:
            self._folder = folder
        elif folder != self._folder:
            self._folder = _around(folder, self._folder) if isinstance(target, Path) and self._folder else ""
        for note in outcome.notes:
            if note.code == "clipped":
                self._clipped += 1
                self._most = max(self._most, (outcome.clipped, outcome.job.source_name, note.partition(";")[2]))
                break

    @property
    def count(self) -> int:
        """The number of files."""
        return self._counts.total()

    @property
    def failed(self) -> int:
        """The number of files that failed."""
        return self._counts["failed"]

    def sentence(self, passed_over: PassedOver, total: int) -> str:
        """Return the counts, those of files in folders that are no input, the speed, and where the outputs are.

        The seconds are those since the summary was made. Of the `total` files of the batch, those that are not counted
        are not begun.
        """
        statuses = ("to do", "done", "skipped", "failed")
        parts = [f"{self._counts[status]} {status}" for status in statuses if self._counts[status]]
        if total > self._counts.total():
            parts.append(f"{total - self._counts.total()} not begun")
        parts += passed_over_texts(passed_over)
        seconds = time.perf_counter() - self._start
        speed = f", {rate_text(self._pixels / seconds)}" if self._pixels and seconds > 0 else ""
        return f"{', '.join(parts)} in {seconds:.1f} s{speed}{self._place()}"

    def _place(self) -> str:
        if self._is_in_place:
            return ", each in its place" + (", the originals beside them as NAME~" if self._backups else "")
        return f" → {self._folder.rstrip('/')}/" if self._folder else ""

    def interrupted(self, total: int | None) -> str:
        """Return how far a batch of `total` files has come, where it is ended before."""
        of = "" if total is None else f" of {total}"
        return f"stopped after {self._counts.total()}{of} files; {_REST}"

    def is_told(self, outcome: Outcome) -> bool:
        """Return whether an outcome is printed: those beyond a few whose output is refused alike are counted."""
        if not isinstance(outcome, Failed) or not isinstance(outcome.error, OutputRefused):
            return True
        self._refused[outcome.error.hint] += 1
        return self._refused[outcome.error.hint] <= _MOST_NOTES

    def further_refusals(self) -> list[OutputRefused]:
        """Return how many more outputs were refused for each reason."""
        more = {hint: count - _MOST_NOTES for hint, count in self._refused.items()}
        return [
            OutputRefused(f"{counted(count, 'more output')} refused likewise (-v names them)", hint)
            for hint, count in more.items()
            if count > 0
        ]

    def new_notes(self, outcome: Outcome) -> list[Note]:
        """Return the notes on a file of which few other files had the like; the others are counted.

        Those on clipping are for one line on all files, unless the file is alone.
        """
        every = outcome.notes if isinstance(outcome, Done) else ()
        notes = [note for note in every if self._alone or note.code != "clipped"]
        self._notes.update({_kind_of(note) for note in notes})
        return [note for note in notes if self._notes[_kind_of(note)] <= _MOST_NOTES]

    def further_notes(self) -> list[str]:
        """Return one line on clipping, and how many more files had a note of each other kind."""
        more = {kind: count - _MOST_NOTES for kind, count in self._notes.items()}
        lines = [f"{counted(count, 'more file')}: {kind} (-v names them)" for kind, count in more.items() if count > 0]
        if self._clipped and not self._alone:
            share, name, advice = self._most
            most = f"{100 * share:.1f} % in {name}" if self._clipped == 1 else f"up to {100 * share:.1f} % in {name}"
            files = counted(self._clipped, "file")
            lines.append(f"values were clipped in {files}, {most}{f';{advice}' if advice else ''}")
        return lines

    def advice(self, passed_over: PassedOver) -> list[str]:
        """Return what can be done about files that failed, whose errors may be far above, and about arrays."""
        lines = list(self._failures())
        if passed_over.arrays:
            lines.append("arrays beside pictures are filtered where they are named")
        return lines

    def _failures(self) -> Iterator[str]:
        names = sorted(name for several in self._failed.values() for name in several)
        if not names:
            return
        if len(names) <= _FEW:
            yield f"failed: {_some(names)}; once mended, {_REST}"
            return
        reasons = sorted(self._failed.items(), key=lambda each: (-len(each[1]), each[0]))
        for reason, several in reasons[:_MOST_REASONS]:
            yield f"failed: {_some(sorted(several))}: {self._reasons[reason] if len(several) == 1 else reason}"
        others = sum(len(several) for _, several in reasons[_MOST_REASONS:])
        if others:
            yield f"failed: {others} more, each with its error above; --json has them all"
        yield f"once mended, {_REST}"


def _around(first: str, second: str) -> str:
    """Return the folder around two; empty where there is none, as on two disks of Windows."""
    try:
        return os.path.commonpath([first, second])
    except ValueError:
        return ""


def _some(names: list[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _reason(outcome: Failed) -> str:
    """Return the message of an error, neither with the name of the file at its beginning nor with what it contrasts."""
    return named_error(outcome).headline.removeprefix(outcome.job.source_name).lstrip(" :").partition(", though ")[0]


def rate_text(pixels: float) -> str:
    """Return pixels a second in words."""
    millions = pixels / 1e6
    return f"{millions:.{0 if millions >= 10 else 1 if millions >= 0.1 else 3}f} megapixels/s"


def _kind_of(note: str) -> str:
    """Return a note without its numbers and its advice."""
    return _NUMBER.sub("…", note.partition(";")[0])
