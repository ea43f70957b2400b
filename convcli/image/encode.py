"""Pixels to the bytes of a picture format."""

from __future__ import annotations

from typing import IO, Any

import numpy as np
from PIL import Image

from convcli.image.formats import Format, PngEffort
from convcli.image.keeping import kept, save_options
from convcli.image.picture import Picture
from convcli.image.pillow import load_plugin, save_image
from convcli.image.to_pillow import to_pillow

# Pillow's 75 is meant for web pages. What a filter has made is often filtered again, and sharpening brings the blocks
# of a JPEG to light: 92, as ImageMagick has it.
_JPEG_QUALITY = 92
_WEBP_QUALITY = 90
_LOSSLESS = 100

_TRANSPARENT = 255  # index in a GIF's palette


def encode(
    picture: Picture, stream: IO[bytes], target: Format, quality: int | None, png_effort: PngEffort = "balanced"
) -> None:
    """Write the first frame in a picture format that holds it, with the metadata that the format holds.

    Raises whatever Pillow raises.
    """
    frame = picture.frames[0]
    along = kept(picture, target)
    if target.pillow == "TIFF":
        from convcli.image.tiff import write_tiff  # here, since the other formats do without: 3 ms

        write_tiff(frame, stream, has_alpha=picture.has_alpha, along=along)
        return
    options = save_options(along, target)
    if target.pillow == "PNG":
        load_plugin(target.pillow)
        from convcli.image.png import write_png  # only here, since it imports Pillow's plug-in

        write_png(frame, stream, png_effort, options)
        return
    if target.pillow == "JPEG":
        from convcli.image.jpeg import write_jpeg

        write_jpeg(frame, stream, _JPEG_QUALITY if quality is None else quality, options)
        return
    image = to_pillow(frame)
    if target.name == "ppm" and image.mode == "L":
        image = image.convert("RGB")  # what a .ppm file holds is RGB
    elif target.pillow == "GIF":
        image, more = _with_palette(image)
        options |= more
    save_image(image, stream, target.pillow, options | _settings(target, quality))


def _settings(target: Format, quality: int | None) -> dict[str, Any]:
    if target.pillow == "WEBP":
        if quality == _LOSSLESS:
            # `exact` keeps the colours of transparent pixels, which the next filter may bring to light.
            return {"lossless": True, "exact": True}
        return {"quality": _WEBP_QUALITY if quality is None else quality}
    return {}


def _with_palette(image: Image.Image) -> tuple[Image.Image, dict[str, Any]]:
    """Reduce to 256 colours, or 255 and transparent; alpha is on from one half."""
    if image.mode == "L":
        return image, {}
    if image.mode == "RGB":
        return image.quantize(256, Image.Quantize.MEDIANCUT), {}
    alpha = np.asarray(image.getchannel("A"))
    colours = image.convert("RGB").quantize(_TRANSPARENT, Image.Quantize.MEDIANCUT)
    if alpha.min() >= 128:
        return colours, {}
    indices = np.where(alpha < 128, np.uint8(_TRANSPARENT), np.asarray(colours))
    indexed = Image.fromarray(indices)
    palette = colours.getpalette() or []
    indexed.putpalette(palette + [0] * (768 - len(palette)))
    return indexed, {"transparency": _TRANSPARENT}
