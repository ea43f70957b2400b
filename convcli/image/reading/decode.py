"""Pillow's images to pixels: modes, depth, palettes, transparency.

What NumPy arrays and filters cannot have as it is becomes gray or RGB, with or
without alpha, and a note says so. What would lose depth on the way never comes here.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from convcli.errors import ReadError
from convcli.image.metadata import fitting_profile, icc_fits
from convcli.image.picture import Picture
from convcli.image.pillow.errors import pillow_at_work
from convcli.image.reading.load import Loaded

Samples = tuple[NDArray[Any], bool, tuple[str, ...]]

_PLAIN = ("L", "LA", "RGB", "RGBA")

# Pillow's modes that are no arrays of samples: what each becomes, and what there is to say.
_CONVERSIONS = {
    "1": ("L", "its black and white is filtered as 8-bit gray"),
    "La": ("LA", "its alpha was multiplied into the gray; that is undone"),
    "RGBa": ("RGBA", "its alpha was multiplied into the colors; that is undone"),
    "RGBX": ("RGB", "its fourth channel, which is no alpha, is left out"),
    "CMYK": ("RGB", "its CMYK colors are converted to RGB"),
    "YCbCr": ("RGB", "its YCbCr colors are converted to RGB"),
    "LAB": ("RGB", "its Lab colors are converted to RGB"),
    "HSV": ("RGB", "its HSV colors are converted to RGB"),
}

# What turns an array as Pillow turns an image.
_TURNS: dict[Image.Transpose, Callable[[NDArray[Any]], NDArray[Any]]] = {
    Image.Transpose.FLIP_LEFT_RIGHT: lambda pixels: pixels[:, ::-1],
    Image.Transpose.FLIP_TOP_BOTTOM: lambda pixels: pixels[::-1],
    Image.Transpose.ROTATE_180: lambda pixels: pixels[::-1, ::-1],
    Image.Transpose.ROTATE_90: lambda pixels: pixels.swapaxes(0, 1)[::-1],
    Image.Transpose.ROTATE_270: lambda pixels: pixels.swapaxes(0, 1)[:, ::-1],
    Image.Transpose.TRANSPOSE: lambda pixels: pixels.swapaxes(0, 1),
    Image.Transpose.TRANSVERSE: lambda pixels: pixels.swapaxes(0, 1)[::-1, ::-1],
}

_BAND_BYTES = 1 << 16


def as_picture(loaded: Loaded, name: str, max_pixels: int) -> Picture:
    """Turn a loaded picture, with all its frames and pages, into arrays; messages call it `name`.

    Raises
    ------
    ReadError
        A mode that Pillow may learn one day, or damage that shows only now.
    """
    image, metadata = loaded.image, loaded.metadata
    with pillow_at_work(name, loaded.kind, max_pixels):
        no_notes: tuple[str, ...] = ()
        if loaded.pixels is not None:
            first, *others = [(turned(loaded.pixels, loaded.turn), False, no_notes)]
        else:
            first, *others = (
                _samples(each if loaded.turn is None else each.transpose(loaded.turn), name)
                for each in (image, *loaded.frames)
            )
        array, has_alpha, notes = first
        pages = tuple(as_picture(page, name, max_pixels) for page in loaded.pages)
    if not _keeps_profile(image):
        metadata = replace(metadata, icc=b"")
    metadata, misfit = fitting_profile(metadata, array.shape[2] - has_alpha)
    arrays = (array, *(other for other, _, _ in others))
    return Picture(
        arrays, has_alpha, metadata, notes=loaded.notes + notes + misfit, animation=loaded.animation, pages=pages
    )


def _samples(image: Image.Image, name: str) -> Samples:
    """Turn a loaded image into an array.

    Returns
    -------
    tuple
        H×W×C, uint8 or uint16; whether the last channel is alpha; notes.

    Raises
    ------
    ReadError
        A mode that Pillow may learn one day.
    """
    if image.mode.startswith("I;16"):
        return np.asarray(image).astype(np.uint16)[:, :, np.newaxis], False, ()
    mode, notes = _mode_and_notes(image)
    if mode not in _PLAIN:
        raise ReadError(f"{name} holds pixels of a kind that is not read: {mode}", "convert it to gray or RGB first")
    if mode != image.mode:
        image = _converted(image, mode)
    pixels = _pixels(image)
    return pixels if pixels.ndim == 3 else pixels[:, :, np.newaxis], mode.endswith("A"), notes


def _pixels(image: Image.Image) -> NDArray[np.uint8]:
    """Return the pixels as numpy.asarray does, in less time.

    That makes a copy of the whole picture on the way; one of a band stays in the cache. A whole command on a JPEG of 12
    megapixels takes 0.95 of the time. Bands of 256 KB took three times as long as these.
    """
    width, height = image.size
    bands = len(image.getbands())
    pixels = np.empty((height, width, bands) if bands > 1 else (height, width), np.uint8)
    rows = max(1, _BAND_BYTES // (width * bands))
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        pixels[top:bottom] = np.asarray(image.crop((0, top, width, bottom)))
    return pixels


def turned(pixels: NDArray[Any], turn: Image.Transpose | None) -> NDArray[Any]:
    """Return pixels (height, width, channels) turned as `PIL.Image.Image.transpose` turns an image."""
    return pixels if turn is None else _TURNS[turn](pixels)


def _keeps_profile(image: Image.Image) -> bool:
    """Whether the colors stay what the profile of the file describes: other kinds of color are converted to sRGB."""
    return image.mode not in ("CMYK", "LAB", "HSV")


def _mode_and_notes(image: Image.Image) -> tuple[str, tuple[str, ...]]:
    mode, note = _CONVERSIONS.get(image.mode, (image.mode, ""))
    if image.mode in ("P", "PA"):
        mode = "L" if _is_gray_palette(image) else "RGB"
        if image.format != "GIF":  # which knows nothing else
            note = f"its palette is filtered as {'gray' if mode == 'L' else 'RGB'}"
        if image.has_transparency_data:
            mode += "A"
    elif image.mode in ("1", "L", "RGB") and "transparency" in image.info:
        mode += "A"
        note = "its transparent color is filtered as an alpha channel"
    return mode, (note,) if note else ()


def _is_gray_palette(image: Image.Image) -> bool:
    icc = image.info.get("icc_profile")
    if image.mode == "PA" or (isinstance(icc, bytes) and not icc_fits(icc, 1)):
        return False  # as gray it could not keep a profile of colors
    used = np.flatnonzero(image.histogram()[:256])
    palette = np.array(image.getpalette() or [], dtype=np.uint8).reshape(-1, 3)
    shown = palette[used[used < len(palette)]]
    return bool((shown == shown[:, :1]).all())


def _converted(image: Image.Image, mode: str) -> Image.Image:
    icc = image.info.get("icc_profile")
    if image.mode == "CMYK" and isinstance(icc, bytes):
        from PIL import ImageCms  # here, since hardly any picture needs it: 2 ms

        try:
            profiles = ImageCms.ImageCmsProfile(io.BytesIO(icc)), ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, *profiles, outputMode=mode)
        except (ImageCms.PyCMSError, OSError):
            converted = None  # the profile is damaged, or meant for something else than CMYK
        if converted is not None:
            return converted
    return image.convert(mode)
