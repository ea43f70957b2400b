"""Writing JPEG: pixels compressed straight from their array, behind the segments of metadata that Pillow makes.

Pillow has four bytes for a pixel of three channels. To copy 12 megapixels there takes 30 ms, and to take them out again
for libjpeg as long; libjpeg itself takes 50.
"""

from __future__ import annotations

import io
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from convcli.image.pillow import save_image
from convcli.image.to_pillow import to_pillow

# Edges of saturated colour, which is what many filters make, blur visibly when the colours are stored at half the size.
# ImageMagick and libvips, too, store them whole from quality 90.
_WHOLE_COLOURS_FROM = 90
_WHOLE_COLOURS, _HALVED_COLOURS = "4:4:4", "4:2:0"

_WORTH_AN_IMPORT = 1 << 20  # bytes of pixels: importing imagecodecs takes 2 ms, which is saved from there on

# The second bytes of markers; the first is 0xFF.
_APPLICATION, _COMMENT = range(0xE0, 0xF0), 0xFE


def write_jpeg(frame: NDArray[Any], stream: IO[bytes], quality: int, metadata: dict[str, Any]) -> None:
    """Write one frame.

    Parameters
    ----------
    frame
        Gray (height, width, 1) or RGB (height, width, 3) of uint8.
    stream
        Takes the file, which is the one that Pillow would write.
    quality
        From 1 to 100.
    metadata
        Keywords for Pillow's `save`.
    """
    colours = _WHOLE_COLOURS if quality >= _WHOLE_COLOURS_FROM else _HALVED_COLOURS
    options = metadata | {"quality": quality, "subsampling": colours}
    if frame.nbytes < _WORTH_AN_IMPORT:
        save_image(to_pillow(frame), stream, "JPEG", options)
        return
    from imagecodecs import jpeg8_encode

    small = io.BytesIO()
    save_image(to_pillow(frame[:1, :1]), small, "JPEG", options)
    pixels = np.ascontiguousarray(frame[:, :, 0] if frame.shape[2] == 1 else frame)
    file = memoryview(jpeg8_encode(pixels, level=quality, subsampling=colours.replace(":", "")))
    stream.write(small.getbuffer()[: _metadata_end(small.getbuffer())])
    stream.write(file[_metadata_end(file) :])


def _metadata_end(file: memoryview) -> int:
    """Return where the segments for applications and comments end that a JPEG file begins with."""
    place = 2
    while file[place + 1] in _APPLICATION or file[place + 1] == _COMMENT:
        place += 2 + int.from_bytes(file[place + 2 : place + 4], "big")
    return place
