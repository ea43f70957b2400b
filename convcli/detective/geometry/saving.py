"""Values as a picture holds them: rounded to levels, and clipped to black and white."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array

_HALF = 0.5003  # halves, of means of a few levels, are rounded up
_EXACT = 1e-3  # of a level, by which floats of 32 bits may be too small
LEVEL = 1 / 255  # of 8 bits


def saved(values: Array, level: float, *, rounds_down: bool = False) -> Array:
    """Return values, in shares of full scale, as a picture with steps of `level` holds them; 0 for floats.

    With `rounds_down`, digits are cut off.
    """
    if not level:
        return values
    half = _EXACT if rounds_down else _HALF
    return np.asarray(np.clip(np.floor(values / level + half) * level, 0, 1), np.float32)
