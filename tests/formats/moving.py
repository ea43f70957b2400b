"""Animations and documents written by Pillow, and what it sees of them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.formats.corpus import ALPHA, GRAY, RGB
from tests.support.encoding import by_pillow

DURATIONS = (40, 300, 120)  # milliseconds, in steps that all formats can count
PLAYS = 3
ANIMATED = ("GIF", "PNG", "WebP", "AVIF")
_COLORS = ((200, 30, 40), (20, 180, 60), (30, 40, 210))


def frames() -> list[NDArray[np.uint8]]:
    """Return frames of which each has color where the others have none."""
    result = []
    for index, color in enumerate(_COLORS):
        frame = np.zeros((20, 24, 4), np.uint8)
        frame[:, 8 * index : 8 * index + 8] = (*color, 255)
        result.append(frame)
    return result


def animation(name: str) -> bytes:
    """Return an animation in one of the formats."""
    first, *others = map(Image.fromarray, frames())
    special: dict[str, dict[str, Any]] = {
        "GIF": {"loop": PLAYS - 1, "disposal": 2},
        "PNG": {"loop": PLAYS, "disposal": 1},
        "WebP": {"loop": PLAYS, "lossless": True},
        "AVIF": {"quality": 95, "subsampling": "4:4:4"},
    }
    options = {"save_all": True, "append_images": others, "duration": list(DURATIONS), **special[name]}
    return by_pillow(first, name.upper(), **options)


def pages() -> list[NDArray[np.uint8]]:
    """Return pages of three sizes and three kinds."""
    return [RGB, GRAY[:9, :, 0], np.concatenate([RGB, ALPHA], axis=2)[:, :7]]


def document() -> bytes:
    """Return a TIFF of these pages."""
    first, *others = (Image.fromarray(page) for page in pages())
    return by_pillow(first, "TIFF", save_all=True, append_images=others, dpi=(300, 300))


def shown(path: Path) -> tuple[list[NDArray[np.uint8]], list[float], int | None]:
    """Return frames as RGBA, their durations, and how often a file plays: 0 for ever, None where it does not say."""
    found, durations = [], []
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        for index in range(getattr(image, "n_frames", 1)):
            image.seek(index)
            if image.format == "WEBP":
                setattr(image, "rawmode", "RGBA")  # noqa: B010 - unknown to the type checker
                image._mode = "RGBA"  # which Pillow leaves out where the file has no word of it
            image.load()
            durations.append(image.info.get("duration", 0))
            found.append(np.asarray(image.convert("RGBA")))
        loop = image.info.get("loop")
        plays = loop + 1 if image.format == "GIF" and loop else loop
    return found, durations, plays
