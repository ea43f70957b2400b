"""The input files: those that are named, and those in folders."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path, PurePath
from typing import NamedTuple

from convcli.disk import is_special
from convcli.errors import FileError
from convcli.image import READABLE_SUFFIXES, format_of
from convcli.jobs.paths import STREAM, is_folder, path_below
from convcli.places import Place, Remote, expanded, is_same, objects_below, place_of


class Found(NamedTuple):
    """An input file, and its path from the folder that was named."""

    source: Place | None
    relative: PurePath


class PassedOver(NamedTuple):
    """The numbers of files in folders that are no inputs."""

    unread: int = 0  # of no format that is read
    arrays: int = 0  # beside pictures
    special: int = 0  # pipes, sockets and devices, of which one may keep a reader waiting for ever

    def plus(self, other: PassedOver) -> PassedOver:
        """Return the sums of the numbers."""
        return PassedOver(*map(sum, zip(self, other, strict=True)))


NOTHING = PassedOver()


def find(inputs: Sequence[str], output: str, *, recursive: bool) -> tuple[list[Found], PassedOver]:
    """Return the input files of a batch, and how many files in its folders are none.

    `inputs`, `output` and `recursive` are those of `plan_batch`.
    """
    found: list[Found] = []
    passed_over = NOTHING
    places = {text: tuple(expanded(place_of(text))) for text in inputs if text != STREAM}
    named = {place for several in places.values() for place in several}
    for text in inputs:
        if text == STREAM:
            found.append(Found(None, PurePath("stdin")))
        for path in places.get(text, ()):
            if not is_folder(path):
                found.append(Found(path, PurePath(path.name)))
                continue
            closed: list[Place] = []
            readable, others = files_below(
                path, recursive=recursive, output=place_of(output), closed=closed, named=named
            )
            # Reading a closed folder fails in its turn, as reading a closed file does, and the others are done.
            found += [
                Found(file, path_below(file, path) if file != path else PurePath(path.name))
                for file in readable + closed
            ]
            passed_over = passed_over.plus(others)
    return found, passed_over


def files_below(
    folder: Place,
    *,
    recursive: bool,
    output: Place,
    closed: list[Place] | None = None,
    named: Collection[Place] = (),
) -> tuple[list[Place], PassedOver]:
    """Return the pictures of a folder in order of their names, or its arrays if it has none; and how many are left out.

    A table beside photographs is seldom meant; one that is `named` beside the folder is not left out.
    Files in the output folder are no input: a second run would filter its own results. Folders that may not be read are
    added to `closed`; without it, the first of them raises FileError.
    """

    def refused(error: OSError) -> None:
        if closed is None:
            raise FileError(f"{error.filename} may not be read: {error.strerror}", "change its mode") from error
        closed.append(Path(error.filename))

    files: list[Place] = []
    if isinstance(folder, Remote):
        files += objects_below(folder, recursive=recursive, output=output)
    else:
        for parent, folders, names in os.walk(folder, onerror=refused, followlinks=False):
            folders[:] = (
                sorted(each for each in folders if not is_same(Path(parent, each), output)) if recursive else []
            )
            files += [Path(parent, each) for each in sorted(names) if not each.startswith(".")]
    readable = [file for file in files if file.suffix.lower() in READABLE_SUFFIXES]
    ordinary = [file for file in readable if not is_special(file)]
    wanted = [file for file in ordinary if not _is_array(file)] or ordinary
    arrays = set(ordinary).difference(wanted, named)
    return wanted, PassedOver(len(files) - len(readable), len(arrays), len(readable) - len(ordinary))


def _is_array(path: Place) -> bool:
    form = format_of(path)
    return form is not None and form.array
