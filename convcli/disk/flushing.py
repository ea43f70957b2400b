"""Flushing the files of a batch to the disk together: one wait for the disk in place of one a file."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path


def can_flush_together() -> bool:
    """Return whether the system flushes a whole file system at once."""
    return _syncfs() is not None


def flush_file_systems(folders: Iterable[Path]) -> None:
    """Wait until the files in folders are on the disk, and with them all else that is written to the same disks."""
    flush, flushed = _syncfs(), set()
    if flush is None:
        return
    for folder in folders:
        with suppress(OSError):  # it is gone, or may not be read
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                device = os.fstat(descriptor).st_dev
                if device not in flushed:
                    flushed.add(device)
                    flush(descriptor)
            finally:
                os.close(descriptor)


def flush_partial(path: Path) -> None:
    """Wait until a file, or all in a folder, is on the disk; raise OSError where that cannot be."""
    if not path.is_dir():
        with path.open("rb") as stream:
            os.fsync(stream.fileno())
    elif can_flush_together():
        flush_file_systems([path])
    elif sys.platform != "win32":
        os.sync()
    else:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))


@cache
def _syncfs() -> Callable[[int], int] | None:
    """Return the function of Linux for it, which Python has no name for; None elsewhere."""
    if sys.platform != "linux":
        return None
    import ctypes  # here, for batches alone

    found: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "syncfs", None)
    return found
