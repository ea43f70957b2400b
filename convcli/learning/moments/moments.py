"""Moments: the sums over pictures that determine the squared error of any kernel, in one small matrix.

With z = (taps, 1, target) at a position, the moments are M = sum of z zᵀ over the positions. The squared error of
weights w and a bias b is then exactly

    sum of (taps · w + b − target)² = (w, b, −1) M (w, b, −1)ᵀ

whatever the size of the pictures. Moments add up over rows, channels and pictures, and those of a smaller kernel are a
part of those of a larger one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.array_types import Array, Bools, Floats
from convcli.engine import full_scale_of
from convcli.filters import Size2
from convcli.lazy import dataclass
from convcli.learning.moments.lag_sums import has_lags, lag_moments
from convcli.learning.moments.region import Region, center_of
from convcli.learning.moments.windows import window_moments, window_sums
from convcli.learning.settings import Model

# Sums of integers are exact; of floats, and of fractions of full scale, they are this close.
_ROUNDING = 1e-14
# The share of clipped values below which the corrections for rounding are too small to matter.
_SKEWED = 0.02
# Levels next to the clipped ones that are left out with them, where many are: an edge filter gives a photograph so
# many values near zero, so unevenly, that only further up two levels on either side of the end give the density there.
_MARGIN = 4
# Weights of the levels about the end (0: the last left out) for the density there: the slope of the cubic through
# their running sum.
_DENSITY = {-1: -1 / 12, 0: 7 / 12, 1: 7 / 12, 2: -1 / 12}


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums of products over target values, for each output channel that has weights of its own.

    `sums`, float64 (outputs, taps + 2, taps + 2), are in fractions of full scale: taps in the order input channel, row,
    column; a one; the target. There is one output for the shared model. `inputs` counts the input channels of an
    output: 1 except for the full model. `edges`, float64 (outputs, taps + 1), are the sums of the taps and a one over
    the values where clipping begins, per level: those at black less those at white (see `without_rounding`). `level` is
    the step of the target's values, in fractions of full scale, 0 where they are not rounded; `clipped` the number of
    target values left out because they are clipped.
    """

    sums: Floats
    inputs: int
    size: Size2
    edges: Floats
    level: float = 0.0
    clipped: int = 0

    @property
    def taps(self) -> int:
        """Weights of an output."""
        return int(self.sums.shape[1]) - 2

    @property
    def outputs(self) -> int:
        """Output channels that have weights of their own."""
        return len(self.sums)

    @property
    def counts(self) -> Floats:
        """Target values of each output."""
        return self.sums[:, self.taps, self.taps]

    @property
    def values(self) -> int:
        """Target values of all outputs."""
        return round(float(self.counts.sum()))

    @property
    def means(self) -> Floats:
        """(outputs, taps + 2): the mean of each tap, of one and of the target."""
        return self.sums[:, self.taps] / self.counts[:, np.newaxis]

    def spread(self, *, about_means: bool) -> Floats:
        """Return moments per value, (outputs, taps + 2, taps + 2): about the means, the covariance, or about zero."""
        spread = self.sums / self.counts[:, np.newaxis, np.newaxis]
        return spread - self.means[:, :, np.newaxis] * self.means[:, np.newaxis] if about_means else spread

    @property
    def rounding(self) -> Floats:
        """(outputs): the largest covariance that rounding alone may make."""
        squares = np.einsum("oii->oi", self.sums[:, : self.taps, : self.taps]).mean(axis=1)
        return np.asarray(_ROUNDING * self.taps * squares / self.counts)

    def __add__(self, other: Moments) -> Moments:
        return replace(
            self,
            sums=self.sums + other.sums,
            edges=self.edges + other.edges,
            level=max(self.level, other.level),
            clipped=self.clipped + other.clipped,
        )

    def part(self, top: int, left: int, size: Size2) -> Moments:
        """Return the moments of a smaller kernel within this one, over the same positions."""
        indices = np.arange(self.taps).reshape(self.inputs, *self.size)
        taps = indices[:, top : top + size[0], left : left + size[1]].ravel()
        chosen = np.concatenate([taps, [self.taps, self.taps + 1]])
        sums, edges = self.sums[:, chosen[:, np.newaxis], chosen], self.edges[:, chosen[:-1]]
        return replace(self, sums=sums, edges=edges, size=size)

    def without_rounding(self, mean_square: float, parameters: Floats) -> Moments:
        """Return moments corrected for the rounding of targets next to the clipped ones.

        Rounding to levels affects a sum of products only where the values end: for values s rounded to y, the sum of z
        (y − s) above an end at half a level is 1/12 of z's density there, by integration by parts (Sheppard's
        corrections, whose density at a smooth end is zero). Where half the target is clipped it makes weights too small
        by some per mille.

        `mean_square` is that of the residuals of a first kernel. Rounding leaves 1/12 of a level squared; less where
        the values are levels without rounding, as those of integer kernels, and need no correction. The weights and
        biases of that kernel, `parameters` (outputs, taps + 0 or 1), give the values s: the squares of the targets are
        too large by the sum of s (y − s).
        """
        if not self.level:
            return self
        share = min(1.0, 12 * mean_square / self.level**2)
        rounded = self.edges * (share * self.level / 12)
        sums = self.sums.copy()
        sums[:, :-1, -1] -= rounded
        sums[:, -1, :-1] = sums[:, :-1, -1]
        # Otherwise the loss would be too small by as much, and so would the errors of the weights.
        sums[:, -1, -1] -= 2 * (parameters * rounded[:, : parameters.shape[1]]).sum(axis=1)
        return replace(self, sums=sums)


