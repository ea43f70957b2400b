"""Special files: pipes, devices, the open files of this process that have names, and folders that are one file."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from convcli.errors import OutputRefused

# The shell's <(…) and >(…) are such names too.
_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/(\d{1,9})")
# Files that a folder of Zarr has, in its third or second version.
_MARKS = ("zarr.json", ".zarray", ".zgroup", ".zattrs")
_STANDARD = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}


def scheme_in(path: str) -> str:
    """Return the scheme of a URL that was taken for a path, which has lost one of its slashes; empty for none."""
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]+):/", path)
    return found[1] if found else ""


def descriptor_of(path: object) -> int | None:
    """Return the number of the open file of this process that a path names; None where it names none."""
    text = str(path)
    found = _DESCRIPTOR.fullmatch(text)
    return int(found[1]) if found else _STANDARD.get(text)


def is_special(path: object) -> bool:
    """Return whether a path names a pipe, a socket, a device of characters or an open file of this process.

    What is written to one goes on at once, and replaces nothing.
    """
    if not isinstance(path, Path):  # it is on another machine
        return False
    if descriptor_of(path) is not None:
        return True
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):  # opening it will say why
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISSOCK(mode)


def refuse_dangling(path: Path) -> None:
    """Raise OutputRefused for a link that leads to no file: to write through it would make one elsewhere."""
    try:
        is_link = path.is_symlink()
    except OSError:  # a name that is too long: writing will say so
        return
    if is_link:
        try:
            path.stat()
        except FileNotFoundError as error:
            hint = "--force writes that file; or remove the link"
            raise OutputRefused(f"{path} is a link to {path.readlink()}, which does not exist", hint) from error
        except OSError:
            return  # writing will say why


def is_stored_folder(path: object) -> bool:
    """Return whether a path names a folder that holds an array in chunks, or several."""
    if not isinstance(path, Path):  # it is on another machine
        return False
    text = os.fspath(path)
    if not os.path.isdir(text):  # noqa: PTH112 - as below
        return False
    return any(os.path.isfile(os.path.join(text, mark)) for mark in _MARKS)  # noqa: PTH113, PTH118 - of every folder
