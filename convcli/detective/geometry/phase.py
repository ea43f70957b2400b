"""Phase correlation: the offset between two pictures of one scene.

The cross-spectrum of two pictures that differ by an offset has the phase of that offset alone. Divided by its
magnitude, its inverse transform is a peak there (Kuglin and Hines, 1975). Dividing by the magnitude to the power 0.8,
with a slight low-pass, keeps the peak where one picture is blurred, sharpened or noisy.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from convcli.array_types import Array

_POWER = 0.8
_LOW_PASS = 0.18  # standard deviation, in cycles per pixel
_FADED = 0.08  # of the sides, at every rim: a sudden end has a phase of its own
_NEAR = 6  # pixels around the peak that belong to it


class Offset(NamedTuple):
    """target[y, x] ≈ source[y + down, x + right]; `peak` is its height over the next one, in standard deviations."""

    down: float
    right: float
    peak: float


def offset_between(source: Array, target: Array) -> Offset:
    """Return the offset between two gray pictures, (height, width) each, also where one is the negative."""
    shape = [_fast_length(ours + others - 1) for ours, others in zip(source.shape, target.shape, strict=True)]
    cross = np.fft.rfft2(_faded(source), shape) * np.conj(np.fft.rfft2(_faded(target), shape))
    magnitude = np.abs(cross)
    if not magnitude.max() > 0:
        return Offset(0.0, 0.0, 0.0)
    cross /= (magnitude + 1e-6 * magnitude.max()) ** _POWER
    rows, columns = np.fft.fftfreq(shape[0])[:, np.newaxis], np.fft.rfftfreq(shape[1])
    cross *= np.exp(-(rows**2 + columns**2) / (2 * _LOW_PASS**2))
    surface = np.fft.irfft2(cross, shape)
    row, column = (int(at) for at in np.unravel_index(int(np.abs(surface).argmax()), surface.shape))
    if surface[row, column] < 0:
        surface = -surface
    centered = np.roll(surface, (_NEAR - row, _NEAR - column), axis=(0, 1))
    middle = centered[_NEAR, _NEAR - 1 : _NEAR + 2], centered[_NEAR - 1 : _NEAR + 2, _NEAR]
    right, down = (at + _vertex(line) for at, line in zip((column, row), middle, strict=True))
    rest = centered.copy()
    rest[: 2 * _NEAR + 1, : 2 * _NEAR + 1] = 0
    peak = float((centered[_NEAR, _NEAR] - rest.max()) / rest.std())
    down, right = (at - side * (at > side / 2) for at, side in zip((down, right), shape, strict=True))
    return Offset(down, right, peak)


def _faded(picture: Array) -> Array:
    """Return a picture less its mean, faded out towards the rims."""
    fades = [
        np.minimum(1, np.minimum(np.arange(1, side + 1), np.arange(side, 0, -1)) / (_FADED * side))
        for side in picture.shape
    ]
    return np.asarray((picture - picture.mean()) * fades[0][:, np.newaxis] * fades[1])


def _vertex(values: Array) -> float:
    """Return the vertex, from −0.5 to 0.5, of the parabola through values at −1, 0 and 1."""
    before, middle, after = (float(each) for each in values)
    bend = before - 2 * middle + after
    return min(max((before - after) / (2 * bend), -0.5), 0.5) if bend else 0.0


def _fast_length(length: int) -> int:
    """Return the next length whose only prime factors are 2, 3 and 5."""
    best = 1 << (length - 1).bit_length()
    five = 1
    while five < best:
        three = five
        while three < best:
            two = three << max(0, (-(-length // three) - 1).bit_length())
            best = min(best, two) if two >= length else best
            three *= 3
        five *= 5
    return best
