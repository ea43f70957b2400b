"""The frames of an animation, as they are shown one after the other.

Without NumPy: pictures are decoded while that is still being imported.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import IO, Any, Literal

from PIL import Image, ImageChops, ImageFile

from convcli.errors import ReadError
from convcli.image.animation import FOR_EVER, Animation
from convcli.image.codecs.gif.frames import gif_frames

# Which of a file's frames or pages: one of them, counted from 0; the first, and a note on the others; or every one.
Frames = int | Literal["first", "all"]


def is_animated(image: ImageFile.ImageFile) -> bool:
    """Whether an opened file has frames or pages behind its first picture."""
    return int(getattr(image, "n_frames", 1)) > 1


def has_still(image: ImageFile.ImageFile) -> bool:
    """Whether the first picture is no frame: a PNG may have one for programs that show no animation."""
    return bool(getattr(image, "default_image", False))


def frame_count(image: ImageFile.ImageFile) -> int:
    """Return how many frames or pages an opened file shows."""
    return int(getattr(image, "n_frames", 1)) - has_still(image)


def first_of(count: int) -> str:
    """Say, for a line of warning, that so many frames are there and the first alone is read."""
    return f"the first of {count} frames is filtered; the others are left out"


def check_frame(image: ImageFile.ImageFile, name: str, frame: int) -> None:
    """Raise ReadError where an opened file has no such frame, counted from 0."""
    count = frame_count(image)
    if frame >= count:
        has = f"{count} frames, counted from 0" if count > 1 else "one frame, which is number 0"
        raise ReadError(f"{name} has {has}: there is no frame {frame}", f"--frame {count - 1} is the last")


def go_to(image: ImageFile.ImageFile, name: str, frame: int) -> None:
    """Turn to a frame, counted from 0; raise ReadError where there is none."""
    check_frame(image, name, frame)
    if frame:
        image.seek(frame)


def wanted_pages(image: ImageFile.ImageFile, frames: Frames) -> Iterable[int]:
    """Return the numbers of the pages that are asked for; one that was named may not be there."""
    return range(frame_count(image)) if frames == "all" else [0 if frames == "first" else frames]


def see_through(image: Any) -> None:
    """Have the frames of an opened, animated WebP decoded with their alpha.

    Where all of them are opaque and smaller than the whole, the file names no alpha, and Pillow would show black around
    them where browsers show nothing.
    """
    image.rawmode = image._mode = "RGBA"  # noqa: SLF001 - Pillow asks nobody


def load_animation(
    image: ImageFile.ImageFile, stream: IO[bytes], max_pixels: int
) -> tuple[list[Image.Image], Animation]:
    """Decode every frame of an opened GIF, WebP or AVIF, each composed as it is shown and all of one mode.

    Parameters
    ----------
    image, stream
        The opened file.
    max_pixels
        The largest single frame that is decoded.

    Returns
    -------
    tuple
        The frames, and the course of the animation.
    """
    shown: Iterator[tuple[Image.Image, float]]
    if image.format == "GIF":
        stream.seek(0)
        shown = gif_frames(stream.read(), image.size, max_pixels)
    else:
        shown = _shown(image)
    frames, durations = map(list, zip(*shown, strict=True))
    if image.format == "GIF":
        frames = simplest(frames)
    elif image.format == "WEBP":
        frames = without_needless_alpha(frames)
    return frames, Animation(tuple(durations), _plays(image))


def _shown(image: ImageFile.ImageFile) -> Iterator[tuple[Image.Image, float]]:
    for index in range(frame_count(image)):
        image.seek(index)
        image.load()
        yield image.copy(), _milliseconds(image.info.get("duration"))


def simplest(frames: list[Image.Image]) -> list[Image.Image]:
    """Have frames that were drawn with palettes in the simplest mode that holds them all."""
    opaque = _are_opaque(frames)
    gray = all(_is_gray(each) for each in frames)
    mode = ("L" if gray else "RGB") + ("" if opaque else "A")
    return [each.convert(mode) for each in frames]


def without_needless_alpha(frames: list[Image.Image]) -> list[Image.Image]:
    """Leave out the alpha channel where it says nothing: that of an animated WebP is often there for no reason."""
    return [each.convert("RGB") for each in frames] if _are_opaque(frames) else frames


def _are_opaque(frames: list[Image.Image]) -> bool:
    return all(each.mode == "RGB" or each.getchannel("A").getextrema() == (255, 255) for each in frames)


def _is_gray(frame: Image.Image) -> bool:
    red, green, blue, *_ = frame.split()
    return not any(ImageChops.difference(red, other).getbbox() for other in (green, blue))


def _milliseconds(duration: object) -> float:
    known = isinstance(duration, int | float) and math.isfinite(duration) and duration >= 0
    return float(duration) if known else 0.0  # type: ignore[arg-type]


def _plays(image: ImageFile.ImageFile) -> int:
    loop = image.info.get("loop")
    if image.format == "GIF":
        # A GIF says how often it starts again after the first time, and 0 is for ever.
        return 1 if loop is None else FOR_EVER if loop == 0 else int(loop) + 1
    return loop if isinstance(loop, int) else FOR_EVER
