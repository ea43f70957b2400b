"""Pillow's images to pixels: modes, depth, palettes, transparency.

What NumPy arrays and filters cannot have as it is becomes gray or RGB, with or
without alpha, and a note says so; what would lose depth on the way is refused.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from convcli.errors import ReadError
from convcli.image.metadata import icc_fits

Samples = tuple[NDArray[Any], bool, tuple[str, ...]]

_PLAIN = ("L", "LA", "RGB", "RGBA")

# Pillow's modes that are no arrays of samples: what each becomes, and what there is to say.
_CONVERSIONS = {
    "1": ("L", "its black and white is filtered as 8-bit gray"),
    "La": ("LA", "its alpha was multiplied into the gray; that is undone"),
    "RGBa": ("RGBA", "its alpha was multiplied into the colours; that is undone"),
    "RGBX": ("RGB", ""),
    "CMYK": ("RGB", "its CMYK colours are converted to RGB"),
    "YCbCr": ("RGB", "its YCbCr colours are converted to RGB"),
    "LAB": ("RGB", "its Lab colours are converted to RGB"),
    "HSV": ("RGB", "its HSV colours are converted to RGB"),
}

_BITS_PER_SAMPLE = 258  # TIFF tags
_PHOTOMETRIC = 262
_WHITE_IS_ZERO = 0


def refuse_deep_colour(image: Image.Image, name: str) -> None:
    """Refuse a picture whose channels Pillow would cut down to 8 bits without a word.

    Asked before the pixels are decoded: afterwards nothing tells any more.

    Raises
    ------
    ReadError
        More than 8 bits a channel in more than one channel, or floating-point samples.
    """
    if image.mode == "F":
        raise ReadError(
            f"{name} holds floating-point samples, which are not read from a picture file",
            "save the values as .npy",
        )
    deep = not image.mode.startswith("I") and (";16" in _raw_mode(image) or _maxval(image) > 255)
    if deep or max(_tiff_bits(image)[1:], default=8) > 8:
        raise ReadError(
            f"{name} holds 16 bits a channel in colour or with alpha, of which 8 would be lost",
            "convert it to 16-bit gray or to 8 bits a channel first",
        )


def samples(image: Image.Image, name: str) -> Samples:
    """Turn a loaded image into an array.

    Returns
    -------
    tuple
        H×W×C, uint8 or uint16; whether the last channel is alpha; notes.

    Raises
    ------
    ReadError
        Whole numbers that do not fit 16 bits, or a mode that Pillow may learn one day.
    """
    if image.mode.startswith("I"):
        array, notes = _sixteen_bits(image, name)
        return array[:, :, np.newaxis], False, notes
    mode, notes = _mode_and_notes(image)
    if mode not in _PLAIN:
        raise ReadError(f"{name} holds pixels of a kind that is not read: {mode}", "convert it to gray or RGB first")
    if mode != image.mode:
        image = _converted(image, mode)
    array = np.asarray(image)
    return array if array.ndim == 3 else array[:, :, np.newaxis], mode.endswith("A"), notes


def keeps_profile(image: Image.Image) -> bool:
    """Whether the colours stay what the profile of the file describes: other kinds of colour are converted to sRGB."""
    return image.mode not in ("CMYK", "LAB", "HSV")


def _mode_and_notes(image: Image.Image) -> tuple[str, tuple[str, ...]]:
    mode, note = _CONVERSIONS.get(image.mode, (image.mode, ""))
    if image.mode in ("P", "PA"):
        mode = "L" if _is_gray_palette(image) else "RGB"
        note = f"its palette is filtered as {'gray' if mode == 'L' else 'RGB'}"
        if image.has_transparency_data:
            mode += "A"
    elif image.mode in ("1", "L", "RGB") and "transparency" in image.info:
        mode += "A"
        note = "its transparent colour is filtered as an alpha channel"
    return mode, (note,) if note else ()


def _is_gray_palette(image: Image.Image) -> bool:
    icc = image.info.get("icc_profile")
    if image.mode == "PA" or (isinstance(icc, bytes) and not icc_fits(icc, 1)):
        return False  # as gray it could not keep a profile of colours
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


def _sixteen_bits(image: Image.Image, name: str) -> tuple[NDArray[np.uint16], tuple[str, ...]]:
    values = np.asarray(image)
    low, high = int(values.min()), int(values.max())
    if low < 0 or high > 65_535:
        raise ReadError(
            f"{name} holds values from {low} to {high}, which do not fit 16 bits",
            "save the values as .npy",
        )
    gray = values.astype(np.uint16)
    notes = []
    if "transparency" in image.info:
        notes.append("its transparent gray is left out")
    if _tiff_bits(image) == (12,):
        gray = gray << np.uint16(4) | gray >> np.uint16(8)  # the upper bits repeated below: 4095 becomes 65535
        notes.append("its 12 bits are scaled to 16")
    elif _tiff_bits(image) == (32,):
        notes.append("its 32-bit whole numbers are filtered as 16-bit gray")
    if _tiff_tag(image, _PHOTOMETRIC) == _WHITE_IS_ZERO:
        gray = np.uint16(65_535) - gray  # Pillow turns the scale round at 8 bits only
    return gray, tuple(notes)


def depth_notes(image: Image.Image) -> tuple[str, ...]:
    """Say whether an opened, not yet loaded, PGM or PPM has its values scaled to a full scale of its own."""
    maxval = _maxval(image)
    if maxval in (0, 255, 65_535):
        return ()
    return (f"its values, 0 to {maxval}, are scaled to {255 if maxval < 255 else 65_535}",)


def _raw_mode(image: Image.Image) -> str:
    """Return how the file stores a pixel, in Pillow's words; empty where Pillow does not say."""
    tiles = getattr(image, "tile", None)
    if not tiles:
        return ""
    arguments = tiles[0][3]
    first = arguments[0] if isinstance(arguments, tuple) and arguments else arguments
    return first if isinstance(first, str) else ""


def _maxval(image: Image.Image) -> int:
    """Return the value of white in a PGM's or PPM's header; 0 for other formats and for the plain 255."""
    tiles = getattr(image, "tile", None)
    if image.format != "PPM" or not tiles or not isinstance(tiles[0][3], tuple):
        return 0
    last = tiles[0][3][-1]
    return last if isinstance(last, int) else 0


def _tiff_tag(image: Image.Image, tag: int) -> Any:
    return image.tag_v2.get(tag) if hasattr(image, "tag_v2") else None


def _tiff_bits(image: Image.Image) -> tuple[int, ...]:
    bits = _tiff_tag(image, _BITS_PER_SAMPLE)
    return bits if isinstance(bits, tuple) else ()
