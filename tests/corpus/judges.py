"""Independent decoders, as many as are installed: the first frame of a file, as shares of full scale."""

from __future__ import annotations

import logging
import re
import shutil
import subprocess
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Shares = NDArray[np.float64]  # H×W×C

_WHITE = 65_535
_BYTE = 8  # bits
_OF_JPEG = re.compile(rb"\xff[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf]\0.(.)", re.DOTALL)  # a frame, and its bits
_WHITE_IS_ZERO = 0  # a kind of TIFF

_LIMIT = 30  # seconds for a file
_MOST_PIXELS = 20_000_000


def judges() -> list[str]:
    """Return the names of the decoders that are installed."""
    found = ["Pillow"]
    found += ["imagecodecs"] if find_spec("imagecodecs") and find_spec("tifffile") else []
    found += ["libvips"] if find_spec("pyvips") else []
    found += ["ImageMagick"] if _magick() else []
    return found


@cache
def _magick() -> str:
    """Return the name of ImageMagick's program, of version 7 or 6; empty where another has that name, or none."""
    for name in ("magick", "convert"):
        if shutil.which(name):
            about = subprocess.run([name, "--version"], capture_output=True, text=True, timeout=_LIMIT, check=False)
            if "ImageMagick" in about.stdout:
                return name
    return ""


class Bench:
    """The decoders, in a process of their own: a file that kills or stops one ends that process alone.

    The process alone has the other end of its pipe, so that what it did not send whole is an end, and no wait.
    """

    def __init__(self) -> None:
        self._judge: tuple[SpawnProcess, Connection] | None = None

    def decodings(self, path: Path) -> Iterator[tuple[str, Shares]]:
        """Yield what each decoder makes of a file, of those that read it."""
        for name in judges():
            _, pipe = self._judge = self._judge or _begun()
            try:
                pipe.send((name, path))
                if not pipe.poll(_LIMIT):
                    raise TimeoutError
                decoded = pipe.recv()
            except (EOFError, OSError):  # it died, or takes too long
                self.close()
                continue
            if decoded is not None:
                yield name, decoded

    def close(self) -> None:
        """End the process."""
        if self._judge is not None:
            process, pipe = self._judge
            process.kill()
            process.join()
            pipe.close()
            self._judge = None


def _begun() -> tuple[SpawnProcess, Connection]:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_judge, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def _judge(pipe: Connection) -> None:
    """Answer with what decoders make of files, until the pipe closes."""
    with suppress(EOFError):
        while True:
            pipe.send(_decoded(*pipe.recv()))


def _decoded(name: str, path: Path) -> Shares | None:
    """Return what a decoder makes of a file; None where it raises, whatever that is."""
    logging.disable()
    with warnings.catch_warnings(), suppress(Exception):
        warnings.simplefilter("ignore")
        return _DECODERS[name](path)
    return None


def shares(values: NDArray[Any], white: float | None = None) -> Shares:
    """Return values as shares of full scale, gray as one channel; of several frames those of the first.

    Floats and signed numbers are shares already; of numbers of more than 16 bits 65535 is full scale.
    """
    values = values[0] if values.ndim == 4 else values
    array = values[:, :, np.newaxis] if values.ndim == 2 else values
    if array.dtype == bool:
        return array.astype(np.float64)
    full = white or (float(min(_WHITE, np.iinfo(array.dtype).max)) if array.dtype.kind == "u" else 1.0)
    return array.astype(np.float64) / full


def difference(one: Shares, other: Shares) -> float:
    """Return the largest difference of what is seen on black and on white; infinite where the sizes differ."""
    if one.shape[:2] != other.shape[:2]:
        return np.inf
    colors, alpha = _seen(one)
    others, other_alpha = _seen(other)
    if colors.shape[2] > 4 or others.shape[2] > 4:
        count = min(colors.shape[2], others.shape[2])
        return _largest(colors[:, :, :count] - others[:, :, :count])
    return max(_largest(colors * alpha - others * other_alpha), _largest(alpha - other_alpha))


