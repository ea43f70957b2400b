"""The frames of an animation, as they are shown one after the other.

Without NumPy: pictures are decoded while that is still being imported.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import IO, Literal

from PIL import Image, ImageChops, ImageFile

from convcli.errors import ReadError
from convcli.image.animation import FOR_EVER, Animation
from convcli.image.gif_frames import gif_frames

# Which of a file's frames or pages: one of them, counted from 0; the first, and a note on the others; or every one.
Frames = int | Literal["first", "all"]


def frame_count(image: ImageFile.ImageFile) -> int:
    """Return how many frames or pages an opened file shows."""
    return int(getattr(image, "n_frames", 1)) - _first(image)


def go_to(image: ImageFile.ImageFile, name: str, frame: int) -> None:
    """Turn to a frame, counted from 0; raise ReadError where there is none."""
    count = frame_count(image)
    if frame >= count:
        has = f"{count} frames, counted from 0" if count > 1 else "one frame, which is number 0"
        raise ReadError(f"{name} has {has}: there is no frame {frame}", f"--frame {count - 1} is the last")
    if frame + _first(image):
        image.seek(frame + _first(image))


def load_animation(
    image: ImageFile.ImageFile, stream: IO[bytes], max_pixels: int
) -> tuple[list[Image.Image], Animation, tuple[str, ...]]:
    """Decode every frame of an opened file, each composed as it is shown and all of one mode.

    Parameters
    ----------
    image, stream
        The opened file.
    max_pixels
        The largest single frame that is decoded.

    Returns
    -------
    tuple
        The frames, the course of the animation, and notes.
    """
    notes: tuple[str, ...] = ()
    if _first(image):
        notes = ("its picture for programs that show no animation is left out",)
    if image.format == "GIF":
        stream.seek(0)
        shown: Iterator[tuple[Image.Image, float]] = gif_frames(stream.read(), image.size, max_pixels)
    else:
        shown = _shown(image)
    frames, durations = map(list, zip(*shown, strict=True))
    if image.format == "GIF" or image.mode == "P":
        frames = simplest(frames)
        notes += (f"its palettes are filtered as {'gray' if frames[0].mode[0] == 'L' else 'RGB'}",)
    elif image.format == "WEBP":
        frames = without_needless_alpha(frames)
    return frames, Animation(tuple(durations), _plays(image)), notes


def _shown(image: ImageFile.ImageFile) -> Iterator[tuple[Image.Image, float]]:
    for index in range(frame_count(image)):
        image.seek(index + _first(image))
        image.load()
        if isinstance(image.info.get("transparency"), str):
            del image.info["transparency"]  # a text of that name
        yield _with_colours(image) if image.mode == "P" else image.copy(), _milliseconds(image.info.get("duration"))


def _first(image: ImageFile.ImageFile) -> int:
    """Return where the animation begins: a PNG may have a picture before it that is no part of it."""
    return int(bool(getattr(image, "default_image", False)))


def _with_colours(image: Image.Image) -> Image.Image:
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


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
