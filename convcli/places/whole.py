"""Files written whole or not at all wherever they are, and the states that tell one from the next of its name."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, cast

from convcli.disk import Partial, Stays, atomic_write, is_stored_folder
from convcli.places.remote import Place, Remote, Status

State = os.stat_result | Status
BEGUN, FAILED = Status(-1), Status(-2)  # in place of the state of a file that another machine is to write


def write_whole(
    target: Place,
    write: Callable[[IO[bytes]], None],
    *,
    overwrite: bool,
    flush_new: bool = True,
    before_naming: Callable[[State], None] | None = None,
    begun: Partial | None = None,
    stays: Stays | None = None,
) -> None:
    """Write a file so that `target` is at every moment the old file, or the new one, complete: see `atomic_write`.

    What goes to a bucket is made here, on the disk if it is large. Its state has no `etag` before it is there: so
    `before_naming` is called before it is sent, and once more, with the whole state, when it has arrived.
    """
    if isinstance(target, Path):
        atomic_write(
            target,
            write,
            overwrite=overwrite,
            flush_new=flush_new,
            before_naming=before_naming,
            begun=begun,
            stays=stays,
        )
        return
    from tempfile import SpooledTemporaryFile  # here, since few outputs need it

    from convcli.places.filled import IN_MEMORY

    with SpooledTemporaryFile(IN_MEMORY) as whole:
        write(cast(IO[bytes], whole))
        size = whole.seek(0, os.SEEK_END)
        if before_naming is not None:
            before_naming(Status(size))
        status = target.server.write(target, cast(IO[bytes], whole), size, overwrite=overwrite)
    if before_naming is not None:
        before_naming(status)


def write_whole_folder(
    target: Place,
    fill: Callable[[Path], None],
    *,
    overwrite: bool,
    before_naming: Callable[[State], None] | None = None,
    begun: Partial | None = None,
    stays: Stays | None = None,
) -> None:
    """Write a folder that is a file to its user whole or not at all: see `write_folder`.

    What goes to a bucket is made on the disk here; its objects are sent when all are there, and none replaces another.
    """
    if not isinstance(target, Path):
        _send_folder(target, fill, before_naming)
        return

    def about_to_be_named(folder: Path) -> None:
        if before_naming is not None:
            before_naming(_state_of_folder(folder))

    from convcli.disk import write_folder  # here, for Zarr alone

    write_folder(target, fill, overwrite=overwrite, before_naming=about_to_be_named, begun=begun, stays=stays)


def _send_folder(target: Remote, fill: Callable[[Path], None], before_naming: Callable[[State], None] | None) -> None:
    from tempfile import TemporaryDirectory  # here, as above

    from convcli.places.trees import send_tree

    with TemporaryDirectory(prefix="convcli-") as temporary:
        folder = Path(temporary)
        fill(folder)
        if before_naming is not None:
            before_naming(Status(_state_of_folder(folder).st_size))
        status = send_tree(target, folder)
    if before_naming is not None:
        before_naming(status)


def _state_of_folder(folder: Path) -> Status:
    """Return the size of all files in a folder, and a number of their names, sizes and times."""
    import hashlib  # here, for folders alone

    total, found = 0, hashlib.sha256()
    for path, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            status = os.stat(os.path.join(path, name))  # noqa: PTH116, PTH118 - of very many
            total += status.st_size
            found.update(
                f"{os.path.relpath(path, folder)}/{name} {status.st_size} {status.st_mtime_ns}\n".encode(
                    errors="surrogateescape"
                )
            )
    return Status(total, found.hexdigest())


def version_of(state: State) -> tuple[int, int | str]:
    """Return what tells a file from another one of its name: the size, and the time in nanoseconds or the ETag."""
    return (state.st_size, state.etag) if isinstance(state, Status) else (state.st_size, state.st_mtime_ns)


def state_of(place: Place) -> State | None:
    """Return the state of a file; None where the system says nothing of one."""
    try:
        return _state_of_folder(place) if isinstance(place, Path) and is_stored_folder(place) else place.stat()
    except OSError:
        return None


def is_same(first: Place, second: Place) -> bool:
    """Return whether two places are one file: of two names on a disk, where the first exists."""
    if isinstance(first, Path) and isinstance(second, Path):
        try:
            return first.exists() and first.samefile(second)
        except OSError:
            return False
    return first == second
