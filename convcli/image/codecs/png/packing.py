"""Packing of pixels into a PNG: the filter of its rows, and the settings of zlib.

Pillow filters each row in the five ways that PNG knows and keeps the one with the smallest differences. For a noisy
photograph that takes longer than zlib. libpng, which imagecodecs calls, can filter every row alike.
"""

from __future__ import annotations

import io
from functools import partial
from typing import NamedTuple

import numpy as np

from convcli.array_types import Array
from convcli.image.codecs.png.bands import packed_in_bands, rows_of_a_band
from convcli.image.codecs.png.chunks import LIBPNGS_LARGEST_SIDE
from convcli.image.pillow.conversion import to_pillow
from convcli.image.pillow.plugins import save_image

# zlib's strategies, by their numbers in zlib.h: what is used beside the frequencies of single bytes.
DEFAULT, FILTERED, HUFFMAN, RUN_LENGTHS = range(4)

# libpng's filters, by their numbers in png.h: what is taken from each byte. Paeth's is the pixel before, above or above
# that one, whichever is the likeliest; with all of them each row takes the one with the smallest differences.
UNFILTERED, PAETH, AVERAGE, ADAPTIVE = 8, 128, 64, 248


class Packing(NamedTuple):
    """The settings of zlib, and the filter that libpng applies before it; None for Pillow's own filters."""

    level: int
    strategy: int
    row_filter: int | None = None

    def holds(self, frame: Array) -> bool:
        """Return whether a frame is not too large for the library that packs it."""
        return self.row_filter is None or max(frame.shape[:2]) <= LIBPNGS_LARGEST_SIDE


def packed(frame: Array, packing: Packing, threads: int = 1) -> memoryview:
    """Return gray or RGB of uint8 or uint16, with alpha or without, as a PNG file without metadata.

    Large frames that libpng filters are packed in bands by several threads.

    Pillow's plug-in has to be loaded, and the packing one that `holds` the frame. Pillow does not write 16 bits in more
    than one channel: there libpng takes the place of its filters, with the smallest differences in each row.
    """
    if packing.row_filter is None and (frame.itemsize == 1 or frame.shape[2] == 1):
        stream = io.BytesIO()
        save_image(
            to_pillow(frame), stream, "Png", {"compress_level": packing.level, "compress_type": packing.strategy}
        )
        return stream.getbuffer()
    if threads > 1 and packing.row_filter is not None and packing.level and len(frame) > rows_of_a_band(frame):
        store = partial(packed, packing=packing._replace(level=0))
        return packed_in_bands(frame, store, packing.level, packing.strategy, threads)
    from imagecodecs import png_encode  # 2 ms that reading a picture, and writing a small one, can do without

    native = np.ascontiguousarray(frame, dtype=frame.dtype.newbyteorder("="))
    plane = native[:, :, 0] if native.shape[2] == 1 else native  # as imagecodecs wants gray
    # imagecodecs makes room for little more than the pixels, and fails where rows are a few bytes each, as every row
    # takes one more for its filter. What does not shrink grows by less than half a percent on top of these bytes. Room
    # that stays empty takes no memory.
    room = (frame.nbytes + len(frame)) * 101 // 100 + (1 << 12)
    return memoryview(
        png_encode(
            plane, level=packing.level, strategy=packing.strategy, filter=packing.row_filter or ADAPTIVE, out=room
        )
    )
