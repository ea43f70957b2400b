"""Silence for libraries that write to stderr or log; errors and notes have one line each instead."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_STDOUT, _STDERR = 1, 2


def silence_log(library: str) -> None:
    """Have the log of a library printed nowhere by default; Python would print it on stderr."""
    log = logging.getLogger(library)
    if not log.handlers:
        log.addHandler(logging.NullHandler())


class _Redirected:
    """A stream of the process, which goes nowhere while one thread or more decode with a library that writes to it."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._lock = threading.Lock()
        self._users = 0
        self._saved: int | None = None

    @contextmanager
    def redirected(self) -> Iterator[None]:
        """Suppress the stream, for a library that writes there past Python, as libtiff does.

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
            # None where the parent closed it: its descriptor may now belong to a picture.
            if self._users > 1 or (sys.__stderr__ if self._number == _STDERR else sys.__stdout__) is None:
                return
            self._saved = os.dup(self._number)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._number)
            os.close(nowhere)

    def _restore(self) -> None:
        with self._lock:
            self._users -= 1
            if not self._users and self._saved is not None:
                if self._number == _STDOUT:
                    _flush_buffers_of_c()
                os.dup2(self._saved, self._number)
                os.close(self._saved)
                self._saved = None


def _flush_buffers_of_c() -> None:
    """Have what a library wrote leave its buffers now, and not at the end of the process."""
    import ctypes  # here, for such libraries alone

    ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None).fflush(None)


without_stderr = _Redirected(_STDERR).redirected
# Only where no other thread writes a result meanwhile.
without_stdout = _Redirected(_STDOUT).redirected
