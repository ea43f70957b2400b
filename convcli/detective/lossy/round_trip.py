"""The loss of a JPEG: what a picture is after it, with colors at full size or at half.

As libjpeg does it: 8×8 blocks of luma and of two colors, each coefficient rounded to steps; colors at half the size are
means of 2×2 pixels, enlarged again by weights of 9, 3, 3 and 1 sixteenths.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from convcli.array_types import Array
from convcli.detective.lossy.jpeg import BRIGHTNESS, DCT, color_table, table

_TO_COLORS = np.array([[-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]])
_FROM_COLORS = np.array([[0, 1.402], [-0.344136, -0.714136], [1.772, 0]])

_SIDE = 128  # pixels that are replayed
_QUALITIES = range(70, 98)
_LEAST, _LITTLE = 0.1, 2.5  # levels that a JPEG changed a picture by, for its coefficients to say too little
_CLEARLY, _APART = 0.75, 0.85  # of that change, and of what other qualities leave: most that its replay leaves


def loss_of_jpeg(predicted: Array, target: Array, quality: int, noise: float = 0.0) -> float:
    """Return the root mean square error, in levels, that a JPEG of a quality makes of a prediction with noise.

    `predicted` and `target` are (height, width, 1 or 3) in levels of 8 bits, from a corner of the JPEG's blocks on.
    Colors are stored as those of the target are.
    """
    rows, columns = (side // 16 * 16 for side in target.shape[:2])
    plain = np.clip(np.rint(predicted[:rows, :columns]), 0, 255)
    before = plain
    if noise:
        before = np.clip(np.rint(plain + np.random.default_rng(0).normal(0, noise, plain.shape)), 0, 255)
    made = [through(before, quality, half_size=half) for half in ((True, False) if before.shape[2] == 3 else (False,))]
    nearest = min(made, key=lambda each: _rms(each - target[:rows, :columns]))
    return _rms(nearest - plain)


def quality_again(before: Array, levels: Array) -> int | None:
    """Return the quality of a JPEG that changed a picture little, as one that was a JPEG; None where it was none.

    Both are (height, width, 1 or 3) in levels of 8 bits. Its coefficients say little; its replay makes TARGET.
    """
    if before.shape != levels.shape or min(levels.shape[:2]) < _SIDE:
        return None
    starts = product(*(range(0, side - _SIDE + 1, _SIDE) for side in levels.shape[:2]))
    parts = (np.s_[top : top + _SIDE, left : left + _SIDE] for top, left in starts)
    part = max(parts, key=lambda each: _rms(before[each] - levels[each]))
    before, levels = before[part], levels[part]
    unchanged = _rms(before - levels)
    if not _LEAST < unchanged < _LITTLE:
        return None
    left = {
        (quality, half): _rms(through(before, quality, half_size=half) - levels)
        for quality in _QUALITIES
        for half in ((True, False) if levels.shape[2] == 3 else (False,))
    }
    best = min(left, key=lambda each: left[each])
    others = min(error for (quality, _), error in left.items() if abs(quality - best[0]) > 1)
    is_it = left[best] <= min(_CLEARLY * unchanged, _APART * others)
    return best[0] if is_it else None


def through(levels: Array, quality: int, *, half_size: bool) -> Array:
    """Return a picture of whole levels, whose sides are multiples of 16, after a JPEG with colors at `half_size`."""
    if levels.shape[2] == 1:
        return np.asarray(
            np.clip(np.rint(_rounded(levels[..., 0] - 128, table(quality)) + 128), 0, 255)[..., np.newaxis]
        )
    luma = np.rint(_rounded(np.rint(levels @ BRIGHTNESS) - 128, table(quality)) + 128)
    colors = []
    for plane in np.moveaxis(np.rint(levels @ _TO_COLORS.T), 2, 0):
        if half_size:
            rows, columns = (side // 2 for side in plane.shape)
            small = np.rint(plane.reshape(rows, 2, columns, 2).mean(axis=(1, 3)))
            colors.append(_enlarged(_enlarged(np.rint(_rounded(small, color_table(quality)))).T).T)
        else:
            colors.append(np.rint(_rounded(plane, color_table(quality))))
    return np.asarray(np.clip(np.rint(luma[..., np.newaxis] + np.stack(colors, axis=2) @ _FROM_COLORS.T), 0, 255))


def _rounded(plane: Array, steps: Array) -> Array:
    """Return a plane whose coefficients are rounded to steps."""
    rows, columns = (side // 8 for side in plane.shape)
    blocks = plane.reshape(rows, 8, columns, 8).swapaxes(1, 2)
    values = np.rint(DCT @ blocks @ DCT.T / steps) * steps
    return np.asarray((DCT.T @ values @ DCT).swapaxes(1, 2).reshape(plane.shape))


def _enlarged(plane: Array) -> Array:
    """Return twice the rows, each three quarters of the nearest and a quarter of the next."""
    padded = np.pad(plane, ((1, 1), (0, 0)), mode="edge")
    above, below = (0.75 * plane + 0.25 * each for each in (padded[:-2], padded[2:]))
    return np.stack([above, below], axis=1).reshape(2 * len(plane), -1)


def _rms(error: Array) -> float:
    return float(np.sqrt(np.mean(np.square(error))))
