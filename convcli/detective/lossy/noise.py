"""The noise that is left when a prediction is taken from TARGET."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array, Bools
from convcli.lazy import dataclass

_INSIDE = 15 / 255  # from black and white: nearer, values are clipped
_FEWEST = 2000
# The correlation of neighbors in white noise is below it, and the share of its variance that channels have in common.
_WHITE, _EVEN = 0.02, 0.35
_TONES, _OF_TONE, _LEAST = 16, 300, 1e-3  # tones, values of one that tell it, and the least of them


@dataclass(frozen=True)
class Residual:
    """The root mean square of a residual, in shares of full scale, and the correlation of neighbors in it."""

    rms: float
    correlation: float
    spread: float  # of the logarithm of the rms of blocks: small where it is the same everywhere

    @property
    def is_white(self) -> bool:
        """The look of noise: neighbors have nothing in common, and no part has more than others."""
        return abs(self.correlation) < _WHITE and self.is_even

    @property
    def is_even(self) -> bool:
        """No part has more than others."""
        return self.spread < _EVEN


def residual_of(predicted: Array, target: Array, counted: Bools | None = None, *, levels: bool) -> Residual:
    """Return the residual of a prediction, both (height, width, channels) in shares of full scale, where it counts."""
    error = target - predicted
    inside = counted_inside(predicted, counted, levels=levels)
    variance = float((error[inside] ** 2).mean())
    both = inside[:, 1:] & inside[:, :-1]
    if variance == 0 or not both.any():
        return Residual(0.0, 0.0, 0.0)
    correlation = float((error[:, 1:][both] * error[:, :-1][both]).mean()) / variance
    spread = _spread(error, inside)
    if spread > _EVEN and levels:  # that of light is more where there is more of it
        spread = min(spread, _spread(error / _by_brightness(error, predicted, inside), inside))
    return Residual(variance**0.5, correlation, spread)


def counted_inside(predicted: Array, counted: Bools | None, *, levels: bool = True) -> Bools:
    """Return which values of a prediction count, and are not near black and white where they have `levels`."""
    everywhere = np.ones(predicted.shape, bool) if counted is None else np.broadcast_to(counted, predicted.shape)
    inside = everywhere & (predicted > _INSIDE) & (predicted < 1 - _INSIDE) if levels else everywhere
    return inside if inside.sum() >= _FEWEST else everywhere


def _by_brightness(error: Array, predicted: Array, inside: Bools) -> Array:
    """Return the root mean square of an error at the brightness of each value."""
    tones = np.clip(predicted * _TONES, 0, _TONES - 1).astype(np.intp)
    squares = np.bincount(tones[inside], np.square(error[inside]), _TONES)
    counts = np.bincount(tones[inside], minlength=_TONES)
    mean = float(squares.sum()) / max(int(counts.sum()), 1)
    each = np.where(counts > _OF_TONE, squares / np.maximum(counts, 1), mean)
    return np.asarray(np.sqrt(np.maximum(each, _LEAST * mean))[tones], np.float32)


def _spread(error: Array, inside: Bools, side: int = 32) -> float:
    height, width = (length // side for length in error.shape[:2])
    if min(height, width) < 3:
        return 0.0
    shape = (height, side, width, side, -1)
    cut = np.s_[: height * side, : width * side]
    squares = np.where(inside, error**2, 0)[cut].reshape(shape).sum(axis=(1, 3, 4))
    counts = inside[cut].reshape(shape).sum(axis=(1, 3, 4))
    full = counts > side * side // 2
    if full.sum() < 9:
        return 0.0
    return float(np.log(np.sqrt(squares[full] / counts[full]) + 1e-6).std())
