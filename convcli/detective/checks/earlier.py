"""Noise that was there before a kernel, which filtered it: what the kernel leaves has its correlation."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.lossy.noise import counted_inside, residual_of
from convcli.filters import Kernel

_LEAST = 1.0  # levels that it is after the kernel: less may be what is rounded between two filters
_APART = 0.1  # of a correlation with the next pixel, from which noise is not white
_NEAR = 0.06  # what a correlation may be off: noise of 8 levels under blurs is within 0.02
_LAGS = (0, 1), (0, 2), (0, 3), (1, 0), (1, 1), (2, 0)


def noise_ahead(kernel: Kernel, predicted: Array, target: Array, counted: Bools | None) -> tuple[float, float] | None:
    """Return the levels of white noise that a kernel made of INPUT's, and the rms of what is left in shares; else None.

    `predicted` and `target` are (height, width, channels), in shares of full scale.
    """
    weights = kernel.weights / kernel.divisor
    if weights.ndim != 2 or not weights.any() or predicted.shape != target.shape:
        return None
    left = residual_of(predicted, target, counted, levels=True)
    if left.rms < _LEAST / 255 or not left.is_even:
        return None
    wanted = _of_weights(weights)
    if max(map(abs, wanted)) < _APART:
        return None
    made = _of_error(target - predicted, counted_inside(predicted, counted))
    if max(abs(here - there) for here, there in zip(made, wanted, strict=True)) > _NEAR:
        return None
    return 255 * left.rms / float(np.sqrt(np.square(weights).sum())), left.rms


def _of_weights(weights: Array) -> list[float]:
    """Return the correlation, at each lag, of white noise after weights."""
    wide = np.pad(weights, max(map(max, _LAGS)))
    return [float((wide * np.roll(wide, lag, axis=(0, 1))).sum() / np.square(wide).sum()) for lag in _LAGS]


def _of_error(error: Array, inside: Bools) -> list[float]:
    """Return the correlation, at each lag, of an error, (height, width, channels), where both values are `inside`."""
    shown = np.where(inside, error, np.float32(0))
    variance = float(np.square(shown).sum()) / max(int(inside.sum()), 1)
    rows, columns = error.shape[:2]
    result = []
    for down, right in _LAGS:
        first, second = np.s_[: rows - down, : columns - right], np.s_[down:, right:]
        both = max(int((inside[first] & inside[second]).sum()), 1)
        result.append(float((shown[first] * shown[second]).sum()) / both / (variance or 1.0))
    return result
