"""Writing a file whole or not at all."""

from __future__ import annotations

import errno
import io
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from convcli.disk.leftovers import Partial, Stays, temporary_beside
from convcli.disk.special import descriptor_of, refuse_dangling, scheme_in
from convcli.errors import OutputRefused, WriteError

_REASONS = {
    errno.ENOSPC: ("no space is left on its disk", "make room, or write elsewhere"),
    errno.EDQUOT: ("your quota on its disk is used up", "make room, or write elsewhere"),
    errno.EFBIG: ("the file would be too large", "write elsewhere, or a format that takes less room"),
    errno.EACCES: ("permission denied", "write elsewhere, or change the mode of its folder"),
    errno.EPERM: ("permission denied", "write elsewhere, or change the mode of its folder"),
    errno.EROFS: ("its disk is read-only", "write elsewhere"),
    errno.ENAMETOOLONG: ("the name is too long", "give it a shorter one"),
    errno.ELOOP: ("it is a symbolic link that leads back to itself", "remove the link, or write elsewhere"),
}


def atomic_write(
    target: Path,
    write: Callable[[IO[bytes]], None],
    *,
    overwrite: bool,
    flush_new: bool = True,
    before_naming: Callable[[os.stat_result], None] | None = None,
    begun: Partial | None = None,
    stays: Stays | None = None,
) -> None:
    """Write a file so that `target` is at every moment the old file, or the new one, complete.

    The bytes go to a temporary file in the same folder, are flushed to the disk, and the file is renamed. A symbolic
    link stays and the file that it points to is replaced; a special file is written to directly. The temporary
    file is removed even on an interrupt; that of a killed process, by the next one that writes to the folder.

    Parameters
    ----------
    target
        The file, and its name in messages.
    write
        Writes the bytes to a stream that can be sought in and read.
    overwrite
        False to refuse an existing file, also one that appears while `write` runs.
    flush_new
        False to leave a new file, whose name stood for none before, to the system and to `flush_file_systems`: if the
        power fails before, it may be gone or cut short.
    before_naming
        Called with the status of the file when its bytes are written, before it is renamed.
    begun
        A temporary file of an earlier run, to be gone on with.
    stays
        Called at an error or an interrupt: whether it leaves the temporary file, for another run to go on with.

    Raises
    ------
    OutputRefused
        The file exists, and `overwrite` is false.
    WriteError
        The system does not let it be written, or it is a folder.
    BrokenPipeError
        The reader of a pipe has closed it.
    """
    with errors_at(target):
        mode = _mode(target)
        if mode is not None and stat.S_ISDIR(mode):
            raise WriteError(f"{target} is a folder", "name a file in it")
        if descriptor_of(target) is not None or (mode is not None and not stat.S_ISREG(mode)):
            _write_straight(target, write)
            return
        real = Path(os.path.realpath(target)) if target.is_symlink() else target
        _refuse(mode, overwrite=overwrite)
        if not overwrite:
            refuse_dangling(target)
        with temporary_beside(real, begun=begun, stays=stays) as (temporary, stream):
            write(stream)
            flush = flush_new or mode is not None
            _name(temporary, stream, real, mode, before_naming, overwrite=overwrite, flush=flush)


@contextmanager
def errors_at(target: Path) -> Iterator[None]:
    """Raise the errors of the system as those of a file."""
    try:
        yield
    except BrokenPipeError:
        raise
    except FileExistsError as error:
        hint = "--force overwrites it, --skip-existing leaves it and goes on"
        raise OutputRefused(f"{target} exists", hint) from error
    except OSError as error:
        raise write_error(error, target) from error


def _write_straight(target: Path, write: Callable[[IO[bytes]], None]) -> None:
    whole = io.BytesIO()  # several formats go back to their beginning
    write(whole)
    number = descriptor_of(target)
    # To open an open file by its name would begin anew, over what it holds already.
    with target.open("wb", buffering=0) if number is None else os.fdopen(os.dup(number), "wb", 0) as stream:
        rest = whole.getbuffer()
        while rest:  # a pipe takes a part at a time
            rest = rest[stream.write(rest) :]


def _mode(target: Path) -> int | None:
    try:
        return target.stat().st_mode
    except FileNotFoundError:
        return None


def _refuse(mode: int | None, *, overwrite: bool) -> None:
    if mode is not None and not overwrite:
        raise FileExistsError


def _name(
    temporary: Path,
    stream: IO[bytes],
    target: Path,
    mode: int | None,
    before_naming: Callable[[os.stat_result], None] | None,
    *,
    overwrite: bool,
    flush: bool,
) -> None:
    """Give a temporary file, whose bytes are written, its name; `mode` is that of the old file."""
    stream.flush()
    if flush:
        os.fsync(stream.fileno())
    if mode is not None:
        temporary.chmod(stat.S_IMODE(mode))
    if before_naming is not None:
        before_naming(os.fstat(stream.fileno()))
    if sys.platform == "win32":
        stream.close()  # elsewhere it stays open, and so locked, until it is renamed
    if overwrite:
        temporary.replace(target)
    else:
        _rename_to_new(temporary, target)


def _rename_to_new(temporary: Path, target: Path) -> None:
    try:
        target.hardlink_to(temporary)  # unlike a rename it fails where the file exists
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):  # no hard links here, as on FAT and some network disks
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from None
        temporary.replace(target)


def write_error(error: OSError, target: Path) -> WriteError:
    """Return the system's reason for not writing `target` as an error."""
    what = f"{target} cannot be written"
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        folder = target.resolve().parent if target.is_symlink() else target.parent
        if folder.exists() and not folder.is_dir():
            return WriteError(f"{what}: {folder} is not a folder", "write elsewhere")
        if not folder.exists() and (scheme := scheme_in(str(target))):  # whose rest may hold a password
            return WriteError(f"a {scheme}:// URL cannot be written to by this option", "write to a file")
        if not folder.exists() and str(target).startswith("~"):
            return WriteError(
                f"{what}: there is no folder {folder}", f"the shell did not expand ~: write {target.expanduser()}"
            )
        if not folder.exists():
            return WriteError(f"{what}: there is no folder {folder}", f"make it first: mkdir -p {folder}")
    reason, hint = _REASONS.get(error.errno or 0, (error.strerror or str(error), "write elsewhere"))
    return WriteError(f"{what}: {reason}", hint)
