"""The codec of a format of one picture that is decoded to an array of samples at once."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Generic, TypeVar

from PIL import Image

from convcli.image.codec import Codec, Source
from convcli.image.limit import check_index
from convcli.image.memory import Outline
from convcli.image.metadata import Metadata, take_metadata
from convcli.lazy import dataclass
from convcli.note import Note

if TYPE_CHECKING:
    from convcli.image.picture import Picture
    from convcli.image.samples import Samples

Parsed = TypeVar("Parsed")  # before Python 3.12 there is no shorter way

_LARGEST_FLOATS = 32  # bits


@dataclass(frozen=True)
class Described:
    """The statements of a file about its pixels, as its codec found them; empty where there are none.

    Parameters
    ----------
    icc, exif, xmp
        As in `Metadata`; EXIF data with its orientation.
    dpi
        Pixels per inch, across and down.
    notes
        On what is left out.
    """

    icc: bytes = b""
    exif: bytes = b""
    xmp: bytes = b""
    dpi: tuple[float, float] | None = None
    notes: tuple[Note, ...] = ()


class SampledCodec(Codec, Generic[Parsed]):
    """A format of one picture; a class names the outline, the samples and the metadata of its files.

    They are asked for with the file as it was taken apart, once.
    """

    @abstractmethod
    def parsed(self, source: Source) -> Parsed:
        """Take a file apart, before anything is decoded; raise whatever it raises on damage."""

    @abstractmethod
    def outline(self, source: Source, parsed: Parsed) -> Outline:
        """Return the size and the type of the pixels."""

    @abstractmethod
    def samples(self, source: Source, parsed: Parsed) -> Samples:
        """Decode a file whose outline was admitted."""

    def described(self, source: Source, parsed: Parsed) -> Described:
        """Return the metadata of a file."""
        return Described()

    def finished(self, picture: Picture, parsed: Parsed) -> Picture:
        """Return a picture with what else its file says of it."""
        return picture

    def losses(self, picture: Picture) -> list[Note]:
        lost = super().losses(picture)
        if picture.bits > _LARGEST_FLOATS and self.format.floats:
            lost.append(Note("floats-rounded", f"{self.format.title} holds floats of 32 bits; those of 64 are rounded"))
        return lost

    def read(self, source: Source) -> Picture:
        from convcli.image.pillow.decode import picture_of  # here, with NumPy

        parsed = self.parsed(source)
        outline = self.outline(source, parsed)
        source.check_size((outline.width, outline.height))
        if isinstance(source.frames, int):
            check_index(source.name, "frame", 1, source.frames)
        source.admit(source.name, [outline])
        samples = self.samples(source, parsed)
        if samples.pixels.shape[:2] != (outline.height, outline.width):
            raise ValueError("the header is not that of the pixels")
        metadata, turn, notes = taken(self.described(source, parsed), self)
        picture = picture_of([samples], metadata, turn, (*samples.notes, *notes))
        return self.finished(replace(picture, linear=True) if self.format.light else picture, parsed)


def taken(described: Described, codec: Codec) -> tuple[Metadata, Image.Transpose | None, tuple[Note, ...]]:
    """Return what is said about a picture as `take_metadata` does."""
    image = Image.new("1", (1, 1))
    parts = {"icc_profile": described.icc, "exif": described.exif, "xmp": described.xmp, "dpi": described.dpi}
    image.info = {name: part for name, part in parts.items() if part}
    metadata, turn, notes = take_metadata(image, codec.format)
    return metadata, turn, (*described.notes, *notes)
