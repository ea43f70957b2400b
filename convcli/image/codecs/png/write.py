"""Writing PNG: pixels packed as the picture and the effort ask for, between the chunks of metadata that Pillow makes.

libpng, as imagecodecs calls it, writes no metadata, so that Pillow makes all chunks but those of the pixels.
"""

from __future__ import annotations

from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL.PngImagePlugin import getchunks, putchunk

from convcli.image.codecs.png.choice import promising
from convcli.image.codecs.png.packing import packed
from convcli.image.formats import PngEffort
from convcli.image.pillow.conversion import to_pillow

# Where the chunks of the pixels lie in a file without metadata: after the signature and IHDR, before IEND.
_HEADER, _END = 8 + 25, -12


def write_png(frame: NDArray[Any], stream: IO[bytes], effort: PngEffort, metadata: dict[str, Any]) -> None:
    """Write one frame.

    Parameters
    ----------
    frame
        Gray or RGB of uint8 or uint16, with alpha behind it where there is alpha.
    stream
        Takes the file.
    effort
        How hard it is compressed.
    metadata
        Keywords for Pillow's `save`.
    """
    # The largest of what is asked for is held in memory but once: `min` lets go of what has lost.
    file = min((packed(frame, packing) for packing in promising(frame, effort)), key=len)
    stream.write(file[:_HEADER])
    # Metadata is the same at any depth, and one pixel of 8 bits is what Pillow writes of any picture.
    for name, data, _ in getchunks(to_pillow(frame[:1, :1].astype(np.uint8)), **metadata):
        if name == b"IDAT":
            stream.write(file[_HEADER:_END])
        elif name != b"IHDR":
            putchunk(stream, name, data)
