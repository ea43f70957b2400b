"""A record that several runs add lines to, and one puts a shorter one in the place of."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from convcli.jobs.many.record import Lines

if sys.platform != "win32":
    import fcntl


@contextmanager
def appending(file: Path) -> Iterator[int]:
    """Open a record to add a line, while no other run puts a shorter one in its place."""
    while True:
        descriptor = os.open(file, os.O_WRONLY | os.O_APPEND)
        try:
            if sys.platform != "win32":
                fcntl.flock(descriptor, fcntl.LOCK_SH)
            if os.path.samestat(os.fstat(descriptor), file.stat()):
                yield descriptor
                return
        finally:
            os.close(descriptor)


def compact(file: Path, largest: int) -> None:
    """Leave out of a record of more bytes all lines but the latest of each file, and of each run.

    Those of files that are missing stay: a disk may be away for a while, and what is forgotten is filtered twice.
    """
    if sys.platform == "win32" or file.stat().st_size < largest:
        return
    with file.open("rb") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # other runs add to it
            return
        lines = Lines(stream)
        new = file.with_suffix(".new")
        with new.open("wb") as shorter:
            for text in lines.needed():
                shorter.write(b"\n" + text.strip() + b"\n")
            shorter.flush()
            os.fsync(shorter.fileno())
        new.replace(file)
