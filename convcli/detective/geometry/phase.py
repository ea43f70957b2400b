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
    return offsets_between(source[np.newaxis], target[np.newaxis])[0]


def offsets_between(sources: Array, targets: Array, *, is_small: bool = False) -> list[Offset]:
    """Return the offset of each pair of gray pictures, (pairs, height, width); `is_small` where it is below a half."""
    sides = zip(sources.shape[1:], targets.shape[1:], strict=True)
    shape = [_fast_length(max(each) if is_small else sum(each) - 1) for each in sides]
    cross = np.fft.rfft2(_faded(sources), shape) * np.conj(np.fft.rfft2(_faded(targets), shape))
    magnitude = np.abs(cross)
    largest = magnitude.max(axis=(1, 2), keepdims=True)
    cross /= (magnitude + np.where(largest > 0, 1e-6 * largest, 1)) ** _POWER
    rows, columns = np.fft.fftfreq(shape[0])[:, np.newaxis], np.fft.rfftfreq(shape[1])
    cross *= np.exp(-(rows**2 + columns**2) / (2 * _LOW_PASS**2))
    return [
        _peak(surface) if most > 0 else Offset(0.0, 0.0, 0.0)
        for surface, most in zip(np.fft.irfft2(cross, shape), largest.ravel(), strict=True)
    ]


def _peak(surface: Array) -> Offset:
    """Return the offset of the highest peak, or of the deepest one where that is the farther from 0."""
    shape = surface.shape
    row, column = (int(at) for at in np.unravel_index(int(np.abs(surface).argmax()), shape))
    if surface[row, column] < 0:
        surface = -surface
    centered = np.roll(surface, (_NEAR - row, _NEAR - column), axis=(0, 1))
    middle = centered[_NEAR, _NEAR - 1 : _NEAR + 2], centered[_NEAR - 1 : _NEAR + 2, _NEAR]
    right, down = (at + _vertex(line) for at, line in zip((column, row), middle, strict=True))
    top = float(centered[_NEAR, _NEAR])
    rest = centered[2 * _NEAR + 1 :]
    spread = float(rest.std()) if rest.size else 0.0  # of small pictures, all is near the peak
    centered[: 2 * _NEAR + 1, : 2 * _NEAR + 1] = 0
    down, right = (at - side * (at > side / 2) for at, side in zip((down, right), shape, strict=True))
    return Offset(down, right, float(top - centered.max()) / spread if spread > 0 else 0.0)


def _faded(pictures: Array) -> Array:
    """Return pictures less their means, faded out towards the rims."""
    fades = [
        np.minimum(1, np.minimum(np.arange(1, side + 1), np.arange(side, 0, -1)) / (_FADED * side))
        for side in pictures.shape[1:]
    ]
    return np.asarray((pictures - pictures.mean(axis=(1, 2), keepdims=True)) * fades[0][:, np.newaxis] * fades[1])


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
