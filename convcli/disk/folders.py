"""Folders that are one file each to their user, written whole or not at all: arrays in chunks."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from convcli.disk.atomic import errors_at
from convcli.disk.flushing import flush_file_systems
from convcli.disk.leftovers import Partial, Stays, temporary_folder_beside
from convcli.disk.special import is_stored_folder
from convcli.errors import WriteError

_FROM_HERE, _EXCHANGE = -100, 2  # AT_FDCWD, RENAME_EXCHANGE


def write_folder(
    target: Path,
    fill: Callable[[Path], None],
    *,
    overwrite: bool,
    before_naming: Callable[[Path], None] | None = None,
    begun: Partial | None = None,
    stays: Stays | None = None,
) -> None:
    """Write a folder so that `target` is at every moment the old one, or the new one, complete.

    A temporary folder beside it is filled, flushed to the disk where the system does that for many files at once, and
    renamed; it is removed on an error or an interrupt, and that of a killed process by the next one that writes there.

    Parameters
    ----------
    target
        The folder, and its name in messages.
    fill
        Writes the files into a folder that is there and empty.
    overwrite
        False to refuse what exists; True to replace a folder of chunks, and no other.
    before_naming
        Called with the folder when it is complete, before it is renamed.
    begun, stays
        As of `atomic_write`: what was begun is filled further.

    Raises
    ------
    OutputRefused
        Something of this name exists, and is not to be replaced.
    WriteError
        The system does not let it be written.
    """
    real = Path(os.path.realpath(target)) if target.is_symlink() else target
    with errors_at(target):
        if os.path.lexists(real):
            _refuse(real, target, overwrite=overwrite)
        with temporary_folder_beside(real, begun=begun, stays=stays) as temporary:
            fill(temporary)
            flush_file_systems([temporary])
            if before_naming is not None:
                before_naming(temporary)
            if os.path.lexists(real):
                _refuse(real, target, overwrite=overwrite)
                _replace(temporary, real)
            else:
                temporary.rename(real)


def _refuse(real: Path, target: Path, *, overwrite: bool) -> None:
    if not overwrite:
        raise FileExistsError
    if not is_stored_folder(real):
        raise WriteError(f"{target} exists and is no Zarr, so it is not replaced", "remove it, or write elsewhere")


def _replace(temporary: Path, target: Path) -> None:
    """Give a folder the name of another one, and that the temporary name; at once, where the system can."""
    if _exchanged(temporary, target):
        return
    old = temporary.with_suffix(".old")  # which no other run removes
    target.rename(old)
    try:
        temporary.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _exchanged(first: Path, second: Path) -> bool:
    if sys.platform != "linux":
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    names = os.fsencode(first), os.fsencode(second)
    if rename(_FROM_HERE, names[0], _FROM_HERE, names[1], _EXCHANGE) == 0:
        return True
    if ctypes.get_errno() in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        return False
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(second))
