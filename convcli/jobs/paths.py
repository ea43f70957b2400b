"""Paths: tests that never raise, and names that do not depend on how a folder is written."""

from __future__ import annotations

import os
from functools import cache
from pathlib import PurePath

from convcli.disk import is_stored_folder
from convcli.places import Place, Remote, place_of

STREAM = "-"


def exists(path: Place) -> bool:
    """Return whether a file or folder exists; False where the system refuses to say, as it will to open it."""
    try:
        return path.exists()
    except OSError:  # the name is too long, or a folder on the way is closed
        return False


def is_folder(path: Place) -> bool:
    """Return whether a folder exists, as far as the system says; one of Zarr is a file."""
    if isinstance(path, Remote):
        return path.is_dir()
    return exists(path) and path.is_dir() and not is_stored_folder(path)


def path_below(file: Place, folder: Place) -> PurePath:
    """Return the path of a file from a folder around it."""
    return PurePath(str(file)).relative_to(str(folder))


def resolved(path: Place) -> str:
    """Return a file's path in its real folder, or its URL; a file that is a link stays one."""
    if isinstance(path, Remote):
        return str(path)
    # As text, since this is done a million times; with the current folder, which may change.
    folder = os.path.join(os.getcwd(), path.parent)  # noqa: PTH109, PTH118
    return os.path.join(_real_folder(folder), path.name)  # noqa: PTH118


def whole(path: Place) -> Place:
    """Return the place of a file as other machines know it."""
    return path if isinstance(path, Remote) else place_of(resolved(path))


@cache
def _real_folder(folder: str) -> str:
    return os.path.realpath(folder)
