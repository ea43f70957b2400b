"""Frames as Pillow has them, and documents of pages."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.support.noise import noise


def shown(data: bytes) -> tuple[list[NDArray[np.uint8]], list[float]]:
    """The frames and their durations, as Pillow has them."""
    frames, durations = [], []
    with Image.open(io.BytesIO(data)) as image:
        for index in range(getattr(image, "n_frames", 1)):
            image.seek(index)
            image.load()
            durations.append(image.info.get("duration", 0))
            frames.append(np.asarray(image.convert("RGBA")))
    return frames, durations


def alike(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Whether two pictures look the same: the color of what is transparent does not count."""
    seen = other[..., 3:] > 0
    return np.array_equal(one[..., 3], other[..., 3]) and np.array_equal(one * seen, other * seen)


def pages() -> list[Image.Image]:
    rng = np.random.default_rng(5)
    return [
        Image.fromarray(noise(rng, 20, 30, 3)),
        Image.fromarray(noise(rng, 9, 12)),
        Image.fromarray(noise(rng, 15, 4, 4)),
        Image.fromarray(noise(rng, 7, 8, dtype=np.uint16)),
    ]


def document() -> bytes:
    first, *others = pages()
    stream = io.BytesIO()
    first.save(stream, "TIFF", save_all=True, append_images=others, dpi=(300, 300))
    return stream.getvalue()
