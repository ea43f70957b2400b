"""CSV, to and from a frame of a Picture, unscaled and unclipped."""

from __future__ import annotations

import io
from typing import IO

import numpy as np

from convcli.array_types import Array
from convcli.decoding import UNMARKED, encoding_of, is_unmarked_utf16
from convcli.errors import ReadError
from convcli.image.codec import Codec, Encoding, Source
from convcli.image.codecs.csv_rows.table import ONE_PLANE, Table
from convcli.image.picture import Picture

_PREFIX = 256  # bytes that tell an encoding


class CsvCodec(Codec):
    """Rows of numbers: written with commas between them, read with other separators too."""

    def read(self, source: Source) -> Picture:
        """Return one frame of H×W×1, float64.

        A ReadError names line and column: no number, one too large, a row of another length, an empty line between
        rows. The text is UTF-8, or of the encoding that its byte-order mark names.
        """
        prefix = source.stream.read(_PREFIX)
        source.stream.seek(0)
        if is_unmarked_utf16(prefix):
            raise ReadError(f"{source.name} is {UNMARKED[0]}", UNMARKED[1])
        encoding = encoding_of(prefix)
        # Names over the columns may be in any encoding of single bytes; numbers are ASCII in all of them.
        errors = "surrogateescape" if encoding == "utf-8-sig" else "strict"
        text = io.TextIOWrapper(source.stream, encoding, errors)
        table = Table(source.name, source.max_pixels)
        try:
            table.read(text)
        except UnicodeDecodeError as error:
            raise ReadError(f"{source.name} is not text", ONE_PLANE) from error
        finally:
            text.detach()  # the stream is the caller's to close
        if not table.rows:
            raise ReadError(f"{source.name} holds no values", ONE_PLANE)
        return Picture((np.stack(table.rows)[:, :, np.newaxis],), axes="HW", notes=tuple(table.notes))

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


def _csv_row(row: Array) -> bytes:
    # NumPy's text of a value is the shortest for its own dtype: 0.1 as float32 is 0.1, not 0.10000000149.
    # Adding zero takes the sign off a negative zero.
    with np.errstate(invalid="ignore"):  # a NaN may be one of those that NumPy warns of
        texts = (row + row.dtype.type(0)).astype(str)
    return (",".join(text.removesuffix(".0") for text in texts.tolist()) + "\n").encode()
