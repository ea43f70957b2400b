"""The codec of a format of one picture that is decoded to an array of samples at once."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING

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


class SampledCodec(Codec):
    """A format of one picture; a class names the outline, the samples and the metadata of its files."""

    @abstractmethod
    def outline(self, source: Source) -> Outline:
        """Read the header; raise whatever it raises on damage."""

    @abstractmethod
    def samples(self, source: Source) -> Samples:
        """Decode a file whose outline was admitted."""

    def described(self, source: Source) -> Described:
        """Return the metadata of a file."""
        return Described()

    def losses(self, picture: Picture) -> list[Note]:
        lost = super().losses(picture)
        if picture.bits > _LARGEST_FLOATS and self.format.floats:
            lost.append(Note("floats-rounded", f"{self.format.title} holds floats of 32 bits; those of 64 are rounded"))
        return lost

    def read(self, source: Source) -> Picture:
        from convcli.image.pillow.decode import picture_of  # here, with NumPy

        outline = self.outline(source)
        source.check_size((outline.width, outline.height))
        if isinstance(source.frames, int):
            check_index(source.name, "frame", 1, source.frames)
        source.admit(source.name, [outline])
        samples = self.samples(source)
        if samples.pixels.shape[:2] != (outline.height, outline.width):
            raise ValueError("the header is not that of the pixels")
        metadata, turn, notes = taken(self.described(source), self)
        picture = picture_of([samples], metadata, turn, (*samples.notes, *notes))
        return replace(picture, linear=True) if self.format.light else picture


def taken(described: Described, codec: Codec) -> tuple[Metadata, Image.Transpose | None, tuple[Note, ...]]:
    """Return what is said about a picture as `take_metadata` does."""
    image = Image.new("1", (1, 1))
    parts = {"icc_profile": described.icc, "exif": described.exif, "xmp": described.xmp, "dpi": described.dpi}
    image.info = {name: part for name, part in parts.items() if part}
    metadata, turn, notes = take_metadata(image, codec.format)
    return metadata, turn, (*described.notes, *notes)
