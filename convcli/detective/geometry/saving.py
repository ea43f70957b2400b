"""Values as a picture holds them: rounded to levels, and clipped to black and white."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array

_HALF = 0.5003  # halves, of means of a few levels, are rounded up
LEVEL = 1 / 255  # of 8 bits


def saved(values: Array, level: float) -> Array:
    """Return values, in shares of full scale, as a picture with steps of `level` holds them; 0 for floats."""
    if not level:
        return values
    return np.asarray(np.clip(np.floor(values / level + _HALF) * level, 0, 1), np.float32)
