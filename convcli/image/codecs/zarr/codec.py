"""The codec of Zarr: folders of chunks, read and written some rows at a time."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from convcli.errors import UsageError
from convcli.image.codec import Codec, Encoding, RowReader, RowWriter, Source
from convcli.image.memory import Outline

if TYPE_CHECKING:
    from convcli.image.picture import Picture
    from convcli.places import Remote


class ZarrCodec(Codec):
    """Zarr 2 and 3, and OME-Zarr: axes y and x, one of channels, and others along which there are frames."""

    in_rows = True

    def count(self, source: Source) -> int:
        from dataclasses import replace

        from convcli.image.codecs.zarr.rows import ZarrRows  # here, as below, with NumPy

        return len(ZarrRows(replace(source, frames="all")).picture.frames)

    def read(self, source: Source) -> Picture:
        from convcli.image.codecs.zarr.rows import ZarrRows

        reader = ZarrRows(source)
        picture = reader.picture
        (height, width), channels = picture.size, picture.channels
        outline = Outline(height, width, channels, picture.dtype.itemsize, count=len(picture.frames))
        source.admit(source.name, [outline])
        return reader.whole()

    def rows(self, source: Source) -> RowReader | None:
        from convcli.image.codecs.zarr.rows import ZarrRows

        return ZarrRows(source)

    def rows_held_for(self, picture: Picture) -> int:
        from convcli.image.codecs.zarr.metadata import high_of

        return 2 * high_of(picture.layout)

    def rows_together_for(self, picture: Picture) -> int:
        from convcli.image.codecs.zarr.metadata import high_of

        return high_of(picture.layout)

    def folder_behind(self, place: Remote) -> AbstractContextManager[IO[bytes]]:
        from convcli.image.codecs.zarr.remote import FetchedFolder

        return FetchedFolder(place)

    def folder_writer(self, picture: Picture, folder: Path, encoding: Encoding) -> RowWriter:
        from convcli.image.codecs.zarr.writing import ZarrWriter

        return ZarrWriter(picture, folder, encoding)

    def write(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> None:
        raise UsageError("Zarr is a folder, and no stream", "write to the disk: -o NAME.zarr")


CODEC = ZarrCodec
