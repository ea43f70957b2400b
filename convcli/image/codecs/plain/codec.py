"""The codec of formats that Pillow reads and writes, one row of a table each. Without NumPy until pixels are arrays."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any

from PIL import Image, ImageFile

from convcli.image.codec import Encoding, Source
from convcli.image.codecs.plain import dds, ico, pcx, sgi, tga
from convcli.image.formats import Format
from convcli.image.limit import check_index
from convcli.image.pillow.codec import PillowCodec
from convcli.image.pillow.loaded import Loaded
from convcli.image.pillow.plugins import save_image
from convcli.lazy import dataclass
from convcli.note import Note

if TYPE_CHECKING:
    from convcli.image.memory import Outline
    from convcli.image.picture import Picture
    from convcli.image.samples import Samples


@dataclass(frozen=True)
class Kind:
    """One format of Pillow's, and what it does otherwise than others.

    Parameters
    ----------
    plugin
        Of Pillow's, without the end of its module's name.
    options
        Returns the keywords with which Pillow writes an image.
    gray_alpha
        Whether gray with alpha is written as it is; otherwise as RGB with alpha.
    check
        Raises where the header does not bind the decoder.
    known
        Returns the same pixels as a file of a kind that is read, and notes; None of all others.
    outline
        Returns the outline of a file that Pillow does not decode as it is, by its first bytes; None of all others.
    rescue
        Returns the outline of a file that Pillow has failed at, where another decoder may not; None of all others.
    samples
        Decodes such a file.
    mended
        Returns a decoded image with its alpha as it is meant, by the first bytes.
    notes
        Says what of the file is left out.
    write
        Writes a frame that Pillow does not write as it is; returns whether it did.
    """

    plugin: str
    options: Callable[[Image.Image], dict[str, Any]] = lambda image: {}  # noqa: ARG005
    gray_alpha: bool = False
    check: Callable[[Source], None] = lambda source: None  # noqa: ARG005
    known: Callable[[bytes], tuple[bytes, tuple[Note, ...]] | None] = lambda file: None  # noqa: ARG005
    outline: Callable[[bytes], Outline | None] = lambda beginning: None  # noqa: ARG005
    rescue: Callable[[bytes], Outline | None] = lambda beginning: None  # noqa: ARG005
    samples: Callable[[bytes], Samples] | None = None
    mended: Callable[[Image.Image, bytes], Image.Image] = lambda image, beginning: image  # noqa: ARG005
    notes: Callable[[Image.Image], tuple[Note, ...]] = lambda image: ()  # noqa: ARG005
    write: Callable[[Any, IO[bytes]], bool] = lambda frame, stream: False  # noqa: ARG005


_KINDS = {
    "tga": Kind(
        "Tga",
        lambda image: {"rle": image.mode != "1"},
        gray_alpha=True,
        rescue=tga.outline,
        samples=tga.samples,
        mended=tga.mended,
    ),
    "ico": Kind("Ico", lambda image: {"sizes": [image.size]}, gray_alpha=True, check=ico.check, notes=ico.notes),
    "cur": Kind("Cur", check=ico.check, notes=ico.notes),
    "pcx": Kind("Pcx", outline=pcx.outline, samples=pcx.samples),
    "sgi": Kind("Sgi", outline=sgi.outline, samples=sgi.samples, write=sgi.write),
    "dds": Kind("Dds", gray_alpha=True, known=dds.known, outline=dds.outline, samples=dds.samples, mended=dds.mended),
}
_BEGINNING = 512  # bytes of a header


class PlainCodec(PillowCodec):
    """A format of one picture without metadata that Pillow reads and writes."""

    def __init__(self, format: Format) -> None:  # noqa: A002 - the word on the command line
        super().__init__(format)
        self.kind = _KINDS[format.name]
        self.plugin = self.kind.plugin  # type: ignore[misc] # one class for several

    def count(self, source: Source) -> int:
        return 1

    def load(self, source: Source) -> Loaded | None:
        self.kind.check(source)
        said = _beginning(source)
        source, notes = self._known(source)
        beginning = _beginning(source)
        if self.kind.outline(beginning) is not None:
            return None
        try:
            loaded = super().load(source)
        except (OSError, SyntaxError) as error:
            if getattr(error, "errno", None) is not None or self.kind.rescue(beginning) is None:
                raise
            return None
        if loaded is None:
            return None
        return replace(loaded, image=self.kind.mended(loaded.image, said), notes=(*notes, *loaded.notes))

    def load_frame(self, image: ImageFile.ImageFile, source: Source) -> Loaded:
        loaded = super().load_frame(image, source)
        return replace(loaded, notes=(*self.kind.notes(image), *loaded.notes))

    def _known(self, source: Source) -> tuple[Source, tuple[Note, ...]]:
        """Return the file with the same pixels that is read, and notes on it."""
        found = self.kind.known(_beginning(source))
        if found is None:
            return source, ()
        whole = self.kind.known(source.content())
        assert whole is not None
        return replace(source, stream=io.BytesIO(whole[0])), whole[1]

    def decode(self, image: ImageFile.ImageFile, source: Source) -> None:
        image.load()
        image.info.pop("dpi", None)  # that of a screen

    def read_arrays(self, source: Source) -> Picture:
        from convcli.image.metadata import Metadata
        from convcli.image.pillow.decode import picture_of  # here, with NumPy

        source, _ = self._known(source)
        beginning = _beginning(source)
        outline = self.kind.outline(beginning) or self.kind.rescue(beginning)
        assert outline is not None
        assert self.kind.samples is not None
        source.check_size((outline.width, outline.height))
        if isinstance(source.frames, int):
            check_index(source.name, "frame", 1, source.frames)
        source.admit(source.name, [outline])
        samples = self.kind.samples(source.content())
        return picture_of([samples], Metadata(), None, samples.notes)

    def write(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> None:
        from convcli.image.pillow.conversion import to_pillow  # here, with NumPy

        frame = picture.frames[0]
        if self.kind.write(frame, stream):
            return
        image = to_pillow(frame)
        if image.mode == "LA" and not self.kind.gray_alpha:
            image = image.convert("RGBA")
        save_image(image, stream, self.plugin, self.kind.options(image))


CODEC = PlainCodec


def _beginning(source: Source) -> bytes:
    source.stream.seek(0)
    return source.stream.read(_BEGINNING)
