"""Colors laid by their alpha on a background of one color."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from convcli.array_types import Array

_VALUES_OF_A_BAND = 1 << 18


def laid_on(values: Array, background: Sequence[float], full_scale: float) -> Array:
    """Return colors laid on an opaque background: alpha · color + (1 - alpha) · background.

    As browsers and other tools do, levels are mixed, not light.

    Parameters
    ----------
    values
        Height × width × (channels + 1): levels not multiplied by alpha, which is the last channel.
    background
        The level of each channel.
    full_scale
        The value of alpha where a pixel is opaque.

    Returns
    -------
    Array
        Height × width × channels, of the dtype of `values`; whole numbers are rounded half up.
    """
    height, width, channels = values.shape
    result = np.empty((height, width, channels - 1), values.dtype)
    below = np.asarray(background, np.float64)
    rows = max(1, _VALUES_OF_A_BAND // (width * channels))
    for top in range(0, height, rows):
        band = values[top : top + rows]
        laid = below + (band[:, :, :-1] - below) * (band[:, :, -1:] / full_scale)
        result[top : top + rows] = np.floor(laid + 0.5) if values.dtype.kind == "u" else laid
    return result