def zero_moments(model: Model, channels: tuple[int, int], size: Size2) -> Moments:
    """Return the moments of no positions, for the numbers of input and output channels."""
    inputs = channels[0] if model == "full" else 1
    outputs = 1 if model == "shared" else channels[1]
    taps = inputs * size[0] * size[1]
    return Moments(np.zeros((outputs, taps + 2, taps + 2)), inputs, size, np.zeros((outputs, taps + 1)))


def collect(region: Region, model: Model, *, margin: bool = True, chosen: Bools | None = None) -> Moments:
    """Return the moments of a region, without the target values that are clipped.

    Where many are clipped, `margin` leaves out the levels next to them too, and sums the edges for
    `Moments.without_rounding`. With `chosen`, bool (height, width, outputs), those values are taken in place of the
    ones that are not clipped.
    """
    clipped = clipped_values(region.target) if chosen is None else np.ascontiguousarray(~chosen.transpose(2, 0, 1))
    parts = [(region, clipped)]
    if model != "full":
        parts = [(region.channel(index), clipped[index : index + 1]) for index in range(region.outputs)]
    sums_and_edges = [_sums_and_edges(*part, margin=margin and chosen is None) for part in parts]
    sums, edges = (np.concatenate(those) for those in zip(*sums_and_edges, strict=True))
    if model == "shared":
        sums, edges = sums.sum(axis=0, keepdims=True), edges.sum(axis=0, keepdims=True)
    scale = _into_fractions(region, sums.shape[1] - 2)
    inputs = region.inputs if model == "full" else 1
    level = 1 / full_scale_of(region.target.dtype) if region.target.dtype.kind == "u" else 0.0
    count = int(np.count_nonzero(clipped if region.mask is None else clipped & region.mask.transpose(2, 0, 1)))
    return Moments(scale @ sums @ scale.T, inputs, region.size, edges @ scale[:-1, :-1].T, level, count)


def clipped_values(target: Array) -> Bools:
    """Return (outputs, height, width), True for black or white values of integers."""
    if target.dtype.kind == "u":
        # Less one, black is the largest integer, and both ends lie together: half the time of two comparisons.
        is_end = target - target.dtype.type(1) >= np.iinfo(target.dtype).max - 1
        if is_end.any():
            return np.ascontiguousarray(is_end.transpose(2, 0, 1))
    return np.zeros((target.shape[2], *target.shape[:2]), bool)


def _sums_and_edges(region: Region, clipped: Bools, *, margin: bool) -> tuple[Floats, Floats]:
    """Return moments, (outputs, taps + 2, taps + 2), and `Moments.edges`, (outputs, taps + 1).

    Moments are those of all positions less the few left out, or those of the few others.
    """
    left_out = clipped if region.mask is None else clipped | ~region.mask.transpose(2, 0, 1)
    edges = np.zeros((region.outputs, region.taps + 1))
    for output in range(region.outputs):
        if margin and has_margin(clipped[output]):
            left_out, edges[output] = _with_margin(region, left_out, output)
    counts = [int(np.count_nonzero(plane)) for plane in left_out]  # a hundred times as fast as the mean
    few = np.array([has_lags(region) and 2 * count < plane.size for count, plane in zip(counts, left_out, strict=True)])
    sums = lag_moments(region) if few.any() else np.zeros((region.outputs, region.taps + 2, region.taps + 2))
    for output in range(region.outputs):
        if not few[output]:
            sums[output] = window_moments(region, output, ~left_out[output])
        elif counts[output]:
            sums[output] -= window_moments(region, output, left_out[output])
    return sums, edges


def _with_margin(region: Region, left_out: Bools, output: int) -> tuple[Bools, Floats]:
    """Leave the levels next to the clipped ones out too, and return `Moments.edges` of one output."""
    near, weights = margin_of(region.target[:, :, output])
    widened = left_out.copy()
    widened[output] |= near
    return widened, window_sums(region, output, weights)


def margin_of(target: Array) -> tuple[Bools, Floats]:
    """Return which values of a channel are clipped or next to it, and a weight for each level, for `Moments.edges`.

    The density at an end, half way between two levels, follows from two levels on either side of it.
    """
    target = np.ascontiguousarray(target)
    levels = int(np.iinfo(target.dtype).max) + 1
    black, white = _MARGIN, levels - 1 - _MARGIN
    weights = np.zeros(levels)
    for end, inwards in ((black, 1), (white, -1)):
        for step, weight in _DENSITY.items():
            weights[end + step * inwards] = inwards * weight
    return (target <= black) | (target >= white), weights


def has_margin(clipped: Bools) -> bool:
    """Return whether so many values of a channel are clipped that those next to them are left out too."""
    return bool(np.count_nonzero(clipped) > _SKEWED * clipped.size)


def _into_fractions(region: Region, taps: int) -> Floats:
    """Return the matrix from centered values to fractions of full scale."""
    scale = np.eye(taps + 2)
    for indices, dtype in ((range(taps), region.source.dtype), ([taps + 1], region.target.dtype)):
        full = full_scale_of(dtype)
        scale[indices, indices] = 1 / full
        scale[indices, taps] = center_of(dtype) / full
    return scale
