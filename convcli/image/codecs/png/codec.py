"""The codec of PNG: Pillow reads 8 bits, libpng 16 and animations. Without NumPy until pixels become arrays.

Of 16 bits Pillow keeps those of gray alone, and not the gray that is transparent; it composes frames otherwise than
browsers.
"""

from __future__ import annotations

import io
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any

from PIL import Image, ImageFile
from PIL.PngImagePlugin import PngInfo

from convcli.errors import ConvcliError, ReadError
from convcli.image.animation import Clock
from convcli.image.carried_metadata import CarriedMetadata
from convcli.image.codec import Encoding, RowReader, RowWriter, Source
from convcli.image.codecs.png.chunks import LIBPNGS_LARGEST_SIDE, check_chunks, check_sums
from convcli.image.codecs.png.colors import note_profile
from convcli.image.limit import FRAMES
from convcli.image.metadata import SCREEN, Metadata, take_metadata
from convcli.image.pillow.codec import PillowCodec
from convcli.image.pillow.frames import check_frame, first_of, frame_count, has_still, outline_of, stored_mode
from convcli.image.pillow.loaded import Loaded
from convcli.image.text import CARRIED_TEXTS
from convcli.note import Note

if TYPE_CHECKING:
    from convcli.image.picture import Picture

_APPLES = b"CgBI"  # a chunk before the header
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

    def count(self, source: Source) -> int:
        try:
            return super().count(source)
        except Exception as error:
            return super().count(_mended(source, error)[0])

    def load(self, source: Source) -> Loaded | None:
        try:
            return super().load(source)
        except Exception as error:
            whole, damage = _mended(source, error)
        loaded = super().load(whole)
        return None if loaded is None else replace(loaded, damage=damage)

    def needs_arrays(self, image: ImageFile.ImageFile) -> bool:
        return _is_deep(image) or _is_animated(image)

    def load_opened(self, image: ImageFile.ImageFile, source: Source, coded: int = 0) -> Loaded:
        check_sums(source.stream)  # decoding does not; Pillow's own check would leave a file to be opened again
        _scale_transparent_gray(image)
        position = source.stream.tell()
        notes = note_profile(image, source.stream)
        source.stream.seek(position)
        loaded = super().load_opened(image, source, coded)
        return replace(loaded, notes=(*notes, *loaded.notes)) if notes else loaded

    def decode(self, image: ImageFile.ImageFile, source: Source) -> None:
        image.load()
        _drop_texts_shadowing_info(image)

    def read_arrays(self, source: Source) -> Picture:
        try:
            return self._arrays(source)
        except Exception as error:
            whole, damage = _mended(source, error)
        loaded = super().load(whole)  # an animation may have become a still picture
        picture = self._arrays(whole) if loaded is None else self.finish(loaded, source.name)
        return replace(picture, damage=damage)

    def _arrays(self, source: Source) -> Picture:
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

        try:
            return open_rows(source.stream, metadata)
        except ValueError:  # a whole file takes its place, or an error tells of it, where it is read at once
            return None

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
        options |= {"pnginfo": _texts(along)} if along.xmp or along.text else {}
        return options | {SCREEN: along.screen} if along.screen else options


CODEC = PngCodec


def _mended(source: Source, error: Exception) -> tuple[Source, tuple[Note, ...]]:
    """Return a whole file in place of one that is damaged a little, and what is missing; else raise the error again."""
    if isinstance(error, (ConvcliError, MemoryError, Image.DecompressionBombError)) or getattr(error, "errno", None):
        raise error
    from convcli.image.codecs.png.mended import mended  # here, for damaged files alone

    if source.content()[12:16] == _APPLES:
        what = f"{source.name} is a PNG as Apple packs it into apps (CgBI), which is not read"
        raise ReadError(what, "on a Mac: xcrun -sdk iphoneos pngcrush -revert-iphone-optimizations IN.png OUT.png")
    found = mended(source.content(), source.name, source.max_pixels)
    if found is None:
        raise error
    file, damage = found
    return replace(source, stream=io.BytesIO(file)), damage


def _is_deep(image: ImageFile.ImageFile) -> bool:
    """Return whether Pillow does not decode the samples, or not whole."""
    return ";16" in stored_mode(image) and (not image.mode.startswith("I") or "transparency" in image.info)


def _scale_transparent_gray(image: ImageFile.ImageFile) -> None:
    """Bring the gray that is transparent to 8 bits, as Pillow brings the pixels of 2 and 4 bits, and not this."""
    scale = {"L;2": 85, "L;4": 17}.get(stored_mode(image), 1)
    transparent = image.info.get("transparency")
    if scale > 1 and isinstance(transparent, int):
        image.info["transparency"] = transparent * scale


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
