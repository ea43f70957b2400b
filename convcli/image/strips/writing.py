"""A file that is written as its rows are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import IO

import numpy as np

from convcli.array_types import Array
from convcli.image.codec import Encoding, codec_of
from convcli.image.formats import Format, PngEffort
from convcli.image.picture import Picture
from convcli.image.write import check_arguments, encoding_errors
from convcli.places import Place, State, write_whole


def write_rows(
    picture: Picture,
    rows: Iterable[Array],
    target: Place,
    format: Format,  # noqa: A002 - the word on the command line
    *,
    quality: int | None = None,
    png_effort: PngEffort = "balanced",
    overviews: bool = False,
    overwrite: bool = False,
    threads: int = 1,
    before_naming: Callable[[State], None] | None = None,
) -> None:
    """Write a picture, given without its pixels, whole or not at all, from its rows in order.

    A format that is not written `in_rows` is encoded when all rows are there. Other arguments and errors are those of
    `write_picture`.
    """
    check_arguments(picture, format, quality, stream=False)
    if quality is None and picture.format is format:
        quality = picture.quality
    codec, encoding = codec_of(format), Encoding(quality, png_effort, threads, overviews)

    def write(stream: IO[bytes]) -> None:
        if not codec.in_rows:
            whole = _collected(picture, rows)
            with encoding_errors(str(target), format):
                codec.write(whole, stream, encoding)
            return
        with encoding_errors(str(target), format):
            writer = codec.row_writer(picture, stream, encoding)
        with writer:
            for each in rows:  # whose own errors are not those of encoding
                with encoding_errors(str(target), format):
                    writer.write(each)

    write_whole(target, write, overwrite=overwrite, before_naming=before_naming)


def _collected(picture: Picture, rows: Iterable[Array]) -> Picture:
    frame, first = np.empty(picture.frames[0].shape, picture.dtype), 0
    for each in rows:
        frame[first : first + len(each)] = each
        first += len(each)
    return picture.with_pixels(frame)
