"""Alignment: the shift of TARGET against INPUT.

The cross-spectrum of two pictures over the power spectrum of the first is the filter between them (Wiener's
deconvolution): the position of its energy is the shift of TARGET.
"""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array, Floats
from convcli.engine import full_scale_of
from convcli.learning.pair import LearningPair

# Rows and columns in the middle that are compared.
_WINDOW = 512
# The share of the power's mean below which frequencies are noise.
_NOISE = 1e-3
# The share of the filter's energy within so many pixels of its peak that makes a shift.
_GATHERED = 0.3
_REACH = 3


def estimated_shift(pair: LearningPair) -> tuple[int, int] | None:
    """Return the shift of TARGET in pixels down and right; None where the pair shows none."""
    height = min(pair.source.shape[0], pair.target.shape[0])
    width = min(pair.source.shape[1], pair.target.shape[1])
    source, target = (_middle(each, height, width) for each in (pair.source, pair.target))
    spectrum, other = np.fft.rfft2(source), np.fft.rfft2(target)
    power = np.abs(spectrum) ** 2
    if not power.any():
        return None
    response = np.fft.irfft2(other * spectrum.conj() / (power + _NOISE * power.mean()), source.shape)
    energy = response**2
    peak = np.unravel_index(int(energy.argmax()), energy.shape)
    around = np.roll(energy, (_REACH - peak[0], _REACH - peak[1]), axis=(0, 1))[: 2 * _REACH + 1, : 2 * _REACH + 1]
    if around.sum() < _GATHERED * energy.sum():
        return None
    down, right = (int(at) - (at > side // 2) * side for at, side in zip(peak, energy.shape, strict=True))
    return down, right


def _middle(array: Array, height: int, width: int) -> Floats:
    """Return the middle of a picture in gray, its mean removed and its ends faded out."""
    tall, wide = min(height, _WINDOW), min(width, _WINDOW)
    top, left = (height - tall) // 2, (width - wide) // 2
    gray = array[top : top + tall, left : left + wide].mean(axis=2, dtype=np.float64) / full_scale_of(array.dtype)
    fade = np.outer(np.hanning(tall + 2)[1:-1], np.hanning(wide + 2)[1:-1])
    return np.asarray((gray - gray.mean()) * fade)
