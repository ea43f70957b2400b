"""Writing GIF: one palette for each frame, and frames that are cleared.

Pillow's own writing of animations leaves out equal frames, and writes the others as differences.
"""

from __future__ import annotations

import struct
from typing import IO, Any

import numpy as np
from PIL import GifImagePlugin, Image

from convcli.array_types import Array, Bools
from convcli.image.animation import FOR_EVER, Animation, Clock
from convcli.image.pillow.conversion import to_pillow

_TRANSPARENT = 255  # index in a GIF's palette
_SEEN = 128  # the least alpha of a pixel that is shown
_KEEP, _CLEAR = 1, 2  # disposals: what happens to a frame when its time is over


def with_palette(image: Image.Image, *, transparent: bool = False) -> tuple[Image.Image, dict[str, Any]]:
    """Reduce gray or RGB, with alpha or without, to 256 colors, or 255 and transparent; alpha is on from one half.

    With `transparent` one color of a picture with alpha is transparent even where no pixel is. Returns an image of mode
    L or P, and the keywords with which Pillow saves it.
    """
    if image.mode == "L":
        return image, {}
    if image.mode == "RGB":
        return image.quantize(256, Image.Quantize.MEDIANCUT), {}
    unseen = np.asarray(image.getchannel("A")) < _SEEN
    if not unseen.any() and not transparent:
        return with_palette(image.convert("RGB"))
    colors = _without_hidden(image, unseen).quantize(_TRANSPARENT, Image.Quantize.MEDIANCUT)
    indices = np.where(unseen, np.uint8(_TRANSPARENT), np.asarray(colors))
    indexed = Image.fromarray(indices)
    palette = colors.getpalette() or []
    indexed.putpalette(palette + [0] * (768 - len(palette)))
    return indexed, {"transparency": _TRANSPARENT}


def fits_palette(frame: Array) -> bool:
    """Return whether a palette can hold the colors of a frame, as `to_pillow` takes it."""
    image = to_pillow(frame)
    if image.mode not in ("LA", "RGBA"):
        return image.mode == "L" or image.getcolors(256) is not None
    unseen = np.asarray(image.getchannel("A")) < _SEEN
    return _without_hidden(image, unseen).getcolors(_TRANSPARENT if unseen.any() else 256) is not None


def _without_hidden(image: Image.Image, unseen: Bools) -> Image.Image:
    """Return RGB in which transparent pixels have a color of others, so that theirs take no entry of the palette."""
    colors = np.array(image.convert("RGB"))
    if not unseen.all():
        colors[unseen] = colors[~unseen][0]
    return Image.fromarray(colors)


def write_gif_animation(
    frames: tuple[Array, ...], animation: Animation, clock: Clock, stream: IO[bytes], comment: bytes
) -> None:
    """Write frames of one size and of uint8, as `to_pillow` takes them; an empty comment is none."""
    height, width, _ = frames[0].shape
    stream.write(b"GIF89a" + struct.pack("<HHBBB", width, height, 0x70, 0, 0))  # each frame has a palette of its own
    if animation.plays != 1:
        # How often it starts again after the first time.
        again = 0 if animation.plays == FOR_EVER else min(animation.plays, clock.most_plays) - 1
        stream.write(b"!\xff\x0bNETSCAPE2.0" + struct.pack("<BBHB", 3, 1, again, 0))
    if comment:
        stream.write(b"!\xfe" + _in_blocks(comment))
    durations = animation.in_units_of(clock.unit)
    for index, (frame, duration) in enumerate(zip(frames, durations, strict=True)):
        # Where the next frame is transparent this one would shine through. The first one follows the last.
        cleared = _has_holes(frames[(index + 1) % len(frames)])
        # Some programs clear a frame to transparent only where it has a transparent color.
        image, options = with_palette(to_pillow(frame), transparent=cleared)
        disposal = _CLEAR if cleared else _KEEP
        milliseconds = min(duration * clock.unit, clock.longest)
        for part in GifImagePlugin.getdata(
            image, duration=milliseconds, disposal=disposal, include_color_table=True, **options
        ):
            stream.write(part)
    stream.write(b";")


def _has_holes(frame: Array) -> bool:
    return frame.shape[2] in (2, 4) and bool((frame[:, :, -1] < _SEEN).any())


def _in_blocks(data: bytes) -> bytes:
    parts = [data[start : start + 255] for start in range(0, len(data), 255)]
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"
