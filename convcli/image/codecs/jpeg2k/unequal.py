"""Pixels that are several steps of the picture's grid wide or high, in all channels alike: of gray, and of many bits.

OpenJPEG decodes them, and the libraries around it refuse what it returns. Steps of one length along an axis are as good
as a coarser grid, so a header of that grid makes pixels of the same values.
"""

from __future__ import annotations

import struct
from dataclasses import replace

from convcli.image.coded.jpeg2k import Jp2
from convcli.note import Note

_STREAM = b"\xff\x4f\xff\x51"
_GRID = struct.Struct(">8I")  # of the header: the end, the beginning, a tile and its beginning, each across and down
_AT_GRID, _AT_CHANNELS = 8, 42  # in a stream
_HEADER = b"ihdr"


def with_equal_pixels(file: Jp2) -> Jp2 | None:
    """Return a file with the grid of its pixels, and a note; None where another grid is none of whole steps."""
    start = file.file.find(_STREAM)
    grid = list(_GRID.unpack_from(file.file, start + _AT_GRID))
    count = len(file.stream.bits)
    about = file.file[start + _AT_CHANNELS : start + _AT_CHANNELS + 3 * count]
    across, down = about[1], about[2]
    if not across or not down or any(about[at + 1 : at + 3] != about[1:3] for at in range(0, 3 * count, 3)):
        return None
    for axis, step in enumerate((across, down)):
        end, begin, tile, first = grid[axis::2]
        tile = end if first == 0 and tile >= end else tile
        if begin % step or first % step or (tile % step and tile != end):
            return None
        grid[axis::2] = [-(-end // step), begin // step, -(-tile // step), first // step]
    right, bottom, left, top, *_ = grid
    data = bytearray(file.file)
    _GRID.pack_into(data, start + _AT_GRID, *grid)
    for at in range(count):
        data[start + _AT_CHANNELS + 3 * at + 1 : start + _AT_CHANNELS + 3 * at + 3] = b"\1\1"
    if (header := file.file.find(_HEADER, 0, start)) >= 0:
        struct.pack_into(">II", data, header + 4, bottom - top, right - left)
    stream = replace(file.stream, width=right - left, height=bottom - top, is_subsampled=False)
    dpi = file.described.dpi
    described = replace(
        file.described,
        dpi=dpi and (dpi[0] / across, dpi[1] / down),
        notes=(
            *file.described.notes,
            Note("unequal-pixels", f"its pixels are {across} wide and {down} high, and are filtered as they are"),
        ),
    )
    return replace(file, stream=stream, file=bytes(data), described=described)
