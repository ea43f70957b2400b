"""Effects: the changes that differences of weights make to the picture learned from.

A difference d of weights changes an output value by d over the taps, and so adds dᵀ C d to the mean squared error, with
C the covariance of the taps. Two taps are covered by their distance alone, so C is a spectrum S, and the effect is the
sum of S |D|² over the frequencies, D those of d. Weights may differ much where the picture shows little of it, as in
the fine detail of a smooth sky; a name is judged by what it makes of the picture.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Floats
from convcli.lazy import dataclass
from convcli.learning.extent import Extent
from convcli.learning.moments.moments import Moments

Indices = NDArray[np.int64]

# A frequency counts no less than this share of the mean one: distances beyond the window are extrapolated.
_FAINTEST = 1e-4
# An effect is compared with no less than this share, in amplitude, of what the kernel makes of the picture: names have
# short numbers.
_FINEST = 1e-3
# Values that a pair counts for among names, at most, of about this share: neighbors are alike.
MOST_VALUES = 500.0
_INDEPENDENT = 0.1


@dataclass(frozen=True, eq=False)
class Effects:
    """Covariances of two values of the source by their distance, and what the learned kernel leaves of the target.

    `covariances`, float64 (2 · height − 1, 2 · width − 1), has the variance in the middle; `mean_square` is that of the
    residuals, in the same unit.
    """

    covariances: Floats
    mean_square: float
    values: float

    @classmethod
    def of(cls, covariances: Floats, mean_square: float, extent: Extent, *, is_noise: bool = False) -> Effects:
        """Return those of a pair by the covariances of two values of the source.

        Noise, unlike what a wrong filter leaves, is averaged out: more values count, as it is stronger than rounding.
        """
        most = MOST_VALUES * max(1.0, 12 * mean_square / extent.level**2) if is_noise and extent.level else MOST_VALUES
        return cls(covariances, mean_square, min(_INDEPENDENT * extent.values, most))

    @classmethod
    def white(cls, errors: Floats) -> Effects:
        """Return those of a picture without a pattern, in which weights have these standard errors."""
        values = MOST_VALUES
        return cls(np.ones((1, 1)), values * float((errors**2).mean()), values)

    def roots(self, side: int) -> Floats:
        """Return the root of the spectrum for differences in a square of `side`, as `numpy.fft.rfft2` orders them."""
        rows, columns = (_extended(side, length // 2) for length in self.covariances.shape)
        fade = np.outer(self._fading[0] ** rows[1], self._fading[1] ** columns[1])
        spectrum = np.fft.rfft2(self.covariances[rows[0][:, np.newaxis], columns[0]] * fade).real
        twice = np.full(spectrum.shape[1], 2.0)
        twice[0] = 1
        if side % 2 == 0:
            twice[-1] = 1
        return np.asarray(np.sqrt(np.maximum(spectrum, _FAINTEST * self.covariances.max()) * twice) / side)

    @cached_property
    def _fading(self) -> tuple[float, float]:
        """The factor from one distance to the next, down and to the right, at the ends of those that are known."""
        (row, column), table = (length // 2 for length in self.covariances.shape), self.covariances
        # Where a picture is of one color there is nothing to fade.
        down = table[-1, column] / table[-2, column] if row and table[-2, column] else 0.0
        right = table[row, -1] / table[row, -2] if column and table[row, -2] else 0.0
        return tuple(min(max(float(each), 0.0), 0.99) for each in (down, right))  # type: ignore[return-value]

    def tolerated(self, power: float) -> float:
        """Return the effect that counts like the rest of the target, of a kernel whose own effect is `power`."""
        return self.mean_square + _FINEST**2 * power


def covariances_of(moments: Moments) -> Floats:
    """Return the covariances of two values of the source by their distance, of the window that was searched."""
    (height, width), taps = moments.size, moments.taps
    shape = (moments.outputs, moments.inputs, height * width, moments.inputs, height * width)
    covariance = moments.spread(about_means=True)[:, :taps, :taps].reshape(shape)
    mean = np.einsum("oiaib->ab", covariance) / (shape[0] * shape[1])
    rows, columns = np.divmod(np.arange(height * width), width)
    distances = (rows[:, np.newaxis] - rows + height - 1) * (2 * width - 1)
    distances += columns[:, np.newaxis] - columns + width - 1
    number = (2 * height - 1) * (2 * width - 1)
    sums = np.bincount(distances.ravel(), mean.ravel(), number) / np.bincount(distances.ravel(), minlength=number)
    return sums.reshape(2 * height - 1, 2 * width - 1)


def _extended(side: int, known: int) -> tuple[Indices, Indices]:
    """Return for each distance on a circle of `side` its index among the known ones, and how far it is beyond them."""
    distances = np.fft.ifftshift(np.arange(side) - side // 2)
    nearest = np.clip(distances, -known, known)
    return nearest + known, np.abs(distances - nearest)
