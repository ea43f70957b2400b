"""Checks of strips and tiles before they are decoded: that they are there, and no larger than is allowed."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from tifffile import TiffPage

from convcli.image.codec import Source
from convcli.image.coded.jpeg import frame_size
from convcli.image.coded.jpeg2k import jp2
from convcli.image.coded.jpegxl import codestream, header_of
from convcli.image.coded.jpegxr import jxr
from convcli.image.limit import CHUNKS, USUAL_TILE, over_limit
from convcli.image.pillow.plugins import open_image

# None, LZW, deflate by three numbers, PackBits, LZMA and Zstandard: none decodes to more than the directory says.
PLAIN = (1, 5, 8, 32946, 50013, 32773, 34925, 50000)
# Fax by three numbers: its rows have the width of the directory.
FAX = (2, 3, 4)
# Logarithms of light in 16 or 32 bits, and in 24: a row is unpacked to the width of the directory.
SGI_LOG = (34676, 34677)
# Rows of gray of 4 bits, unpacked to the width of the directory.
THUNDERSCAN = 32809
LERC = 34887
OLD_JPEG, JPEG = 6, 7
# The picture formats that a TIFF may have inside have sizes of their own.
_JPEG_2000 = (34712, 33003, 33005)
_OF_PILLOW = {34933: "Png", 50001: "WebP"}
_JPEG_XL = (50002, 52546)
JPEG_XR = (34934, 22610)
COMPRESSIONS = (*PLAIN, *FAX, THUNDERSCAN, LERC, OLD_JPEG, JPEG, *_JPEG_2000, *_OF_PILLOW, *_JPEG_XL, *JPEG_XR)

_LERC_SIZE = 64  # bytes of a header, of whatever version
_BITS = 258  # the tag of the bits of each sample


def check_segments_of(page: TiffPage, source: Source) -> None:
    """Raise ValueError where strips or tiles are missing, or the bits of samples, which tifffile would do without."""
    tile = page.tilewidth * page.tilelength * page.tiledepth if page.is_tiled else 0
    if tile > max(source.max_pixels, USUAL_TILE):
        raise over_limit(source.name, f"tiles of {page.tilewidth}×{page.tilelength} pixels", source.max_pixels, tile)
    CHUNKS.check(source.name, len(page.dataoffsets), source.max_pixels)
    if page.samplesperpixel > 1 and _BITS not in page.tags:
        raise ValueError("the bits of its samples are not in the file")
    length = source.stream.seek(0, 2)
    segments = list(zip(page.dataoffsets, page.databytecounts, strict=True))
    if len(segments) < int(np.prod(page.chunked)) and not page.is_contiguous:
        raise ValueError("too few strips or tiles")
    # GDAL leaves out tiles that are empty.
    is_sparse = any(segments) and page.is_tiled
    if any(
        offset <= 0 or count <= 0 or offset + count > length
        for offset, count in segments
        if not _is_empty(offset, count, is_sparse=is_sparse)
    ):
        raise ValueError("a strip or a tile is not in the file")
    if page.is_contiguous and sum(count for _, count in segments) < page.nbytes:
        raise ValueError("too few bytes")
    if int(page.compression) not in (*PLAIN, *FAX, *SGI_LOG, THUNDERSCAN):
        _check_pictures(page, source, [each for each in segments if all(each)])


def _is_empty(offset: int, count: int, *, is_sparse: bool) -> bool:
    return is_sparse and offset == 0 and count == 0


def _check_pictures(page: TiffPage, source: Source, segments: list[tuple[int, int]]) -> None:
    """Refuse segments that are pictures larger than their place; a decoder would ask for the memory first."""
    rows = min(page.rowsperstrip, page.imagelength)
    most = (page.tilewidth, page.tilelength) if page.is_tiled else (page.imagewidth, rows)
    for offset, count in segments:
        source.stream.seek(offset)
        width, height = _size_inside(int(page.compression), source.stream.read(count), page)
        if width * height > max(source.max_pixels, USUAL_TILE):
            raise over_limit(source.name, f"tiles of {width}×{height} pixels", source.max_pixels, width * height)
        if width > most[0] or height > most[1]:
            raise ValueError("a picture that is larger than its strip or tile")


def _size_inside(compression: int, data: bytes, page: TiffPage) -> tuple[int, int]:
    """Return the width and height of a segment that is a picture of a format of its own."""
    if compression in _OF_PILLOW:
        return open_image(io.BytesIO(data), _OF_PILLOW[compression]).size
    if compression == LERC:
        return _lerc_size(data, page)
    if compression in (OLD_JPEG, JPEG):
        return frame_size(data)
    inside = (
        jp2(data).stream
        if compression in _JPEG_2000
        else header_of(codestream(data))
        if compression in _JPEG_XL
        else jxr(data)
    )
    return inside.width, inside.height


def _lerc_size(data: bytes, page: TiffPage) -> tuple[int, int]:
    """Read the size in a header of version 2 or later, behind the compression that GDAL may put around it."""
    tag = page.tags.get("LercParameters")
    around = tag.value[1] if tag is not None and len(tag.value) > 1 else 0
    if around == 1:
        data = zlib.decompressobj().decompress(data, _LERC_SIZE)
    elif around == 2:
        from imagecodecs import zstd_decode

        most = page.tilewidth * page.tilelength if page.is_tiled else page.rowsperstrip * page.imagewidth
        data = bytes(zstd_decode(data, out=16 * page.samplesperpixel * most + (1 << 16)))[:_LERC_SIZE]
    if not data.startswith(b"Lerc2 "):
        raise ValueError("LERC of an unknown version")
    (version,) = struct.unpack_from("<i", data, 6)
    height, width = struct.unpack_from("<ii", data, 10 + 4 * (version >= 3))
    return max(width, 0), max(height, 0)
