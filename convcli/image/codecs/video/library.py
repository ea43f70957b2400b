"""FFmpeg by PyAV, and what it is told of a file: the container by its content, so that it follows no playlist."""

from __future__ import annotations

import io
import re
from typing import IO, Any

from convcli.errors import ReadError
from convcli.image.formats import PREFIX, Format
from convcli.image.sampled.extras import missing_library

_CONTAINERS = (
    (rb"(?s).{4}(?:ftyp|moov|mdat|wide)", "mov"),
    (rb"\x1aE\xdf\xa3", "matroska"),
    (rb"RIFF", "avi"),
    (rb"FLV", "flv"),
    (rb"OggS", "ogg"),
    (rb"0&\xb2u", "asf"),
    (rb"\0\0\x01\xba", "mpeg"),
    (rb"\0\0\x01\xb3", "mpegvideo"),
    (rb"", "mpegts"),  # which has no signature
)


def library_of(form: Format) -> Any:
    """Import the library of a format; raise FileError where it is not installed."""
    try:
        import av
    except ImportError:
        raise missing_library(form) from None
    return av


def container_of(stream: IO[bytes]) -> str:
    """Return the library's name of the container of a file that is a video by its first bytes."""
    stream.seek(0)
    prefix = stream.read(PREFIX)
    stream.seek(0)
    return next(name for signature, name in _CONTAINERS if re.match(signature, prefix))


def opened_container(av: Any, stream: IO[bytes], name: str) -> Any:
    """Open a file to read; raise ValueError where it is damaged, of which some errors look like those of a disk."""
    try:
        return av.open(stream, format=name, metadata_errors="replace")
    except av.error.FFmpegError as error:
        raise ValueError(str(error)) from error


class SecondLook(io.RawIOBase):
    """A reader of a file that is being written, with a position of its own.

    The library opens the file once more to move the index of an MP4 to its beginning; the file has no name yet.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._at = stream, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Read as many bytes as there are."""
        kept = self._stream.tell()
        self._stream.seek(self._at)
        data = self._stream.read(len(buffer))
        self._stream.seek(kept)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move, and return the position."""
        kept = self._stream.tell()
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._stream.seek(0, io.SEEK_END)}[whence]
        self._stream.seek(kept)
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        """Return the position."""
        return self._at


def pictures_of(container: Any, name: str) -> Any:
    """Return the stream of a file that is its video, which a cover of an album is not; raise ReadError for none."""
    streams = [each for each in container.streams.video if not each.disposition & each.disposition.attached_pic]
    if not streams or streams[0].codec_context is None:
        raise ReadError(f"{name} has no video that is read, but sound or others", "name a file with frames")
    return streams[0]
