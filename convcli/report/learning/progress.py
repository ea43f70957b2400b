"""Progress of learning: a line every so many steps, or a bar of the hypotheses on a terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from convcli.report.voice import Voice, live_console

if TYPE_CHECKING:
    from rich.progress import Progress

_SHOWN_EVERY = 0.1  # seconds


class LearningWatcher:
    """Prints the loss every so many steps, and after the last; nothing if `every` is None."""

    def __init__(self, voice: Voice, every: int | None) -> None:
        self._voice, self._every = voice, every
        self._last = -1

    def pair(self, index: int, total: int, name: str) -> None:
        """Ignore that pair `index` (from 0) of `total` is being read."""

    def hypothesis(self, name: str, share: float, psnr: float) -> None:
        """Ignore that a hypothesis is judged."""

    def step(self, step: int, loss: float) -> None:
        """Print the loss of every so many steps."""
        if self._every is not None and step > 0 and step % self._every == 0:
            self._last = step
            self._voice.say(f"step {step}  loss {loss:.4g}")

    def end(self, steps: int, loss: float) -> None:
        """Print the loss after the last step unless it is printed already."""
        if self._every is not None and steps != self._last:
            self._voice.say(f"step {steps}  loss {loss:.4g}")


class _LiveWatcher(LearningWatcher):
    """Shows on one line the pair that is read, the hypotheses with the best of them so far, then the loss."""

    def __init__(self, voice: Voice, bar: Progress) -> None:
        super().__init__(voice, None)
        self._bar = bar
        self._task = bar.add_task("reading", total=None, best="")
        self._shown = 0.0

    def pair(self, index: int, total: int, name: str) -> None:
        self._show(f"reading pair {index + 1} of {total}{f': {name}' if name else ''}")

    def hypothesis(self, name: str, share: float, psnr: float) -> None:
        self._bar.update(self._task, total=1, completed=share, best=f"best so far {psnr:.1f} dB")
        self._show(name)

    def step(self, step: int, loss: float) -> None:
        self._show(f"step {step}, loss {loss:.4g}")

    def _show(self, text: str) -> None:
        now = time.monotonic()
        if now - self._shown >= _SHOWN_EVERY:
            from rich.markup import escape

            self._shown = now
            self._bar.update(self._task, description=escape(text))


@contextmanager
def watch_learning(voice: Voice, every: int | None) -> Iterator[LearningWatcher]:
    """Yield a watcher of learning: a live one on a terminal, unless lines are wanted."""
    if every is not None or not voice.shows_progress:
        yield LearningWatcher(voice, every)
        return
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (BarColumn(20), TextColumn("{task.description}"), TextColumn("{task.fields[best]}", style="cyan"))
    with live_console() as console, Progress(*columns, console=console, transient=True, redirect_stdout=False) as bar:
        yield _LiveWatcher(voice, bar)