def _largest(differences: Shares) -> float:
    return float(np.nanmax(np.abs(differences), initial=0.0))


def _seen(picture: Shares) -> tuple[Shares, Shares]:
    channels = picture.shape[2]
    if channels not in (2, 4):
        return picture, np.ones((*picture.shape[:2], 1))
    return picture[:, :, :-1], picture[:, :, -1:]


def _by_pillow(path: Path) -> Shares:
    from PIL import Image, ImageOps

    with Image.open(path) as opened:
        if opened.width * opened.height > _MOST_PIXELS:
            raise ValueError("too large to judge")
        if getattr(opened, "default_image", False):
            opened.seek(1)  # the first frame of an animation, which its picture for other programs is not
        image = ImageOps.exif_transpose(opened)
        if image.mode.startswith("I;16"):
            return shares(np.asarray(image).astype(np.uint16))
        if image.mode == "I":
            return shares(np.asarray(image), _WHITE)
        if image.mode == "F":
            return shares(np.asarray(image))
        if image.mode in ("L", "RGB", "LA", "RGBA") and "transparency" not in image.info:
            return shares(np.asarray(image))
        return shares(np.asarray(image.convert("RGBA" if image.has_transparency_data else "RGB")))


def _by_imagecodecs(path: Path) -> Shares:
    import imagecodecs
    from tifffile import TiffFile, TiffPage

    data = path.read_bytes()
    if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        with TiffFile(path) as file:
            page = file.pages[0]
            assert isinstance(page, TiffPage)
            values = page.asarray(squeeze=False)
            pixels = values[:, 0].transpose(1, 2, 0, 3).reshape(values.shape[2], values.shape[3], -1)
            found = shares(pixels, min(_WHITE, 2.0**page.bitspersample - 1) if pixels.dtype.kind == "u" else None)
            return 1 - found if int(page.photometric) == _WHITE_IS_ZERO else found
    if data[4:8] == b"ftyp":
        values = imagecodecs.avif_decode(data)
        values = values[0] if values.ndim == 4 else values
        white = None if values.dtype == np.uint8 else float((1 << max(10, int(values.max()).bit_length())) - 1)
        return shares(values, white)
    if data.startswith((b"\xff\x0a", b"\0\0\0\x0cJXL ")):
        values = imagecodecs.jpegxl_decode(data)
        white = float((1 << int(values.max()).bit_length()) - 1) if values.dtype.kind == "u" else None
        return shares(values, white or None)
    values = imagecodecs.imread(data)
    header = _OF_JPEG.search(data) if data.startswith(b"\xff\xd8") else None
    bits = header[1][0] if header is not None else _BYTE
    return shares(values, 2.0**bits - 1 if bits > _BYTE and values.dtype.kind == "u" else None)


def _by_libvips(path: Path) -> Shares:
    import pyvips

    image = pyvips.Image.new_from_file(str(path)).autorot()
    if image.width * image.height > _MOST_PIXELS:
        raise ValueError("too large to judge")
    if image.interpretation in ("cmyk", "lab", "labs"):
        image = image.colourspace("srgb")
    values = image.numpy()
    return shares(values, _WHITE if image.interpretation in ("grey16", "rgb16") else None)


def _by_imagemagick(path: Path) -> Shares:
    """Decode with the program, into a TIFF of RGB with alpha of 16 bits; it would hand over inks and palettes."""
    import io

    from tifffile import imread

    command = [_magick(), f"{path}[0]", "-auto-orient", "-colorspace", "sRGB"]
    command += ["-type", "TrueColorAlpha", "-depth", "16", "tiff:-"]
    made = subprocess.run(command, capture_output=True, timeout=_LIMIT, check=True).stdout
    return shares(imread(io.BytesIO(made)))


_DECODERS: dict[str, Callable[[Path], Shares]] = {
    "Pillow": _by_pillow,
    "imagecodecs": _by_imagecodecs,
    "libvips": _by_libvips,
    "ImageMagick": _by_imagemagick,
}
