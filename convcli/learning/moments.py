"""Moments: all that a squared error needs to know of pictures, in one small matrix.

With z = (taps, 1, target) at a position, the moments are M = sum of z zᵀ over the
positions. The squared error of any weights w and bias b is then exactly

    sum of (taps · w + b − target)² = (w, b, −1) M (w, b, −1)ᵀ

whatever the size of the pictures. Moments add up over rows, channels and pictures, and
those of a smaller kernel are a part of those of a larger one.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convcli.learning.lag_sums import has_lags, lag_moments
from convcli.learning.region import Region, Size, centre_of
from convcli.learning.result import Model
from convcli.learning.windows import window_moments, window_sums

# Sums of integers are exact; of floats, and of fractions of full scale, they are this close.
_ROUNDING = 1e-14
# Where fewer values are clipped the corrections for rounding are too small to matter.
_UNSKEWED = 0.98
# Levels next to the clipped ones that are left out with them, where many are: values of a photograph's edges are so
# many near zero, and so uneven, that two levels on either side of the end tell how many lie there only further up.
_MARGIN = 4
# The density at the end from the levels about it (0: the last that is left out): the slope of the cubic through their
# running sum.
_DENSITY = {-1: -1 / 12, 0: 7 / 12, 1: 7 / 12, 2: -1 / 12}


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums of products over target values, for each output channel that has weights of its own.

    Parameters
    ----------
    sums
        float64, (outputs, taps + 2, taps + 2), in fractions of full scale: taps in the order input channel,
        row, column; a one; the target. One output for the shared model.
    inputs
        Input channels of an output: 1 but for the full model.
    size
        Height and width of the kernel.
    edges
        float64, (outputs, taps + 1): sums of the taps and a one over the values where clipping begins, per
        level: those at black less those at white. See `without_rounding`.
    level
        The step of the target's values, in fractions of full scale; 0 where they are not rounded.
    clipped
        Target values left out because they are clipped.
    """

    sums: NDArray[np.float64]
    inputs: int
    size: Size
    edges: NDArray[np.float64]
    level: float = 0.0
    clipped: int = 0

    @property
    def taps(self) -> int:
        """Weights of an output."""
        return int(self.sums.shape[1]) - 2

    @property
    def counts(self) -> NDArray[np.float64]:
        """Target values of each output."""
        return self.sums[:, self.taps, self.taps]

    @property
    def values(self) -> int:
        """Target values of all outputs."""
        return round(float(self.counts.sum()))

    @property
    def means(self) -> NDArray[np.float64]:
        """(outputs, taps + 2): the mean of each tap, of one and of the target."""
        return self.sums[:, self.taps] / self.counts[:, np.newaxis]

    @property
    def covariance(self) -> NDArray[np.float64]:
        """(outputs, taps + 2, taps + 2): moments about the means, per value; those of the one are zero."""
        means = self.means
        return self.sums / self.counts[:, np.newaxis, np.newaxis] - means[:, :, np.newaxis] * means[:, np.newaxis]

    @property
    def rounding(self) -> NDArray[np.float64]:
        """(outputs): what a covariance may be by rounding alone."""
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

    def part(self, top: int, left: int, size: Size) -> Moments:
        """Return the moments of a smaller kernel that lies in this one, over the same positions."""
        places = np.arange(self.taps).reshape(self.inputs, *self.size)
        kept = places[:, top : top + size[0], left : left + size[1]].ravel()
        chosen = np.concatenate([kept, [self.taps, self.taps + 1]])
        sums, edges = self.sums[:, chosen[:, np.newaxis], chosen], self.edges[:, chosen[:-1]]
        return replace(self, sums=sums, edges=edges, size=size)

    def without_rounding(self, mean_square: float) -> Moments:
        """Return moments corrected for the rounding of targets next to the clipped ones.

        Rounding to levels is of no effect on a sum of products but where the values end: of a value s
        rounded to y the sum of z (y − s) over the values above an end at half a level is 1/12 of z's
        density there, by integration by parts (Sheppard's corrections are the same at a smooth end, where
        it is zero). Where half the target is clipped it makes weights too small by some per mille.

        Parameters
        ----------
        mean_square
            What a first kernel leaves unexplained. Rounding leaves 1/12 of a level squared; less where
            the values lie on the levels of themselves, as those of integer kernels do, and need no correction.
        """
        if not self.level:
            return self
        share = min(1.0, 12 * mean_square / self.level**2)
        sums = self.sums.copy()
        sums[:, :-1, -1] -= self.edges * (share * self.level / 12)
        sums[:, -1, :-1] = sums[:, :-1, -1]
        return replace(self, sums=sums)


