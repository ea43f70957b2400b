"""The noise that any prediction of a picture leaves before its JPEG."""

from __future__ import annotations

from convcli.array_types import Array, Bools
from convcli.detective.lossy.blocks import coefficients_of, drawn
from convcli.detective.lossy.intervals import Intervals
from convcli.detective.lossy.kernel import Noise, noise_of

_BLOCKS = 800
_FEWEST = 40
_RIM = 16  # pixels, where the border counts


def noise_left(predicted: Array, target: Array, quality: int, usable: Bools | None = None) -> Noise | None:
    """Return the noise between a prediction and the JPEG of a quality, None where too few blocks are free.

    `predicted`, not rounded or clipped, and `target` are (height, width, 1 or 3 channels) in levels of 8 bits.
    """
    blocks = drawn(predicted, target, quality, _RIM, _BLOCKS, usable)
    windows = blocks.inner(0)
    inside = (windows.min(axis=(1, 2, 3)) > 0) & (windows.max(axis=(1, 2, 3)) < 255)
    blocks, windows = blocks.part(inside), windows[inside]
    if len(blocks) < _FEWEST:
        return None
    return noise_of(Intervals.of(blocks.values, blocks.steps), coefficients_of(windows))
