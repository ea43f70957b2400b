"""Temporary files: each is held by its writer, and one whose writer was killed is removed by the next run.

Held means locked, in a way that the system undoes when the writer ends, however it ends. Neither a process number,
which another process gets in time, nor the age of a file would tell as much.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

if sys.platform != "win32":
    import fcntl

_PREFIX = ".convcli-"
_NAME = re.compile(rf"{re.escape(_PREFIX)}[0-9a-f]{{16}}\.tmp")

_looked_into: set[Path] = set()


@contextmanager
def temporary_beside(target: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """Make a temporary file in the folder of `target`, held until it is renamed or, failing that, removed.

    Yields
    ------
    (path, stream)
        Where it is, and what writes to it and reads from it.
    """
    remove_leftovers(target.parent)
    while True:
        # Not by tempfile, whose files nobody but their owner can read: here the umask decides, as for any new file.
        path = target.parent / f"{_PREFIX}{os.urandom(8).hex()}.tmp"
        try:
            with path.open("x+b") as stream:
                if _hold(stream):
                    yield path, stream
                    return
        finally:
            path.unlink(missing_ok=True)


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files of writers that were killed, the first time that this process writes to a folder.

    Only files that are called as ours are, are plain files of this user, and that nobody holds. Windows has other
    locks: there they stay.
    """
    if sys.platform == "win32" or folder in _looked_into:
        return
    _looked_into.add(folder)
    try:
        names = os.listdir(folder)  # noqa: PTH208 - names alone: a folder may hold very many
    except OSError:  # none, or one that may not be read: whoever writes to it will hear why
        return
    for name in names:
        if name.startswith(_PREFIX) and _NAME.fullmatch(name):
            with suppress(OSError):  # it is held, or gone, or may not be removed
                _remove(folder / name)


def _hold(stream: IO[bytes]) -> bool:
    """Lock a file that was just made, and say whether it is still there."""
    if sys.platform == "win32":
        return True
    with suppress(OSError):  # a file system without locks, on which no file is taken for a leftover either
        fcntl.flock(stream, fcntl.LOCK_EX)
    # A run that begins may have come between the making and the locking, and taken it for a leftover.
    return os.fstat(stream.fileno()).st_nlink > 0


def _remove(path: Path) -> None:
    if sys.platform == "win32":
        return
    # Neither a link is followed, nor a pipe waited for, whatever bears such a name.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid():
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()  # while it is held, so that a writer that was about to hold it finds out
    finally:
        os.close(descriptor)
