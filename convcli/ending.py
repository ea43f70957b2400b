"""Ending at a signal: cleanly, and within a second even while a compiler keeps Python waiting.

Python runs a handler between two of its own instructions, and one call of a compiler or of NumPy may take seconds. So a
signal raises `Ended`, which cleans up on its way; and a thread, which such calls do not keep waiting, ends the process
where that has taken too long.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, NoReturn

_SAYINGS = {"SIGINT": "interrupted", "SIGTERM": "terminated", "SIGHUP": "ended, since the terminal was closed"}
# By number; Windows has no SIGHUP.
_ENDINGS = {getattr(signal, name): saying for name, saying in _SAYINGS.items() if hasattr(signal, name)}
_SECONDS = 0.7  # that cleaning up may take
WATCHER = "signals"  # the name of the thread that watches them until the process ends
WORKER_SECONDS = 0.4  # that the cleaning up of processes may take which work for another, which waits for them

_received: list[int] = []  # the signals that this process is ending at
_said: list[int] = []  # those that were printed
_cleanups: list[Callable[[], object]] = []
_pipes: list[int] = []  # on which the numbers of signals arrive, once they are watched


class Ended(KeyboardInterrupt):
    """The process is to end at a signal."""


@contextmanager
def ending_at_signals(*, last: bool) -> Iterator[None]:
    """End at SIGINT, SIGTERM and SIGHUP by an exception; one that is ignored, as nohup does, stays ignored.

    Afterwards the handlers are as before; or, where this is the `last` that the process does, it comes to its end
    undisturbed.
    """
    _received.clear()
    _said.clear()
    before = {number: signal.getsignal(number) for number in _ENDINGS}
    numbers = [number for number, handler in before.items() if handler != signal.SIG_IGN]
    _watch(_SECONDS)
    for number in numbers:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN if last else before[number])


@contextmanager
def ending_at_once() -> Iterator[None]:
    """End at once at SIGINT and SIGTERM: there is nothing to clean up yet."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        for number, handler in before.items():
            if handler not in (signal.SIG_IGN, None):
                signal.signal(number, lambda number, _: _leave(number))
    except ValueError:  # not in the main thread, which gets no signals
        before = {}
    yield
    for number, handler in before.items():
        signal.signal(number, handler or signal.SIG_DFL)


def watch_worker() -> None:
    """End this process, which works for another, soon after a signal for which `end` is the handler, and silently."""
    _said.append(0)
    # A copy of the parent has what that watches with, but no thread that does.
    _pipes.clear()
    _cleanups.clear()
    _watch(WORKER_SECONDS / 2)


def end_at_the_end_of(pipe: int) -> None:
    """End this process, as SIGTERM does, when nobody holds the other end of a pipe any more, to which nobody writes."""
    with suppress(OSError):
        os.read(pipe, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def end(number: int, _frame: FrameType | None) -> NoReturn:
    """Raise `Ended`, once: a handler of signals."""
    for each in _ENDINGS:
        signal.signal(each, signal.SIG_IGN)  # a second one would end the cleaning up
    _received.append(number)
    # An exception is printed where it cannot be raised, as in a callback of the compiler.
    sys.unraisablehook = lambda _: None
    raise Ended


def is_ending() -> bool:
    """Return whether a signal has come."""
    return bool(_received)


def exit_code() -> int:
    """Return the code to exit with where a signal ends the process, and print a line that says so; 0 if none does."""
    if _received:
        _say(_received[0])
        return 128 + _received[0]
    return 0


@contextmanager
def cleaned_up_by(function: Callable[[], object]) -> Iterator[None]:
    """Call a function, from another thread, if the process has to end at once meanwhile."""
    _cleanups.append(function)
    try:
        yield
    finally:
        _cleanups.remove(function)


def _watch(seconds: float) -> None:
    """Start the thread that watches signals; there is none on Windows, which has no pipes that do not block."""
    if _pipes or sys.platform == "win32":
        return
    import threading

    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    _pipes.extend((reading, writing))
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    threading.Thread(target=_end_after, args=(reading, seconds), name=WATCHER, daemon=True).start()


def _end_after(reading: int, seconds: float) -> None:
    import time

    # A signal goes to any thread that does not block it; the main thread does while it starts processes.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDINGS)
    while True:
        number = os.read(reading, 1)[0]
        if number in _ENDINGS:
            time.sleep(seconds)
            # A handler of somebody else's has not asked for an end.
            if signal.getsignal(number) in (end, signal.SIG_IGN):
                _leave(number)


def _leave(number: int) -> NoReturn:
    for function in tuple(_cleanups):
        with suppress(Exception):
            function()
    with suppress(AttributeError):  # nothing of it is imported, or not all
        multiprocessing: Any = sys.modules.get("multiprocessing")
        for child in multiprocessing.active_children():
            child.terminate()
    _say(number)
    os._exit(128 + number)


def _say(number: int) -> None:
    if not _said:
        _said.append(number)
        # Over the ^C that a terminal shows, or a progress bar, which has hidden the cursor.
        before = "\x1b[2K\x1b[?25h" if "rich.progress" in sys.modules else ""
        with suppress(OSError):
            os.write(2, (f"\r{before}" * os.isatty(2) + f"{_ENDINGS[number]}\n").encode())
