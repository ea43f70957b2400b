"""The sample pictures at small sizes, and picture files by Pillow alone."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.support.paths import SAMPLES


@cache
def _sample(name: str) -> Image.Image:
    with Image.open(SAMPLES / name) as image:
        image.load()
        return image


def harbour(height: int = 30, width: int = 44) -> NDArray[np.uint8]:
    """Return every nth pixel of the harbour, full of contrast, (height, width, 3)."""
    return np.asarray(_sample("harbour.jpg").resize((width, height), Image.Resampling.NEAREST))


@cache
def harbour_cut(top: int = 200, left: int = 300, height: int = 512, width: int = 512) -> NDArray[np.uint8]:
    """Return a part of the harbour in its full detail, (height, width, 3)."""
    return np.asarray(_sample("harbour.jpg"))[top : top + height, left : left + width]


def gray(height: int = 30, width: int = 44) -> NDArray[np.uint8]:
    """Return the harbour in gray, (height, width)."""
    return np.asarray(Image.fromarray(harbour(height, width)).convert("L"))


def logo(height: int = 40, width: int = 60) -> NDArray[np.uint8]:
    """Return the rim of the logo, (height, width, 4): opaque, half transparent, and magenta that alpha 0 hides."""
    return np.asarray(_sample("logo.png").resize((width, height), Image.Resampling.NEAREST))


def deep(height: int = 32, width: int = 40) -> NDArray[np.uint16]:
    """Return gray of 16 bits, with steps too small for 8, (height, width)."""
    return np.asarray(_sample("gradient16.png").crop((300, 40, 300 + width, 40 + height))).astype(np.uint16)


def smooth() -> NDArray[np.uint8]:
    """Return colors that change slowly, which lossy formats keep, (40, 48, 3)."""
    rows, columns = np.mgrid[0:40, 0:48]
    return np.stack([rows * 6, columns * 5, rows + columns], axis=2).astype(np.uint8)


def save(path: Path, array: NDArray[Any], **options: Any) -> Path:
    """Write an array as a picture file in the format of its name, without loss where the format allows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".webp":
        options = {"lossless": True, "exact": True, **options}
    Image.fromarray(array).save(path, **options)
    return path


def pixels(path: Path) -> NDArray[Any]:
    """Return the values in a picture file."""
    with Image.open(path) as image:
        array = np.asarray(image)
    # Pillow reads a PGM of 16 bits, and no other, into wider numbers.
    return array.astype(np.uint16) if array.dtype == np.int32 and array.max() > 255 else array


def planes(array: NDArray[Any]) -> NDArray[Any]:
    """Return (height, width, channels) of that or of (height, width)."""
    return array if array.ndim == 3 else array[:, :, np.newaxis]
