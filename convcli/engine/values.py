"""From real values to the integers of a picture: what becomes of those outside its range."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import DTypeLike, NDArray

Range = Literal["clip", "abs", "stretch", "center"]
RANGES: tuple[str, ...] = get_args(Range)


def to_integers(values: NDArray[Any], dtype: DTypeLike, into: Range) -> tuple[NDArray[Any], int]:
    """Round values half up into an integer dtype.

    Parameters
    ----------
    values
        Floats of any shape, in levels of `dtype`.
    dtype
        uint8 or uint16; full scale is its largest value.
    into
        ``clip``: values outside become 0 or full scale. ``abs``: the sign is dropped,
        then clip. ``stretch``: the smallest value becomes 0 and the largest full scale
        (a flat picture is left as clip has it). ``center``: 0 becomes half of full scale,
        and the largest magnitude reaches 0 or full scale.

    Returns
    -------
    (integers, clipped)
        The integers, and how many values were clipped; values that are not finite count as clipped.
    """
    full = float(np.iinfo(np.dtype(dtype)).max)
    wide = values.astype(np.float64)
    finite = np.isfinite(wide)
    if into == "abs":
        wide = np.abs(wide)
    elif into == "stretch":
        low, high = _extremes(wide[finite])
        if high > low:
            wide = (wide - low) * (full / (high - low))
    elif into == "center":
        low, high = _extremes(wide[finite])
        magnitude = max(-low, high)
        wide = full / 2 + (wide * (full / 2 / magnitude) if magnitude > 0 else 0 * wide)
    rounded = np.floor(wide + 0.5)
    clipped = np.count_nonzero((rounded < 0) | (rounded > full) | ~finite)
    return np.nan_to_num(np.clip(rounded, 0, full), nan=0.0).astype(dtype), int(clipped)


def _extremes(values: NDArray[np.float64]) -> tuple[float, float]:
    return (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
