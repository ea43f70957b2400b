"""The codec of GIF. Without NumPy until pixels become arrays."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import IO, TYPE_CHECKING

from PIL import Image, ImageChops, ImageFile

from convcli.errors import ConvcliError
from convcli.image.animation import FOR_EVER, Clock
from convcli.image.codec import Encoding, Source
from convcli.image.codecs.gif.frames import check_parts, gif_frames, lacks_palette, until_damage
from convcli.image.metadata import take_metadata
from convcli.image.pillow.codec import PillowCodec
from convcli.image.pillow.frames import are_opaque, first_of, frame_count, go_to, outline_of
from convcli.image.pillow.loaded import Loaded
from convcli.image.pillow.plugins import save_image
from convcli.note import Note

if TYPE_CHECKING:
    from convcli.image.picture import Picture


_NO_PALETTE = Note("damaged", "a frame has no palette; its colors are taken for levels of gray")


class GifCodec(PillowCodec):
    """GIF."""

    plugin = "Gif"
    clock = Clock(unit=10, longest=655_350, most_plays=65_536)
    notes_palette = False  # there is nothing else in a GIF

    def open(self, source: Source) -> ImageFile.ImageFile:
        check_parts(source)
        return super().open(source)

    def load(self, source: Source) -> Loaded | None:
        try:
            return super().load(source)
        except Exception as error:
            whole, damage = _completed(source, error)
        loaded = super().load(whole)
        return None if loaded is None else replace(loaded, damage=(damage, *loaded.damage))

    def load_opened(self, image: ImageFile.ImageFile, source: Source, coded: int = 0) -> Loaded:
        loaded = self._loaded(image, source, coded)
        return replace(loaded, damage=(_NO_PALETTE,)) if lacks_palette(source.content()) else loaded

    def _loaded(self, image: ImageFile.ImageFile, source: Source, coded: int) -> Loaded:
        count = frame_count(image)
        is_alone = count == 1 or source.frames == "first"
        if source.frames == "all" and not is_alone:
            return super().load_opened(image, source, coded)
        frame = source.frames if isinstance(source.frames, int) else 0
        # Pillow fills with a color what the first frame does not cover, where browsers show nothing.
        if (frame == 0 and _covers(image)) or (is_alone and count == 1 and frame > 0):
            return super().load_opened(image, source, coded)
        notes = (first_of(count),) if count > 1 and source.frames == "first" else ()
        go_to(image, source.name, frame)
        source.admit(source.name, [outline_of(image)])
        image.load()
        metadata, turn, more = take_metadata(image, self.format)
        shown, _ = next(islice(self.shown(image, source), frame, None))
        return Loaded(self.simplified([shown])[0], metadata, turn, (*notes, *more))

    def shown(self, image: ImageFile.ImageFile, source: Source) -> Iterator[tuple[Image.Image, float]]:
        return gif_frames(source.content(), image.size, source.max_pixels)

    def simplified(self, frames: list[Image.Image]) -> list[Image.Image]:
        mode = ("L" if all(map(_is_gray, frames)) else "RGB") + ("" if are_opaque(frames) else "A")
        return [each.convert(mode) for each in frames]

    def plays(self, image: ImageFile.ImageFile) -> int:
        # A GIF says how often it starts again after the first time, and 0 is for ever.
        loop = image.info.get("loop")
        return 1 if loop is None else FOR_EVER if loop == 0 else int(loop) + 1

    def finish(self, loaded: Loaded, name: str) -> Picture:
        picture = super().finish(loaded, name)
        return replace(picture, lossy="256 colors" if picture.colors == 3 else "")

    def losses(self, picture: Picture) -> list[Note]:
        from convcli.image.codecs.gif.write import fits_palette  # here, with Pillow's plug-in and NumPy

        lost = super().losses(picture)
        if not all(map(fits_palette, picture.frames)):
            lost.append(Note("colors-reduced", "GIF holds 256 colors; more of them become the nearest of these"))
        if picture.has_alpha and any(((frame[..., -1] % 255) != 0).any() for frame in picture.frames):
            lost.append(Note("transparency-reduced", "GIF holds no partial transparency, which becomes all or nothing"))
        return lost

    def write(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> None:
        from convcli.image.codecs.gif.write import with_palette, write_gif_animation
        from convcli.image.pillow.conversion import to_pillow

        options = self.save_options(self.carried(picture))
        if picture.animation is not None:
            write_gif_animation(picture.frames, picture.animation, self.clock, stream, options.get("comment", b""))
            return
        image, more = with_palette(to_pillow(picture.frames[0]))
        save_image(image, stream, self.plugin, options | more)


CODEC = GifCodec


def _completed(source: Source, error: Exception) -> tuple[Source, Note]:
    """Return a whole file in place of one that breaks off, and what is missing; else raise the error again."""
    if isinstance(error, (ConvcliError, MemoryError, Image.DecompressionBombError)) or getattr(error, "errno", None):
        raise error
    from convcli.image.codecs.gif.cut_off import completed  # here, for damaged files alone

    data = source.content()
    found = completed(data, source.name) or _before_damage(data, source.max_pixels)
    if found is None:
        raise error
    file, damage = found
    return replace(source, stream=io.BytesIO(file)), damage


def _before_damage(data: bytes, max_pixels: int) -> tuple[bytes, Note] | None:
    """Return a file of the frames before one that is damaged inside, and a note; None where that is the first."""
    found = until_damage(data, struct.unpack_from("<HH", data, 6), max_pixels)
    if found is None:
        return None
    file, count = found
    there = f"{count} frames before it are" if count > 1 else "the one before it is"
    return file, Note("damaged", f"a frame of it is damaged: {there} there")


def _covers(image: ImageFile.ImageFile) -> bool:
    """Return whether the frame at hand, not yet decoded, is as large as the whole."""
    return bool(image.tile) and tuple(image.tile[0][1] or ()) == (0, 0, *image.size)


def _is_gray(frame: Image.Image) -> bool:
    red, green, blue, *_ = frame.split()
    return not any(ImageChops.difference(red, other).getbbox() for other in (green, blue))
