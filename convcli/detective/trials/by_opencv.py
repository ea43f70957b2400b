"""Unsharp masks as people write them with OpenCV, replayed to the level.

`GaussianBlur` of bytes is cut at three standard deviations and rounded; `addWeighted` adds what it takes, and rounds
once more.
"""

from __future__ import annotations

from convcli.array_types import Array
from convcli.detective.replayed import apply_text
from convcli.detective.trials.by_pillow import numbers_of
from convcli.detective.trials.windows import saved

_LEVEL = 1 / 255


def by_opencv(text: str, values: Array) -> Array:
    """Return what two functions of OpenCV make of values, in shares, by the numbers of a mask without a threshold."""
    numbers = numbers_of(text)
    sigma, amount = numbers["sigma"], numbers["amount"]
    side = round(6 * sigma + 1) | 1
    blurred = saved(apply_text(f"gaussian:sigma={sigma:.6g},size={side}", values), _LEVEL)
    return values + amount * (values - blurred)
