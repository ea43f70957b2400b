"""Temporary files, each locked by its writer; one whose writer was killed is removed by the next run.

The system removes the lock when the writer ends, however it ends. A process number, which is reused in time, or the
age of a file would not prove that.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO

from convcli.disk.special import is_stored_folder
from convcli.ending import cleaned_up_by

if sys.platform != "win32":
    import fcntl

_PREFIX = ".convcli-"
_NAME = re.compile(rf"{re.escape(_PREFIX)}[0-9a-f]{{16}}\.tmp")

_cleaned: set[Path] = set()


@contextmanager
def temporary_beside(target: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """Make a temporary file in the folder of `target`, locked until it is renamed or, failing that, removed.

    Yields its path and a stream that writes and reads it.
    """
    remove_leftovers(target.parent)
    while True:
        # Not by tempfile, whose files only their owner can read: here the umask decides, as for any new file.
        path = target.parent / f"{_PREFIX}{os.urandom(8).hex()}.tmp"
        try:
            with cleaned_up_by(partial(path.unlink, missing_ok=True)), path.open("x+b") as stream:
                if _lock(stream):
                    yield path, stream
                    return
        finally:
            path.unlink(missing_ok=True)


@contextmanager
def temporary_folder_beside(target: Path) -> Iterator[Path]:
    """Make a temporary folder beside another one, locked until it is renamed or, failing that, removed."""
    import shutil  # here, for folders alone

    remove_leftovers(target.parent)
    while True:
        path = target.parent / f"{_PREFIX}{os.urandom(8).hex()}.tmp"
        try:
            with cleaned_up_by(partial(shutil.rmtree, path, ignore_errors=True)):
                path.mkdir()
                with _locked_folder(path) as is_there:
                    if is_there:
                        yield path
                        return
        finally:
            shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _locked_folder(path: Path) -> Iterator[bool]:
    """Lock a folder that was just made; yield whether it is still there."""
    if sys.platform == "win32":
        yield True
        return
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        yield False
        return
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield path.exists()
    finally:
        os.close(descriptor)


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files of writers that were killed, the first time that this process writes to a folder.

    Removed are files and Zarrs of this user with such a name and no lock. On Windows, whose locks differ, they stay.
    """
    if sys.platform == "win32" or folder in _cleaned:
        return
    _cleaned.add(folder)
    try:
        names = os.listdir(folder)  # noqa: PTH208 - names alone: a folder may hold very many
    except OSError:  # none, or one that may not be read: writing to it will fail with the reason
        return
    for name in names:
        if _NAME.fullmatch(name):
            with suppress(OSError):  # it is locked, or gone, or may not be removed
                _remove(folder / name)


def _lock(stream: IO[bytes]) -> bool:
    """Lock a file that was just made; return whether it is still there."""
    if sys.platform == "win32":
        return True
    with suppress(OSError):  # a file system without locks, on which no leftover is removed either
        fcntl.flock(stream, fcntl.LOCK_EX)
    # Another run may have removed it as a leftover before it was locked.
    return os.fstat(stream.fileno()).st_nlink > 0


def _remove(path: Path) -> None:
    if sys.platform == "win32":
        return
    # Neither follow a link nor wait for a pipe of such a name.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        status = os.fstat(descriptor)
        is_folder = stat.S_ISDIR(status.st_mode) and is_stored_folder(path)
        if (is_folder or stat.S_ISREG(status.st_mode)) and status.st_uid == os.geteuid():
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # While locked, so that a writer that was about to lock it notices.
            if is_folder:
                import shutil  # here, for folders alone

                shutil.rmtree(path)
            else:
                path.unlink()
    finally:
        os.close(descriptor)
