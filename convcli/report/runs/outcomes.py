"""The outcomes of a batch: lines, JSON, a summary."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Sequence

from convcli.errors import OutputRefused
from convcli.jobs import DRY_RUN, Done, Failed, Outcome, PassedOver, Skipped
from convcli.report.voice import Voice
from convcli.words import counted

_NUMBER = re.compile(r"\d[\d.\N{NO-BREAK SPACE}]*(?<=\d)")
_MOST_NOTES = 3  # of a kind, each of another file; and refused outputs
_MOST_NAMES = 5  # of files that failed


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
            "error": outcome.error.headline if isinstance(outcome, Failed) else None,
            "notes": [{"code": note.code, "text": note} for note in done.notes] if done else [],
        }
        | ({"frames": frames} if frames > 1 else {})
        | ({"strips": done.strips} if done and done.strips > 1 else {})
    )


def report_outcome(outcome: Outcome, voice: Voice, *, alone: bool, notes: Sequence[str] | None = None) -> None:
    """Print the outcome of one file; if it is not alone, only errors and warnings, unless verbose.

    The warnings are `notes`; or for None, and if verbose, all those of the file.
    """
    match outcome:
        case Failed():
            voice.error(outcome.error)
        case Done():
            for note in outcome.notes if notes is None or voice.verbose else notes:
                voice.warn(f"{outcome.job.source_name}: {note}")
            (voice.say if alone else voice.detail)(_done_line(outcome, verbose=voice.verbose))
        case Skipped(reason=reason) if reason == DRY_RUN:
            more = " …" if outcome.job.each else ""
            frames = f" ({outcome.frames} frames)" if outcome.frames > 1 else ""
            voice.say(f"would {'replace' if outcome.job.is_in_place else 'write'} {_names(outcome)}{more}{frames}")
        case Skipped(reason=reason):
            (voice.say if alone else voice.detail)(f"skipped {outcome.job.source_name}: {reason}")


def _done_line(outcome: Done, *, verbose: bool) -> str:
    height, width = outcome.size
    more = f" and {outcome.files - 1} more" if outcome.files > 1 else ""
    frames = f", {outcome.frames} frames" if outcome.frames > 1 else ""
    strips = f", {outcome.strips} strips" if outcome.strips > 1 else ""
    engine = f", {outcome.engine}" if verbose else ""
    return f"{_names(outcome)}{more} ({width}×{height}{frames}{strips}, {outcome.seconds:.2f} s{engine})"


def _names(outcome: Outcome) -> str:
    job = outcome.job
    return job.source_name if job.is_in_place else f"{job.source_name} → {job.target_name}"


def _kind_of(note: str) -> str:
    """Return a note without its numbers and its advice."""
    return _NUMBER.sub("…", note.partition(";")[0])


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

    def __init__(self) -> None:
        self._failed: list[str] = []
        self._notes: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()  # outputs, by the hint
        self._counts: Counter[str] = Counter()
        self._start = time.perf_counter()

    def add(self, outcome: Outcome) -> None:
        """Count one file."""
        # A file that is mended changes nothing about an output that exists.
        if isinstance(outcome, Failed) and not isinstance(outcome.error, OutputRefused):
            self._failed.append(outcome.job.source_name)
        dry = isinstance(outcome, Skipped) and outcome.reason == DRY_RUN
        self._counts["to do" if dry else type(outcome).__name__.lower()] += 1

    @property
    def count(self) -> int:
        """The number of files."""
        return self._counts.total()

    @property
    def failed(self) -> int:
        """The number of files that failed."""
        return self._counts["failed"]

    def sentence(self, passed_over: PassedOver, total: int) -> str:
        """Return the counts, those of files in folders that are no input, and the seconds since the summary was made.

        Of the `total` files of the batch, those that are not counted are not begun.
        """
        statuses = ("to do", "done", "skipped", "failed")
        parts = [f"{self._counts[status]} {status}" for status in statuses if self._counts[status]]
        if total > self._counts.total():
            parts.append(f"{total - self._counts.total()} not begun")
        parts += passed_over_texts(passed_over)
        return f"{', '.join(parts)} in {time.perf_counter() - self._start:.1f} s"

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

    def new_notes(self, outcome: Outcome) -> list[str]:
        """Return the notes on a file of which few other files had the like; the others are counted."""
        notes = outcome.notes if isinstance(outcome, Done) else ()
        self._notes.update({_kind_of(note) for note in notes})
        return [note for note in notes if self._notes[_kind_of(note)] <= _MOST_NOTES]

    def further_notes(self) -> list[str]:
        """Return how many more files had a note of each kind."""
        more = {kind: count - _MOST_NOTES for kind, count in self._notes.items()}
        return [f"{counted(count, 'more file')}: {kind} (-v names them)" for kind, count in more.items() if count > 0]

    def advice(self, passed_over: PassedOver) -> list[str]:
        """Return what can be done about files that failed, whose errors may be far above, and about arrays."""
        lines = []
        if self._failed:
            more = len(self._failed) - _MOST_NAMES
            names = ", ".join(sorted(self._failed)[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
            lines.append(f"failed: {names}; once mended, the same command with --resume does the rest")
        if passed_over.arrays:
            lines.append("arrays beside pictures are filtered where they are named")
        return lines
