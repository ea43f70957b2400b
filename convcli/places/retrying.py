"""Requests that are tried again, with backoff, and what becomes of those that fail for good."""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from convcli.errors import FileError
from convcli.places.remote import PLACES_LOGGER, Remote
from convcli.words import without_secrets

# Seconds before each further try: together as long as a server takes to start again.
PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)

log = logging.getLogger(PLACES_LOGGER)

T = TypeVar("T")


class Trouble(NamedTuple):
    """A request that failed: the reason, as it follows the name of a file, and what to do."""

    reason: str
    hint: str = ""
    passes: bool = False  # another try may do better


def patiently(
    request: Callable[[], T],
    place: Remote,
    trouble_of: Callable[[Exception, Remote], Trouble],
    error: type[FileError],
) -> T:
    """Return what a request returns, tried again while its trouble may pass; raise `error` with one line otherwise."""
    for count, pause in enumerate((*PAUSES, None), start=1):
        try:
            return request()
        except (FileError, MemoryError):
            raise
        except Exception as failure:  # the libraries raise a dozen kinds, and do not say which
            trouble = _no_room(failure) or trouble_of(failure, place)
            if pause is None or not trouble.passes:
                tries = f", {count} times" if count > 1 else ""
                raise error(f"{place}{trouble.reason}{tries}", trouble.hint) from quoted(failure)
            log.info("%s%s: tried again in %.1f s (%d of %d)", place, trouble.reason, pause, count, len(PAUSES))
            from random import uniform  # here, since few ask for it

            time.sleep(pause * uniform(0.75, 1.25))  # so that not all processes come back at once
    raise AssertionError  # the last pause is None


def _no_room(failure: Exception) -> Trouble | None:
    """Return the trouble of a full disk here, on which large files are on their way."""
    if isinstance(failure, OSError) and failure.errno in (errno.ENOSPC, errno.EDQUOT):
        return Trouble(": no space is left here for what is on its way", "make room, or set TMPDIR to another folder")
    return None


def quoted(failure: Exception) -> Exception:
    """Return an error for tracebacks, which says what a library said in its first line, without secrets."""
    text = str(failure).partition("\n")[0]
    return RuntimeError(f"{type(failure).__name__}: {without_secrets(text)}")
