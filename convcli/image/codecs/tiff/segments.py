"""Checks of the tiles and strips of a TIFF, before libtiff reads them.

Without NumPy: pictures are decoded while that is still being imported.
"""

from __future__ import annotations

import io
from typing import IO

from PIL import ImageFile
from PIL.ExifTags import Base as Tag

from convcli.image.codec import Source
from convcli.image.codecs.tiff.header import tile_size
from convcli.image.limit import USUAL_TILE, over_limit


def check_tiles(image: ImageFile.ImageFile, source: Source) -> None:
    """Refuse tiles that are larger than any picture may be: libtiff asks for the memory of a whole one."""
    width, length = tile_size(source.stream, image)
    if width * length > max(source.max_pixels, USUAL_TILE):
        raise over_limit(source.name, f"tiles of {width}×{length} pixels", source.max_pixels, width * length)


def check_strips(image: ImageFile.ImageFile, stream: IO[bytes]) -> None:
    """Raise OSError where a compressed TIFF is cut off, before libtiff reports it on stderr, past Python."""
    tiles = image.tile
    if not tiles or tiles[0][0] != "libtiff":
        return
    length = stream.seek(0, io.SEEK_END)
    tags = getattr(image, "tag_v2", {})
    for offsets, counts in ((Tag.StripOffsets, Tag.StripByteCounts), (Tag.TileOffsets, Tag.TileByteCounts)):
        for offset, count in zip(tags.get(offsets, ()), tags.get(counts, ()), strict=False):
            if offset + count > length:
                raise OSError("image file is truncated")
