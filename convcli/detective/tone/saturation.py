"""Saturation: mixes of channels that move every color from its gray, or to it."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.filters import Kernel

_NEAR = 0.012  # of a weight
_NO_BIAS = 1.5 / 255
_LEAST = 0.03
_BLACK = 2.5 / 255  # of black and white: values there are clipped, or nearly
GRAYS = (0.299, 0.587, 0.114), (0.2126, 0.7152, 0.0722)
_TINY = 1e-9


def saturation(kernel: Kernel) -> str | None:
    """Return the words for a kernel that mixes a pixel's channels with their gray; None where it does anything else.

    Its rows are factor · channel + (1 − factor) · gray, with one gray, of weights that sum to 1.
    """
    weights = kernel.weights / kernel.divisor
    if weights.shape != (3, 3, 1, 1) or max(map(abs, kernel.bias), default=0) > _NO_BIAS:
        return None
    matrix = weights[:, :, 0, 0]
    gray = np.array([np.delete(matrix[:, channel], channel).mean() for channel in range(3)])
    factor = float((matrix.diagonal() - gray).mean())
    is_mix = np.abs(matrix - factor * np.eye(3) - gray).max() < _NEAR and abs(gray.sum() - (1 - factor)) < _NEAR
    shares = gray / (1 - factor) if abs(1 - factor) > _LEAST else gray * 0
    is_gray = bool((shares > 0).all())
    short = round(factor, 1)
    factor = short if abs(factor - short) < _NEAR else factor
    return f"saturation {factor:.3g}" if is_mix and is_gray and factor > _LEAST else None


def nearest_saturation(values: Array, target: Array, gray: tuple[float, float, float]) -> Array:
    """Return the matrix, (3, 4), of the saturation about a gray that makes a target of values best, both (count, 3).

    Where channels are nearly alike, a mix of least squared error is far from it, and explains hardly more.
    """
    free = ((target > _BLACK) & (target < 1 - _BLACK)).all(axis=1)
    values, target = (each[free].astype(np.float64) for each in (values, target))
    middle = (values @ np.array(gray))[:, np.newaxis]
    colors = values - middle
    factor = round(float((colors * (target - middle)).sum() / max(np.square(colors).sum(), _TINY)), 2)
    matrix = factor * np.eye(3) + (1 - factor) * np.array(gray)
    offset = float((target - values @ matrix.T).mean()) if len(target) else 0.0  # some programs cut values off
    return np.append(matrix, np.full((3, 1), offset), axis=1)
