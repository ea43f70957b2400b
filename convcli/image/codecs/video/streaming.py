"""A video to another one, frame by frame: what is held at once does not grow with its length."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import PurePath
from typing import IO, Any, BinaryIO, NamedTuple

import numpy as np

from convcli.array_types import Array
from convcli.errors import ReadError, WriteError
from convcli.image.codecs.video.reading import Shot, VideoReader
from convcli.image.codecs.video.writing import VideoWriter, container_for, encoder_for
from convcli.image.formats import Format
from convcli.image.limit import DEFAULT_MAX_PIXELS
from convcli.image.picture import Picture
from convcli.image.pillow.errors import reading_errors
from convcli.image.read import name_of, opened, source_of, system_errors
from convcli.image.write import encoding_errors
from convcli.note import Note
from convcli.places import Place, State, write_whole

# Gets the number of a frame, from 1, and how many there may be; 0 where that is unknown.
OnFrame = Callable[[int, int], None]


class Written(NamedTuple):
    """A video that was written: the number of its frames, their height and width, and notes."""

    frames: int
    size: tuple[int, int]
    notes: tuple[Note, ...]


class Video:
    """An opened video: a picture of its kind of frames, without their pixels, and the frames."""

    def __init__(self, reader: VideoReader, form: Format, name: str, max_pixels: int) -> None:
        self.reader, self.name = reader, name
        self._about = (name, form.title, max_pixels)
        width, height = reader.size
        dtype = np.dtype(np.uint8 if reader.bits == 8 else np.uint16)
        blank = np.broadcast_to(np.zeros((), dtype), (height, width, 3))
        self.picture = Picture((blank,), notes=tuple(reader.notes), format=form, lossy="compression")

    @property
    def damage(self) -> tuple[Note, ...]:
        """Notes on the parts that are missing, known when the last frame was read."""
        return tuple(self.reader.damage)

    def parts(self, copied: list[int]) -> Iterator[Shot | Any]:
        """Yield what the reader does, with errors that name the file."""
        parts = self.reader.parts(copied)
        while True:
            with system_errors(self.name), reading_errors(*self._about):
                part = next(parts, None)
            if part is None:
                return
            yield part


@contextmanager
def opened_video(
    source: Place | BinaryIO, *, max_pixels: int = DEFAULT_MAX_PIXELS, deep: bool = True
) -> Iterator[Video | None]:
    """Yield a video; None for a file of another kind. Errors are those of `read_picture`."""
    with ExitStack() as stack:
        with system_errors(name_of(source)):
            stream, form = stack.enter_context(opened(source))
        if not form.moving:
            yield None
            return
        given = source_of(source, stream, max_pixels, deep=deep)
        with system_errors(given.name), reading_errors(given.name, form.title, max_pixels):
            reader = VideoReader(given, form)
            stack.callback(reader.close)
            video = Video(reader, form, given.name, max_pixels)
        yield video


def write_video(
    video: Video,
    change: Callable[[Array], Array],
    size: tuple[int, int],
    bits: int,
    target: Place,
    form: Format,
    *,
    quality: int | None = None,
    keeps_texts: bool = True,
    strict: bool = False,
    on_frame: OnFrame | None = None,
    overwrite: bool = False,
    flush_new: bool = True,
    before_naming: Callable[[State], None] | None = None,
) -> Written:
    """Write a video of changed frames, whole or not at all, beside the sound and subtitles of the other one.

    Parameters
    ----------
    change
        Gets a frame (height, width, 3) and returns one of `size` (height, width) and one channel or three.
    bits
        8 or 16 of the changed frames.
    keeps_texts
        Whether titles, chapters and the like are kept.
    strict
        Refuse a video that is damaged; this is known at its end.

    Returns
    -------
    Written
        The frames that are in the file, and notes on what was left out.
    """
    found: list[Written] = []
    encoding = partial(_encoding, video.reader, str(target), form)

    def write(stream: IO[bytes]) -> None:
        with encoding():
            writer = _writer(video.reader, stream, PurePath(target.name).suffix.lower(), size, bits, quality)
        with writer:
            copied = _begin(video.reader, writer, encoding, keeps_texts=keeps_texts)
            count = _write_parts(video, writer, copied, change, on_frame, encoding)
            if strict and video.damage:
                hint = "fetch it or save it again; without --strict the frames that are there are filtered"
                raise ReadError(f"{video.name} is damaged: {video.damage[0]}", hint)
            with encoding():
                writer.finish()
        found.append(Written(count, writer.size, (*video.damage, *writer.notes)))

    write_whole(target, write, overwrite=overwrite, flush_new=flush_new, before_naming=before_naming)
    return found[-1]


def _writer(
    reader: VideoReader, stream: IO[bytes], suffix: str, size: tuple[int, int], bits: int, quality: int | None
) -> VideoWriter:
    colors = reader.colors.at_depth(bits)
    encoder = encoder_for(suffix, colors.bits, reader.stream.codec_context.codec.canonical_name)
    container = container_for(suffix)
    return VideoWriter(
        reader.library, stream, container, encoder, size, colors, reader.rate, reader.unit, quality, reader.screen
    )


def _begin(
    reader: VideoReader, writer: VideoWriter, encoding: Callable[[], AbstractContextManager[None]], *, keeps_texts: bool
) -> dict[int, Any]:
    """Take over streams beside the frames, and texts; return the streams of the output by number."""
    with encoding():
        copied = writer.copy_streams(reader)
        if keeps_texts:
            writer.copy_description(reader)
    return copied


def _write_parts(
    video: Video,
    writer: VideoWriter,
    copied: dict[int, Any],
    change: Callable[[Array], Array],
    on_frame: OnFrame | None,
    encoding: Callable[[], AbstractContextManager[None]],
) -> int:
    """Write changed frames, and packets of the streams that are copied; return the number of frames."""
    count = 0
    for part in video.parts(list(copied)):
        if not isinstance(part, Shot):
            with encoding():
                writer.copy(part, copied[part.stream.index])
            continue
        changed = Shot(change(part.pixels), part.time, part.duration)
        with encoding():
            writer.write(changed)
        count += 1
        if on_frame is not None:
            on_frame(count, video.reader.count)
    return count


@contextmanager
def _encoding(reader: VideoReader, name: str, form: Format) -> Iterator[None]:
    """Put into words what the library raises while it encodes."""
    try:
        with encoding_errors(name, form):
            yield
    except reader.library.error.FFmpegError as error:
        if error.errno is not None and isinstance(error, OSError) and error.__cause__ is None:
            raise
        raise WriteError(f"{name} cannot be written as {form.title}: {error.strerror}", "write another kind") from error
