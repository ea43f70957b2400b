"""Frames and pages of a file that Pillow has opened. Without NumPy: that is still being imported meanwhile."""

from __future__ import annotations

import math

from PIL import Image, ImageFile

from convcli.image.limit import check_index
from convcli.image.memory import Outline
from convcli.note import Note

_CHANNELS = {"1": 1, "L": 1, "I;16": 1, "LA": 2, "La": 2, "RGBA": 4, "RGBa": 4}  # of an array; 3 of all others
_PILLOWS_BYTES = {"1": 1, "L": 1, "P": 1, "I;16": 2}  # of a pixel in Pillow; 4 of all others
_CODED_BYTES = 3  # of a pixel of a frame in libavif, before that scales it


def outline_of(image: Image.Image, count: int = 1, coded: int = 0) -> Outline:
    """Return the outline of an opened picture, or of so many frames of it, when Pillow has decoded it.

    `coded` is the pixels of a frame before it is scaled to the picture's size; 0 where it is not.
    """
    mode = "I;16" if image.mode.startswith("I;16") else image.mode
    channels = _CHANNELS.get(mode, 3) + ("transparency" in image.info)
    beside = _PILLOWS_BYTES.get(mode, 4) + -(-coded * _CODED_BYTES // (image.width * image.height))
    return Outline(image.height, image.width, channels, 2 if mode == "I;16" else 1, beside, count)


def has_still(image: ImageFile.ImageFile) -> bool:
    """Return whether the first picture is no frame: a PNG may have one for programs that show no animation."""
    return bool(getattr(image, "default_image", False))


def frame_count(image: ImageFile.ImageFile) -> int:
    """Return the number of frames or pages that an opened file shows."""
    return int(getattr(image, "n_frames", 1)) - has_still(image)


def first_of(count: int) -> Note:
    """Return the note that the first of so many frames alone is read."""
    return Note("frames-left-out", f"the first of {count} frames is filtered; the others are left out")


def check_frame(image: ImageFile.ImageFile, name: str, frame: int) -> None:
    """Raise ReadError where an opened file has no such frame, counted from 0."""
    check_index(name, "frame", frame_count(image), frame)


def go_to(image: ImageFile.ImageFile, name: str, frame: int) -> None:
    """Turn to a frame, counted from 0; raise ReadError where there is none."""
    check_frame(image, name, frame)
    if frame != image.tell():
        image.seek(frame)


def are_opaque(frames: list[Image.Image]) -> bool:
    """Return whether no pixel of frames of mode RGB or RGBA is transparent."""
    return all(each.mode == "RGB" or each.getchannel("A").getextrema() == (255, 255) for each in frames)


def milliseconds(duration: object) -> float:
    """Return a duration as Pillow has it; 0 where that is none."""
    known = isinstance(duration, int | float) and math.isfinite(duration) and duration >= 0
    return float(duration) if known else 0.0  # type: ignore[arg-type]


def stored_mode(image: Image.Image) -> str:
    """Return Pillow's name for how the file stores a pixel; empty where Pillow names none."""
    tiles = getattr(image, "tile", None)
    if not tiles:
        return ""
    arguments = tiles[0][3]
    first = arguments[0] if isinstance(arguments, tuple) and arguments else arguments
    return first if isinstance(first, str) else ""
