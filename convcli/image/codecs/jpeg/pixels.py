"""The pixels of large JPEG files without Pillow's copy of them.

Pillow has four bytes for a pixel of three channels, and arrays have three. For 12 megapixels libjpeg takes 35 ms to
decode and 50 to encode; by way of Pillow it is 108 and 83.
"""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING, Any

from PIL import Image

from convcli.image.codec import Source
from convcli.image.codecs.jpeg.cut_off import END
from convcli.image.pillow.plugins import save_image

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from convcli.array_types import Array

# Edges of saturated color, which many filters make, blur visibly when the colors are stored at half the size.
# ImageMagick and libvips, too, store them whole from quality 90.
_WHOLE_COLORS_FROM = 90
_WHOLE_COLORS, _HALVED_COLORS = "4:4:4", "4:2:0"

_WORTH_AN_IMPORT = 1 << 20  # bytes of pixels: importing imagecodecs takes 2 ms, which is saved from there on

# The second bytes of markers; the first is 0xFF.
_APPLICATION, _COMMENT = range(0xE0, 0xF0), 0xFE


def read_jpeg(source: Source, image: Image.Image) -> NDArray[np.uint8] | None:
    """Decode the pixels of an opened file, if they are many and of a usual kind.

    Returns (height, width, channels), the values that Pillow would decode; None where Pillow has to decode, or report
    damage.
    """
    bands = {"L": 1, "RGB": 3}.get(image.mode, 0)
    if image.width * image.height * bands < _WORTH_AN_IMPORT:
        return None
    file = source.content()
    if not file.endswith(END):
        return None  # cut off; libjpeg would fill up with gray
    from imagecodecs import Jpeg8Error, jpeg8_decode

    try:
        pixels: NDArray[np.uint8] = jpeg8_decode(file)
    except Jpeg8Error:
        return None
    pixels = pixels.reshape(*pixels.shape[:2], -1)
    return pixels if pixels.shape == (image.height, image.width, bands) else None


def write_jpeg(frame: Array, stream: IO[bytes], quality: int, metadata: dict[str, Any]) -> None:
    """Write the file that Pillow would write of gray (height, width, 1) or RGB (height, width, 3) of uint8.

    `quality` is from 1 to 100; `metadata` are keywords for Pillow's `save`.
    """
    from convcli.image.pillow.conversion import to_pillow

    colors = _WHOLE_COLORS if quality >= _WHOLE_COLORS_FROM else _HALVED_COLORS
    options = metadata | {"quality": quality, "subsampling": colors}
    if frame.nbytes < _WORTH_AN_IMPORT:
        save_image(to_pillow(frame), stream, "Jpeg", options)
        return
    import numpy as np
    from imagecodecs import jpeg8_encode

    small = io.BytesIO()
    save_image(to_pillow(frame[:1, :1]), small, "Jpeg", options)
    pixels = np.ascontiguousarray(frame[:, :, 0] if frame.shape[2] == 1 else frame)
    file = memoryview(jpeg8_encode(pixels, level=quality, subsampling=colors.replace(":", "")))
    stream.write(small.getbuffer()[: _metadata_end(small.getbuffer())])
    stream.write(file[_metadata_end(file) :])


def _metadata_end(file: memoryview) -> int:
    """Return the end of the segments for applications and comments at the beginning of a file."""
    at = 2
    while file[at + 1] in _APPLICATION or file[at + 1] == _COMMENT:
        at += 2 + int.from_bytes(file[at + 2 : at + 4], "big")
    return at