def zero_moments(model: Model, channels: tuple[int, int], size: Size) -> Moments:
    """Return the moments of no positions, for a picture of so many input and output channels."""
    inputs = channels[0] if model == "full" else 1
    outputs = 1 if model == "shared" else channels[1]
    taps = inputs * size[0] * size[1]
    return Moments(np.zeros((outputs, taps + 2, taps + 2)), inputs, size, np.zeros((outputs, taps + 1)))


def collect(region: Region, model: Model, executor: Executor, *, margin: bool = True) -> Moments:
    """Return the moments of a region, without the target values that are clipped.

    Parameters
    ----------
    region
        The positions.
    model
        Which channels have weights in common.
    executor
        Runs the bands of rows.
    margin
        Where many are clipped leave out the levels next to them too, and note what `Moments.without_rounding` needs.
    """
    regions = [region] if model == "full" else [region.channels(index) for index in range(region.outputs)]
    clipped = 0
    parts = []
    for each in regions:
        unclipped = _unclipped(each.target)
        clipped += unclipped.size - int(np.count_nonzero(unclipped))
        kept, edges = _kept(each, unclipped) if margin else (unclipped, np.zeros((each.outputs, each.taps + 1)))
        parts.append((_sums(each, kept, executor), edges))
    sums, edges = (np.concatenate(those) for those in zip(*parts, strict=True))
    if model == "shared":
        sums, edges = sums.sum(axis=0, keepdims=True), edges.sum(axis=0, keepdims=True)
    scale = _into_fractions(region, sums.shape[1] - 2)
    inputs = region.inputs if model == "full" else 1
    level = 1 / np.iinfo(region.target.dtype).max if region.target.dtype.kind == "u" else 0.0
    return Moments(scale @ sums @ scale.T, inputs, region.size, edges @ scale[:-1, :-1].T, level, clipped)


def _unclipped(target: NDArray[Any]) -> NDArray[np.bool_]:
    if target.dtype.kind != "u":
        return np.ones(target.shape, bool)
    return (target > 0) & (target < np.iinfo(target.dtype).max)


def _sums(region: Region, kept: NDArray[np.bool_], executor: Executor) -> NDArray[np.float64]:
    """Return (outputs, taps + 2, taps + 2): of all positions less the clipped, or of the kept, whichever are fewer."""
    shares = kept.mean(axis=(0, 1))
    few_clipped = (shares > 0.5) & has_lags(region)
    sums = (
        lag_moments(region, executor)
        if few_clipped.any()
        else np.zeros((region.outputs, region.taps + 2, region.taps + 2))
    )
    for output in range(region.outputs):
        if not few_clipped[output]:
            sums[output] = window_moments(region, output, kept[:, :, output], executor)
        elif shares[output] < 1:
            sums[output] -= window_moments(region, output, ~kept[:, :, output], executor)
    return sums


def _kept(region: Region, unclipped: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return which values are learned from, (height, width, outputs), and the sums at their ends.

    Where many are clipped the few levels next to the clipped ones are left out too: how many values
    there are at the end of the rest, half way between two levels, follows from two levels on either side of it.

    The sums are (outputs, taps + 1), per level, at black less at white.
    """
    kept = unclipped.copy()
    edges = np.zeros((region.outputs, region.taps + 1))
    for output in range(region.outputs):
        target = region.target[:, :, output]
        if unclipped[:, :, output].mean() > _UNSKEWED:
            continue
        black, white = _MARGIN, int(np.iinfo(target.dtype).max) - _MARGIN
        inside = (target > black) & (target < white)
        kept[:, :, output] = inside
        weights = np.zeros(target.shape)
        for end, inwards in ((black, 1), (white, -1)):
            for step, weight in _DENSITY.items():
                weights[target == end + step * inwards] += inwards * weight
        edges[output] = window_sums(region, weights)
    return kept, edges


def _into_fractions(region: Region, taps: int) -> NDArray[np.float64]:
    """Return the matrix that makes fractions of full scale of centred values."""
    scale = np.eye(taps + 2)
    for places, dtype in ((range(taps), region.source.dtype), ([taps + 1], region.target.dtype)):
        full = float(np.iinfo(dtype).max) if dtype.kind == "u" else 1.0
        scale[places, places] = 1 / full
        scale[places, taps] = centre_of(dtype) / full
    return scale
