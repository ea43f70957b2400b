"""The first directory of a TIFF, for any kind of pixels.

Pillow opens only the kinds that it can decode. Without NumPy: pictures are decoded while that is still being imported.
"""

from __future__ import annotations

import struct
from typing import IO

from PIL import ExifTags, ImageFile, TiffImagePlugin

# A directory mixes tags that describe the picture with those of how its pixels are stored; these describe it.
DESCRIPTIVE_TAGS = {
    ExifTags.Base[name]
    for name in (
        *("ImageDescription", "Make", "Model", "Software", "DateTime", "Artist", "HostComputer", "Copyright"),
        *("ExifOffset", "GPSInfo", "Rating", "RatingPercent"),
        *("XPTitle", "XPComment", "XPAuthor", "XPKeywords", "XPSubject"),
    )
}

_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC, _SAMPLES, _SAMPLE_FORMAT = 256, 257, 258, 262, 277, 339
_IMAGE_DEPTH = 32997
_TILE_WIDTH, _TILE_LENGTH = 322, 323
_WHOLE = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 16: "Q", 17: "q"}  # types of tags that are whole numbers
_LARGE_AND_BIG_ENDIAN = b"MM\0+"
_MOST_ENTRIES = 65_535
_X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT, _XMP, _ICC = 282, 283, 296, 700, 34675

_BLACK_IS_ZERO, _WHOLE_NUMBERS, _VOID = 1, 1, 4
_CENTIMETER, _CENTIMETERS_PER_INCH = 3, 2.54


class TiffHeader(TiffImagePlugin.TiffImageFile):
    """Tags, size, metadata and number of frames of a TIFF, as Pillow has them of the files that it opens."""

    def _setup(self) -> None:
        """Take size and metadata from the tags, where Pillow would look for a decoder."""
        tags = self.tag_v2
        self._mode, self._size, self.tile = "L", (int(tags[_WIDTH]), int(tags[_HEIGHT])), []
        for name, tag in (("icc_profile", _ICC), ("xmp", _XMP)):
            if tag in tags:
                self.info[name] = tags[tag]
        unit = tags.get(_RESOLUTION_UNIT, 2)
        if _X_RESOLUTION in tags and _Y_RESOLUTION in tags and unit in (2, _CENTIMETER):
            scale = _CENTIMETERS_PER_INCH if unit == _CENTIMETER else 1
            self.info["dpi"] = tags[_X_RESOLUTION] * scale, tags[_Y_RESOLUTION] * scale

    def find_decoder(self) -> None:
        """Have Pillow find a decoder for the directory that was turned to, as it does by itself for the first.

        Raises whatever Pillow raises: it may have none.
        """
        super()._setup()

    @property
    def samples(self) -> int:
        """The number of samples of a pixel."""
        return int(self.tag_v2.get(_SAMPLES, 1))

    @property
    def itemsize(self) -> int:
        """Bytes of a value when it is decoded."""
        bits = max(self.tag_v2.get(_BITS, (1,)))
        return next((size for size in (1, 2, 4) if bits <= 8 * size), 8)

    @property
    def deep(self) -> bool:
        """True where Pillow does not decode the samples whole: it keeps 8 bits, 16 of gray, and one layer."""
        bits = max(self.tag_v2.get(_BITS, (1,)))
        if not {_WHOLE_NUMBERS, _VOID}.issuperset(self.tag_v2.get(_SAMPLE_FORMAT, (_WHOLE_NUMBERS,))):
            return True
        if self.tag_v2.get(_IMAGE_DEPTH, 1) > 1:
            return True
        gray = self.samples == 1 and self.tag_v2.get(_PHOTOMETRIC) == _BLACK_IS_ZERO
        return bits > 8 and not (bits == 16 and gray)


def tile_size(stream: IO[bytes], image: ImageFile.ImageFile) -> tuple[int, int]:
    """Return the largest width and length of tiles in the directory of the page at hand; 1 for none.

    The directory is read again: Pillow drops what comes behind a damaged tag, and libtiff, which reads it for itself,
    does not.
    """
    assert isinstance(image, TiffImagePlugin.TiffImageFile)
    stream.seek(0)
    head = stream.read(4)
    order = "<" if head.startswith(b"I") else ">"
    count, entry, field = ("Q", 20, 8) if b"+" in head else ("H", 12, 4)
    stream.seek(image.tag_v2.offset)
    (entries,) = struct.unpack(order + count, stream.read(struct.calcsize(count)))
    directory = stream.read(entry * min(entries, _MOST_ENTRIES))
    largest = {_TILE_WIDTH: 1, _TILE_LENGTH: 1}
    for at in range(0, len(directory) - entry + 1, entry):
        tag, kind = struct.unpack_from(order + "HH", directory, at)
        form = _WHOLE.get(kind, "")
        if tag not in largest or not form:
            continue
        value = directory[at + entry - field : at + entry]
        if struct.calcsize(form) > field:  # it does not fit, so that its offset stands here
            stream.seek(int.from_bytes(value, "little" if order == "<" else "big"))
            value = stream.read(8).ljust(8, b"\0")
        largest[tag] = max(largest[tag], *struct.unpack_from(order + form, value))
    return largest[_TILE_WIDTH], largest[_TILE_LENGTH]


def open_tiff_header(stream: IO[bytes]) -> TiffHeader:
    """Read the first directory; raise whatever Pillow raises."""
    stream.seek(0)
    if stream.read(4) == _LARGE_AND_BIG_ENDIAN:
        raise OSError("offsets of 64 bits with their first byte first are not supported")  # by Pillow 13, which trips
    stream.seek(0)
    return TiffHeader(stream, "")
