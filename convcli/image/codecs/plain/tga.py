"""TGA: whether its alpha is one. Without NumPy."""

from __future__ import annotations

from PIL import Image

_BITS_OF_ALPHA = 0x0F  # of the last byte of the header


def mended(image: Image.Image, beginning: bytes) -> Image.Image:
    """Return an image without the alpha that its file does not mean.

    Where the header names no bits of alpha, those that are there are alpha all the same if any is set, as in files of
    old programs, and nothing but padding if none is.
    """
    if image.mode != "RGBA" or beginning[17] & _BITS_OF_ALPHA:
        return image
    is_padding = beginning[16] < 32 or image.getchannel("A").getextrema() == (0, 0)
    return image.convert("RGB") if is_padding else image
