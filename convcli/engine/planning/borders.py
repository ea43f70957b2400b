"""Borders as indices into an axis, and as a level."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convcli.engine.part import OUTSIDE
from convcli.filters import Border


def border_sources(border: Border, before: int, count: int, length: int) -> NDArray[np.intp]:
    """Return indices into an axis of `length` for positions -before … count - before - 1, as numpy.pad has them."""
    position = np.arange(-before, count - before)
    if border.name == "constant":
        return np.where((position >= 0) & (position < length), position, OUTSIDE)
    if border.name == "edge":
        return np.clip(position, 0, length - 1)
    if border.name == "wrap":
        return position % length
    if border.name == "symmetric":
        turned = position % (2 * length)
        return np.minimum(turned, 2 * length - 1 - turned)
    period = max(2 * (length - 1), 1)
    turned = position % period
    return np.minimum(turned, period - turned) if length > 1 else np.zeros_like(position)


def fill_of(border: Border, dtype: np.dtype[Any], full_scale: float) -> float:
    """Return the level of a constant border in an array of a dtype."""
    value = border.value * full_scale
    if not np.issubdtype(dtype, np.integer):
        return value
    # The border of a picture of integers is an integer in the range, as any pixel.
    return float(min(max(math.floor(value + 0.5), 0), np.iinfo(dtype).max))
