"""A picture decoded ahead of need, while NumPy and the engine are still being imported.

Pillow releases the interpreter lock while it decodes, and imports keep one processor busy for 100 ms.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from convcli.errors import ConvcliError
from convcli.image.codec import Frames, Source, codec_of
from convcli.image.formats import Format, identified
from convcli.image.memory import LARGE, Outline
from convcli.image.pillow.errors import reading_errors
from convcli.places import Place

if TYPE_CHECKING:
    from convcli.image.picture import Picture

# Seconds after which Python passes the lock on. Pillow asks for it at every 64 KB of a file, and each time would wait
# for the usual 5 ms: longer than it takes to decode them.
_SWITCH = 0.0002


class Begun(NamedTuple):
    """A picture that is decoded: what its memory is judged by, and a call that makes arrays of it."""

    outlines: Sequence[Outline]
    finish: Callable[[], Picture]


_begun: dict[tuple[Place, int, Frames], Future[Begun | None]] = {}


@contextmanager
def reading_ahead(path: Place, max_pixels: int, frames: Frames = "first") -> Iterator[None]:
    """Decode a picture in a thread that ends with the context; the next `read_picture` of it raises all errors."""
    usual = sys.getswitchinterval()
    with ThreadPoolExecutor(1) as pool:
        sys.setswitchinterval(_SWITCH)
        _begun[path, max_pixels, frames] = pool.submit(_begin, path, max_pixels, frames)
        try:
            yield
        finally:
            _begun.pop((path, max_pixels, frames), None)
            sys.setswitchinterval(usual)


def take_decoded(path: Place, max_pixels: int, frames: Frames = "first") -> Begun | None:
    """Return the picture that was begun, once; None as of `_begin`; raise what `Codec.begin` raises."""
    begun = _begun.pop((path, max_pixels, frames), None)
    return None if begun is None else begun.result()


class _NotAheadError(ConvcliError):
    """A picture that is decoded only when its use is known."""


def _begin(path: Place, max_pixels: int, frames: Frames) -> Begun | None:
    """Decode a picture file; None where it is no ordinary file, no picture, large, or has to be read at once."""
    if not path.is_file():
        return None
    with path.open("rb") as stream:
        form = identified(stream, str(path))
        if form is None or form.array:
            return None
        outlines: list[Outline] = []

        def note(name: str, found: Sequence[Outline]) -> None:
            _leave_large(name, found)
            outlines.extend(found)

        try:
            with reading_errors(str(path), form.title, max_pixels):
                finish = codec_of(form).begin(
                    Source(stream, str(path), max_pixels, frames, note, everything=True, deep=True)
                )
        except _NotAheadError:
            return None
    return None if finish is None else Begun(outlines, partial(_finish, finish, path, form, max_pixels))


def _finish(finish: Callable[[], Picture], path: Place, form: Format, max_pixels: int) -> Picture:
    with reading_errors(str(path), form.title, max_pixels):
        return replace(finish(), format=form)


def _leave_large(name: str, outlines: Sequence[Outline]) -> None:
    if sum(each.decoding for each in outlines) >= LARGE:
        raise _NotAheadError(name)
