"""Silence for libraries that write to stderr or log; errors and notes have one line each instead."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_STDERR = 2


def silence_log(library: str) -> None:
    """Have the log of a library printed nowhere by default; Python would print it on stderr."""
    log = logging.getLogger(library)
    if not log.handlers:
        log.addHandler(logging.NullHandler())


class _Stderr:
    """The process's stderr, redirected to nowhere while one thread or more decode with a library that writes to it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._saved: int | None = None

    @contextmanager
    def redirected(self) -> Iterator[None]:
        """Suppress stderr, for a library that writes there past Python, as libtiff does.

        It holds for the whole process, so that it has to be short; our own errors are printed when decoding has ended.
        """
        self._redirect()
        try:
            yield
        finally:
            self._restore()

    def _redirect(self) -> None:
        with self._lock:
            self._users += 1
            # None where the parent closed it: descriptor 2 may now belong to a picture.
            if self._users > 1 or sys.__stderr__ is None:
                return
            self._saved = os.dup(_STDERR)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, _STDERR)
            os.close(nowhere)

    def _restore(self) -> None:
        with self._lock:
            self._users -= 1
            if not self._users and self._saved is not None:
                os.dup2(self._saved, _STDERR)
                os.close(self._saved)
                self._saved = None


without_stderr = _Stderr().redirected
