"""The codec of AVIF, which checks the frames of a file before libavif reads it.

libavif decodes a frame as large as the stream of AV1 has it, and only then scales it to the size that the file names.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from convcli.image.animation import Clock
from convcli.image.codec import Encoding, Source
from convcli.image.codecs.avif.streams import color_numbers, frame_sizes
from convcli.image.limit import over_limit
from convcli.image.pillow.codec import PillowCodec
from convcli.image.pillow.loaded import Loaded
from convcli.image.pillow.numbered_colors import note_numbered_colors

if TYPE_CHECKING:
    from convcli.image.picture import Picture

_QUALITY = 85

# The most that all pictures of a file may have together, in pixels of the whole: the cells of a grid reach over its
# edges, so that they may have four times as many as it shows, and those of its alpha as well.
_WITH_EDGES = 8


class AvifCodec(PillowCodec):
    """AVIF."""

    plugin = "Avif"
    lossy = "compression"  # said of a lossless file, too, which is rare: its boxes do not say
    clock = Clock(unit=1, longest=(1 << 31) - 1, most_plays=0)

    def count(self, source: Source) -> int:
        _largest_frame(source)
        return super().count(source)

    def load(self, source: Source) -> Loaded | None:
        coded = _largest_frame(source)
        image = self.open(source)
        source.check_size(image.size)
        numbers = color_numbers(memoryview(source.content()))
        notes = () if "icc_profile" in image.info else note_numbered_colors(image, *numbers)
        loaded = self.load_opened(image, source, coded)
        return replace(loaded, notes=(*notes, *loaded.notes))

    def settings(self, picture: Picture, encoding: Encoding) -> dict[str, Any]:
        settings: dict[str, Any] = {"quality": _QUALITY if encoding.quality is None else encoding.quality}
        return settings if picture.channels == 1 else settings | {"subsampling": "4:4:4"}


CODEC = AvifCodec


def _largest_frame(source: Source) -> int:
    """Return how many pixels the largest frame has, 0 where none was found.

    Raises ReadError where frames are over the limit, OSError on a damaged file.
    """
    items, tracks = frame_sizes(memoryview(source.content()))
    width, height = max(items + tracks, key=lambda size: size[0] * size[1], default=(0, 0))
    pixels = width * height
    if pixels > source.max_pixels:
        raise over_limit(source.name, f"{width}×{height} pixels", source.max_pixels, pixels)
    together = sum(width * height for width, height in items)
    if together > _WITH_EDGES * source.max_pixels:
        enough = -(-together // _WITH_EDGES)
        has = f"{len(items)} pictures of {together} pixels together"
        raise over_limit(source.name, has, source.max_pixels, enough)
    return pixels
