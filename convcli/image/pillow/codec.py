"""The codec of a format that Pillow reads and writes. Without NumPy until pixels become arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import IO, TYPE_CHECKING, Any, ClassVar

from PIL import Image, ImageFile

from convcli.image.animation import FOR_EVER, Animation
from convcli.image.carried_metadata import CarriedMetadata
from convcli.image.codec import Codec, Encoding, Source
from convcli.image.limit import FRAMES
from convcli.image.metadata import exif_bytes, take_metadata
from convcli.image.pillow.frames import first_of, frame_count, go_to, milliseconds, outline_of
from convcli.image.pillow.loaded import Loaded
from convcli.image.pillow.plugins import open_image, save_image
from convcli.note import Note

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from convcli.image.picture import Picture


class PillowCodec(Codec):
    """A format that Pillow decodes and encodes; what one format does otherwise, its class overrides."""

    plugin: ClassVar[str]  # of Pillow's, without the end of its module's name
    notes_palette: ClassVar[bool] = True  # whether a palette is worth a note
    leaves_no_threads = True
    lossy: ClassVar[str] = ""  # as in `Picture`, where it is the same of all files

    def open(self, source: Source) -> ImageFile.ImageFile:
        """Read the header; raise whatever Pillow raises."""
        return open_image(source.stream, self.plugin)

    def count(self, source: Source) -> int:
        return frame_count(self.open(source))

    def begin(self, source: Source) -> Callable[[], Picture] | None:
        loaded = self.load(source)
        return None if loaded is None else partial(self.finish, loaded, source.name)

    def read(self, source: Source) -> Picture:
        loaded = self.load(source)
        return self.read_arrays(source) if loaded is None else self.finish(loaded, source.name)

    def finish(self, loaded: Loaded, name: str) -> Picture:
        """Turn a decoded picture into arrays."""
        from convcli.image.pillow.decode import as_picture  # here, with NumPy

        return as_picture(loaded, name, notes_palette=self.notes_palette)

    def load(self, source: Source) -> Loaded | None:
        """Decode with Pillow; None where that would not decode the file as it is."""
        image = self.open(source)
        source.check_size(image.size)
        return None if self.needs_arrays(image) else self.load_opened(image, source)

    def needs_arrays(self, image: ImageFile.ImageFile) -> bool:
        """Return whether Pillow would not decode an opened file as it is: samples cut down, frames mixed otherwise."""
        return False

    def read_arrays(self, source: Source) -> Picture:
        """Read a file that `load` leaves."""
        raise NotImplementedError

    def load_opened(self, image: ImageFile.ImageFile, source: Source, coded: int = 0) -> Loaded:
        """Decode the frames that are wanted; `coded` as in `outline_of`."""
        count, frames = frame_count(image), source.frames
        FRAMES.check(source.name, count, source.max_pixels)
        if count > 1 and frames == "all" and self.format.animated:
            outline = outline_of(image, count, coded)
            source.check_together(count, max(image.width * image.height, coded) * count)
            source.admit(source.name, [outline])
            return self.load_animation(image, source)
        go_to(image, source.name, frames if isinstance(frames, int) else 0)
        source.admit(source.name, [outline_of(image, coded=coded)])
        loaded = self.load_frame(image, source)
        if count > 1 and not isinstance(frames, int):
            loaded = replace(loaded, notes=(first_of(count), *loaded.notes))
        return loaded

    def load_frame(self, image: ImageFile.ImageFile, source: Source) -> Loaded:
        """Decode the frame that was turned to."""
        source.check_size(image.size)
        notes = self.notes(image)
        pixels = self.decode(image, source)
        metadata, turn, more = take_metadata(image, self.format)
        return Loaded(image, metadata, turn, (*notes, *more), pixels, lossy=self.lossy)

    def notes(self, image: ImageFile.ImageFile) -> tuple[Note, ...]:
        """Say what of the samples of an opened, not yet decoded, picture Pillow scales or leaves out."""
        return ()

    def decode(self, image: ImageFile.ImageFile, source: Source) -> NDArray[np.uint8] | None:
        """Decode the pixels into the image; or return them, (height, width, channels), where another way is better."""
        image.load()
        return None

    def load_animation(self, image: ImageFile.ImageFile, source: Source) -> Loaded:
        """Decode every frame, each as it is shown and all of one mode."""
        image.load()
        shown, durations = zip(*self.shown(image, source), strict=True)
        first, *others = self.simplified(list(shown))
        metadata, turn, notes = take_metadata(image, self.format)
        animation = Animation(durations, self.plays(image))
        return Loaded(first, metadata, turn, notes, frames=tuple(others), animation=animation, lossy=self.lossy)

    def shown(self, image: ImageFile.ImageFile, source: Source) -> Iterator[tuple[Image.Image, float]]:
        """Yield each frame as it is shown, and its duration in milliseconds."""
        for index in range(frame_count(image)):
            image.seek(index)
            image.load()
            yield image.copy(), milliseconds(image.info.get("duration"))

    def simplified(self, frames: list[Image.Image]) -> list[Image.Image]:
        """Return frames in the simplest mode that holds them all."""
        return frames

    def plays(self, image: ImageFile.ImageFile) -> int:
        """Return how often the animation runs; 0 for ever."""
        loop = image.info.get("loop")
        return loop if isinstance(loop, int) else FOR_EVER

    def write(self, picture: Picture, stream: IO[bytes], encoding: Encoding) -> None:
        from convcli.image.pillow.conversion import to_pillow

        options = self.save_options(self.carried(picture)) | self.settings(picture, encoding)
        image, *others = map(to_pillow, picture.frames)
        if picture.animation is not None:
            assert self.clock is not None  # the format was checked
            options |= {"append_images": others, "duration": picture.animation.in_units_of(self.clock.unit)}
        save_image(image, stream, self.plugin, options)

    def settings(self, picture: Picture, encoding: Encoding) -> dict[str, Any]:
        """Return the keywords with which Pillow encodes the pixels."""
        return {}

    def save_options(self, along: CarriedMetadata) -> dict[str, Any]:
        """Return the keywords with which Pillow writes the metadata."""
        options: dict[str, Any] = {"icc_profile": along.icc} if along.icc else {}
        if along.exif is not None:
            options["exif"] = exif_bytes(along.exif)
        if along.dpi:
            options["dpi"] = along.dpi
        if along.xmp:
            options["xmp"] = along.xmp
        if along.text:
            options["comment"] = along.text[0].value.encode()
        return options
