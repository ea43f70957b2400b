"""A file whose rows are read as they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from convcli.array_types import Array
from convcli.image.codec import Frames, RowReader, codec_of
from convcli.image.formats import Format
from convcli.image.limit import DEFAULT_MAX_PIXELS
from convcli.image.memory import Admit, admit_decoding
from convcli.image.picture import Picture
from convcli.image.pillow.errors import reading_errors
from convcli.image.read import judged, opened, read_picture, source_of, system_errors
from convcli.places import Place


@contextmanager
def opened_rows(
    path: Place,
    *,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    frames: Frames = "first",
    admit: Admit = admit_decoding,
    strict: bool = False,
) -> Iterator[RowReader | None]:
    """Yield a reader of the rows of a file; None where it has several frames or pages that go through together.

    A format that is decoded whole is, once `admit` has agreed. Other arguments and errors are those of `read_picture`.
    """
    name = str(path)
    with ExitStack() as stack:
        with system_errors(name):
            stream, form = stack.enter_context(opened(path))
            with reading_errors(name, form.title, max_pixels):
                reader = codec_of(form).rows(source_of(path, stream, max_pixels, frames, admit))
        if reader is not None:
            yield _NamedRows(reader, form, name, max_pixels, strict=strict)
            return
    picture = read_picture(path, max_pixels=max_pixels, frames=frames, admit=admit, strict=strict)
    yield WholeRows(picture) if picture.count == 1 or picture.is_array else None


class _NamedRows(RowReader):
    """The rows of a file, whose errors name it."""

    def __init__(self, reader: RowReader, form: Format, name: str, max_pixels: int, *, strict: bool) -> None:
        self._reader, self._about = reader, (name, form.title, max_pixels)
        self.at_once, self.held, self.in_any_order = reader.at_once, reader.held, reader.in_any_order
        self.picture = judged(replace(reader.picture, format=form), name, strict=strict)

    def read(self, first: int, last: int) -> Array:
        """Return some rows."""
        name, *_ = self._about
        with system_errors(name), reading_errors(*self._about):
            return self._reader.read(first, last)

    def turn_to(self, frame: int) -> None:
        """Read another frame."""
        self._reader.turn_to(frame)


class WholeRows(RowReader):
    """The rows of a picture in memory."""

    def __init__(self, picture: Picture) -> None:
        self._frames = picture.frames
        self._frame = picture.frames[0]
        self.picture = picture.without_pixels(self._frame.shape, self._frame.dtype, len(self._frames))
        self.held = sum(each.nbytes for each in self._frames)

    def read(self, first: int, last: int) -> Array:
        """Return some rows."""
        return self._frame[first:last]

    def turn_to(self, frame: int) -> None:
        """Read another frame."""
        self._frame = self._frames[frame]
