"""What became of the files of a batch: lines, JSON, progress, a summary."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Generator

from convcli.jobs import DRY_RUN, Done, Failed, Outcome, Skipped
from convcli.report.voice import Voice


def as_json(outcome: Outcome) -> str:
    """Return one line of JSON: input, output, status, seconds, clipped, engine, error; frames where there are many."""
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
            "error": str(outcome.error) if isinstance(outcome, Failed) else None,
        }
        | ({"frames": frames} if frames > 1 else {})
    )


def tell(outcome: Outcome, voice: Voice, *, alone: bool) -> None:
    """Say what became of one file; of one among many only what was not to be expected."""
    job = outcome.job
    if isinstance(outcome, Failed):
        voice.error(outcome.error)
    elif isinstance(outcome, Done):
        for note in outcome.notes:
            voice.warn(f"{job.source_name}: {note}")
        height, width = outcome.size
        more = f" and {outcome.files - 1} more" if outcome.files > 1 else ""
        frames = f", {outcome.frames} frames" if outcome.frames > 1 else ""
        line = f"{job.source_name} → {job.target_name}{more} ({width}×{height}{frames}, {outcome.seconds:.2f} s"
        (voice.say if alone else voice.detail)(line + (f", {outcome.engine})" if voice.verbose else ")"))
    else:
        dry = outcome.reason == DRY_RUN
        more = " …" if job.each else ""
        frames = f" ({outcome.frames} frames)" if outcome.frames > 1 else ""
        line = (
            f"would write {job.source_name} → {job.target_name}{more}{frames}" if dry else f"skipped {job.source_name}"
        )
        (voice.say if alone or dry else voice.detail)(line if dry else f"{line}: {outcome.reason}")


def watched(outcomes: Generator[Outcome], total: int, voice: Voice) -> Generator[Outcome]:
    """Pass the outcomes on, with a progress bar while someone watches and there is more than one."""
    if total < 2 or not voice.shows_progress:
        yield from outcomes
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("filtering", total=total)
        for outcome in outcomes:
            yield outcome
            bar.advance(task)


class Summary:
    """Counts what became of the files, and says so in one sentence."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._start = time.perf_counter()

    def add(self, outcome: Outcome) -> None:
        """Count one file."""
        dry = isinstance(outcome, Skipped) and outcome.reason == DRY_RUN
        self._counts["to do" if dry else type(outcome).__name__.lower()] += 1

    @property
    def failed(self) -> int:
        """How many files failed."""
        return self._counts["failed"]

    def sentence(self, passed_over: int, total: int) -> str:
        """Return the counts and the time since the summary was made; `total`: how many files there were to do."""
        parts = [
            f"{self._counts[status]} {status}"
            for status in ("to do", "done", "skipped", "failed")
            if self._counts[status]
        ]
        if total > self._counts.total():
            parts.append(f"{total - self._counts.total()} not begun")
        if passed_over:
            parts.append(f"{passed_over} of no format that convcli reads")
        return f"{', '.join(parts)} in {time.perf_counter() - self._start:.1f} s"
