"""The codec of PSD and PSB. Gray and RGB are decoded here; palettes, CMYK, Lab and black and white by Pillow."""

from __future__ import annotations

from dataclasses import replace
from typing import IO, TYPE_CHECKING

from PIL import Image, ImageFile

from convcli.errors import ReadError
from convcli.image.codec import Encoding, Source
from convcli.image.codecs.psd.sections import CMYK, LAB, SEVERAL, PsdFile, psd_file
from convcli.image.limit import check_index
from convcli.image.memory import Outline
from convcli.image.metadata import Metadata
from convcli.image.pillow.codec import PillowCodec
from convcli.image.pillow.loaded import Loaded
from convcli.image.sampled.codec import taken
from convcli.note import Note

if TYPE_CHECKING:
    from convcli.image.picture import Picture

# By the mode: gray, RGB, channels of their own of which one is shown, and duotone, which is stored as gray.
_COLORS = {1: 1, 3: 3, SEVERAL: 1, 8: 1}
_DEEP_COLORS = {CMYK: 4, LAB: 3}  # of 16 bits; Pillow reads those of 8
_DEPTHS = (8, 16, 32)
_DEEP = 16
_OF_PILLOW = (1, 8)
_NAMES = {0: "black and white", 2: "a palette", 4: "CMYK colors", 9: "Lab colors"}


class PsdCodec(PillowCodec):
    """PSD and PSB, which are read and not written."""

    plugin = "Psd"

    def count(self, source: Source) -> int:
        return 1

    def load(self, source: Source) -> Loaded | None:
        psd = psd_file(source.content())
        source.check_size((psd.width, psd.height))
        if _is_ours(psd):
            return None
        if psd.is_large or psd.depth not in _OF_PILLOW:
            name = _NAMES.get(psd.mode, f"colors of kind {psd.mode}")
            raise ReadError(
                f"{source.name} holds {name} in {psd.depth} bits a channel{' in a large file' * psd.is_large}",
                "save it as RGB first",
            )
        return super().load(source)

    def load_opened(self, image: ImageFile.ImageFile, source: Source, coded: int = 0) -> Loaded:
        _check_frame(source)
        channels = 1 if image.mode in ("1", "L") else 3
        source.admit(source.name, [Outline(image.height, image.width, channels, beside=4)])
        return self.load_frame(image, source)

    def load_frame(self, image: ImageFile.ImageFile, source: Source) -> Loaded:
        image.load()
        metadata, turn, notes = self._said(psd_file(source.content()))
        return Loaded(image, metadata, turn, notes)

    def read_arrays(self, source: Source) -> Picture:
        from convcli.image.codecs.psd.composite import samples_of  # here, with NumPy
        from convcli.image.pillow.decode import picture_of

        _check_frame(source)
        file = source.content()
        psd = psd_file(file)
        colors = (_COLORS | _DEEP_COLORS)[psd.mode]
        if psd.mode == SEVERAL and source.everything:
            colors = psd.channels
        outline = Outline(psd.height, psd.width, min(psd.channels, colors + 1), psd.depth // 8, beside=4)
        source.admit(source.name, [outline])
        samples = samples_of(psd, file, colors)
        metadata, turn, notes = self._said(psd)
        if psd.mode in _DEEP_COLORS:
            metadata = replace(metadata, icc=b"")  # its colors are converted to sRGB
        return picture_of([samples], metadata, turn, (*samples.notes, *notes))

    def _said(self, psd: PsdFile) -> tuple[Metadata, Image.Transpose | None, tuple[Note, ...]]:
        return taken(psd.described, self)

    def write(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> None:
        raise NotImplementedError(self.format.title)  # the format was checked


CODEC = PsdCodec


def _is_ours(psd: PsdFile) -> bool:
    if psd.mode in _DEEP_COLORS:
        return psd.depth == _DEEP and psd.channels >= _DEEP_COLORS[psd.mode]
    return psd.depth in _DEPTHS and psd.channels >= _COLORS.get(psd.mode, 99)


def _check_frame(source: Source) -> None:
    if isinstance(source.frames, int):
        check_index(source.name, "frame", 1, source.frames)
