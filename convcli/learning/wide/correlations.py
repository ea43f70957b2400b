"""Correlations of two taps by their distance alone: nearly the moments of a wide kernel, in a table of its size.

At the ends of a tile, and where positions are left out, the moments of two taps depend on their places too. So the
table gives no kernel, but it solves for one within some percent in a thousandth of the time, wherever the right hand
side is exact: a step of the descent, the effect of leaving weights out, the errors of the weights.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from convcli.array_types import Bools, Floats
from convcli.filters import Size2
from convcli.lazy import dataclass
from convcli.learning.descent.coordinates import cosine_transform
from convcli.learning.fast_length import fast_length
from convcli.learning.wide.planes import Plane, Planes, Spectra

# Steps for a solution, and the share of the first slope at which it ends.
_STEPS = 30
_NEAR = 0.03
# Of the strongest frequency: weaker ones are rounding.
_FAINTEST = 1e-10


@dataclass(frozen=True, eq=False)
class Correlations:
    """`table`, (outputs or 1, inputs, inputs, 2 · height − 1, 2 · width − 1), has the mean product of two values.

    The second is of the second input, by its distance from the first, which is (height − 1, width − 1) where it is
    none.
    """

    table: Floats

    @classmethod
    def of(cls, planes: Planes, *, about_means: bool) -> Correlations:
        """Return those of the positions that are learned from, about the means or about zero."""
        mixes = planes.inputs > 1
        some = [plane for plane in planes.planes if not mixes or plane.output == 0]
        outputs = 1 if mixes else planes.outputs
        (height, width), inputs = planes.size, planes.inputs
        shares = list(planes.executor.map(lambda plane: _coverage(plane.learned, planes.size), some))
        sources = [
            np.fft.irfft2(plane.spectra, plane.shape)[:, : share.shape[0], : share.shape[1]]
            for plane, share in zip(some, shares, strict=True)
        ]
        totals, sums = np.zeros(outputs), np.zeros((outputs, inputs))
        for plane, source, share in zip(some, sources, shares, strict=True):
            totals[plane.output] += np.square(share).sum()
            sums[plane.output] += np.einsum("irc,rc,rc->i", source, share, share)
        means = sums / totals[:, np.newaxis] * about_means

        def products(plane: Plane, source: Floats, share: Floats) -> Floats:
            # A share that falls to zero evenly leaks little between frequencies, whose strengths span five decades.
            faded = (source - means[plane.output][:, np.newaxis, np.newaxis]) * share
            shape = fast_length(faded.shape[1] + height), fast_length(faded.shape[2] + width)
            spectra = np.fft.rfft2(faded, shape)
            whole = np.fft.irfft2(spectra.conj()[:, np.newaxis] * spectra, shape)
            return np.roll(whole, (height - 1, width - 1), axis=(2, 3))[:, :, : 2 * height - 1, : 2 * width - 1]

        table = np.zeros((outputs, inputs, inputs, 2 * height - 1, 2 * width - 1))
        for plane, product in zip(some, planes.executor.map(products, some, sources, shares), strict=True):
            table[plane.output] += product
        return cls(table / totals[:, np.newaxis, np.newaxis, np.newaxis, np.newaxis])

    @property
    def size(self) -> Size2:
        """Of the kernel."""
        return self.table.shape[3] // 2 + 1, self.table.shape[4] // 2 + 1

    def within(self, size: Size2) -> Correlations:
        """Return those of a smaller kernel."""
        down, right = (mine - its for mine, its in zip(self.size, size, strict=True))
        high, wide = self.table.shape[3:]
        return Correlations(self.table[..., down : high - down, right : wide - right])

    def products(self, weights: Floats) -> Floats:
        """Return the correlations times weights, (…, outputs, inputs, height, width)."""
        height, width = self.size
        product = np.einsum("oabrc,...obrc->...oarc", self._spectra, np.fft.rfft2(weights, self._shape))
        return np.asarray(np.fft.irfft2(product, self._shape)[..., :height, :width])

    def solved(self, slopes: Floats) -> Floats:
        """Return about the weights whose product with the correlations are `slopes`, (…, outputs, inputs, h, w)."""
        weights, rest = np.zeros_like(slopes), slopes
        along = moved = self._scaled(rest)
        first = before = _dot(rest, moved)
        for _ in range(_STEPS):
            bent = self.products(along)
            curvature = _dot(along, bent)
            step = _ratio(before, curvature)
            weights = weights + step * along
            rest = rest - step * bent
            moved = self._scaled(rest)
            now = _dot(rest, moved)
            if (now <= _NEAR**2 * first).all():
                break
            along, before = moved + _ratio(now, before) * along, now
        return weights

    def _scaled(self, slopes: Floats) -> Floats:
        """Return slopes in units of the strength of each frequency, channels mixed to be uncorrelated."""
        down, right = self._cosines
        frequencies = down @ slopes @ right.T
        scaled = np.einsum("oabkl,...obkl->...oakl", self._inverse_strengths, frequencies)
        return np.asarray(down.T @ scaled @ right)

    @cached_property
    def _shape(self) -> Size2:
        return fast_length(self.table.shape[3]), fast_length(self.table.shape[4])

    @cached_property
    def _spectra(self) -> Spectra:
        padded = np.zeros((*self.table.shape[:3], *self._shape))
        padded[..., : self.table.shape[3], : self.table.shape[4]] = self.table
        height, width = self.size
        return np.fft.rfft2(np.roll(padded, (1 - height, 1 - width), axis=(3, 4))).conj()

    @cached_property
    def _cosines(self) -> tuple[Floats, Floats]:
        return cosine_transform(self.size[0]), cosine_transform(self.size[1])

    @cached_property
    def _inverse_strengths(self) -> Floats:
        """(outputs or 1, inputs, inputs, height, width): the inverse of the covariance of the inputs by frequency."""
        down, right = (np.array([np.correlate(row, row, "full") for row in each]) for each in self._cosines)
        strengths = np.moveaxis(down @ self.table @ right.T, (1, 2), (3, 4))
        strengths = (strengths + strengths.swapaxes(3, 4)) / 2
        least = _FAINTEST * float(np.abs(strengths).max()) or 1.0
        values, vectors = np.linalg.eigh(strengths)
        inverse = (vectors / np.maximum(values, least)[..., np.newaxis, :]) @ vectors.swapaxes(3, 4)
        return np.moveaxis(inverse, (3, 4), (1, 2))


def _coverage(learned: Bools, size: Size2) -> Floats:
    """Return how often each pixel of the source lies under the kernel at positions learned from, as a share."""
    share = np.pad(learned.astype(np.float64), [(side - 1, side - 1) for side in size])
    for axis, side in enumerate(size):
        sums = np.cumsum(share, axis=axis)
        sums = np.concatenate([np.zeros_like(sums.take([0], axis)), sums], axis)
        length = sums.shape[axis] - side
        share = (sums.take(range(side, side + length), axis) - sums.take(range(length), axis)) / side
    return np.maximum(share, 0.0)


def _dot(one: Floats, other: Floats) -> Floats:
    """Return the products of weights, added up for each output."""
    return np.asarray(np.einsum("...irc,...irc->...", one, other)[..., np.newaxis, np.newaxis, np.newaxis])


def _ratio(one: Floats, other: Floats) -> Floats:
    """Return a ratio; zero where the denominator is not positive: rounding is all that is left."""
    return np.asarray(np.divide(one, other, out=np.zeros_like(one), where=other > 0))
