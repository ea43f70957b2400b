"""FFmpeg by PyAV, and what it is told of a file: the container by its content, so that it follows no playlist."""

from __future__ import annotations

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
)


def library_of(form: Format) -> Any:
    """Import the library of a format; raise FileError where it is not installed."""
    try:
        import av
    except ImportError:
        raise missing_library(form) from None
    return av


def opened_container(av: Any, stream: IO[bytes]) -> Any:
    """Open a file to read; raise ValueError where it is damaged, of which some errors look like those of a disk."""
    stream.seek(0)
    prefix = stream.read(PREFIX)
    stream.seek(0)
    name = next(name for signature, name in _CONTAINERS if re.match(signature, prefix))
    try:
        return av.open(stream, format=name, metadata_errors="replace")
    except av.error.FFmpegError as error:
        raise ValueError(str(error)) from error


def pictures_of(container: Any, name: str) -> Any:
    """Return the stream of a file that is its video, which a cover of an album is not; raise ReadError for none."""
    streams = [each for each in container.streams.video if not each.disposition & each.disposition.attached_pic]
    if not streams or streams[0].codec_context is None:
        raise ReadError(f"{name} has no video that is read, but sound or others", "name a file with frames")
    return streams[0]
