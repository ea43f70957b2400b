"""Folders behind URLs that are one file each to their user: arrays in chunks, fetched and sent object by object."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from convcli.errors import OutputRefused, WriteError
from convcli.places.remote import TREE_MARKS, Remote, Status

_AT_ONCE = 8  # requests


def fetch_objects(tree: Remote, names: Iterable[str], folder: Path) -> None:
    """Fetch objects of a tree by their names in it, those that are there and not yet in the folder, some at a time.

    Raises ReadError.
    """
    wanted = [name for name in names if not (folder / name).exists()]
    if len(wanted) == 1:
        _fetch(tree, wanted[0], folder)
        return
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for _ in pool.map(lambda name: _fetch(tree, name, folder), wanted):
            pass


def _fetch(tree: Remote, name: str, folder: Path) -> None:
    data = tree.server.optional(tree / name)
    if data is not None:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def send_tree(tree: Remote, folder: Path) -> Status:
    """Send all files of a folder, what says that there is a tree last, and return its state.

    Raises
    ------
    OutputRefused
        A tree of this name exists, which could not be replaced at once; or objects of others are where it would be.
    WriteError
        It cannot be written; then what was sent is removed.
    """
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    last = [name for name in names if name in TREE_MARKS]
    others = [name for name in names if name not in TREE_MARKS]
    if tree.is_web:
        raise WriteError(f"{tree} is for reading", "write to s3://, gs:// or az://, or to a file")
    from convcli.places.buckets import SERVER

    there = [each.key.removeprefix(f"{tree.key}/") for each in SERVER.objects(tree)]
    if any(name in TREE_MARKS for name in there):
        raise OutputRefused(f"{tree} exists, and a Zarr in a bucket is not replaced", "write to another name")
    if strange := sorted(set(there) - set(names)):  # of a run that was killed there would be some of the names
        raise OutputRefused(f"{tree} is no Zarr, and holds {strange[0]}", "write to another name")
    sent: list[str] = []

    def send(name: str) -> None:
        sent.append(name)
        with (folder / name).open("rb") as stream:
            SERVER.write(tree / name, stream, os.fstat(stream.fileno()).st_size, overwrite=True)

    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            try:
                for _ in pool.map(send, others):
                    pass
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        for name in last:
            send(name)
    except BaseException:
        SERVER.remove([tree / name for name in reversed(sent)])
        raise
    return SERVER.status(tree) or Status(-1)
