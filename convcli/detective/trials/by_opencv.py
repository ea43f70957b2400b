"""OpenCV's Gaussian blur of bytes, and unsharp masks as people write them with it, replayed to the level.

`GaussianBlur` of bytes is cut at three standard deviations; its weights are whole parts of 256, what one is rounded by
being added to the next. Both axes are summed exactly and rounded once. `addWeighted` adds what the blur takes, and
rounds once more.
"""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.detective.trials.by_pillow import numbers_of

_LEVELS = 255
_PARTS = 256


def by_opencv(text: str, values: Array) -> Array:
    """Return what OpenCV makes of values, in shares, by the numbers of a Gaussian, or of a mask without a threshold."""
    numbers = numbers_of(text)
    blurred = _blurred(values, numbers["sigma"])
    return values + numbers["amount"] * (values - blurred) if "amount" in numbers else blurred


def _blurred(values: Array, sigma: float) -> Array:
    """Return values, (height, width, channels) in shares of bytes, after `GaussianBlur`."""
    levels, row = np.rint(_LEVELS * values).astype(np.int32), _row(sigma)
    reach = len(row) // 2
    for axis in (1, 0):
        length = levels.shape[axis]
        padding = [(reach, reach) if each == axis else (0, 0) for each in range(levels.ndim)]
        wide = np.moveaxis(np.pad(levels, padding, mode="reflect"), axis, 0)
        summed = np.sum([weight * wide[at : at + length] for at, weight in enumerate(row.tolist())], axis=0)
        levels = np.moveaxis(summed, 0, axis)
    return np.asarray((levels + _PARTS**2 // 2) // _PARTS**2 / np.float32(_LEVELS), np.float32)


def _row(sigma: float) -> Array:
    """Return the weights of a row, in parts of 256."""
    side = round(6 * sigma + 1) | 1
    bell = np.exp(-np.square(np.arange(side) - side // 2) / (2 * sigma**2))
    weights, left = np.zeros(side, int), 0.0
    for at, weight in enumerate((_PARTS * bell / bell.sum())[: side // 2].tolist()):
        weights[at] = weights[-1 - at] = round(weight + left)
        left += weight - weights[at]
    weights[side // 2] = _PARTS - weights.sum()
    return weights
