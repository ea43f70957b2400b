"""Pillow's plug-ins, and its switches that hold for the whole process."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import IO, Any

from PIL import Image, ImageFile

_MOST_BYTES = 8  # of a pixel in a file

_NAMES = {"Jpeg2K": "JPEG2000"}  # of formats that have another name than their plug-in


def load_plugin(plugin: str) -> str:
    """Import a plug-in, such as ``Png``; return Pillow's name for its format.

    Pillow itself would import forty to find one. Those of our codecs alone ever read a file: EPS, for one, would start
    Ghostscript.
    """
    import_module(f"PIL.{plugin}ImagePlugin")
    return _NAMES.get(plugin, plugin.upper())


def open_image(stream: IO[bytes], plugin: str) -> ImageFile.ImageFile:
    """Read a file's header with a plug-in; raise whatever Pillow raises.

    `PIL.Image.open` would check the size by its own limit, without saying the size.
    """
    name = load_plugin(plugin)
    stream.seek(0)
    factory, _ = Image.OPEN[name]
    image = factory(stream, "")  # without a file name Pillow maps no file into memory, which is fatal where it shrinks
    # A row is decoded as a whole. In the usual blocks of 64 KB, all that has come of it would be copied for each.
    image.decodermaxblock = max(image.decodermaxblock, _MOST_BYTES * image.width)
    return image


def save_image(image: Image.Image, stream: IO[bytes], plugin: str, options: dict[str, Any]) -> None:
    """Write an image, and those that the option `append_images` appends, with a plug-in; raise whatever Pillow raises.

    `PIL.Image.Image.save` would import the plug-ins of five formats first, which takes 4 ms.
    """
    name = load_plugin(plugin)
    writers = Image.SAVE_ALL if "append_images" in options else Image.SAVE
    if name not in writers:
        raise OSError(f"this Pillow was built without {name}")
    image.encoderinfo = options
    image.encoderconfig = ()
    writers[name](image, stream, "")


class _Switches:
    """Pillow's pixel limit and the filter of its warnings, shared by the threads that read at the moment.

    Both belong to the process. If each read set and restored them, two threads would restore each other's values, and
    the second one's would stay. So the first reader sets them, and the last one restores them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._limits: list[int] = []
        self._own_limit: int | None = None
        self._warnings: warnings.catch_warnings[None] | None = None

    @contextmanager
    def quiet(self, max_pixels: int) -> Iterator[None]:
        """Have Pillow refuse pictures of more than `max_pixels` and suppress its warnings.

        Warnings of other modules, in whatever thread, are as before.
        """
        self._enter(max_pixels)
        try:
            yield
        finally:
            self._leave(max_pixels)

    def _enter(self, max_pixels: int) -> None:
        with self._lock:
            if not self._limits:
                self._own_limit = Image.MAX_IMAGE_PIXELS
                self._warnings = warnings.catch_warnings()
                self._warnings.__enter__()
                warnings.filterwarnings("ignore", module=r"PIL\.")
            self._limits.append(max_pixels)
            self._set_limit()

    def _leave(self, max_pixels: int) -> None:
        with self._lock:
            self._limits.remove(max_pixels)
            self._set_limit()
            if not self._limits and self._warnings is not None:
                self._warnings.__exit__(None, None, None)
                self._warnings = None

    def _set_limit(self) -> None:
        # Pillow refuses what is over twice its limit. Some plug-ins allocate before the size can be checked here, so
        # the limit cannot be off altogether; the size is then compared again with the limit of each picture.
        Image.MAX_IMAGE_PIXELS = -(-max(self._limits) // 2) if self._limits else self._own_limit


quiet = _Switches().quiet
