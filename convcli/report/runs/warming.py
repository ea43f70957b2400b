"""How the compiling of loops goes on, and what came of it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from convcli.engine import CompiledCode, Sample, compiled_code, warm_up
from convcli.report.voice import Voice


@dataclass(frozen=True)
class Warming:
    """What came of it.

    Parameters
    ----------
    loops
        Names of the loops that can be used at once now.
    compiled
        How many of them had to be compiled.
    seconds
        That it took.
    kept
        Where they are.
    """

    loops: frozenset[str]
    compiled: int
    seconds: float
    kept: CompiledCode

    def sentence(self) -> str:
        """Return what was done."""
        count = len(self.loops)
        if not self.compiled:
            return f"all {count} loops were compiled already; they are kept in {self.kept.folder}"
        done = f"compiled {self.compiled} loops in {self.seconds:.0f} s"
        if self.compiled < count:
            done += f", {count - self.compiled} were there already"
        return f"{done}; they are kept in {self.kept.folder}" if self._missing < count else done

    def notes(self) -> list[str]:
        """Return what the user should know of."""
        if not self._missing:
            return []
        return [f"{self._missing} loops are not kept: {self.kept.folder} cannot be written; set NUMBA_CACHE_DIR"]

    def as_json(self) -> str:
        """Return one JSON object."""
        facts = {
            "loops": len(self.loops),
            "compiled": self.compiled,
            "kept": len(self.loops) - self._missing,
            "seconds": round(self.seconds, 3),
            "folder": str(self.kept.folder),
        }
        return json.dumps(facts, indent=2, ensure_ascii=False)

    @property
    def _missing(self) -> int:
        return len(self.loops - self.kept.loops)


def warmed(wanted: Sequence[Sample], voice: Voice) -> Warming:
    """Compile loops, with a progress bar while someone watches."""
    start = time.perf_counter()
    compiled = sum(_watched(warm_up(wanted), len(wanted), voice))
    return Warming(frozenset(each.loop for each in wanted), compiled, time.perf_counter() - start, compiled_code())


def _watched(steps: Iterable[bool], total: int, voice: Voice) -> Iterator[bool]:
    if not voice.shows_progress:
        yield from steps
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("compiling", total=total)
        for step in steps:
            yield step
            bar.advance(task)
