"""A file that is written as its rows are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np

from convcli.array_types import Array
from convcli.disk import Partial, Stays
from convcli.image.codec import Encoding, RowWriter, codec_of
from convcli.image.formats import Format, PngEffort
from convcli.image.picture import Picture
from convcli.image.write import check_arguments, encoding_errors, is_multiscale
from convcli.places import Place, State, write_whole, write_whole_folder

# What an earlier run has left, and the state of its writer.
Begun = tuple[Partial, dict[str, Any]]
# Called behind every strip with the path of the file that is written, and `RowWriter.state`.
OnStrip = Callable[[Path, Callable[[], dict[str, Any] | None]], None]


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
    begun: Begun | None = None,
    stays: Stays | None = None,
    on_strip: OnStrip | None = None,
) -> None:
    """Write a picture, given without its pixels, whole or not at all, from its rows in order.

    A format that is not written `in_rows` is encoded when all rows are there. `begun` is what another run has left, of
    which the rows are the rest; one that `stays` is left by an error or an interrupt. Other arguments and errors are
    those of `write_picture`.
    """
    check_arguments(picture, format, quality, stream=False)
    if quality is None and picture.format is format:
        quality = picture.quality
    part, state = begun or (None, None)
    codec = codec_of(format)
    encoding = Encoding(quality, png_effort, threads, overviews, state, multiscale=is_multiscale(target))
    write_each = partial(_write_each, rows=rows, name=str(target), form=format, on_strip=on_strip)
    if format.chunked:

        def fill(folder: Path) -> None:
            write_each(partial(codec.folder_writer, picture, folder, encoding), folder)

        write_whole_folder(target, fill, overwrite=overwrite, before_naming=before_naming, begun=part, stays=stays)
        return

    def write(stream: IO[bytes]) -> None:
        if not codec.in_rows:
            whole = _collected(picture, rows)
            with encoding_errors(str(target), format):
                codec.write(whole, stream, encoding)
            return
        path = getattr(stream, "name", None)  # those of outputs in buckets have none
        write_each(partial(codec.row_writer, picture, stream, encoding), Path(path) if isinstance(path, str) else None)

    write_whole(target, write, overwrite=overwrite, before_naming=before_naming, begun=part, stays=stays)


def _write_each(
    make: Callable[[], RowWriter],
    path: Path | None,
    *,
    rows: Iterable[Array],
    name: str,
    form: Format,
    on_strip: OnStrip | None,
) -> None:
    with encoding_errors(name, form):
        writer = make()

    def write(strip: Array) -> None:
        with encoding_errors(name, form):
            writer.write(strip)
        if on_strip is not None and path is not None:
            on_strip(path, writer.state)

    # One strip is written while the next one is made: 8000 × 8000 RGB from deflate to deflate by two threads took 3.4 s
    # in place of 4.4, with a kernel of three layers 9.1 in place of 11.6.
    with ThreadPoolExecutor(1) as pool:
        written: Future[None] | None = None
        for each in rows:  # whose own errors are not those of encoding
            if written is not None:
                written.result()
            written = pool.submit(write, each)
        if written is not None:
            written.result()
    with encoding_errors(name, form):
        writer.finish()


def _collected(picture: Picture, rows: Iterable[Array]) -> Picture:
    height, *line = picture.frames[0].shape
    whole, first = np.empty((len(picture.frames) * height, *line), picture.dtype), 0
    for each in rows:
        whole[first : first + len(each)] = each
        first += len(each)
    return replace(picture, frames=tuple(np.split(whole, len(picture.frames))))
