"""Codec: everything that one file format does, behind one interface.

A format is a row of `formats.FORMATS` and a module, or a package, of its name in `codecs`, which defines a `CODEC`: a
class derived from `Codec`. It is imported when a file of the format is read or written. Without NumPy: pictures are
decoded while that is still being imported.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import cache
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, ClassVar, Literal, Self

from convcli.errors import ReadError
from convcli.image.animation import Clock
from convcli.image.carried_metadata import CarriedMetadata, carried_metadata
from convcli.image.formats import Format, PngEffort
from convcli.image.limit import DEFAULT_MAX_PIXELS, over_limit
from convcli.image.memory import Admit, Outline, admit_decoding
from convcli.lazy import dataclass
from convcli.note import Note

if TYPE_CHECKING:
    from convcli.array_types import Array
    from convcli.image.picture import Picture
    from convcli.places import Remote

# Which of a file's frames or pages: one of them, counted from 0; the first, and a note on the others; or every one.
Frames = int | Literal["first", "all"]


@dataclass(frozen=True)
class Source:
    """A seekable file to read, with its name in messages, and the limits on it.

    `max_pixels` is the largest height × width, of all frames or pages together; `admit` is called before decoding.
    """

    stream: IO[bytes]
    name: str
    max_pixels: int = DEFAULT_MAX_PIXELS
    frames: Frames = "first"
    admit: Admit = admit_decoding
    everything: bool = False  # as of `read_picture`, like the next two
    deep: bool = False
    light: bool = False
    folder: Path | None = None  # of a format whose files are folders, in place of the stream

    def content(self) -> bytes:
        """Return the whole file."""
        self.stream.seek(0)
        return self.stream.read()

    def check_size(self, size: tuple[int, int]) -> None:
        """Refuse a width and height without pixels, or over the limit."""
        width, height = size
        if width * height == 0:
            raise ReadError(f"{self.name} has no pixels: {width}×{height}", "give a picture of at least one pixel")
        if width * height > self.max_pixels:
            raise over_limit(self.name, f"{width}×{height} pixels", self.max_pixels, width * height)

    def check_together(self, count: int, pixels: int) -> None:
        """Refuse frames or pages that are within the limit each, but not together."""
        if pixels > self.max_pixels:
            raise over_limit(self.name, f"{count} frames of {pixels} pixels together", self.max_pixels, pixels)

    def admit_pages(self, outlines: Sequence[Outline]) -> None:
        """Refuse frames or pages that are over the limit together, or have no room in the memory."""
        self.check_together(sum(each.count for each in outlines), sum(each.pixels for each in outlines))
        self.admit(self.name, outlines)


@dataclass(frozen=True)
class Encoding:
    """Choices for writing, described at `write_picture`; a format without use for one ignores it."""

    quality: int | None = None
    png_effort: PngEffort = "balanced"
    threads: int = 1
    overviews: bool = False
    begun: dict[str, Any] | None = None  # the `RowWriter.state` of a writer that has not finished
    suffix: str = ""  # of the output's name, where several kinds of files have one format
    multiscale: bool = False  # whether a Zarr says what a viewer wants to know, as an OME-Zarr


class RowReader(ABC):
    """A picture that is read a few rows at a time: what `Codec.read` would return, in parts.

    `picture` has frames of the whole shape, which take no memory and have no pixels. Of `at_once` rows, which begin at
    multiples, each is decoded with the others; `held` bytes are held all the time. Where they are `in_any_order`, those
    above need not be decoded first.
    """

    picture: Picture
    at_once: int = 1
    held: int = 0
    in_any_order: bool = False

    @abstractmethod
    def read(self, first: int, last: int) -> Array:
        """Return the rows first ≤ y < last, (rows, width, channels); they are asked for from above to below, mostly."""

    def turn_to(self, frame: int) -> None:
        """Read another frame from now on; at first it is the first one."""
        assert frame == 0


class BandReader(RowReader):
    """A picture of bands of `at_once` rows, each of which is decoded as a whole; those that are wanted are held."""

    in_any_order = True

    def __init__(self) -> None:
        self._decoded: dict[int, Array] = {}  # by their number

    @abstractmethod
    def band(self, number: int) -> Array:
        """Decode a band."""

    def read(self, first: int, last: int) -> Array:
        """Return some rows of the bands that they are in."""
        import numpy as np  # here, since pictures are decoded before it is imported

        high = self.at_once
        wanted = range(first // high, -(-last // high))
        self._decoded = {each: self._decoded[each] for each in wanted if each in self._decoded}
        for each in wanted:
            if each not in self._decoded:
                self._decoded[each] = self.band(each)
        begin = wanted[0] * high
        parts = [self._decoded[each] for each in wanted]
        whole = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return whole[first - begin : last - begin]


class RowWriter(ABC):
    """A file that is written a few rows at a time, frame after frame; at the end it is closed, without an error.

    Used in a ``with`` statement, whose end completes the file.
    """

    @abstractmethod
    def write(self, rows: Array) -> None:
        """Write the next rows of a frame, (rows, width, channels)."""

    @abstractmethod
    def finish(self) -> None:
        """Complete the file."""

    def state(self) -> dict[str, Any] | None:
        """Return what another writer needs to go on behind the rows that are written, as JSON holds it.

        The system has all of them then. None where some rows wait, or nobody can go on.
        """
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if kind is None:
            self.finish()


class Codec(ABC):
    """One file format, a row of the table: its files to pictures, and pictures to its files."""

    clock: ClassVar[Clock | None] = None  # of its animations
    # Whether no thread outlives reading and writing, which copies of the process would miss.
    leaves_no_threads: ClassVar[bool] = False
    in_rows: ClassVar[bool] = False  # whether its files are written a few rows at a time, by `row_writer`
    rows_held: ClassVar[int] = 0  # rows that the writer holds
    rows_together: ClassVar[int] = 1  # of the output that are written together; behind them none waits

    def __init__(self, format: Format) -> None:  # noqa: A002 - the word on the command line
        self.format = format

    def count(self, source: Source) -> int:
        """Return the number of frames, pages or items, from the headers."""
        return 1

    def begin(self, source: Source) -> Callable[[], Picture] | None:
        """Decode without NumPy; return the rest of the work, which needs NumPy but not the stream.

        None where the file has to be read at once, by `read`.
        """
        return None

    @abstractmethod
    def read(self, source: Source) -> Picture:
        """Decode the frames or pages that are wanted, once sizes and memory are admitted.

        Raises ReadError for what is too large or of a kind that is not read, and whatever a library raises on a damaged
        file; `pillow.errors.reading_errors` puts it into words.
        """

    def rows(self, source: Source) -> RowReader | None:
        """Return a reader of the rows of the one frame or page that is wanted; None where it is read whole."""
        return None

    def row_writer(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> RowWriter:
        """Return a writer of a picture, given without its pixels, where the format is written `in_rows`."""
        raise NotImplementedError(self.format.title)

    def folder_writer(self, picture: Picture, folder: Path, encoding: Encoding) -> RowWriter:
        """Return a writer into an empty folder, where the files of the format are folders."""
        raise NotImplementedError(self.format.title)

    def folder_behind(self, place: Remote) -> AbstractContextManager[IO[bytes]]:
        """Return a stream without bytes whose `folder` is what is fetched of one behind a URL."""
        raise NotImplementedError(self.format.title)

    def rows_held_for(self, picture: Picture) -> int:
        """Return how many rows the writer holds of what is made of a picture."""
        return self.rows_held

    def rows_together_for(self, picture: Picture) -> int:
        """Return how many rows are written together of what is made of a picture."""
        return self.rows_together

    def largest_side(self, bits: int, channels: int) -> int:
        """Return the largest width or height in pixels that is written; 0 for no limit."""
        return self.format.largest_side

    def holds_profile(self, picture: Picture) -> bool:
        """Return whether the file of a picture says of its colors what its profile says."""
        return self.format.icc

    def carried(self, picture: Picture) -> CarriedMetadata:
        """Return the metadata of a picture that goes into its file."""
        return carried_metadata(picture, self.format)

    def losses(self, picture: Picture) -> list[Note]:
        """Return what is left out of a picture that the format can hold, each for a line of warning."""
        if self.format.array:
            return []
        lost = list(self.carried(picture).lost)
        if picture.animation is not None:
            lost += picture.animation.lost_in(self.clock, self.format.title)
        return lost

    def losses_in(self, picture: Picture, suffix: str) -> list[Note]:
        """Return what is left out in a file with this end of its name, in lower case, where several kinds exist."""
        return self.losses(picture)

    def size_in(self, picture: Picture, suffix: str) -> tuple[int, int]:
        """Return the height and width that a picture has in a file with this end of its name, in lower case."""
        return picture.size

    @abstractmethod
    def write(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> None:
        """Write a picture that the format can hold, with all its frames or pages; raise whatever a library raises.

        `stream` takes the file from its beginning; it can be sought in and read.
        """


@cache
def codec_of(format: Format) -> Codec:  # noqa: A002 - the word on the command line
    """Return the codec of a format, imported on first use."""
    codec: Codec = import_module(f"convcli.image.codecs.{format.codec or format.name}").CODEC(format)
    return codec
