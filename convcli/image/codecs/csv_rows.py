"""CSV, to and from a frame of a Picture, unscaled and unclipped."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import IO

import numpy as np

from convcli.array_types import Array, Floats
from convcli.errors import ReadError
from convcli.image.codec import Codec, Encoding, Source
from convcli.image.limit import over_limit
from convcli.image.picture import Picture
from convcli.words import counted

_ONE_PLANE = "a CSV file holds one plane of numbers, commas between them; save several planes as .npy"


class CsvCodec(Codec):
    """Rows of numbers with commas between them."""

    def read(self, source: Source) -> Picture:
        """Return one frame of H×W×1, float64.

        A ReadError names the line: no number, a row of another length, an empty line between rows.
        """
        name, max_pixels = source.name, source.max_pixels
        rows: list[Floats] = []
        text = io.TextIOWrapper(source.stream, encoding="utf-8-sig", newline="")
        try:
            for line, cells in _csv_rows(text, name, max_pixels):
                if rows and len(cells) != len(rows[0]):
                    raise ReadError(
                        f"{name}:{line}: {counted(len(cells), 'value')}, the rows before have {len(rows[0])}",
                        "give every row as many numbers",
                    )
                rows.append(_numbers(cells, f"{name}:{line}"))
                if len(rows) * len(rows[0]) > max_pixels:
                    raise over_limit(name, "too many values", max_pixels)
        except UnicodeDecodeError as error:
            raise ReadError(f"{name} is not text", _ONE_PLANE) from error
        finally:
            text.detach()  # the stream is the caller's to close
        if not rows:
            raise ReadError(f"{name} holds no values")
        return Picture((np.stack(rows)[:, :, np.newaxis],), axes="HW")

    def write(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> None:
        """Write one row of numbers a line, each in the fewest digits that read back as it.

        Between planes is an empty line: channel after channel, frame after frame.
        """
        between = b""
        for frame in picture.frames:
            for plane in np.moveaxis(frame, 2, 0):
                stream.write(between)
                between = b"\n"
                for row in plane:
                    stream.write(_csv_row(row))


CODEC = CsvCodec


def _csv_rows(text: IO[str], name: str, max_pixels: int) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(_lines_within(text, name, max_pixels))
    started, empty = False, 0
    try:
        for cells in reader:
            if not cells or (len(cells) == 1 and not cells[0].strip()):
                empty = empty or reader.line_num  # fine before the first row and after the last one
                continue
            if started and empty:
                raise ReadError(f"{name}:{empty}: an empty line between rows", _ONE_PLANE)
            started, empty = True, 0
            yield reader.line_num, cells
    except csv.Error as error:
        raise ReadError(f"{name}:{reader.line_num}: {error}", _ONE_PLANE) from error


def _lines_within(text: IO[str], name: str, max_pixels: int) -> Iterator[str]:
    """Yield lines of no more values than the limit; a value takes thirty times as much once it is split off."""
    for line in text:
        if line.count(",") >= max_pixels:
            raise over_limit(name, "too many values", max_pixels)
        yield line


def _numbers(cells: list[str], at: str) -> Floats:
    try:
        return np.fromiter(map(float, cells), np.float64, len(cells))
    except ValueError:
        wrong = next(cell for cell in cells if not _is_number(cell))
        what = f"{wrong.strip()[:40]!r} is not a number" if wrong.strip() else "a value is missing"
        raise ReadError(f"{at}: {what}", "write numbers with commas between them, and no line of names") from None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _csv_row(row: Array) -> bytes:
    # NumPy's text of a value is the shortest for its own dtype: 0.1 as float32 is 0.1, not 0.10000000149.
    # Adding zero takes the sign off a negative zero.
    with np.errstate(invalid="ignore"):  # a NaN may be one of those that NumPy warns of
        texts = (row + row.dtype.type(0)).astype(str)
    return (",".join(text.removesuffix(".0") for text in texts.tolist()) + "\n").encode()
