"""The frames of an AVIF file, looked at before libavif gets to see it.

It decodes a frame as large as the stream of AV1 has it, and only then scales it to the size that the file names.

Without NumPy: pictures are decoded while that is still being imported.
"""

from __future__ import annotations

from typing import IO

from convcli.image.codecs.avif.streams import frame_sizes
from convcli.image.limit import over_limit

# How many times the pixels of the whole all pictures of a file may have together: the cells of a grid reach over its
# edges, so that they may have four times as many as it shows, and those of its alpha as well.
_WITH_EDGES = 8


def check_frames(stream: IO[bytes], name: str, max_pixels: int) -> int:
    """Refuse an AVIF with frames over the limit; return how many pixels the largest has, 0 where none was found.

    Raises
    ------
    OSError
        It is damaged, so that nothing can be told from it.
    ReadError
        It is too large.
    """
    stream.seek(0)
    items, tracks = frame_sizes(memoryview(stream.read()))
    width, height = max(items + tracks, key=lambda size: size[0] * size[1], default=(0, 0))
    pixels = width * height
    if pixels > max_pixels:
        raise over_limit(name, f"{width}×{height} pixels", max_pixels, pixels)
    together = sum(width * height for width, height in items)
    if together > _WITH_EDGES * max_pixels:
        enough = -(-together // _WITH_EDGES)
        raise over_limit(name, f"{len(items)} pictures of {together} pixels together", max_pixels, enough)
    return pixels
