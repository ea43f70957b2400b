"""The directories of a TIFF, for any kind of pixels, and checks of them before libtiff reads tiles and strips.

Pillow opens only the kinds that it can decode. Without NumPy: pictures are decoded while that is still being imported.
"""

from __future__ import annotations

import io
import struct
import threading
from typing import IO, Any

from PIL import Image, ImageFile, TiffImagePlugin
from PIL.ExifTags import Base as Tag

from convcli.image.codec import Source
from convcli.image.limit import CHUNKS, PAGES, USUAL_TILE, over_limit

# A directory mixes tags that describe the picture with those of how its pixels are stored; these describe it.
DESCRIPTIVE_TAGS = {
    Tag[name]
    for name in (
        *("ImageDescription", "Make", "Model", "Software", "DateTime", "Artist", "HostComputer", "Copyright"),
        *("ExifOffset", "GPSInfo", "Rating", "RatingPercent"),
        *("XPTitle", "XPComment", "XPAuthor", "XPKeywords", "XPSubject"),
    )
}

_IMAGE_DEPTH = 32997
_WHOLE = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 16: "Q", 17: "q"}  # types of tags that are whole numbers
_LARGE_AND_BIG_ENDIAN = b"MM\0+"

# By libtiff in Pillow's wheels; the others are decoded by tifffile.
_DECODED_BY_PILLOW = {1, 2, 3, 4, 5, 6, 7, 8, 32771, 32773, 32946, 34925, 50000}
_LOGARITHMS = (34676, 34677)
_JPEGS = (6, 7)  # the old kind, and the usual one
_LARGE = 43
_MOST_ENTRIES = 65_535
_SMALLEST_DIRECTORY = 6  # bytes

_BLACK_IS_ZERO, _WHOLE_NUMBERS, _VOID = 1, 1, 4
_ALPHA = 2
_PLANES, _YCBCR = 2, 6
# Kinds of colors, counts of samples and kinds of further ones that Pillow reads from planes: RGB, with alpha, and CMYK.
_PLANES_OF_PILLOW = ((2, 3, ()), (2, 4, (_ALPHA,)), (5, 4, ()))
_FORCED = threading.Lock()  # of Pillow's switch, which holds for all threads
_OFFSETS = (Tag.StripOffsets, Tag.TileOffsets)
_CENTIMETER, _CENTIMETERS_PER_INCH = 3, 2.54


