"""Write the pairs of docs/detective.md into a folder: ``python docs/detective/pairs.py FOLDER``.

Every change is made as people make them, by Pillow or NumPy, none by convcli. The folder gets photo.png and a file per
change; a second photograph is other.png.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

PHOTO = Path(__file__).parents[2] / "sample_images" / "harbour.jpg"
# Left, top, right and bottom of the two photographs.
CUT, OTHER = (640, 100, 1152, 612), (60, 288, 572, 800)

SHARPEN = ImageFilter.Kernel((3, 3), (0, -1, 0, -1, 5, -1, 0, -1, 0), scale=1)
SEPIA = (0.393, 0.769, 0.189, 0, 0.349, 0.686, 0.168, 0, 0.272, 0.534, 0.131, 0)


def picture(values: NDArray[Any]) -> Image.Image:
    """Return values from 0 to 255 as a picture, rounded and clipped."""
    return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))


def blurred(values: NDArray[Any], sigma: float) -> NDArray[Any]:
    """Return values (height, width, channels) blurred by a Gaussian, mirrored at the rims."""
    reach = round(4 * sigma)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    weights /= weights.sum()
    for axis in (0, 1):
        padded = np.pad(values, [(reach, reach) if each == axis else (0, 0) for each in range(3)], mode="reflect")
        length = values.shape[axis]
        values = sum(w * np.take(padded, range(at, at + length), axis) for at, w in enumerate(weights))
    return values


def light_of(levels: NDArray[Any]) -> NDArray[Any]:
    """Return the light of levels of sRGB, 0 to 1."""
    share = levels / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def levels_of(light: NDArray[Any]) -> NDArray[Any]:
    """Return the levels of sRGB of light."""
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def more_contrast(image: Image.Image) -> Image.Image:
    """Return a picture through a tone curve like an S."""
    return image.point([round(255 * (x / 255 - 0.1 * np.sin(2 * np.pi * x / 255))) for x in range(256)] * 3)


def lettered(image: Image.Image) -> Image.Image:
    """Return a picture with a line of text on it."""
    result = image.copy()
    ImageDraw.Draw(result).text((150, 420), "Property of", fill=(255, 240, 60), font=ImageFont.load_default(48))
    return result


def noisy(values: NDArray[Any], levels: float) -> Image.Image:
    """Return values with normal noise."""
    return picture(values + np.random.default_rng(7).normal(0, levels, values.shape))


def pixelated(image: Image.Image, size: int) -> Image.Image:
    """Return a picture of blocks, each of its mean color."""
    small = image.resize((image.width // size, image.height // size), Image.Resampling.BOX)
    return small.resize(image.size, Image.Resampling.NEAREST)


def turned_hues(image: Image.Image, steps: int) -> Image.Image:
    """Return a picture whose hues are turned by so many of the 255 steps that Pillow has."""
    hue, saturation, brightness = image.convert("HSV").split()
    turned = hue.point([(level + steps) % 256 for level in range(256)])
    return Image.merge("HSV", (turned, saturation, brightness)).convert("RGB")


def dotted(image: Image.Image, colors: int) -> Image.Image:
    """Return a picture in a palette of its own, with dots of neighbors for what is between its colors."""
    palette = image.quantize(colors)
    return image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).convert("RGB")


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "sharp.jpg": lambda photo: photo.filter(SHARPEN),
    "dreamy.png": lambda photo: picture(levels_of(blurred(light_of(np.asarray(photo)), 2.0))),
    "vivid.png": lambda photo: more_contrast(photo.filter(SHARPEN)),
    "old.png": lambda photo: photo.convert("RGB", SEPIA),
    "gray.png": lambda photo: photo.convert("L").convert("RGB"),
    "part.png": lambda photo: photo.filter(SHARPEN).crop((60, 40, 460, 400)),
    "half.png": lambda photo: photo.resize((256, 256), Image.Resampling.LANCZOS),
    "small.png": lambda photo: photo.resize((340, 300), Image.Resampling.LANCZOS).filter(SHARPEN),
    "mirrored.png": ImageOps.mirror,
    "crooked.png": lambda photo: photo.rotate(1.5, Image.Resampling.BICUBIC),
    "slanted.png": lambda photo: photo.transform(
        photo.size, Image.Transform.AFFINE, (1, 0.05, -12.8, 0, 1, 0), Image.Resampling.BICUBIC
    ),
    "web.webp": lambda photo: photo,
    "marked.png": lambda photo: lettered(photo.filter(SHARPEN)),
    "grainy.png": lambda photo: noisy(blurred(np.asarray(photo, float), 1.5), 4.0),
    "boxes.png": lambda photo: photo.filter(ImageFilter.BoxBlur(1)).filter(ImageFilter.BoxBlur(2)),
    "calm.png": lambda photo: photo.filter(ImageFilter.MedianFilter(3)),
    "painted.png": lambda photo: photo.filter(ImageFilter.ModeFilter(5)),
    "blocks.png": lambda photo: pixelated(photo, 8),
    "poster.png": lambda photo: photo.quantize(16, dither=Image.Dither.NONE).convert("RGB"),
    "dotted.png": lambda photo: dotted(photo, 16),
    "printed.png": lambda photo: photo.convert("1").convert("RGB"),
    "hues.png": lambda photo: turned_hues(photo, 43),
    "gaudy.png": lambda photo: ImageEnhance.Color(photo).enhance(1.6),
    "duotone.png": lambda photo: ImageOps.colorize(photo.convert("L"), "#102040", "#ffe0a0"),
}


def write_pairs(folder: Path) -> None:
    """Write the photographs and their changes."""
    folder.mkdir(parents=True, exist_ok=True)
    with Image.open(PHOTO) as scene:
        photo, other = (scene.convert("RGB").crop(box) for box in (CUT, OTHER))
    photo.save(folder / "photo.png")
    other.save(folder / "other.png")
    for name, change in CHANGES.items():
        change(photo).save(folder / name, quality=85)


if __name__ == "__main__":
    write_pairs(Path(sys.argv[1]))
