"""Temporary files, each locked by its writer; one whose writer was killed is removed by the next run.

The system removes the lock when the writer ends, however it ends. A process number, which is reused in time, or the
age of a file would not prove that.
"""

from __future__ import annotations

import os
import re
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple

from convcli.disk.special import is_stored_folder
from convcli.ending import cleaned_up_by

if sys.platform != "win32":
    import fcntl

_PREFIX = ".convcli-"
_NAME = re.compile(rf"{re.escape(_PREFIX)}[0-9a-f]{{16}}\.(?:tmp|part)")
_KEPT_DAYS = 7  # that a part of an output waits for the run that goes on with it

_cleaned: set[Path] = set()


# Says, at an error or an interrupt, whether an output that is not complete is left for another run.
Stays = Callable[[], bool]


class Partial(NamedTuple):
    """An output that an earlier run has begun, locked: a file, or a folder that is one to its user."""

    path: Path
    stream: IO[bytes] | None  # of a file; reads and writes it
    descriptor: int  # of a folder, whose lock is held by it


@contextmanager
def temporary_beside(
    target: Path, *, begun: Partial | None = None, stays: Stays | None = None
) -> Iterator[tuple[Path, IO[bytes]]]:
    """Make a temporary file in the folder of `target`, locked until it is renamed or, failing that, removed.

    Yields its path and a stream that writes and reads it: those of what was `begun`, if anything was. One that `stays`
    is left behind by an error or an interrupt.
    """
    if begun is not None and begun.stream is not None:
        with _removed_after(begun.path, stays=stays), begun.stream:
            remove_leftovers(target.parent)
            yield begun.path, begun.stream
        return
    remove_leftovers(target.parent)
    while True:
        # Not by tempfile, whose files only their owner can read: here the umask decides, as for any new file.
        path = _new_name(target, stays=stays)
        with _removed_after(path, stays=stays), path.open("x+b") as stream:
            if _lock(stream):
                yield path, stream
                return


@contextmanager
def temporary_folder_beside(
    target: Path, *, begun: Partial | None = None, stays: Stays | None = None
) -> Iterator[Path]:
    """Make a temporary folder beside another one, as `temporary_beside` does a file; yield its path."""
    if begun is not None:
        with _removed_after(begun.path, stays=stays):
            try:
                remove_leftovers(target.parent)
                yield begun.path
            finally:
                os.close(begun.descriptor)
        return
    remove_leftovers(target.parent)
    while True:
        path = _new_name(target, stays=stays)
        with _removed_after(path, stays=stays):
            path.mkdir()
            with _locked_folder(path) as is_there:
                if is_there:
                    yield path
                    return


def adopted(path: Path, *, at_least: int) -> Partial | None:
    """Return what an earlier run has begun, locked; None where it is gone, or another run is at it.

    A file that is shorter than `at_least` bytes has lost some.
    """
    if sys.platform == "win32" or not _NAME.fullmatch(path.name):  # there no lock would tell
        return None
    try:
        status = path.lstat()
        if stat.S_ISDIR(status.st_mode):
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
            return Partial(path, None, descriptor) if _is_free(descriptor) else None
        if not stat.S_ISREG(status.st_mode) or status.st_size < at_least:
            return None
        stream = path.open("r+b")
    except OSError:
        return None
    return Partial(path, stream, -1) if _is_free(stream.fileno(), stream.close) else None


def _is_free(descriptor: int, close: Callable[[], object] | None = None) -> bool:
    """Lock what an earlier run has begun; close it where another run holds the lock."""
    if sys.platform == "win32":
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        if close is None:
            os.close(descriptor)
        else:
            close()
        return False
    return True


def remove_partial(path: Path) -> None:
    """Remove what an earlier run has begun, unless a run is at it, or it is called otherwise; raise no error."""
    if _NAME.fullmatch(path.name):
        with suppress(OSError):
            _remove(path)


def _new_name(target: Path, *, stays: Stays | None) -> Path:
    return target.parent / f"{_PREFIX}{os.urandom(8).hex()}.{'tmp' if stays is None else 'part'}"


@contextmanager
def _removed_after(path: Path, *, stays: Stays | None) -> Iterator[None]:
    """Remove a temporary file or folder at the end, unless it was renamed; what `stays` only if all went well."""
    try:
        with cleaned_up_by(partial(_discard, path, stays)):
            yield
    except BaseException:
        _discard(path, stays)
        raise
    else:
        _discard(path)


def _discard(path: Path, stays: Stays | None = None) -> None:
    if stays is not None and stays():
        return
    if path.is_dir():
        import shutil  # here, for folders alone

        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


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

    Removed are files and Zarrs of this user with such a name and no lock, and those that wait to be gone on with after
    some days. On Windows, whose locks differ, they stay.
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
                if not name.endswith(".part") or _is_old(folder / name):
                    _remove(folder / name)


def _is_old(path: Path) -> bool:
    return time.time() - path.lstat().st_mtime > _KEPT_DAYS * 24 * 3600


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