class TiffHeader(TiffImagePlugin.TiffImageFile):
    """Tags, size, metadata and number of frames of a TIFF, as Pillow has them of the files that it opens."""

    is_large_and_big_endian = False  # which Pillow's decoders do not read

    def _setup(self) -> None:
        """Take size and metadata from the tags, where Pillow would look for a decoder."""
        tags = self.tag_v2
        if self.tell() and (Tag.ImageWidth not in tags or Tag.ImageLength not in tags):
            self._mode, self._size, self.tile = "L", (0, 0), []  # what follows the pages is no directory of one
            return
        self._mode, self._size, self.tile = "L", (int(tags[Tag.ImageWidth]), int(tags[Tag.ImageLength])), []
        for name, tag in (("icc_profile", Tag.InterColorProfile), ("xmp", Tag.XMLPacket)):
            if tag in tags:
                self.info[name] = tags[tag]
        unit = tags.get(Tag.ResolutionUnit, 2)
        if Tag.XResolution in tags and Tag.YResolution in tags and unit in (2, _CENTIMETER):
            scale = _CENTIMETERS_PER_INCH if unit == _CENTIMETER else 1
            self.info["dpi"] = tags[Tag.XResolution] * scale, tags[Tag.YResolution] * scale

    def find_decoder(self) -> None:
        """Have Pillow find a decoder for the directory at hand, as it does for the first; raise what it raises."""
        super()._setup()

    def getexif(self) -> Image.Exif:
        """Return the tags as EXIF data; without those of a camera where Pillow does not read their directory."""
        if not self.is_large_and_big_endian:
            return super().getexif()
        exif = Image.Exif()
        for tag in (*DESCRIPTIVE_TAGS, Tag.Orientation, Tag.XResolution, Tag.YResolution, Tag.ResolutionUnit):
            if tag in self.tag_v2 and tag not in (Tag.ExifOffset, Tag.GPSInfo):
                exif[tag] = self.tag_v2[tag]
        return exif

    @property
    def samples(self) -> int:
        """The number of samples of a pixel."""
        return int(self.tag_v2.get(Tag.SamplesPerPixel, 1))

    @property
    def layers(self) -> int:
        """The number of layers of a volume; 1 for a picture."""
        depth = self.tag_v2.get(_IMAGE_DEPTH, 1)
        return depth if isinstance(depth, int) else 1

    @property
    def itemsize(self) -> int:
        """Bytes of a value when it is decoded."""
        if self.tag_v2.get(Tag.Compression, 1) in _LOGARITHMS:
            return 4  # floats of light
        bits = max(self.tag_v2.get(Tag.BitsPerSample, (1,)))
        return next((size for size in (1, 2, 4) if bits <= 8 * size), 8)

    @property
    def has_further_channels(self) -> bool:
        """True for gray or RGB with channels that are neither colors nor alpha."""
        colors = {0: 1, _BLACK_IS_ZERO: 1, 2: 3}.get(self.tag_v2.get(Tag.PhotometricInterpretation, 0), self.samples)
        kinds = self.tag_v2.get(Tag.ExtraSamples, (_ALPHA,) * (self.samples == colors + 1))
        return self.samples - colors > int(any(kind != 0 for kind in kinds))

    @property
    def deep(self) -> bool:
        """True where Pillow does not decode the samples whole: it keeps 8 bits, 16 of gray, and one layer."""
        if self.tag_v2.get(Tag.Compression, 1) not in _DECODED_BY_PILLOW:
            return True
        if self.is_large_and_big_endian or self._is_deep():
            return True
        try:
            self.find_decoder()
        except (SyntaxError, KeyError):
            return True
        return False

    def _is_deep(self) -> bool:
        bits = max(self.tag_v2.get(Tag.BitsPerSample, (1,)))
        kinds = self.tag_v2.get(Tag.SampleFormat, (_WHOLE_NUMBERS,))
        if not {_WHOLE_NUMBERS, _VOID}.issuperset(kinds) or self.layers > 1:
            return True
        compression = self.tag_v2.get(Tag.Compression, 1)
        if compression in _JPEGS and (bits > 8 or (compression == _JPEGS[0] and self.samples == 1)):
            return True  # libtiff has no JPEG of 16 bits, and Pillow asks it for colors of the old kind of JPEG
        if self._is_in_planes_for_tifffile():
            return True
        gray = self.samples == 1 and self.tag_v2.get(Tag.PhotometricInterpretation) == _BLACK_IS_ZERO
        return bits > 8 and not (bits == 16 and gray)

    def _is_in_planes_for_tifffile(self) -> bool:
        """Return whether samples are in planes that Pillow does not read right: alpha becomes 0, Lab other colors."""
        tags = self.tag_v2
        colors = tags.get(Tag.PhotometricInterpretation)
        if tags.get(Tag.PlanarConfiguration, 1) != _PLANES or self.samples == 1 or colors == _YCBCR:
            return False
        kinds = tuple(tags.get(Tag.ExtraSamples, ()))
        return (colors, self.samples, kinds) not in _PLANES_OF_PILLOW


def _tile_size(stream: IO[bytes], image: ImageFile.ImageFile) -> tuple[int, int]:
    """Return the largest width and length of tiles in the directory of the page at hand; 1 for none.

    The directory is read again: Pillow drops what comes behind a damaged tag, and libtiff, which reads it for itself,
    does not.
    """
    assert isinstance(image, TiffImagePlugin.TiffImageFile)
    order, count, entry, offset = _layout(stream)
    field = struct.calcsize(offset)
    stream.seek(image.tag_v2.offset)
    (entries,) = struct.unpack(order + count, stream.read(struct.calcsize(count)))
    directory = stream.read(entry * min(entries, _MOST_ENTRIES))
    largest = {Tag.TileWidth: 1, Tag.TileLength: 1}
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
    return largest[Tag.TileWidth], largest[Tag.TileLength]


