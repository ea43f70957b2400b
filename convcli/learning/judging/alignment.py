"""Alignment: how far TARGET lies from where INPUT lies.

The correlation of two pictures divided by the spectrum of the first is the filter between
them, wherever it is (Wiener's deconvolution): where its energy lies, TARGET has moved to.
"""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array, Floats
from convcli.engine import full_scale_of
from convcli.learning.pair import LearningPair

# Rows and columns that are compared, about the middle.
_WINDOW = 512
# Of the spectrum's mean: weaker frequencies are noise.
_NOISE = 1e-3
# A shift is one when so much of the filter's energy lies about its peak.
_GATHERED = 0.3
_ABOUT = 3


def estimated_shift(pair: LearningPair) -> tuple[int, int] | None:
    """Return by how many pixels down and right TARGET lies from INPUT; None where the pair does not tell."""
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
    rows, columns = (
        np.arange(place - _ABOUT, place + _ABOUT + 1) % length for place, length in zip(peak, energy.shape, strict=True)
    )
    if energy[np.ix_(rows, columns)].sum() < _GATHERED * energy.sum():
        return None
    down, right = (
        int(place) if place <= length // 2 else int(place) - length
        for place, length in zip(peak, energy.shape, strict=True)
    )
    return down, right


def _middle(array: Array, height: int, width: int) -> Floats:
    """Return the middle of a picture in gray, its mean removed and its ends faded out."""
    tall, wide = min(height, _WINDOW), min(width, _WINDOW)
    top, left = (height - tall) // 2, (width - wide) // 2
    gray = array[top : top + tall, left : left + wide].mean(axis=2, dtype=np.float64) / full_scale_of(array.dtype)
    fade = np.outer(np.hanning(tall + 2)[1:-1], np.hanning(wide + 2)[1:-1])
    return np.asarray((gray - gray.mean()) * fade)
