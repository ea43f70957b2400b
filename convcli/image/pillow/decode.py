"""Pillow's images to arrays: modes, depth, palettes, transparency.

A mode that arrays and filters cannot have becomes gray or RGB, with or without alpha, and a note says so.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from convcli.array_types import Array
from convcli.errors import ReadError
from convcli.image.animation import Animation
from convcli.image.metadata import Metadata, fitting_profile, icc_fits
from convcli.image.picture import Picture
from convcli.image.pillow.loaded import Loaded
from convcli.image.samples import TRANSPARENT_COLOR, Samples
from convcli.note import Note

_PLAIN = ("L", "LA", "RGB", "RGBA")

# Pillow's modes that are no arrays of samples: the mode that each becomes, and the note.
_CONVERSIONS: dict[str, tuple[str, Note | None]] = {
    "1": ("L", Note("converted", "its black and white is filtered as 8-bit gray")),
    "La": ("LA", Note("alpha-undone", "its alpha was multiplied into the gray; that is undone")),
    "RGBa": ("RGBA", Note("alpha-undone", "its alpha was multiplied into the colors; that is undone")),
    "RGBX": ("RGB", Note("channels-left-out", "its fourth channel, which is no alpha, is left out")),
    "CMYK": ("RGB", Note("converted", "its CMYK colors are converted to RGB")),
    "YCbCr": ("RGB", Note("converted", "its YCbCr colors are converted to RGB")),
    "LAB": ("RGB", Note("converted", "its Lab colors are converted to RGB")),
    "HSV": ("RGB", Note("converted", "its HSV colors are converted to RGB")),
}
WITHOUT_PROFILE = ("CMYK", "LAB", "HSV")  # their colors are converted to sRGB

# Turns of an array, as Pillow turns an image.
_TURNS: dict[Image.Transpose, Callable[[Array], Array]] = {
    Image.Transpose.FLIP_LEFT_RIGHT: lambda pixels: pixels[:, ::-1],
    Image.Transpose.FLIP_TOP_BOTTOM: lambda pixels: pixels[::-1],
    Image.Transpose.ROTATE_180: lambda pixels: pixels[::-1, ::-1],
    Image.Transpose.ROTATE_90: lambda pixels: pixels.swapaxes(0, 1)[::-1],
    Image.Transpose.ROTATE_270: lambda pixels: pixels.swapaxes(0, 1)[:, ::-1],
    Image.Transpose.TRANSPOSE: lambda pixels: pixels.swapaxes(0, 1),
    Image.Transpose.TRANSVERSE: lambda pixels: pixels.swapaxes(0, 1)[::-1, ::-1],
}

_BAND_BYTES = 1 << 16


def as_picture(loaded: Loaded, name: str, *, notes_palette: bool = True) -> Picture:
    """Return a decoded picture, with all its frames and pages, as arrays; `notes_palette` notes a palette.

    Raises ReadError where Pillow has decoded it to an unknown mode.
    """
    metadata = loaded.metadata
    if loaded.image.mode in WITHOUT_PROFILE:
        metadata = replace(metadata, icc=b"")
    if loaded.pixels is not None:
        samples = [Samples(turned(loaded.pixels, loaded.turn))]
    else:
        images = (loaded.image, *loaded.frames)
        upright = images if loaded.turn is None else [each.transpose(loaded.turn) for each in images]
        samples = [samples_of(each, name, notes_palette=notes_palette) for each in upright]
    picture = picture_of(samples, metadata, None, (*loaded.notes, *samples[0].notes), loaded.animation)
    if not loaded.pages and not loaded.damage and loaded.quality is None and not loaded.lossy:
        return picture
    pages = tuple(as_picture(page, name, notes_palette=notes_palette) for page in loaded.pages)
    return replace(picture, pages=pages, damage=loaded.damage, quality=loaded.quality, lossy=loaded.lossy)


def picture_of(
    samples: list[Samples],
    metadata: Metadata,
    turn: Image.Transpose | None,
    notes: tuple[Note, ...],
    animation: Animation | None = None,
) -> Picture:
    """Return frames, all of one kind, as a picture, upright and without a profile that does not fit its channels."""
    first = samples[0]
    metadata, misfit = fitting_profile(metadata, first.pixels.shape[2] - first.has_alpha)
    frames = tuple(turned(each.pixels, turn) for each in samples)
    return Picture(frames, first.has_alpha, metadata, notes=(*notes, *misfit), animation=animation)


def samples_of(image: Image.Image, name: str, *, notes_palette: bool = True) -> Samples:
    """Return a decoded image as an array of uint8 or uint16; parameters and errors as of `as_picture`."""
    if image.mode.startswith("I;16"):
        return Samples(np.asarray(image).astype(np.uint16)[:, :, np.newaxis])
    mode, notes = _mode_and_notes(image, notes_palette=notes_palette)
    if mode not in _PLAIN:
        raise ReadError(f"{name} holds pixels of a kind that is not read: {mode}", "convert it to gray or RGB first")
    if mode != image.mode:
        image = _converted(image, mode)
    pixels = _pixels(image)
    return Samples(pixels if pixels.ndim == 3 else pixels[:, :, np.newaxis], mode.endswith("A"), notes)


def _pixels(image: Image.Image) -> NDArray[np.uint8]:
    """Return the pixels as numpy.asarray does, in less time.

    That copies the whole picture on the way; a copy of a band stays in the cache. A whole command on a JPEG of 12
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


def turned(pixels: Array, turn: Image.Transpose | None) -> Array:
    """Return pixels (height, width, channels) turned as `PIL.Image.Image.transpose` turns an image, contiguous."""
    return np.ascontiguousarray(pixels if turn is None else _TURNS[turn](pixels))


def _mode_and_notes(image: Image.Image, *, notes_palette: bool) -> tuple[str, tuple[Note, ...]]:
    mode, note = _CONVERSIONS.get(image.mode, (image.mode, None))
    if image.mode in ("P", "PA"):
        mode = "L" if _is_gray_palette(image) else "RGB"
        if notes_palette:
            note = Note("palette", f"its palette is filtered as {'gray' if mode == 'L' else 'RGB'}")
        if image.has_transparency_data:
            mode += "A"
    elif image.mode in ("1", "L", "RGB") and "transparency" in image.info:
        mode += "A"
        note = TRANSPARENT_COLOR
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
            converted = None  # the profile is damaged, or not one for CMYK
        if converted is not None:
            return converted
    return image.convert(mode)
