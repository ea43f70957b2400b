"""Files on their way from or to another machine: in memory, or on the disk where they are large."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable
from typing import IO

# Bytes of a file in memory: of a picture of some 20 megapixels, which takes as much when it is decoded.
IN_MEMORY = 64 * 2**20

_large: list[tuple[object, str, int]] = []  # the last large file that was fetched, its ETag, and a number of it


def filled(chunks: Iterable[bytes]) -> IO[bytes]:
    """Return a file of these bytes, at its beginning; one on the disk has no name, and is gone with this process."""
    stream: IO[bytes] = io.BytesIO()
    for chunk in chunks:
        stream.write(chunk)
        if isinstance(stream, io.BytesIO) and stream.tell() > IN_MEMORY:
            import tempfile  # here, since few files are so large

            with tempfile.TemporaryFile() as larger:
                number = os.dup(larger.fileno())
            larger = io.BufferedRandom(_Nameless(number, "r+b"))
            larger.write(stream.getbuffer())
            stream = larger
    stream.seek(0)
    return stream


class _Nameless(io.FileIO):
    """A file without a name, in place of its number, which tifffile would take for one."""

    @property
    def name(self) -> str:
        return ""

    @name.setter
    def name(self, _: object) -> None:
        """Leave out the number, which the constructor sets."""


def opened(place: object, read: Callable[[], tuple[IO[bytes], str]], etag: Callable[[], str]) -> IO[bytes]:
    """Return a file to read, by `read`; a large one that is read once more, as in strips, is not fetched again.

    `etag` is called for the one that the place has by now.
    """
    for kept, known, number in _large:
        if kept is place or (kept == place and known and etag() == known):
            os.lseek(number, 0, os.SEEK_SET)
            return io.BufferedReader(_Nameless(os.dup(number), "rb"))
    stream, found = read()
    if not isinstance(stream, io.BytesIO):
        while _large:
            os.close(_large.pop()[2])
        _large.append((place, found, os.dup(stream.fileno())))
    return stream
