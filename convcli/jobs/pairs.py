"""Which files belong together: INPUT and TARGET, two files or the files of two folders, as pairs to learn from."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from convcli.errors import ReadError, ShapeError, UsageError
from convcli.image import Picture, format_of, read_picture
from convcli.jobs.many.finding import files_below
from convcli.jobs.paths import STREAM, exists, is_folder
from convcli.learning import LearningPair, Model, Pairs

_STDIN = "stdin"
_BETTER = "weights are more exact from PNG, TIFF or .npy"


@dataclass(frozen=True)
class Matched:
    """Two folders, file by file.

    Parameters
    ----------
    files
        Of INPUT, of TARGET, and what messages call the two: their path below both folders.
    unmatched
        How many files of INPUT and of TARGET have no counterpart.
    passed_over
        How many files are of no format that is read.
    """

    files: tuple[tuple[Path, Path, str], ...]
    unmatched: tuple[int, int] = (0, 0)
    passed_over: int = 0


@dataclass(frozen=True, eq=False)
class Opened:
    """INPUT and TARGET, ready to be learned from.

    Parameters
    ----------
    pairs
        Goes through the pairs; of two folders it reads a file when it is its turn.
    names
        What messages call INPUT and TARGET, in full; in a file that others read they go by `titles`.
    picture
        INPUT as it was read, where it is one file.
    matched
        The files, where INPUT and TARGET are folders.
    """

    pairs: Pairs
    names: tuple[str, str]
    picture: Picture | None = None
    matched: Matched | None = None

    @property
    def levels(self) -> bool:
        """Whether the values are levels of pictures, as far as the names tell: not those of arrays."""
        if self.picture is not None:
            return not self.picture.is_array
        form = format_of(self.matched.files[0][1]) if self.matched else None
        return form is not None and not form.array

    @property
    def titles(self) -> tuple[str, str]:
        """INPUT and TARGET by their last names, which say nothing of whose machine it is."""
        first, second = (PurePath(name).name or "folder" for name in self.names)
        return first, second


def open_pairs(
    source: str, target: str, *, model: Model = "shared", max_pixels: int, stdin: BinaryIO | None = None
) -> Opened:
    """Find the pairs of INPUT and TARGET.

    Two files are read at once. The files of two folders are matched by name, and read while
    the pairs are gone through.

    Parameters
    ----------
    source, target
        Two files, or two folders; one of two files may be ``-`` for standard input.
    model
        What is to be learned: ``shared`` and ``depthwise`` need as many channels in TARGET as in INPUT.
    max_pixels
        Larger pictures are refused before they are decoded.
    stdin
        Where ``-`` is read.

    Raises
    ------
    UsageError
        A folder and a file, no file that has a counterpart, or channels that the model does not map.
    ReadError
        A file cannot be read.
    """
    names = (_STDIN if source == STREAM else source, _STDIN if target == STREAM else target)
    if source == target == STREAM:
        raise UsageError("INPUT and TARGET would both come from standard input", "name a file for one of them")
    folders = [text != STREAM and is_folder(Path(text)) for text in (source, target)]
    if any(folders) and not all(folders):
        _refuse_one_folder(names, folders.index(True))
    if all(folders):
        matched = match_folders(Path(source), Path(target))
        return Opened(_FolderPairs(matched, model, max_pixels), names, matched=matched)
    streams = [_Source(text, stdin) for text in (source, target)]
    picture, pairs = _read_pairs(streams[0], streams[1], "", model, max_pixels)
    return Opened(pairs, names, picture)


def match_folders(source: Path, target: Path) -> Matched:
    """Match the readable files of two folders, and of all folders below them, by their paths from there.

    First those whose paths are the same; then those that differ in their suffix alone, where there is
    one on each side.

    Raises
    ------
    UsageError
        There is no pair.
    """
    inputs, others = files_below(source, recursive=True, output=target)
    targets, more = files_below(target, recursive=True, output=source)
    first = {path.relative_to(source): path for path in inputs}
    second = {path.relative_to(target): path for path in targets}
    found = {name: (first[name], second[name]) for name in first.keys() & second.keys()}
    stems = [_by_stem(name for name in side if name not in found) for side in (first, second)]
    for stem in stems[0].keys() & stems[1].keys():
        if len(stems[0][stem]) == len(stems[1][stem]) == 1:
            found[stems[0][stem][0]] = (first[stems[0][stem][0]], second[stems[1][stem][0]])
    if not found:
        raise UsageError(
            f"no picture in {source} has a counterpart in {target}",
            f"a pair has one name in both folders: {source / 'a.png'} and {target / 'a.png'}",
        )
    files = tuple((*found[name], name.as_posix()) for name in sorted(found))
    return Matched(files, (len(first) - len(found), len(second) - len(found)), others + more)


def _by_stem(names: Iterator[Path]) -> dict[Path, list[Path]]:
    stems = defaultdict(list)
    for name in names:
        stems[name.with_suffix("")].append(name)
    return stems


def _refuse_one_folder(names: tuple[str, str], which: int) -> None:
    folder, other = names[which], names[1 - which]
    if other != _STDIN and not exists(Path(other)):
        raise ReadError(f"{other} does not exist", "check the name, and the folder you are in")
    raise UsageError(
        f"{folder} is a folder and {other} is none",
        "give two files, or two folders in which the files of a pair have one name",
    )


@dataclass
class _Source:
    """A file, or standard input, of which the beginning is looked at and the whole is read."""

    text: str
    stdin: BinaryIO | None = None
    stream: io.BytesIO | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if self.text == STREAM and self.stdin is not None:
            self.stream = io.BytesIO(self.stdin.read())

    @property
    def name(self) -> str:
        return _STDIN if self.text == STREAM else self.text

    def read(self, max_pixels: int) -> Picture:
        return read_picture(self.stream or Path(self.text), max_pixels=max_pixels)


class _FolderPairs:
    """The pairs of two folders, one file of each in memory at a time."""

    def __init__(self, matched: Matched, model: Model, max_pixels: int) -> None:
        self._files, self._model, self._max_pixels = matched.files, model, max_pixels
        self._length = sum(_items(source) for source, _, _ in matched.files)
        self._first_with: dict[str, str] = {}  # which pair said a note first; it alone says it, every time

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[LearningPair]:
        for source, target, name in self._files:
            sources = _Source(str(source)), _Source(str(target))
            for pair in _read_pairs(*sources, name, self._model, self._max_pixels)[1]:
                yield replace(pair, notes=tuple(each for each in pair.notes if self._is_new(each, pair.name)))

    def _is_new(self, note: str, name: str) -> bool:
        """Whether no pair before this one has said what is behind the name of the file."""
        return self._first_with.setdefault(note.partition(": ")[2] or note, name) == name


def _items(path: Path) -> int:
    """Return how many pairs an array file holds; whoever reads it will hear what is wrong with it."""
    form = format_of(path)
    if form is None or form.name != "npy":
        return 1
    try:
        shape = np.load(path, mmap_mode="r", allow_pickle=False).shape
    except (OSError, ValueError, EOFError):
        return 1
    return int(shape[0]) if len(shape) == 4 else 1


def _read_pairs(
    source: _Source, target: _Source, name: str, model: Model, max_pixels: int
) -> tuple[Picture, tuple[LearningPair, ...]]:
    """Return INPUT as it was read, and a pair for each of its items."""
    first, second = source.read(max_pixels), target.read(max_pixels)
    if len(first.frames) != len(second.frames):
        raise ShapeError(
            f"{source.name} holds {len(first.frames)} items, {target.name} holds {len(second.frames)}",
            "give every item of INPUT its item of TARGET",
        )
    lossy = _lossy(second, target)
    notes = [*_notes(first, source), *_notes(second, target), *lossy]
    frames = [_colors(first), _colors(second)]
    if model == "shared" and not (first.is_array or second.is_array):
        for side, (one, other) in enumerate(((first, second), (second, first))):
            if one.colors == 1 and other.colors == 3 and _is_gray(frames[1 - side][0]):
                frames[1 - side] = [frame[:, :, :1] for frame in frames[1 - side]]
    _check_channels(frames[0][0].shape[2], frames[1][0].shape[2], (source.name, target.name), model)
    pairs = []
    for index, (before, after) in enumerate(zip(*frames, strict=True)):
        item = f"item {index}" if len(first.frames) > 1 else ""
        title = ", ".join(filter(None, (name, item)))
        pairs.append(LearningPair(before, after, title, () if index else tuple(notes), is_lossy=bool(lossy)))
    return first, tuple(pairs)


def _colors(picture: Picture) -> list[NDArray[Any]]:
    return [frame[:, :, : picture.colors] for frame in picture.frames]


def _is_gray(frame: NDArray[Any]) -> bool:
    return bool((frame[:, :, :1] == frame[:, :, 1:]).all())


def _notes(picture: Picture, source: _Source) -> list[str]:
    notes = [f"{source.name}: {note}" for note in picture.notes]
    if picture.has_alpha and bool((picture.frames[0][:, :, -1] < picture.full_scale).any()):
        notes.append(
            f"{source.name}: its alpha channel is left out, and what is transparent counts like the rest;"
            " opaque pictures are better"
        )
    return notes


def _lossy(picture: Picture, target: _Source) -> list[str]:
    """Say what the format of TARGET did to it after the filter; a lossy INPUT is what the filter was given."""
    if picture.format is None or not picture.lossy:
        return []
    fault = f"{picture.lossy} {'are' if picture.lossy.endswith('s') else 'is'} no part of the filter"
    return [f"{target.name}: TARGET is a {picture.format.title}, whose {fault}; {_BETTER}"]


def _check_channels(inputs: int, outputs: int, names: tuple[str, str], model: Model) -> None:
    if model == "full" or inputs == outputs:
        return
    raise ShapeError(
        f"{names[0]} {_described(inputs)}, {names[1]} {_described(outputs)}: the {model} model maps every channel"
        " to itself",
        "--model full maps all of them to all, or make both pictures gray or both RGB",
    )


def _described(channels: int) -> str:
    return "is gray" if channels == 1 else f"has {channels} channels"
