"""The codec of BMP. Without NumPy until pixels become arrays."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

from convcli.image.carried_metadata import CarriedMetadata
from convcli.image.codec import Encoding, Source, codec_of
from convcli.image.codecs.bmp.header import BmpHeader, bmp_header, completed, header_with_alpha, picture_inside
from convcli.image.formats import format_named
from convcli.image.limit import check_index
from convcli.image.memory import Outline
from convcli.image.metadata import Metadata
from convcli.image.pillow.codec import PillowCodec
from convcli.image.pillow.loaded import Loaded

if TYPE_CHECKING:
    from convcli.image.picture import Picture

_HEADER = 128  # bytes that have all that is said about bit fields


class BmpCodec(PillowCodec):
    """BMP, which has to name a resolution."""

    plugin = "Bmp"

    def load(self, source: Source) -> Loaded | None:
        if picture_inside(source) is not None:
            return None
        source = completed(source)
        return super().load(source) if _header_of(source) is None else None

    def read_arrays(self, source: Source) -> Picture:
        from convcli.image.codecs.bmp.fields import pixels_of  # here, with NumPy
        from convcli.image.pillow.decode import picture_of

        if inside := picture_inside(source):
            name, whole = inside
            return codec_of(format_named(name)).read(whole)
        source = completed(source)
        header = _header_of(source)
        assert header is not None
        source.check_size((header.width, header.height))
        if isinstance(source.frames, int):
            check_index(source.name, "frame", 1, source.frames)
        channels = 3 + bool(header.alpha)
        source.admit(source.name, [Outline(header.height, header.width, channels, beside=header.bits // 8)])
        return picture_of([pixels_of(header, source.content())], Metadata(dpi=header.dpi), None, ())

    def write(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> None:
        if not picture.has_alpha:
            super().write(picture, stream, encoding)
            return
        from convcli.image.codecs.bmp.fields import bytes_with_alpha  # here, with NumPy

        height, width = picture.size
        stream.write(header_with_alpha(width, height, self.carried(picture).dpi))
        stream.write(bytes_with_alpha(picture.frames[0]))

    def save_options(self, along: CarriedMetadata) -> dict[str, Any]:
        return {"dpi": (0, 0), **super().save_options(along)}  # not known; Pillow would write 96


CODEC = BmpCodec


def _header_of(source: Source) -> BmpHeader | None:
    source.stream.seek(0)
    return bmp_header(source.stream.read(_HEADER))
