"""The input files: those that are named, and those in folders."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path, PurePath
from typing import NamedTuple

from convcli.disk import is_special, is_stored_folder
from convcli.errors import FileError
from convcli.image import READABLE_SUFFIXES, format_of
from convcli.jobs.paths import STREAM, is_folder, path_below
from convcli.places import Place, Remote, is_same, place_of


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


class Finder:
    """The input files of a batch, found while they are iterated over; `passed_over` counts those that are none.

    `inputs`, `output` and `recursive` are those of `plan_batch`.
    """

    def __init__(self, inputs: Sequence[str], output: str, *, recursive: bool) -> None:
        self.passed_over = NOTHING
        self._found = self._find(inputs, place_of(output), recursive=recursive)

    def __iter__(self) -> Iterator[Found]:
        """Return the iterator, which goes on where another one ended."""
        return self._found

    def _find(self, inputs: Sequence[str], output: Place, *, recursive: bool) -> Iterator[Found]:
        places = {text: _named(place_of(text)) for text in inputs if text != STREAM}
        named = {place for several in places.values() for place in several}
        for text in inputs:
            if text == STREAM:
                yield Found(None, PurePath("stdin"))
            for path in places.get(text, ()):
                if is_folder(path):
                    yield from self._find_below(_Below(path, output, named, recursive=recursive), path)
                else:
                    yield Found(path, PurePath(path.name))

    def _find_below(self, below: _Below, folder: Place) -> Iterator[Found]:
        for file in below:
            yield Found(file, path_below(file, folder))
        # Reading a closed folder fails in its turn, as reading a closed file does, and the others are done.
        for each, _ in below.closed:
            yield Found(each, path_below(each, folder) if each != folder else PurePath(folder.name))
        self.passed_over = self.passed_over.plus(below.passed_over)


def files_below(folder: Place, *, recursive: bool, output: Place) -> tuple[list[Place], PassedOver]:
    """Return the pictures of a folder in order of their names, or its arrays if it has none; and how many are left out.

    Files in the output folder are no input: a second run would filter its own results. Raises FileError for a folder
    that may not be read.
    """
    below = _Below(folder, output, recursive=recursive)
    files = list(below)
    for closed, error in below.closed:
        raise FileError(f"{closed} may not be read: {error.strerror}", "change its mode") from error
    return files, below.passed_over


def _named(place: Place) -> tuple[Place, ...]:
    if not isinstance(place, Remote):
        return (place,)
    from convcli.places import expanded  # here, for buckets alone

    return tuple(expanded(place))


class _Below:
    """The pictures of a folder, by their names, folder after folder; its arrays if it has no picture.

    A table beside photographs is seldom meant; one that is `named` beside the folder is not left out. `closed` has the
    folders that may not be read; both it and `passed_over` are complete at the end. Of one folder the names are held.
    """

    def __init__(self, folder: Place, output: Place, named: Collection[Place] = (), *, recursive: bool) -> None:
        self.closed: list[tuple[Path, OSError]] = []
        self._counts: Counter[str] = Counter()
        self._folder, self._output, self._named, self._recursive = folder, output, named, recursive

    @property
    def passed_over(self) -> PassedOver:
        """The numbers of files that are no inputs, so far."""
        return PassedOver(**self._counts)

    def __iter__(self) -> Iterator[Place]:
        arrays: list[Place] = []
        has_pictures = False
        folder = self._folder
        for file in self._in_bucket(folder) if isinstance(folder, Remote) else self._on_disk(folder):
            if _is_array(file):
                arrays.append(file)
            else:
                has_pictures = True
                yield file
        if has_pictures:
            self._counts["arrays"] += len(set(arrays).difference(self._named))
        else:
            yield from arrays

    def _in_bucket(self, folder: Remote) -> Iterator[Place]:
        """Yield the objects of formats that are read."""
        from convcli.places import objects_below  # here, for buckets alone

        for each in objects_below(folder, recursive=self._recursive, output=self._output):
            if each.suffix.lower() in READABLE_SUFFIXES:
                yield each
            else:
                self._counts["unread"] += 1

    def _on_disk(self, folder: Path) -> Iterator[Place]:
        """Yield the ordinary files of formats that are read."""
        folders = [folder]
        while folders:
            folder = folders.pop()
            try:
                files, within = self._names(folder)
            except OSError as error:
                self.closed.append((folder, error))
                continue
            for name in sorted(files):
                yield folder / name
            if self._recursive:
                folders += [folder / name for name in sorted(within, reverse=True)]

    def _names(self, folder: Path) -> tuple[list[str], list[str]]:
        """Return the readable files in a folder, and the folders in it that are looked into; count the others."""
        files: list[str] = []
        folders: list[str] = []
        with os.scandir(folder) as entries:
            for entry in entries:
                name = entry.name
                if _is_folder(entry):
                    if is_stored_folder(folder / name):
                        files.append(name)
                    elif not entry.is_symlink() and not is_same(folder / name, self._output):
                        folders.append(name)
                elif name.startswith(".") or name.endswith("~"):  # hidden, or a backup
                    pass
                elif PurePath(name).suffix.lower() not in READABLE_SUFFIXES:
                    self._counts["unread"] += 1
                elif not _is_file(entry) and is_special(folder / name):
                    self._counts["special"] += 1
                else:
                    files.append(name)
        return files, folders


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to where nobody may look
        return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()  # without asking the disk, unless it is a link
    except OSError:
        return False


def _is_array(path: Place) -> bool:
    form = format_of(path)
    return form is not None and form.array
