"""Files compared: two of them, or those of two folders by their names."""

from __future__ import annotations

from dataclasses import replace
from typing import BinaryIO

from convcli.errors import ReadError, UsageError
from convcli.image import Picture, read_picture
from convcli.jobs.comparing.alike import Alike, made_alike
from convcli.jobs.comparing.measures import Figures, measure, pooled
from convcli.jobs.many.finding import NOTHING, PassedOver
from convcli.jobs.matching import match_folders
from convcli.jobs.paths import STREAM, exists, is_folder
from convcli.lazy import dataclass
from convcli.note import Note
from convcli.places import Place, place_of

_STDIN = "stdin"

Source = Place | BinaryIO


@dataclass(frozen=True)
class Compared:
    """The files that are compared: both, and their name, which is empty for two files.

    `missing` are the files of either folder that the other has not, by their paths in it; `passed_over` counts those
    that are no inputs.
    """

    pairs: tuple[tuple[Source, Source, str], ...]
    missing: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    passed_over: PassedOver = NOTHING


@dataclass(frozen=True)
class Comparison:
    """The difference of two files.

    Parameters
    ----------
    names
        Those of the files in messages.
    title
        The name that they have in both folders; empty for two files.
    size
        Height and width of the first frame.
    channels, values, peak
        As in `Alike`.
    frames
        The figures of each channel of each frame.
    notes
        What was left out while reading, and how the files were brought to one form.
    """

    names: tuple[str, str]
    title: str
    size: tuple[int, int]
    channels: tuple[str, ...]
    values: str
    peak: float
    frames: tuple[tuple[Figures, ...], ...]
    notes: tuple[Note, ...] = ()

    @property
    def whole(self) -> Figures:
        """The figures of all channels and frames."""
        return pooled(self.by_frame)

    @property
    def by_frame(self) -> tuple[Figures, ...]:
        """The figures of each frame."""
        return tuple(pooled(each) for each in self.frames)

    @property
    def by_channel(self) -> tuple[Figures, ...]:
        """The figures of each channel."""
        return tuple(pooled(each) for each in zip(*self.frames, strict=True))


def find_compared(first: str, second: str, stdin: BinaryIO) -> Compared:
    """Return what two names stand for: two files, one of which may be ``-`` for the stream, or two folders.

    Raises
    ------
    UsageError
        A folder and a file, both the stream, or no file that is in both folders.
    ReadError
        One of them does not exist, beside a folder.
    """
    names = first, second
    if first == second == STREAM:
        raise UsageError("A and B would both come from standard input", "name a file for one of them")
    folders = [text != STREAM and is_folder(place_of(text)) for text in names]
    if all(folders):
        matched = match_folders(place_of(first), place_of(second))
        return Compared(matched.files, matched.unmatched, matched.passed_over)
    if not any(folders):
        one, other = (stdin if text == STREAM else place_of(text) for text in names)
        return Compared(((one, other, ""),))
    folder, file = names if folders[0] else names[::-1]
    if file != STREAM and not exists(place_of(file)):
        raise ReadError(f"{file} does not exist", "check the name, and the folder you are in")
    raise UsageError(
        f"{folder} is a folder and {'stdin' if file == STREAM else file} is none",
        "give two files, or two folders in which the files of a pair have one name",
    )


def compare_files(first: Source, second: Source, title: str, max_pixels: int) -> tuple[Comparison, Alike]:
    """Return the difference of two files, and their pixels in one form.

    Raises ReadError where one cannot be read, and FileError where they cannot be compared.
    """
    names = _name_of(first), _name_of(second)
    pictures = [read_picture(each, max_pixels=max_pixels, frames="all") for each in (first, second)]
    notes = [note.after(f"{name}: ") for name, each in zip(names, pictures, strict=True) for note in each.notes]
    comparison, alike = compare_pictures(pictures[0], pictures[1], names)
    return replace(comparison, title=title, notes=(*notes, *comparison.notes)), alike


def compare_pictures(first: Picture, second: Picture, names: tuple[str, str]) -> tuple[Comparison, Alike]:
    """Return the difference of two pictures, which messages call by `names`, and their pixels in one form.

    Raises FileError where they cannot be compared.
    """
    alike = made_alike(first, second, names)
    figures = tuple(measure(*pair, alike.peak, number) for number, pair in enumerate(alike.frames))
    height, width, _ = alike.frames[0][0].shape
    return Comparison(names, "", (height, width), alike.channels, alike.values, alike.peak, figures, alike.notes), alike


def _name_of(source: Source) -> str:
    return str(source) if isinstance(source, Place) else _STDIN
