"""Intervals: what a JPEG says of the coefficients that were rounded in it.

A coefficient that was rounded to n steps of q was between (n − 1/2) q and (n + 1/2) q. libjpeg rounds it to an eighth
before, half up in magnitude, so both ends are half an eighth nearer to zero. A prediction of it has a likelihood: the
share between these ends of a normal distribution about it, of the little noise that rounding to pixels left before the
JPEG. Its logarithm is concave, so Newton's method finds the kernel of the largest likelihood, with the errors of the
weights. Least squares on the pixels would take what the steps lost for the filter's work: a sharpening, its small
coefficients rounded to zero, has a middle weight of 3 in place of 5 at quality 60.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from convcli.array_types import Array
from convcli.detective.lossy.fast_dct import cut_off, fast_steps
from convcli.lazy import dataclass

_EIGHTH = 1 / 16  # half an eighth: libjpeg's forward DCT has three bits after the point
# The normal distribution, as a logistic one of a cubic: off by 1.4e-4 at most (Bowling et al., 2009).
_LINEAR, _CUBIC = 1.5976, 0.07056
_FAR = 5.0  # spreads beyond an end, from which the loss rises in a line: what is no rounding pulls no harder
_SLOPE_FAR = 5.2
_LEAST = 1e-12
# Levels of noise that are told apart.
NOISES = (0.03, 0.06, 0.1, 0.15, *(float(noise) for noise in np.geomspace(0.2, 28.0, 22)))
_COARSE = 3  # of them, by which the search begins
_JUDGING_NOISE = 16_000


class Judged(NamedTuple):
    """The loss of predictions, −log likelihood, the slope by which it falls, and the curvature, of each."""

    loss: Array
    slope: Array
    curvature: Array


@dataclass(frozen=True, eq=False)
class Intervals:
    """The middles and half the lengths of intervals, float32 (coefficients,), in levels."""

    middle: Array
    half: Array

    @classmethod
    def of(cls, values: Array, steps: Array, *, is_fast: bool = False) -> Intervals:
        """Return those of the coefficients of decoded blocks, (blocks, 8, 8), by the steps of the table, (8, 8).

        A JPEG has the coefficients of luma less 128; the intervals are those of luma. `is_fast` tells that the encoder
        had the fast DCT.
        """
        number = np.rint(values / steps)
        if is_fast:
            steps = fast_steps(steps)
            middle, half = number * steps - cut_off(), np.broadcast_to(steps / 2, number.shape)
        else:
            middle = number * steps - _EIGHTH * np.sign(number)
            half = np.where(number == 0, steps / 2 - _EIGHTH, steps / 2)
        middle[:, 0, 0] += 128 * len(steps)
        return cls(middle.ravel().astype(np.float32), half.ravel().astype(np.float32))

    def part(self, chosen: Array | slice) -> Intervals:
        """Return some of them."""
        return Intervals(self.middle[chosen], self.half[chosen])

    def from_ends(self, predicted: Array) -> Array:
        """Return the distance of each prediction from the nearer end, negative outside."""
        return np.asarray(self.half - np.abs(predicted - self.middle))

    def nearest(self, predicted: Array) -> Array:
        """Return the value in each interval that is nearest to the prediction."""
        return np.clip(predicted, self.middle - self.half, self.middle + self.half)

    def loss(self, predicted: Array, noise: float) -> float:
        """Return the sum of the losses with this noise, in levels."""
        nearer, farther = self._to_ends(np.abs(predicted - self.middle), noise)
        return float(_loss(_share(nearer) - _share(farther), nearer).sum(dtype=np.float64))

    def judged(self, predicted: Array, noise: float) -> Judged:
        """Return loss, slope and curvature of each prediction with this noise, in levels."""
        off = predicted - self.middle
        sign = np.sign(off)
        nearer, farther = self._to_ends(np.abs(off), noise)
        (below, density), (above, other) = _normal(nearer), _normal(farther)
        inside = np.maximum(below - above, np.float32(_LEAST))
        is_far = nearer < -_FAR
        slope = np.where(is_far, -_SLOPE_FAR, (other - density) / inside)
        curvature = np.where(is_far, 0.2, slope**2 - (farther * other - nearer * density) / inside)
        return Judged(_loss(inside, nearer), sign * slope / noise, np.maximum(curvature, 0) / noise**2)

    def _to_ends(self, off: Array, noise: float) -> tuple[Array, Array]:
        """Return how far the nearer end lies beyond predictions that are so far from the middle, and the other one."""
        return (self.half - off) / np.float32(noise), (-self.half - off) / np.float32(noise)

    def noise(self, predicted: Array) -> float:
        """Return the noise of the largest likelihood, in levels."""
        every = max(1, len(predicted) // _JUDGING_NOISE)
        some, shown = self.part(slice(None, None, every)), predicted[::every]
        losses = {at: some.loss(shown, NOISES[at]) for at in range(0, len(NOISES), _COARSE)}
        best = min(losses, key=lambda at: losses[at])
        for at in {*range(max(0, best - _COARSE + 1), min(best + _COARSE, len(NOISES)))} - losses.keys():
            losses[at] = some.loss(shown, NOISES[at])
        best = min(losses, key=lambda at: losses[at])
        if not 0 < best < len(NOISES) - 1:
            return NOISES[best]
        # The bottom of the parabola through three, over the logarithm.
        at, values = np.log(NOISES[best - 1 : best + 2]), np.array([losses[best + step] for step in (-1, 0, 1)])
        parabola = np.polyfit(at - at[1], values - values[1], 2)
        return float(np.exp(at[1] - parabola[1] / (2 * parabola[0])))


def _loss(inside: Array, nearer: Array) -> Array:
    """Return the loss of predictions by the share of the noise inside, and by how far the nearer end is beyond them."""
    loss = -np.log(np.maximum(inside, np.float32(_LEAST)))
    return np.asarray(loss - _FAR * np.minimum(nearer + _FAR, 0))


def _share(values: Array) -> Array:
    """Return the distribution function of the normal distribution."""
    values = np.clip(values, -8, 8).astype(np.float32)
    return np.asarray(1 / (1 + np.exp(-values * (_LINEAR + _CUBIC * values * values))))


def _normal(values: Array) -> tuple[Array, Array]:
    """Return the distribution function of the normal distribution, and its density."""
    share = _share(values)
    squares = np.square(np.clip(values, -8, 8).astype(np.float32))
    return share, share * (1 - share) * (_LINEAR + 3 * _CUBIC * squares)