def check_segments(image: ImageFile.ImageFile, source: Source) -> None:
    """Refuse tiles that are larger than any picture may be, as libtiff asks for the memory of a whole one.

    Raises OSError where a compressed TIFF is cut off, before libtiff reports it on stderr, past Python.
    """
    width, length = _tile_size(source.stream, image)
    if width * length > max(source.max_pixels, USUAL_TILE):
        raise over_limit(source.name, f"tiles of {width}×{length} pixels", source.max_pixels, width * length)
    tags = getattr(image, "tag_v2", {})
    CHUNKS.check(source.name, max(len(tags.get(each, ())) for each in _OFFSETS), source.max_pixels)
    if not image.tile or image.tile[0][0] != "libtiff":
        return
    end = source.stream.seek(0, io.SEEK_END)
    for offsets, counts in ((Tag.StripOffsets, Tag.StripByteCounts), (Tag.TileOffsets, Tag.TileByteCounts)):
        if any(sum(each) > end for each in zip(tags.get(offsets, ()), tags.get(counts, ()), strict=False)):
            raise OSError("image file is truncated")


def has_halved_colors(image: ImageFile.ImageFile) -> bool:
    """Return whether fewer colors are stored than brightness, which Pillow takes for as many without compression."""
    tags = getattr(image, "tag_v2", {})
    sampling = tags.get(Tag.YCbCrSubSampling, (2, 2))  # as the specification has it where the tag is not there
    is_raw = bool(image.tile) and image.tile[0][0] == "raw"
    return is_raw and tags.get(Tag.PhotometricInterpretation) == _YCBCR and tuple(sampling) != (1, 1)


def found_libtiff(image: ImageFile.ImageFile) -> bool:
    """Have libtiff decode the page at hand, where Pillow was to; return False where libtiff was to.

    Pillow knows no halved colors beside plain brightness, and none in planes; it takes tiles for strips where tags name
    both.
    """
    if not isinstance(image, TiffImagePlugin.TiffImageFile) or not image.tile or image.tile[0][0] == "libtiff":
        return False
    with _FORCED:
        TiffImagePlugin.READ_LIBTIFF = True
        try:
            if isinstance(image, TiffHeader):
                image.find_decoder()
            else:
                image._setup()  # noqa: SLF001 - Pillow decides nowhere else
            image._im = None  # noqa: SLF001 - it may be one of another mode, which Pillow has begun to fill
        finally:
            TiffImagePlugin.READ_LIBTIFF = False
    return True


def check_pages(source: Source) -> None:
    """Refuse a file of more pages than the limit allows, by the chain of its directories."""
    stream = source.stream
    end = stream.seek(0, io.SEEK_END)
    if end < PAGES.usual * _SMALLEST_DIRECTORY:
        return
    order, count, entry, field = _layout(stream)
    stream.seek(4 if field == "I" else 8)

    def take(form: str) -> int:
        size = struct.calcsize(form)
        return int(struct.unpack(order + form, stream.read(size).ljust(size, b"\0"))[0])

    at = take(field)
    seen: set[int] = set()
    while 0 < at < end and at not in seen:
        seen.add(at)
        PAGES.check(source.name, len(seen), source.max_pixels)
        stream.seek(at)
        stream.seek(min(at + struct.calcsize(count) + entry * take(count), end))
        at = take(field)


def _layout(stream: IO[bytes]) -> tuple[str, str, int, str]:
    """Return the order of bytes, the type of a count of entries, the bytes of an entry, and the type of an offset."""
    stream.seek(0)
    head = stream.read(4)
    return ("<" if head.startswith(b"I") else ">", *(("Q", 20, "Q") if b"+" in head else ("H", 12, "I")))


def open_tiff_header(stream: IO[bytes]) -> TiffHeader:
    """Read the first directory; raise whatever Pillow raises."""
    stream.seek(0)
    is_odd = stream.read(4) == _LARGE_AND_BIG_ENDIAN
    stream.seek(0)
    header = TiffHeader(_WithLargeHead(stream) if is_odd else stream, "")
    header.is_large_and_big_endian = is_odd
    return header


class _LargeHead(bytes):
    """The head of a file with offsets of 64 bits, which Pillow 13 knows by its third byte in either byte order."""

    def __getitem__(self, at: Any) -> Any:
        return _LARGE if at == 2 else super().__getitem__(at)

    def __add__(self, more: Any) -> _LargeHead:
        return _LargeHead(super().__add__(more))


class _WithLargeHead:
    """A stream whose first bytes are a `_LargeHead`."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def read(self, size: int = -1) -> bytes:
        is_first = self._stream.tell() == 0
        data = self._stream.read(size)
        return _LargeHead(data) if is_first else data
