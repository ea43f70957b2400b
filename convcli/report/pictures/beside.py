"""A picture before and after a filter, small enough for a terminal, and both as one."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from convcli.array_types import Array
from convcli.image import Picture
from convcli.report.pictures.shown import Pixels, Size, finite_range

_MOST_ENLARGED = 8
_LIGHT, _DARK = 204, 153  # of the checkerboard
_GAP = 40  # of the width of a picture, between two


def small_pixels(picture: Picture, most: Size, square: int) -> Pixels:
    """Return the first frame in RGB, as large as a height and width allow; transparent parts on a checkerboard.

    A small picture is enlarged by a whole factor. Of other than one or three channels the first is shown; numbers are
    shown from the smallest, black, to the largest. `square` is the side of a square of the checkerboard in pixels.
    """
    height, width = picture.size
    factor = min(most[0] / height, most[1] / width)
    image = Image.fromarray(_levels(picture, int(0.5 / factor)))
    if factor < 1:
        size = max(1, round(width * factor)), max(1, round(height * factor))
        image = image.resize(size, Image.Resampling.BOX)  # of colors by their opacity
    pixels = np.asarray(image.convert("RGBA" if picture.has_alpha else "RGB"))
    times = max(1, min(int(factor), _MOST_ENLARGED))
    pixels = pixels.repeat(times, axis=0).repeat(times, axis=1)
    return _on_checkerboard(pixels, square) if picture.has_alpha else pixels


def joined_pixels(before: Pixels, after: Pixels) -> Image.Image:
    """Return two pictures side by side, transparent between them and below the smaller."""
    left = before.shape[1] + max(4, before.shape[1] // _GAP)
    joined = Image.new("RGBA", (left + after.shape[1], max(len(before), len(after))))
    joined.paste(Image.fromarray(before), (0, 0))
    joined.paste(Image.fromarray(after), (left, 0))
    return joined


def in_png(image: Image.Image) -> bytes:
    """Return a picture as a PNG file, made quickly."""
    written = io.BytesIO()
    image.save(written, "PNG", compress_level=1)
    return written.getvalue()


def _levels(picture: Picture, block: int) -> Array:
    """Return the first frame in levels of 8 bits; one of more bits, or of numbers, by the means of blocks."""
    frame = picture.frames[0]
    kept = [*range(3 if picture.colors == 3 else 1), *([frame.shape[2] - 1] if picture.has_alpha else [])]
    low, high = finite_range(frame[:, :, kept]) if picture.is_array else (0.0, picture.full_scale)
    frame = frame if len(kept) == frame.shape[2] else frame[:, :, kept]
    if frame.dtype != np.uint8 or picture.is_array:
        with np.errstate(invalid="ignore", over="ignore"):
            shares = (_means(frame, block, has_alpha=picture.has_alpha) - low) / ((high - low) or 1.0)
        frame = np.floor(255 * np.clip(np.nan_to_num(shares), 0, 1) + 0.5).astype(np.uint8)
    return np.ascontiguousarray(frame[:, :, 0] if frame.shape[2] == 1 else frame)


def _means(frame: Array, block: int, *, has_alpha: bool) -> Array:
    """Return the means over square blocks, of colors by their opacity; what is left over at the end is cut off."""
    if block < 2 or min(frame.shape[:2]) < block:
        return frame.astype(np.float64)
    height, width = (side // block for side in frame.shape[:2])
    blocks = frame[: height * block, : width * block].reshape(height, block, width, block, -1)
    if not has_alpha:
        means: Array = blocks.mean(axis=(1, 3), dtype=np.float64)
        return means
    opacity = blocks[..., -1:].mean(axis=(1, 3), dtype=np.float64)
    colors = (blocks[..., :-1] * blocks[..., -1:].astype(np.float64)).mean(axis=(1, 3))
    return np.concatenate([colors / np.where(opacity > 0, opacity, 1), opacity], axis=2)


def _on_checkerboard(pixels: Pixels, square: int) -> Pixels:
    rows, columns = np.indices(pixels.shape[:2]) // square
    board = np.where((rows + columns) % 2, _DARK, _LIGHT)[:, :, np.newaxis]
    opacity = pixels[:, :, 3:] / 255
    laid: Pixels = np.floor(pixels[:, :, :3] * opacity + board * (1 - opacity) + 0.5).astype(np.uint8)
    return laid
