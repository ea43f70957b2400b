"""Voice: how the command speaks to a person, on stderr."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, TypeVar, cast

from convcli.errors import ConvcliError, FilterError, printable
from convcli.lazy import dataclass
from convcli.words import without_secrets

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn

T = TypeVar("T")  # before Python 3.12 there is no shorter way

_INDENT = 2  # of an excerpt
_STYLES = {"error": "bold red", "warning": "yellow", "help": "cyan"}


_live: list[Console] = []  # of which the last has something that changes in place
_unread: list[BrokenPipeError] = []  # what ends the command once its files are written
_outlasting: list[None] = []  # work that goes on though nobody reads stderr


@dataclass(frozen=True)
class Voice:
    """Lines and progress on stderr."""

    quiet: bool = False  # errors only
    verbose: bool = False  # details too
    debug: bool = False  # the traceback of an error too

    @property
    def shows_progress(self) -> bool:
        """True where stderr is a terminal, unless quiet."""
        return not self.quiet and sys.stderr.isatty()

    def say(self, text: str) -> None:
        """Print a line."""
        if not self.quiet:
            _print("", text)

    def detail(self, text: str) -> None:
        """Print a line if verbose."""
        if self.verbose:
            self.say(text)

    def warn(self, text: str) -> None:
        """Print a warning."""
        if not self.quiet:
            _print("warning", text)

    def error(self, error: ConvcliError) -> None:
        """Print an error and its hint, even if quiet."""
        if self.debug:
            for line in "".join(traceback.format_exception(error)).splitlines():
                _print("", line, wraps=False)
        _print("error", error.headline)
        excerpt = error.excerpt if isinstance(error, FilterError) else ""
        for line in _fitting(excerpt.splitlines()):
            _print("", f"  {line}", wraps=False)
        if error.hint:
            _print("help", error.hint)

    @contextmanager
    def telling_of_filters(self) -> Iterator[None]:
        """Print what is logged meanwhile about filters that are read."""
        with self.relaying("convcli.catalog"), self.relaying("convcli.exchange"):
            yield

    @contextmanager
    def relaying(self, logger: str, *, once: bool = False, level: int = logging.INFO) -> Iterator[None]:
        """Print what a logger logs meanwhile from a level on, each line once; where `once`, the first line alone."""
        source, relay = logging.getLogger(logger), _Relay(self, once=once)
        before = source.level
        source.addHandler(relay)
        source.setLevel(level)
        try:
            yield
        finally:
            source.removeHandler(relay)
            source.setLevel(before)

    @contextmanager
    def counting(self, logger: str, label: str) -> Iterator[None]:
        """Show how far something is, with a bar on a terminal: a logger logs the number and the count of all as `args`.

        Not where another bar is shown.
        """
        if not self.shows_progress or _live:
            yield
            return
        source, counter = logging.getLogger(logger), _Counter(label)
        before = source.level
        source.addHandler(counter)
        source.setLevel(logging.INFO)
        try:
            yield
        finally:
            source.removeHandler(counter)
            source.setLevel(before)
            counter.end()

    def progress(self, steps: Iterable[T], total: int | None, label: str) -> Generator[T]:
        """Pass steps on, with a progress bar where stderr is a terminal and there is more than one; None for many."""
        if (total is not None and total < 2) or not self.shows_progress:
            yield from steps
            return
        from rich.progress import Progress

        # What goes to stdout is not for the terminal of the bar.
        with (
            live_console() as console,
            Progress(*_columns(), console=console, transient=True, redirect_stdout=False) as bar,
        ):
            task = bar.add_task(label, total=total)
            for step in steps:
                yield step
                bar.advance(task)


@contextmanager
def outlasting_readers() -> Iterator[None]:
    """Go on where stderr is a pipe that nobody reads any more, as of `| head`; then raise its BrokenPipeError."""
    if not _outlasting:
        _unread.clear()
    _outlasting.append(None)
    try:
        yield
    finally:
        _outlasting.pop()
    if _unread and not _outlasting:
        raise _unread.pop()


@contextmanager
def live_console() -> Iterator[Console]:
    """Yield a console on stderr for something that changes in place; lines are printed above it meanwhile."""
    from rich.console import Console

    _live.append(Console(stderr=True))
    try:
        yield _live[-1]
    finally:
        _live.pop()


class _Relay(logging.Handler):
    def __init__(self, voice: Voice, *, once: bool) -> None:
        super().__init__()
        self._voice = voice
        self._once = once
        self._printed: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if text not in self._printed and not (self._once and self._printed):
            self._printed.add(text)
            (self._voice.warn if record.levelno >= logging.WARNING else self._voice.say)(text)


class _Counter(logging.Handler):
    """A bar that begins with the first record."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self._label = label
        self._shown = ExitStack()
        self._bar: Progress | None = None

    def emit(self, record: logging.LogRecord) -> None:
        number, total = cast(tuple[int, int], record.args)
        if self._bar is None:
            from rich.progress import Progress

            console = self._shown.enter_context(live_console())
            bar = Progress(*_columns(), console=console, transient=True, redirect_stdout=False)
            self._bar = self._shown.enter_context(bar)
            self._bar.add_task(self._label)
        self._bar.update(self._bar.task_ids[0], completed=number, total=total or None)

    def end(self) -> None:
        self._shown.close()


def _columns() -> tuple[ProgressColumn, ...]:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

    return TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()


def _fitting(excerpt: list[str]) -> list[str]:
    """Return a text and the carets below it, on a terminal as much of both as there is room for beside the carets."""
    if len(excerpt) != 2 or not sys.stderr.isatty():
        return excerpt
    from convcli.report.layout import width_of

    text, carets = excerpt
    room = width_of(sys.stderr) - _INDENT
    begin = max(0, min(len(text) - room, len(carets) - 2 * room // 3))
    return [text[begin : begin + room], carets[begin : begin + room]]


def _print(label: str, text: str, *, wraps: bool = True) -> None:
    text = printable(without_secrets(" ".join(text.splitlines())))  # a file name may hold any character
    if sys.stderr.isatty():
        # Rich takes 30 ms to import; it handles NO_COLOR and the terminals of every system.
        from rich.console import Console
        from rich.text import Text

        from convcli.report.layout import paragraph

        console = _live[-1] if _live else Console(stderr=True)
        whole = f"{label}: {text}" if label else text
        line = Text("\n".join(paragraph(whole, console.width)) if wraps and whole.strip() else whole)
        if label:
            line.stylize(_STYLES[label], 0, len(label) + 2)
        console.print(line, highlight=False, soft_wrap=True)
        return
    try:
        print(f"{label}: {text}" if label else text, file=sys.stderr)  # noqa: T201 - no other line is printed
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            if not _outlasting:
                raise
            _unread.append(error)
        # The log is on a full disk; the pictures do not depend on it. Without this Python would fail once more as it
        # ends, with an exit code of its own.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
