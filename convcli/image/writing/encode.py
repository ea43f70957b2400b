"""Pixels to the bytes of a picture format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from convcli.image.carried_metadata import carried_metadata, save_options
from convcli.image.codecs.jpeg import WHOLE_COLORS, write_jpeg
from convcli.image.codecs.netpbm.write import write_netpbm
from convcli.image.formats import Format, PngEffort
from convcli.image.picture import Picture
from convcli.image.pillow.conversion import to_pillow
from convcli.image.pillow.plugins import load_plugin, save_image

# Pillow's 75 is meant for web pages. What a filter has made is often filtered again, and sharpening brings the blocks
# of a JPEG to light: 92, as ImageMagick has it.
_JPEG_QUALITY = 92
_WEBP_QUALITY = 90
_AVIF_QUALITY = 85
_LOSSLESS = 100


def encode(
    picture: Picture, stream: IO[bytes], target: Format, quality: int | None, png_effort: PngEffort = "balanced"
) -> None:
    """Write a picture in a format that holds it and all its frames, with the metadata that the format holds.

    Raises whatever Pillow raises.
    """
    frame = picture.frames[0]
    along = carried_metadata(picture, target)
    if target.pillow == "TIFF":
        from convcli.image.codecs.tiff.write import write_tiff  # here, since the other formats do without: 3 ms

        write_tiff([(page, each.has_alpha, carried_metadata(each, target)) for each, page in _pages(picture)], stream)
        return
    options = save_options(along, target)
    if picture.animation is not None:
        from convcli.image.writing.encode_animation import encode_animation  # here, since few pictures need it

        encode_animation(
            picture, stream, target, along, options | _settings(target, quality, gray=picture.channels == 1), png_effort
        )
        return
    if target.pillow == "PNG":
        load_plugin(target.pillow)
        from convcli.image.codecs.png.write import write_png  # only here, since it imports Pillow's plug-in

        write_png(frame, stream, png_effort, options)
        return
    if target.pillow == "JPEG":
        write_jpeg(frame, stream, _JPEG_QUALITY if quality is None else quality, options)
        return
    if target.pillow == "PPM" and frame.itemsize == 2:
        # What a .ppm file holds is RGB.
        write_netpbm(np.repeat(frame, 3, axis=2) if target.name == "ppm" and frame.shape[2] == 1 else frame, stream)
        return
    image = to_pillow(frame)
    if target.name == "ppm" and image.mode == "L":
        image = image.convert("RGB")  # what a .ppm file holds is RGB
    elif target.pillow == "GIF":
        from convcli.image.codecs.gif.write import with_palette  # only here, since it imports Pillow's plug-in

        image, more = with_palette(image)
        options |= more
    save_image(image, stream, target.pillow, options | _settings(target, quality, gray=picture.channels == 1))


def _pages(picture: Picture) -> Iterator[tuple[Picture, NDArray[Any]]]:
    """Yield each page with the picture that it is of: the frames of an animation are pages, too."""
    for each in (picture, *picture.pages):
        for frame in each.frames:
            yield each, frame


def _settings(target: Format, quality: int | None, *, gray: bool) -> dict[str, Any]:
    if target.pillow == "AVIF":
        settings: dict[str, Any] = {"quality": _AVIF_QUALITY if quality is None else quality}
        return settings if gray else settings | {"subsampling": WHOLE_COLORS}
    if target.pillow == "WEBP":
        if quality == _LOSSLESS:
            # `exact` keeps the colors of transparent pixels, which the next filter may bring to light.
            return {"lossless": True, "exact": True}
        return {"quality": _WEBP_QUALITY if quality is None else quality}
    return {}
