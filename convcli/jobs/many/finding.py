"""The input files: those that are named, and those in folders."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import NamedTuple

from convcli.errors import FileError
from convcli.image import READABLE_SUFFIXES
from convcli.jobs.paths import STREAM, exists, is_folder


class Found(NamedTuple):
    """An input file, and its path from the folder that was named."""

    source: Path | None
    relative: PurePath


def find(inputs: Sequence[str], output: str, *, recursive: bool) -> tuple[list[Found], int]:
    """Return the input files of a batch, and the number of files in its folders whose format is not read.

    `inputs`, `output` and `recursive` are those of `plan_batch`.
    """
    found: list[Found] = []
    passed_over = 0
    for text in inputs:
        path = Path(text)
        if text == STREAM:
            found.append(Found(None, PurePath("stdin")))
        elif is_folder(path):
            closed: list[Path] = []
            readable, others = files_below(path, recursive=recursive, output=Path(output), closed=closed)
            # Reading a closed folder fails in its turn, as reading a closed file does, and the others are done.
            found += [
                Found(file, file.relative_to(path) if file != path else PurePath(path.name))
                for file in readable + closed
            ]
            passed_over += others
        else:
            found.append(Found(path, PurePath(path.name)))
    return found, passed_over


def files_below(
    folder: Path, *, recursive: bool, output: Path, closed: list[Path] | None = None
) -> tuple[list[Path], int]:
    """Return the readable files of a folder in order of their names, and the number of others.

    Files in the output folder are no input: a second run would filter its own results. Folders that may not be read are
    added to `closed`; without it, the first of them raises FileError.
    """

    def refused(error: OSError) -> None:
        if closed is None:
            raise FileError(f"{error.filename} may not be read: {error.strerror}", "change its mode") from error
        closed.append(Path(error.filename))

    files: list[Path] = []
    for parent, folders, names in os.walk(folder, onerror=refused, followlinks=False):
        folders[:] = sorted(each for each in folders if not _same(Path(parent, each), output)) if recursive else []
        files += [Path(parent, each) for each in sorted(names) if not each.startswith(".")]
    readable = [file for file in files if file.suffix.lower() in READABLE_SUFFIXES]
    return readable, len(files) - len(readable)


def _same(path: Path, other: Path) -> bool:
    return exists(other) and path.samefile(other)
