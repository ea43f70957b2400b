"""PNG of 16 bits a channel: pixels from libpng, metadata from Pillow."""

from __future__ import annotations

import ctypes
import io
import struct
import zlib

import numpy as np
from imagecodecs import PngError, png_decode
from PIL import Image

from convcli.array_types import Array
from convcli.errors import ReadError
from convcli.image.codec import Source
from convcli.image.codecs.png.chunks import LIBPNGS_LARGEST_SIDE, chunk, chunks, png_file
from convcli.image.pillow.plugins import open_image
from convcli.image.samples import TRANSPARENT_COLOR, Samples

_ONE_PIXEL = zlib.compress(bytes(5))  # unfiltered, of up to four channels; what is too much is not read
_GRAY_OR_RGB = {3: 2}  # a palette is RGB without one
_OF_PIXELS = (b"IHDR", b"tRNS", b"IDAT")
# Chunks that do not fit a single pixel of 8 bits, or belong to an animation.
_OF_THE_PIXELS = (b"tRNS", b"bKGD", b"sBIT", b"hIST", b"acTL", b"fcTL", b"fdAT")


def png_samples(source: Source, *, transparent: bool) -> Samples:
    """Decode the pixels of a file of 16 bits a channel, whose size was checked.

    With `transparent` it names one color transparent, which becomes an alpha channel. Raises ReadError where a side is
    longer than libpng's limit, imagecodecs.PngError or ValueError on damage.
    """
    data = source.content()
    width, height = struct.unpack_from(">II", data, 16)
    if max(width, height) > LIBPNGS_LARGEST_SIDE:
        raise ReadError(
            f"{source.name} has {width}×{height} pixels,"
            f" and PNGs of 16 bits are read up to {LIBPNGS_LARGEST_SIDE} on a side",
            "cut it into parts, or convert it to TIFF first",
        )
    pixels = decoded_png(_of_pixels_alone(data))
    if pixels.shape[:2] != (height, width) or pixels.dtype != np.uint16:
        raise ValueError("the header is not that of the pixels")  # another one follows, which libpng believes
    notes = (TRANSPARENT_COLOR,) if transparent else ()
    return Samples(pixels, pixels.shape[2] in (2, 4), notes)


def described_pixel(source: Source) -> Image.Image:
    """Return a picture of one pixel with the metadata of a file; Pillow would decode all pixels to find it."""
    return pixel_described_by(source.content())


def pixel_described_by(file: bytes) -> Image.Image:
    """Return a picture of one pixel with the metadata of a file."""
    parts = []
    pixels = chunk(b"IDAT", _ONE_PIXEL)
    for name, data in chunks(file):
        if name == b"IHDR":
            parts.append(chunk(name, struct.pack(">IIBB", 1, 1, 8, _GRAY_OR_RGB.get(data[9], data[9])) + bytes(3)))
        elif name == b"IDAT":
            parts.append(pixels)
            pixels = b""
        elif name[0] & 0x20 and name not in _OF_THE_PIXELS:  # a small letter: the pixels can be shown without it
            parts.append(chunk(name, data))
    small = io.BytesIO(png_file(*parts))
    image = open_image(small, "Png")
    image.load()
    return image


def decoded_png(file: bytes) -> Array:
    """Decode a whole file without metadata with libpng, which does not report damage behind the pixels."""
    try:
        pixels: Array = png_decode(file)
    except PngError:
        # imagecodecs (2026.3.6) has then given back a reference to None that was not its own, and after some thousand
        # damaged files Python would die of it.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(None))
        raise
    return pixels


def _of_pixels_alone(file: bytes) -> bytes:
    """Return the file, complete, without the chunks that its pixels do not need: libpng does not read up to its end."""
    return png_file(*(chunk(name, data) for name, data in chunks(file) if name in _OF_PIXELS))
