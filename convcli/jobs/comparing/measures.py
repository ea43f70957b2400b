"""The difference of two arrays in numbers: mean squared error, PSNR, SSIM, and the largest difference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from convcli.array_types import Array, Floats
from convcli.engine import correlate
from convcli.filters import Kernel
from convcli.lazy import dataclass

# Of SSIM, after Wang, Bovik, Sheikh and Simoncelli: Image quality assessment, from error visibility to structural
# similarity. IEEE Transactions on Image Processing 13 (2004).
WINDOW = 11
_SIGMA, _K1, _K2 = 1.5, 0.01, 0.03
_VALUES_OF_A_BAND = 1 << 18


class Point(NamedTuple):
    """The position of the largest difference: column, row, and numbers of the channel and the frame; both values."""

    x: int
    y: int
    channel: int
    frame: int
    values: tuple[float, float]


@dataclass(frozen=True)
class Figures:
    """The difference of two sets of values.

    Parameters
    ----------
    count
        The number of values of each.
    mse
        The mean of the squared differences.
    ssim
        The mean structural similarity; None where the pictures are smaller than its window, or values are infinite.
    largest
        The largest absolute difference. A value that is NaN in one set alone makes it infinite.
    at
        Its position; None where all values are equal.
    peak
        The level of white, or the range of the first set where its values have none.
    """

    count: int
    mse: float
    ssim: float | None
    largest: float
    at: Point | None
    peak: float

    @property
    def is_identical(self) -> bool:
        """True where every value is the same."""
        return self.at is None

    @property
    def psnr(self) -> float:
        """The peak signal-to-noise ratio in dB; infinite where every value is the same."""
        if self.mse == 0:
            return math.inf
        return 20 * math.log10(self.peak) - 10 * math.log10(self.mse)


def measure(first: Array, second: Array, peak: float, frame: int = 0) -> tuple[Figures, ...]:
    """Return the figures of each channel of two arrays (height, width, channels); `frame` is their number."""
    similarities = _similarities(first, second, peak)
    return tuple(
        _measured(first[:, :, channel], second[:, :, channel], peak, similarity, (channel, frame))
        for channel, similarity in enumerate(similarities)
    )


def pooled(figures: Sequence[Figures]) -> Figures:
    """Return the figures of several channels or frames together."""
    count = sum(each.count for each in figures)
    weights = [each.count / count for each in figures]
    similarities = [each.ssim for each in figures if each.ssim is not None]
    worst = max(figures, key=lambda each: each.largest)
    return Figures(
        count,
        _mean(weights, [each.mse for each in figures]),
        _mean(weights, similarities) if len(similarities) == len(figures) else None,
        worst.largest,
        worst.at,
        figures[0].peak,
    )


def _mean(weights: Sequence[float], values: Sequence[float]) -> float:
    return sum(weight * value for weight, value in zip(weights, values, strict=True))


# Infinite values differ by NaN from each other, and infinitely from others.
@np.errstate(invalid="ignore", over="ignore")
def _measured(first: Array, second: Array, peak: float, similarity: float | None, numbers: tuple[int, int]) -> Figures:
    squares, largest, at = 0.0, 0.0, None
    rows = max(1, _VALUES_OF_A_BAND // first.shape[1])
    for top in range(0, len(first), rows):
        before, after = (each[top : top + rows].astype(np.float64) for each in (first, second))
        apart = np.abs(before - after)
        apart[(before == after) | (np.isnan(before) & np.isnan(after))] = 0
        apart[np.isnan(apart)] = np.inf
        squares += float(np.square(apart).sum())
        y, x = map(int, np.unravel_index(int(apart.argmax()), apart.shape))
        if apart[y, x] > largest:
            largest, at = float(apart[y, x]), Point(x, top + y, *numbers, (float(before[y, x]), float(after[y, x])))
    return Figures(first.size, squares / first.size, similarity, largest, at, peak)


@np.errstate(invalid="ignore", over="ignore", divide="ignore")
def _similarities(first: Array, second: Array, peak: float) -> list[float | None]:
    """Return the mean structural similarity of each channel, over all windows that lie inside the picture."""
    height, width, channels = first.shape
    if min(height, width) < WINDOW:
        return [None] * channels
    rows = max(1, _VALUES_OF_A_BAND // (width * channels))
    total = np.zeros(channels)
    for top in range(0, height - WINDOW + 1, rows):
        band = slice(top, top + rows + WINDOW - 1)
        total += _similarity_map(first[band].astype(np.float64), second[band].astype(np.float64), peak).sum(axis=(0, 1))
    means = total / ((height - WINDOW + 1) * (width - WINDOW + 1))
    return [mean if math.isfinite(mean) else None for mean in means.tolist()]


def _similarity_map(first: Floats, second: Floats, peak: float) -> Floats:
    given = np.concatenate([first, second, first * first + second * second, first * second], axis=2)
    moments = correlate(given, _window(), padding="valid")
    mean, other, squares, products = np.split(moments, 4, axis=2)
    small, smaller = (_K1 * peak) ** 2, (_K2 * peak) ** 2
    means, powers = mean * other, mean * mean + other * other
    similar: Floats = ((2 * means + small) * (2 * (products - means) + smaller)) / (
        (powers + small) * (squares - powers + smaller)
    )
    return similar


def _window() -> Kernel:
    line = np.exp(-0.5 * (np.arange(WINDOW) - WINDOW // 2) ** 2 / _SIGMA**2)
    return Kernel(np.outer(line, line) / line.sum() ** 2)
