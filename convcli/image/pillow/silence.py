"""Keeping off the terminal what libraries say of a file: what there is to say of it is said in one line."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_STDERR = 2


def keep_log_quiet(library: str) -> None:
    """Have what a library logs go to whoever listens, and else nowhere: Python would print it on stderr."""
    log = logging.getLogger(library)
    if not log.handlers:
        log.addHandler(logging.NullHandler())


class _Stderr:
    """The process's stderr, turned away while one thread or several decode with a library that writes to it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._kept: int | None = None

    def turn_away(self) -> None:
        with self._lock:
            self._users += 1
            if self._users > 1:
                return
            if sys.__stderr__ is None:  # closed by who started us, so that the number may be that of a picture
                return
            self._kept = os.dup(_STDERR)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, _STDERR)
            os.close(nowhere)

    def turn_back(self) -> None:
        with self._lock:
            self._users -= 1
            if not self._users and self._kept is not None:
                os.dup2(self._kept, _STDERR)
                os.close(self._kept)
                self._kept = None


_stderr = _Stderr()


@contextmanager
def without_stderr() -> Iterator[None]:
    """Let nothing through to stderr, for a library that writes there past Python, as libtiff does.

    It holds for the whole process, so that it has to be short; errors of ours are printed when decoding has ended.
    """
    _stderr.turn_away()
    try:
        yield
    finally:
        _stderr.turn_back()
