"""ThunderScan, by which scanners of the eighties packed gray of 4 bits: runs, differences and levels in bytes.

Neither tifffile nor imagecodecs has it, and Pillow asks libtiff for more rows than the last strip has.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from tifffile import TiffPage

from convcli.note import Note
from convcli.words import counted

_KIND, _REST = 0xC0, 0x3F  # bits of a byte
_RUN, _THREE, _TWO = 0x00, 0x40, 0x80  # more of the last level, three differences of 2 bits, two of 3; else a level
_WHITE = 15
_OF_TWO_BITS = (0, 1, None, -1)
_OF_THREE_BITS = (0, 1, 2, 3, None, -3, -2, -1)


def thunder_values(file: bytes, page: TiffPage) -> tuple[NDArray[np.uint8], tuple[Note, ...]]:
    """Return the levels of a page (height, width, 1), from 0 to 15, and a note on rows that are missing at its end.

    Raises ValueError for other damage, and where more than half of the rows are missing.
    """
    if page.bitspersample != 4 or page.samplesperpixel != 1 or page.is_tiled:
        raise ValueError("ThunderScan of other samples than gray of 4 bits")
    rows: list[bytes] = []
    for number, (offset, count) in enumerate(zip(page.dataoffsets, page.databytecounts, strict=True)):
        left = min(page.rowsperstrip, page.imagelength - number * page.rowsperstrip)
        rows += _rows(file[offset : offset + count], page.imagewidth, left)
        if len(rows) < number * page.rowsperstrip + left and number < len(page.dataoffsets) - 1:
            raise ValueError("a strip that breaks off")
    missing = page.imagelength - len(rows)
    if missing > page.imagelength / 2:
        raise ValueError("half of the rows are missing")
    values = np.zeros((page.imagelength, page.imagewidth, 1), np.uint8)
    values[: len(rows)] = np.frombuffer(b"".join(rows), np.uint8).reshape(-1, page.imagewidth, 1)
    return values, (Note("damaged", f"its end is missing: {counted(missing, 'row')} of pixels"),) if missing else ()


def _rows(packed: bytes, width: int, count: int) -> list[bytes]:
    """Unpack some rows, or those that are there; each begins at a byte and at the level 0."""
    rows: list[bytes] = []
    at = 0
    for _ in range(count):
        row = bytearray()
        last = 0
        while len(row) < width:
            if at == len(packed):
                return rows
            kind, rest = packed[at] & _KIND, packed[at] & _REST
            at += 1
            if kind == _RUN:
                row += bytes([last]) * rest
                continue
            if kind == _THREE:
                steps = [_OF_TWO_BITS[rest >> shift & 3] for shift in (4, 2, 0)]
            elif kind == _TWO:
                steps = [_OF_THREE_BITS[rest >> shift & 7] for shift in (3, 0)]
            else:
                steps, last = [0], rest & _WHITE
            for step in steps:
                if step is not None:
                    last = last + step & _WHITE
                    row.append(last)
        if len(row) > width + 2:  # the last differences may reach beyond
            raise ValueError("a row that is too long")
        rows.append(bytes(row[:width]))
    return rows
