"""The codec of PNG: Pillow reads 8 bits, libpng 16 and animations. Without NumPy until pixels become arrays.

Of 16 bits Pillow keeps those of gray alone, and not the gray that is transparent; it composes frames otherwise than
browsers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any

from PIL import Image, ImageFile
from PIL.PngImagePlugin import PngInfo

from convcli.image.animation import Clock
from convcli.image.carried_metadata import CarriedMetadata
from convcli.image.codec import Encoding, RowReader, RowWriter, Source
from convcli.image.codecs.png.chunks import LIBPNGS_LARGEST_SIDE, check_chunks
from convcli.image.codecs.png.colors import note_profile
from convcli.image.limit import FRAMES
from convcli.image.metadata import Metadata, take_metadata
from convcli.image.pillow.codec import PillowCodec
from convcli.image.pillow.frames import check_frame, first_of, frame_count, has_still, outline_of, stored_mode
from convcli.image.pillow.loaded import Loaded
from convcli.image.text import CARRIED_TEXTS
from convcli.note import Note

if TYPE_CHECKING:
    from convcli.image.picture import Picture

_LONG = 1024  # letters from which a text is worth compressing


class PngCodec(PillowCodec):
    """PNG."""

    plugin = "Png"
    in_rows = True
    rows_held = 64
    clock = Clock(unit=0, longest=65_535_000, most_plays=(1 << 31) - 1)

    def open(self, source: Source) -> ImageFile.ImageFile:
        check_chunks(source)
        return super().open(source)

    def needs_arrays(self, image: ImageFile.ImageFile) -> bool:
        return _is_deep(image) or _is_animated(image)

    def load_opened(self, image: ImageFile.ImageFile, source: Source, coded: int = 0) -> Loaded:
        image.verify()  # decoding does not check the checksums
        opened = self.open(source)
        position = source.stream.tell()
        notes = note_profile(opened, source.stream)
        source.stream.seek(position)
        loaded = super().load_opened(opened, source, coded)
        return replace(loaded, notes=(*notes, *loaded.notes)) if notes else loaded

    def decode(self, image: ImageFile.ImageFile, source: Source) -> None:
        image.load()
        _drop_texts_shadowing_info(image)

    def read_arrays(self, source: Source) -> Picture:
        from convcli.image.codecs.png.frames import decoded_frames  # here, with imagecodecs and NumPy
        from convcli.image.codecs.png.read import described_pixel, png_samples
        from convcli.image.pillow.decode import picture_of

        image, frames = self.open(source), source.frames
        count = frame_count(image)
        FRAMES.check(source.name, count, source.max_pixels)
        if isinstance(frames, int):
            check_frame(image, source.name, frames)
        outline = outline_of(image, count if frames == "all" else 1)
        source.admit_pages([replace(outline, itemsize=2 if _is_deep(image) else outline.itemsize, beside=0)])
        described = described_pixel(source)
        _drop_texts_shadowing_info(described)
        about_colors = note_profile(described, source.stream)
        metadata, turn, notes = take_metadata(described, self.format)
        notes = (*about_colors, *notes)
        if not _is_animated(image):
            samples = png_samples(source, transparent="transparency" in image.info)
            return picture_of([samples], metadata, turn, (*samples.notes, *notes))
        shown, animation = decoded_frames(source.content(), image.size, 0 if frames == "first" else frames)
        if frames == "first" and count > 1:
            notes = (first_of(count), *notes)
        if frames == "all" and has_still(image):
            notes = (Note("still-left-out", "its picture for programs that show no animation is left out"), *notes)
        return picture_of(shown, metadata, turn, (*shown[0].notes, *notes), animation if frames == "all" else None)

    def rows(self, source: Source) -> RowReader | None:
        from convcli.image.codecs.png.rows import open_rows  # here, with imagecodecs and NumPy

        source.check_size(self.open(source).size)

        def metadata(described: Image.Image) -> tuple[Metadata, Image.Transpose | None, tuple[Note, ...]]:
            _drop_texts_shadowing_info(described)
            about_colors = note_profile(described, source.stream)
            found, turn, notes = take_metadata(described, self.format)
            return found, turn, (*about_colors, *notes)

        return open_rows(source.stream, metadata)

    def row_writer(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> RowWriter:
        from convcli.image.codecs.png.rows import PngWriter  # here, with imagecodecs and NumPy

        options = self.save_options(self.carried(picture))
        return PngWriter(picture, stream, encoding.png_effort, options, encoding.threads)

    def largest_side(self, bits: int, channels: int) -> int:
        # Pillow writes PNGs of any size, but not these, which libpng does.
        return LIBPNGS_LARGEST_SIDE if bits == 16 and channels > 1 else super().largest_side(bits, channels)

    def write(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> None:
        from convcli.image.codecs.png.write import write_apng, write_png  # here, with NumPy

        options = self.save_options(self.carried(picture))
        if picture.animation is None:
            write_png(picture.frames[0], stream, encoding.png_effort, options, encoding.threads)
        else:
            write_apng(picture.frames, picture.animation, self.clock, stream, encoding.png_effort, options)

    def save_options(self, along: CarriedMetadata) -> dict[str, Any]:
        options = super().save_options(replace(along, xmp=b"", text=()))
        return options | {"pnginfo": _texts(along)} if along.xmp or along.text else options


CODEC = PngCodec


def _is_deep(image: ImageFile.ImageFile) -> bool:
    """Return whether Pillow does not decode the samples, or not whole."""
    return ";16" in stored_mode(image) and (not image.mode.startswith("I") or "transparency" in image.info)


def _is_animated(image: ImageFile.ImageFile) -> bool:
    return int(getattr(image, "n_frames", 1)) > 1


def _drop_texts_shadowing_info(image: Image.Image) -> None:
    """Take texts out of Pillow's own notes on a PNG, where one called ``transparency`` would pass for transparency."""
    for keyword, value in getattr(image, "text", {}).items():
        noted = image.info.get(keyword)  # a text called exif is noted in bytes
        if noted in (value, value.encode("latin-1", "replace")) and keyword not in CARRIED_TEXTS:
            del image.info[keyword]


def _texts(along: CarriedMetadata) -> PngInfo:
    chunks = PngInfo()
    if along.xmp:
        chunks.add_itxt("XML:com.adobe.xmp", along.xmp.decode("utf-8"))
    for each in along.text:
        packed = len(each.value) > _LONG
        if each.language or each.translated:
            chunks.add_itxt(each.keyword, each.value, each.language, each.translated, zip=packed)
        else:
            chunks.add_text(each.keyword, each.value, zip=packed)  # an iTXt chunk by itself where Latin-1 does not do
    return chunks
