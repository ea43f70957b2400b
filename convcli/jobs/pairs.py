"""INPUT and TARGET, two files or the files of two folders, as pairs to learn from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import BinaryIO, NamedTuple

from convcli.array_types import Array, Bools
from convcli.errors import FileError, ReadError, ShapeError, UsageError
from convcli.image import DEFAULT_MAX_PIXELS, Picture, count_frames, format_of, in_space_of, read_picture
from convcli.jobs.masks import Masks, both, open_masks
from convcli.jobs.matching import Matched, match_folders
from convcli.jobs.paths import STREAM, exists, is_folder, whole
from convcli.lazy import dataclass
from convcli.learning import Elsewhere, LearningPair, Model, Pairs
from convcli.places import Place, place_name, place_of

_STDIN = "stdin"
# Whose sums are added before they are added to those of others: by this the results of all machines are the same. The
# sums of a block take up to 5 MB.
_FILES_OF_A_BLOCK = 4


@dataclass(frozen=True, eq=False)
class Opened:
    """INPUT and TARGET, ready to be learned from.

    Of two folders, each pair is read in its turn. The names are those in messages, in full; in a file that others read
    they go by `titles`. One INPUT file is the `picture` as it was read; the files of two folders are `matched`.
    `masks` are those given.
    """

    pairs: Pairs
    names: tuple[str, str]
    picture: Picture | None = None
    matched: Matched | None = None
    masks: Masks | None = None

    def read_by(self, elsewhere: Elsewhere) -> Opened:
        """Return the same pairs, which other processes read; raise UsageError for those that are not of folders."""
        if not isinstance(self.pairs, _FolderPairs):
            raise UsageError("--scheduler is for the pairs of two folders", "leave it out")
        return replace(self, pairs=replace(self.pairs, elsewhere=elsewhere))

    @property
    def levels(self) -> bool:
        """True for the levels of pictures, False for the values of arrays, by the names of the files."""
        if self.picture is not None:
            return not self.picture.is_array
        form = format_of(self.matched.files[0][1]) if self.matched else None
        return form is not None and not form.array

    @property
    def titles(self) -> tuple[str, str]:
        """INPUT and TARGET by their last names, which reveal nothing of the machine."""
        first, second = (PurePath(name).name or "folder" for name in self.names)
        return first, second


def open_pairs(
    source: str,
    target: str,
    *,
    model: Model | None = "shared",
    max_pixels: int,
    stdin: BinaryIO | None = None,
    mask: str | None = None,
) -> Opened:
    """Find the pairs of INPUT and TARGET: two files, one of which may be ``-`` for the stream `stdin`, or two folders.

    Two files are read at once. The files of two folders are matched by name, and read while the pairs are gone through.
    Pictures of more than `max_pixels` are refused before they are decoded. `mask` names a picture, for all pairs, or a
    folder with the masks of pairs, by their names.

    Raises
    ------
    UsageError
        A folder and a file, no file that has a counterpart, or channels that the model does not map: ``shared`` and
        ``depthwise`` need as many in TARGET as in INPUT; None, one that is found, does not.
    ReadError
        A file cannot be read.
    """
    names = (_name(source), _name(target))
    if source == target == STREAM:
        raise UsageError("INPUT and TARGET would both come from standard input", "name a file for one of them")
    folders = [text != STREAM and is_folder(place_of(text)) for text in (source, target)]
    if all(folders):
        matched = match_folders(place_of(source), place_of(target))
        titles = [name for _, _, name in matched.files]
        masks = None if mask is None else open_masks(mask, titles, max_pixels=max_pixels)
        return Opened(_FolderPairs.of(matched, model, max_pixels, masks), names, matched=matched, masks=masks)
    if any(folders):
        raise _one_folder(names, folders.index(True))
    first, second = (
        read_picture(stdin if text == STREAM and stdin else place_of(text), max_pixels=max_pixels)
        for text in (source, target)
    )
    masks = None if mask is None else open_masks(mask, None, max_pixels=max_pixels)
    return Opened(pairs_of(first, second, names, "", model, masks), names, first, masks=masks)


def _name(text: str) -> str:
    return _STDIN if text == STREAM else place_name(text)


def _one_folder(names: tuple[str, str], which: int) -> ReadError | UsageError:
    folder, other = names[which], names[1 - which]
    if other != _STDIN and not exists(place_of(other)):
        return ReadError(f"{other} does not exist", "check the name, and the folder you are in")
    return UsageError(
        f"{folder} is a folder and {other} is none",
        "give two files, or two folders in which the files of a pair have one name",
    )


class _Files(NamedTuple):
    """The files of a pair, or of several in one array file, `items`; their title, and the mask's file, if there is one.

    `names` are those of INPUT and TARGET in messages.
    """

    source: Place
    target: Place
    title: str
    items: int
    mask: Place | None
    names: tuple[str, str]

    def whole(self) -> _Files:
        """Return the files as other machines know them."""
        mask = None if self.mask is None else whole(self.mask)
        return self._replace(source=whole(self.source), target=whole(self.target), mask=mask)


@dataclass(frozen=True, eq=False)
class _FolderPairs:
    """The pairs of two folders, one file of each in memory at a time; `elsewhere` reads them, where it is given."""

    files: tuple[_Files, ...]
    model: Model | None
    max_pixels: int
    masks: Masks | None
    elsewhere: Elsewhere | None = None
    is_elsewhere: bool = False  # in another process, which may not see the files

    @staticmethod
    def of(matched: Matched, model: Model | None, max_pixels: int, masks: Masks | None) -> _FolderPairs:
        """Return the pairs of matched files."""
        files = []
        for source, target, title in matched.files:
            mask = None if masks is None else masks.place_of(title)
            files.append(_Files(source, target, title, _items(source), mask, (str(source), str(target))))
        return _FolderPairs(tuple(files), model, max_pixels, masks)

    def __len__(self) -> int:
        return sum(each.items for each in self.files)

    def __iter__(self) -> Iterator[LearningPair]:
        for files in self.files:
            first, second = self._read(files)
            yield from pairs_of(first, second, files.names, files.title, self.model, self.masks)

    def blocks(self) -> Sequence[Pairs]:
        """Return the pairs in blocks of some files, for another process without what is open in this one."""
        parts = [
            self.files[first : first + _FILES_OF_A_BLOCK] for first in range(0, len(self.files), _FILES_OF_A_BLOCK)
        ]
        if self.elsewhere is None or len(parts) == 1:
            return [replace(self, files=part, elsewhere=None) for part in parts]
        return [self._of_others(tuple(each.whole() for each in part)) for part in parts]

    def _of_others(self, files: tuple[_Files, ...]) -> _FolderPairs:
        masks = None
        if self.masks is not None:
            places = {each.title: each.mask for each in files if each.mask is not None}
            masks = Masks(None, self.masks.name, places, max_pixels=self.max_pixels)
        return _FolderPairs(files, self.model, self.max_pixels, masks, is_elsewhere=True)

    def _read(self, files: _Files) -> tuple[Picture, Picture]:
        places = files.source, files.target
        try:
            if self.is_elsewhere:
                from convcli.jobs.cluster.worker import check_seen  # a worker of the cluster has it

                for place in (*places, files.mask):
                    check_seen(place)
            first, second = (read_picture(place, max_pixels=self.max_pixels) for place in places)
        except FileError as error:
            message = error.message
            for place, name in zip(places, files.names, strict=True):
                message = message.replace(str(place), name)
            raise type(error)(message, error.hint) from error
        return first, second


def _items(path: Place) -> int:
    """Return the number of pairs that an array file holds; 1 for a damaged one, which is refused when it is read."""
    form = format_of(path)
    if form is None or not form.array:
        return 1
    try:
        return count_frames(path, DEFAULT_MAX_PIXELS)
    except ReadError:
        return 1


def pairs_of(
    first: Picture, second: Picture, names: tuple[str, str], title: str, model: Model | None, masks: Masks | None
) -> tuple[LearningPair, ...]:
    """Return a pair for each item of INPUT and TARGET, which messages call by `names`; `title` is that of the pair.

    Raises ShapeError where items or channels do not go together, and the errors of `Masks.of`.
    """
    if len(first.frames) != len(second.frames):
        is_table = len(second.frames) == 1 and second.frames[0].shape[0] == len(first.frames) > 1
        raise ShapeError(
            f"{names[0]} holds {len(first.frames)} items, {names[1]} holds {len(second.frames)}",
            f"--layers LAYERS --loss cross-entropy learns the classes in a table of {len(first.frames)} rows"
            if is_table
            else "give every item of INPUT its item of TARGET",
        )
    is_array = first.is_array or second.is_array
    converted = None if is_array else in_space_of(second, first)
    second = converted or second
    inputs, targets = ([frame[:, :, : each.colors] for frame in each.frames] for each in (first, second))
    if model in (None, "shared") and not is_array:
        inputs, targets = _gray_like(inputs, targets), _gray_like(targets, inputs)
    _check_channels(inputs[0].shape[2], targets[0].shape[2], names, model)
    # A lossy INPUT is what the filter was given.
    lossy = _lossy(second, names[1])
    notes = (*_notes(first, names[0]), *_notes(second, names[1]), *lossy)
    if converted is not None:
        space = "the color profile of INPUT" if first.metadata.icc else "sRGB"
        notes = (f"{names[1]}: its colors are converted to {space}, as the color profiles differ", *notes)
    pairs = []
    given = masks.of(title, second, names[1]) if masks else None
    for index, (before, after) in enumerate(zip(inputs, targets, strict=True)):
        item = f"item {index}" if len(inputs) > 1 else ""
        name = ", ".join(filter(None, (title, item)))
        opaque, source_mask = (_opaque(each, index) for each in (second, first))
        mask = both(opaque, given[index] if given else None)
        pairs.append(LearningPair(before, after, name, () if index else notes, bool(lossy), mask, source_mask))
    return tuple(pairs)


def _gray_like(frames: list[Array], others: list[Array]) -> list[Array]:
    """Return frames in RGB as gray, where the others are gray and the channels of the first are alike."""
    if others[0].shape[2] != 1 or frames[0].shape[2] != 3 or (frames[0][:, :, :1] != frames[0][:, :, 1:]).any():
        return frames
    return [frame[:, :, :1] for frame in frames]


def _opaque(picture: Picture, index: int) -> Bools | None:
    """Return the pixels of a frame that are opaque, bool (height, width, 1); None where all are."""
    if not picture.has_alpha:
        return None
    opaque: Bools = picture.frames[index][:, :, -1:] >= picture.full_scale
    return None if opaque.all() else opaque


def _notes(picture: Picture, name: str) -> list[str]:
    notes = [f"{name}: {note}" for note in picture.notes]
    opaque = _opaque(picture, 0)
    if opaque is not None:
        share = 100 * (1 - float(opaque.mean()))
        notes.append(f"{name}: {share:.2g} % of its pixels are transparent and left out")
    return notes


def _lossy(picture: Picture, name: str) -> list[str]:
    """Return a note on how the format of TARGET changed it after the filter, if it did."""
    if picture.format is None or not picture.lossy:
        return []
    fault = f"{picture.lossy} {'are' if picture.lossy.endswith('s') else 'is'} no part of the filter"
    title = picture.format.title
    article = "an" if title[0] in "AEIOU" else "a"
    better = "weights are more exact from PNG, TIFF or .npy"
    return [f"{name}: TARGET is {article} {title}, whose {fault}; {better}"]


def _check_channels(inputs: int, outputs: int, names: tuple[str, str], model: Model | None) -> None:
    if model in (None, "full") or inputs == outputs:
        return
    first, second = ("is gray" if count == 1 else f"has {count} channels" for count in (inputs, outputs))
    raise ShapeError(
        f"{names[0]} {first}, {names[1]} {second}: the {model} model maps every channel to itself",
        "--model full maps all of them to all, or make both pictures gray or both RGB",
    )
