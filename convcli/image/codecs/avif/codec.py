"""The codec of AVIF, which checks the frames of a file before libavif reads it.

libavif decodes a frame as large as the stream of AV1 has it, and only then scales it to the size that the file names.
"""

from __future__ import annotations

import io
import struct
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PIL import ImageFile, features

from convcli.image.animation import Clock
from convcli.image.codec import Encoding, Source
from convcli.image.codecs.avif.streams import clean_aperture, color_numbers, frame_sizes, stored_bits
from convcli.image.content.claims import false_claims
from convcli.image.limit import over_limit
from convcli.image.memory import Outline
from convcli.image.metadata import Metadata, take_metadata
from convcli.image.pillow.codec import PillowCodec
from convcli.image.pillow.frames import check_frame, frame_count
from convcli.image.pillow.loaded import Loaded
from convcli.image.pillow.numbered_colors import note_numbered_colors
from convcli.note import Note

if TYPE_CHECKING:
    from convcli.image.picture import Picture

_QUALITY = 85
_BITS = 8  # that Pillow decodes to

_MATRIX = Note(
    "converted", "its colors of constant luminance are converted as those of usual luminance; hues may be a little off"
)

# The most that all pictures of a file may have together, in pixels of the whole: the cells of a grid reach over its
# edges, so that they may have four times as many as it shows, and those of its alpha as well.
_WITH_EDGES = 8


class AvifCodec(PillowCodec):
    """AVIF."""

    plugin = "Avif"
    lossy = "compression"  # said of a lossless file, too, which is rare: its boxes do not say
    clock = Clock(unit=1, longest=(1 << 31) - 1, most_plays=0)

    def count(self, source: Source) -> int:
        _largest_frame(source)
        try:
            return super().count(source)
        except (SyntaxError, ValueError, RuntimeError):
            if (mended := _mended(source)) is None:
                raise
        return self.count(mended[0])

    def load(self, source: Source) -> Loaded | None:
        coded = _largest_frame(source)
        source, told = _of_usual_matrix(source)
        image = self._opened(source)
        if image is None:
            mended = _mended(source)
            loaded = None if mended is None else self.load(mended[0])
            return None if mended is None or loaded is None else replace(loaded, damage=(*mended[1], *loaded.damage))
        source.check_size(image.size)
        file = memoryview(source.content())
        bits = stored_bits(file)
        is_alone = frame_count(image) == 1
        if bits > _BITS and is_alone and source.deep:
            return None
        notes = (*false_claims(source.content(), image.info.get("xmp") or b""), *_about_colors(image, file))
        if bits > _BITS:
            notes += (Note("depth-reduced", f"its {bits} bits a channel are read as {_BITS}"),)
        loaded = self.load_opened(image, source, coded)
        box = clean_aperture(file, *image.size) if is_alone else None
        loaded = replace(loaded, notes=(*told, *notes, *loaded.notes))
        return loaded if box is None else replace(loaded, image=loaded.image.crop(box))

    def read_arrays(self, source: Source) -> Picture:
        from convcli.image.codecs.avif.deep import deep_samples  # here, with imagecodecs and NumPy
        from convcli.image.pillow.decode import picture_of

        source, told = _of_usual_matrix(source)
        image, file = self._opened(source), memoryview(source.content())
        if image is None:
            mended = _mended(source)
            if mended is None:
                return self._lenient(source)
            picture = self.read_arrays(mended[0])
            return replace(picture, damage=(*mended[1], *picture.damage))
        if isinstance(source.frames, int):
            check_frame(image, source.name, source.frames)
        source.admit_pages([Outline(image.height, image.width, 4, 2)])
        notes = (*false_claims(source.content(), image.info.get("xmp") or b""), *_about_colors(image, file))
        metadata, turn, more = take_metadata(image, self.format)
        samples = deep_samples(bytes(file), stored_bits(file), clean_aperture(file, *image.size))
        return replace(picture_of([samples], metadata, turn, (*samples.notes, *told, *notes, *more)), lossy=self.lossy)

    def _opened(self, source: Source) -> ImageFile.ImageFile | None:
        """Read the header; return None where libavif, which is strict in Pillow, refuses it."""
        try:
            return self.open(source)
        except (SyntaxError, ValueError, OSError, RuntimeError) as error:
            if getattr(error, "errno", None) is not None or not features.check("avif"):
                raise
            return None

    def _lenient(self, source: Source) -> Picture:
        """Decode a file that breaks a rule, as early ones with alpha do; raise what Pillow raises where that fails."""
        from imagecodecs import AvifError

        from convcli.image.codecs.avif.deep import deep_samples
        from convcli.image.pillow.decode import picture_of

        source.admit_pages([Outline(1, _largest_frame(source), 4, 2)])
        file = source.content()
        try:
            samples = deep_samples(file, stored_bits(memoryview(file)), None)
        except (AvifError, ValueError, RuntimeError):
            self.open(source)
            raise
        damage = (Note("damaged", "it breaks a rule of AVIF; its metadata is left out"),)
        picture = picture_of([samples], Metadata(), None, samples.notes)
        return replace(picture, damage=damage, lossy=self.lossy)

    def settings(self, picture: Picture, encoding: Encoding) -> dict[str, Any]:
        settings: dict[str, Any] = {"quality": _QUALITY if encoding.quality is None else encoding.quality}
        return settings if picture.channels == 1 else settings | {"subsampling": "4:4:4"}


CODEC = AvifCodec


def _about_colors(image: ImageFile.ImageFile, file: memoryview) -> tuple[Note, ...]:
    """Note the profile of colors named by numbers, where a file has none, in the `info` of its image; return notes."""
    return () if "icc_profile" in image.info else note_numbered_colors(image, *color_numbers(file))


def _of_usual_matrix(source: Source) -> tuple[Source, tuple[Note, ...]]:
    """Return a file with colors that libavif converts, and a note where others were taken for them."""
    from convcli.image.codecs.avif.mended import with_usual_matrix

    try:
        file = with_usual_matrix(source.content(), source.name)
    except (ValueError, struct.error):
        return source, ()  # libavif says so
    return (source, ()) if file is None else (replace(source, stream=io.BytesIO(file)), (_MATRIX,))


def _mended(source: Source) -> tuple[Source, tuple[Note, ...]] | None:
    """Return a file that breaks a rule with that rule kept, or without shared cells, and notes; None for any other."""
    from convcli.image.codecs.avif.mended import next_mend  # here, for such files alone

    try:
        found = next_mend(source)
    except (ValueError, struct.error, LookupError, OverflowError):
        return None
    return None if found is None else (replace(source, stream=io.BytesIO(found[0])), found[1])


def _largest_frame(source: Source) -> int:
    """Return how many pixels the largest frame has, 0 where none was found.

    Raises ReadError where frames are over the limit, OSError on a damaged file.
    """
    items, tracks = frame_sizes(memoryview(source.content()))
    width, height = max(items + tracks, key=lambda size: size[0] * size[1], default=(0, 0))
    pixels = width * height
    if pixels > source.max_pixels:
        raise over_limit(source.name, f"{width}×{height} pixels", source.max_pixels, pixels)
    together = sum(width * height for width, height in items)
    if together > _WITH_EDGES * source.max_pixels:
        enough = -(-together // _WITH_EDGES)
        has = f"{len(items)} pictures of {together} pixels together"
        raise over_limit(source.name, has, source.max_pixels, enough)
    return pixels
