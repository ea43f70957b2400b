"""A picture decoded ahead of need, while NumPy and the engine are still being imported.

Pillow lets go of the interpreter lock while it decodes, and imports keep one processor busy for 100 ms.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from convcli.image.reading.frames import Frames
from convcli.image.reading.load import Loaded, load_file

# Seconds after which Python passes the lock on. Pillow asks for it at every 64 KB of a file, and each time would wait
# for the 5 ms that are usual: longer than it takes to decode them.
_SWITCH = 0.0002

_begun: dict[tuple[Path, int, Frames], Future[Loaded | None]] = {}


@contextmanager
def reading_ahead(path: Path, max_pixels: int, frames: Frames = "first") -> Iterator[None]:
    """Decode a picture in another thread, for the `read_picture` that asks for it meanwhile.

    What goes wrong is told there, and only there. At the end of the context the thread has ended.
    """
    usual = sys.getswitchinterval()
    with ThreadPoolExecutor(1) as pool:
        sys.setswitchinterval(_SWITCH)
        _begun[path, max_pixels, frames] = pool.submit(load_file, path, max_pixels, frames)
        try:
            yield
        finally:
            _begun.pop((path, max_pixels, frames), None)
            sys.setswitchinterval(usual)


def taken_ahead(path: Path, max_pixels: int, frames: Frames = "first") -> Loaded | None:
    """Return the picture that was begun, once it is decoded; None where none was, or it is no picture.

    Raises what `load_file` raises. A picture is handed out once.
    """
    begun = _begun.pop((path, max_pixels, frames), None)
    return None if begun is None else begun.result()
