"""Pillow's plug-ins, and its switches that hold for the whole process."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import IO, Any

from PIL import Image, ImageFile

# The plug-ins named here are the only ones that ever see a file: EPS, for one, would start Ghostscript.
_PLUGINS = {
    "PNG": "PngImagePlugin",
    "JPEG": "JpegImagePlugin",
    "WEBP": "WebPImagePlugin",
    "AVIF": "AvifImagePlugin",
    "TIFF": "TiffImagePlugin",
    "BMP": "BmpImagePlugin",
    "GIF": "GifImagePlugin",
    "PPM": "PpmImagePlugin",
}

_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",  # with offsets of 64 bits
    b"MM\0+": "TIFF",
    b"BM": "BMP",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
}


def load_plugin(name: str) -> None:
    """Import the plug-in of one format: Pillow itself would import forty to find it."""
    import_module(f"PIL.{_PLUGINS[name]}")


def identify(prefix: bytes) -> str:
    """Pillow's name for the format of a file that begins with `prefix`, 12 bytes or more; empty for none of ours."""
    for signature, name in _SIGNATURES.items():
        if prefix.startswith(signature):
            return name
    if prefix.startswith(b"RIFF") and prefix[8:12] == b"WEBP":
        return "WEBP"
    if prefix[4:8] == b"ftyp" and (b"avif" in prefix[8:] or b"avis" in prefix[8:]):
        return "AVIF"
    if prefix[:1] == b"P" and prefix[1:2] in tuple(b"%d" % kind for kind in range(1, 7)) and prefix[2:3].isspace():
        return "PPM"
    return ""


def open_image(stream: IO[bytes], name: str) -> ImageFile.ImageFile:
    """Read a file's header with the plug-in called `name`; raises whatever Pillow raises.

    `PIL.Image.open` would check the size by its own limit, without saying the size.
    """
    load_plugin(name)
    stream.seek(0)
    factory, _ = Image.OPEN[name]
    return factory(stream, "")  # without a file name Pillow maps no file into memory: one that shrinks cannot kill us


def save_image(image: Image.Image, stream: IO[bytes], name: str, options: dict[str, Any]) -> None:
    """Write an image with the plug-in called `name`; raises whatever Pillow raises.

    `PIL.Image.Image.save` would import the plug-ins of five formats first, which takes 4 ms.
    """
    _save_with(Image.SAVE, image, stream, name, options)


def save_animation(
    frames: Sequence[Image.Image], stream: IO[bytes], name: str, durations: list[int], options: dict[str, Any]
) -> None:
    """Write images of one size as an animation with the plug-in called `name`; raises whatever Pillow raises.

    `durations` are in milliseconds.
    """
    first, *others = frames
    _save_with(Image.SAVE_ALL, first, stream, name, {"append_images": others, "duration": durations, **options})


def _save_with(
    writers: Mapping[str, Callable[[Image.Image, IO[bytes], str], None]],
    image: Image.Image,
    stream: IO[bytes],
    name: str,
    options: dict[str, Any],
) -> None:
    load_plugin(name)
    if name not in writers:
        raise OSError(f"this Pillow was built without {name}")
    image.encoderinfo = options
    image.encoderconfig = ()
    writers[name](image, stream, "")


class _Switches:
    """Pillow's pixel limit and the filter of its warnings, shared by the threads that read at the moment.

    Both belong to the process. Setting and restoring them around each read would
    let two threads restore each other's values, and the second one's would stay.
    So the first reader sets them, and the last one restores them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._limits: list[int] = []
        self._own_limit: int | None = None
        self._warnings: warnings.catch_warnings[None] | None = None

    def enter(self, max_pixels: int) -> None:
        with self._lock:
            if not self._limits:
                self._own_limit = Image.MAX_IMAGE_PIXELS
                self._warnings = warnings.catch_warnings()
                self._warnings.__enter__()
                warnings.filterwarnings("ignore", module=r"PIL\.")
            self._limits.append(max_pixels)
            self._set_limit()

    def leave(self, max_pixels: int) -> None:
        with self._lock:
            self._limits.remove(max_pixels)
            self._set_limit()
            if not self._limits and self._warnings is not None:
                self._warnings.__exit__(None, None, None)
                self._warnings = None

    def _set_limit(self) -> None:
        # Pillow refuses what is over twice its limit. Some plug-ins allocate before anyone else can look at the size,
        # so the limit cannot be off altogether; the size is then compared again with the limit of each picture.
        Image.MAX_IMAGE_PIXELS = -(-max(self._limits) // 2) if self._limits else self._own_limit


_switches = _Switches()


@contextmanager
def quiet(max_pixels: int) -> Iterator[None]:
    """Have Pillow refuse pictures of more than `max_pixels` and keep its warnings to itself.

    Warnings of other modules, in whatever thread, are as before.
    """
    _switches.enter(max_pixels)
    try:
        yield
    finally:
        _switches.leave(max_pixels)
