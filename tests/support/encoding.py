"""Files in memory: of Pillow's pictures, of ours, and of tifffile's arrays."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageCms

from convcli.image import Picture, format_named, write_picture


def srgb_profile() -> bytes:
    """Return an ICC profile, the same each time: bytes 24 to 35 would hold the moment at which it was made."""
    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return made[:24] + bytes.fromhex("07ea 0001 0001 0000 0000 0000") + made[36:]


SRGB = srgb_profile()


def by_pillow(image: Image.Image, name: str, **options: Any) -> bytes:
    """Return a picture as Pillow writes it in the format of this name."""
    stream = io.BytesIO()
    image.save(stream, name, **options)
    return stream.getvalue()


def by_convcli(picture: Picture, name: str, **options: Any) -> bytes:
    """Return a picture as convcli writes it in the format of this name."""
    stream = io.BytesIO()
    write_picture(picture, stream, format_named(name), **options)
    return stream.getvalue()


def tiff(values: NDArray[Any], **options: Any) -> bytes:
    """Return an array as tifffile writes it."""
    stream = io.BytesIO()
    tifffile.imwrite(stream, values, **options)
    return stream.getvalue()


def npy(array: NDArray[Any]) -> bytes:
    """Return an array as NumPy saves it."""
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()
