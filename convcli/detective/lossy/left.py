"""The noise that any prediction of a picture leaves before its JPEG."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.lossy.blocks import coefficients_of, drawn
from convcli.detective.lossy.jpeg import is_reversed
from convcli.detective.lossy.kernel import Noise, by_encoder

_BLOCKS = 800
_FEWEST = 40
_RIM = 16  # pixels, where the border counts


def noise_left(
    predicted: Array, target: Array, quality: int, usable: Bools | None = None, count: int = _BLOCKS
) -> Noise | None:
    """Return the noise between a prediction and the JPEG of a quality, None where too few blocks are free.

    About `count` blocks show it.
    `predicted`, not rounded or clipped, and `target` are (height, width, 1 or 3 channels) in levels of 8 bits.
    """
    blocks = drawn(predicted, target, quality, _RIM, count, usable)
    windows = blocks.inner(0)
    inside = (windows.min(axis=(1, 2, 3)) > 0) & (windows.max(axis=(1, 2, 3)) < 255)
    blocks, windows = blocks.part(inside), windows[inside]
    if len(blocks) < _FEWEST:
        return None
    return by_encoder(blocks, coefficients_of(windows))[0]


def left_before(
    predicted: Array, target: Array, quality: int, usable: Bools | None = None, count: int = _BLOCKS
) -> Noise | None:
    """Return the noise before a JPEG that a prediction leaves, both in shares, whatever the order of its channels."""
    made, levels = np.float32(255) * predicted, np.rint(255 * target)
    order = slice(None, None, -1 if is_reversed(levels, quality) else 1)
    return noise_left(made[..., order], levels[..., order], quality, usable, count)
