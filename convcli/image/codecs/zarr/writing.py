"""Writing a Zarr, some rows at a time, and then the smaller versions of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from convcli.array_types import Array
from convcli.image.codec import Encoding, RowWriter
from convcli.image.codecs.zarr.levels import write_level
from convcli.image.codecs.zarr.library import StoredValues
from convcli.image.codecs.zarr.metadata import high_of, planned, write_metadata
from convcli.image.codecs.zarr.rows import as_stored, index_of
from convcli.image.picture import Picture


class ZarrWriter(RowWriter):
    """An array in chunks, whose rows are written when those of a row of chunks are there."""

    def __init__(self, picture: Picture, folder: Path, encoding: Encoding) -> None:
        self._layout, self._folder, self._threads = planned(picture, encoding), folder, encoding.threads
        if encoding.begun is None:
            write_metadata(self._layout, folder)
        self._array = StoredValues(folder / self._layout.levels[0].path, self._layout.version, encoding.threads)
        self._height, self._high = picture.size[0], high_of(self._layout)
        self._waiting: list[Array] = []
        self._frame, self._top = 0, 0  # where the rows that wait belong
        if encoding.begun is not None:
            self._frame, self._top = encoding.begun["frame"], encoding.begun["top"]

    def write(self, rows: Array) -> None:
        self._waiting.append(rows)
        count = sum(map(len, self._waiting))
        if self._top + count == self._height:
            self._flush(count)
            self._frame, self._top = self._frame + 1, 0
        elif whole := count // self._high * self._high:
            self._flush(whole)

    def state(self) -> dict[str, Any] | None:
        return None if self._waiting else {"frame": self._frame, "top": self._top}

    def finish(self) -> None:
        for number in range(1, len(self._layout.levels)):
            write_level(self._layout, self._folder, number, self._threads)

    def _flush(self, count: int) -> None:
        rows = self._waiting[0] if len(self._waiting) == 1 else np.concatenate(self._waiting)
        for first in range(0, count, self._high):
            part = rows[first : min(first + self._high, count)]
            place = slice(self._top + first, self._top + first + len(part))
            self._array[index_of(self._layout, self._frame, place, slice(None))] = as_stored(self._layout, part)
        self._top += count
        self._waiting = [rows[count:]] if count < len(rows) else []
