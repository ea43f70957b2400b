"""Questions about paths, answered whatever the system says."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

STREAM = "-"


def exists(path: Path) -> bool:
    """Return whether there is such a file or folder; False where the system refuses to say, as opening it will."""
    try:
        return path.exists()
    except OSError:  # the name is too long, or a folder on the way is closed
        return False


def is_folder(path: Path) -> bool:
    """Return whether there is such a folder, as far as the system says."""
    return exists(path) and path.is_dir()


def resolved(path: Path) -> str:
    """Return the path of a file that is the same however its folder is written; a link in its place stays one."""
    return os.path.join(_real_folder(path.parent), path.name)  # noqa: PTH118 - joined a million times, as text


@cache
def _real_folder(folder: Path) -> str:
    return os.path.realpath(folder)
