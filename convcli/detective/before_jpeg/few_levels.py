"""A few levels before a JPEG: pictures that were posterized, as Pillow, ImageMagick and users of NumPy do it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from convcli.array_types import Array
from convcli.detective.explanation import Explanation
from convcli.detective.lossy.blocks import luma_of
from convcli.detective.lossy.left import left_before
from convcli.detective.scene import Scene
from convcli.detective.tone.table import Table
from convcli.detective.tone.tone import Tone

_SIDE, _BLOCKS = 272, 300  # pixels, and blocks of a JPEG, that are looked at
_LEVELS = np.arange(256)
_BITS, _MOST = range(1, 6), 17  # that are kept of a level, and levels
_LEFT = 1.0  # levels: what is flat rounds alike, and other steps leave several
_NEAREST = 3


def few_levels_before_jpeg(scene: Scene, quality: int) -> Explanation | None:
    """Return the steps of levels that leave nothing but rounding before the JPEG, if there are some."""
    part = scene.middle(_SIDE)
    levels = np.rint(255 * part.source).astype(np.intp)
    if np.abs(255 * part.source - levels).max() > 1e-3:
        return None

    wanted = luma_of(part.target)

    def made(becomes: bytes) -> Array:
        return np.asarray(np.frombuffer(becomes, np.uint8)[levels] / np.float32(255))

    def error(becomes: bytes) -> float:
        return float(np.square(luma_of(made(becomes)) - wanted).mean())

    for becomes in sorted({each.tobytes() for each in _steps()}, key=error)[:_NEAREST]:
        left = left_before(made(becomes), part.target, quality, part.usable, _BLOCKS)
        if left is not None and left.left <= _LEFT:
            table = Table(_LEVELS, np.frombuffer(becomes, np.uint8).astype(np.int64))
            tone = Tone((table.curve,), before_name=table.name)
            found = Explanation(0.0, tone=tone, quality=quality, is_sure=True)
            return replace(found, rms=scene.rms(found.predicted(scene)))
    return None


def _steps() -> Iterator[Array]:
    """Yield what each level becomes: bits that are cut off, their middles, or steps from black to white."""
    for bits in _BITS:
        size = 256 >> bits
        yield (_LEVELS // size * size).astype(np.uint8)
        yield (_LEVELS // size * size + size // 2).astype(np.uint8)
    for count in range(2, _MOST + 1):
        yield np.rint(np.rint(_LEVELS / 255 * (count - 1)) / (count - 1) * 255).astype(np.uint8)
        yield np.rint(np.minimum(_LEVELS * count // 256, count - 1) / (count - 1) * 255).astype(np.uint8)
        size = 256 // count
        yield np.minimum(_LEVELS // size * size, 255).astype(np.uint8)
