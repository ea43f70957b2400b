"""Voice: how the command speaks to a person, on stderr."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from convcli.errors import ConvcliError, FilterError, printable

_STYLES = {"error": "bold red", "warning": "yellow", "help": "cyan"}


@dataclass(frozen=True)
class Voice:
    """Lines on stderr, as many as asked for.

    Parameters
    ----------
    quiet
        Errors only.
    verbose
        Details too.
    debug
        The traceback of an error too.
    """

    quiet: bool = False
    verbose: bool = False
    debug: bool = False

    @property
    def shows_progress(self) -> bool:
        """Whether someone watches: stderr is a terminal, and quiet was not asked for."""
        return not self.quiet and sys.stderr.isatty()

    def say(self, text: str) -> None:
        """Say what was done."""
        if not self.quiet:
            _print("", text)

    def detail(self, text: str) -> None:
        """Say what only those want to know who asked."""
        if self.verbose and not self.quiet:
            _print("", text)

    def warn(self, text: str) -> None:
        """Say what the user should know of."""
        if not self.quiet:
            _print("warning", text)

    @contextmanager
    def repeating(self, logger: str) -> Iterator[None]:
        """Say for a while what a room below tells the log, each line once."""
        source, teller = logging.getLogger(logger), _Teller(self)
        level = source.level
        source.addHandler(teller)
        source.setLevel(logging.INFO)
        try:
            yield
        finally:
            source.removeHandler(teller)
            source.setLevel(level)

    def error(self, error: ConvcliError) -> None:
        """Say what went wrong and what to do instead; quiet does not silence it."""
        if self.debug:
            traceback.print_exception(error)
        _print("error", str(error))
        excerpt = error.excerpt if isinstance(error, FilterError) else ""
        for line in excerpt.splitlines():
            _print("", f"  {line}")
        if error.hint:
            _print("help", error.hint)


class _Teller(logging.Handler):
    def __init__(self, voice: Voice) -> None:
        super().__init__()
        self._voice = voice
        self._said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if text not in self._said:
            self._said.add(text)
            self._voice.say(text)


def _print(label: str, text: str) -> None:
    text = printable(" ".join(text.splitlines()))  # names of files may hold anything
    if not sys.stderr.isatty():
        _print_plain(f"{label}: {text}" if label else text)
        return
    # Rich costs 30 ms to import, and knows the terminals of every system and NO_COLOR.
    from rich.console import Console
    from rich.text import Text

    line = Text.assemble((f"{label}: ", _STYLES[label]), text) if label else Text(text)
    Console(stderr=True, highlight=False, soft_wrap=True).print(line)


def _print_plain(text: str) -> None:
    try:
        print(text, file=sys.stderr)  # noqa: T201 - this is where lines are printed
    except BrokenPipeError:
        raise
    except OSError:
        # A log on a full disk takes no more lines. No one is left to be told, and the pictures do not depend on it.
        # Python would fail once more as it ends, with an exit code of its own.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
