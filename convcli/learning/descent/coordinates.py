"""Coordinates of the descent.

The eigenvalues of the moments of a photograph span five or six decades, for neighboring pixels are alike: plain
gradient descent needs a hundred thousand steps. In the frequencies of a discrete cosine transform neighbors are
nearly uncorrelated, and with each frequency in units of its own spread the slopes are nearly alike in every
direction. The descent is the same; the valley is round.
"""

from __future__ import annotations

from typing import Generic, TypeVar

import numpy as np

from convcli.array_types import Floats
from convcli.lazy import dataclass
from convcli.learning.descent.quadratic import Quadratic, Surface, squared_error
from convcli.learning.moments.moments import Moments

_Surface_co = TypeVar("_Surface_co", bound=Surface, covariant=True)


@dataclass(frozen=True, eq=False)
class Coordinates(Generic[_Surface_co]):
    """A one-to-one change of parameters, and the loss in it: no change here, so that a point is weights and biases."""

    quadratic: _Surface_co

    def parameters(self, point: Floats) -> Floats:
        """Return weights and biases, (outputs, parameters), of a point."""
        return point

    def point(self, parameters: Floats) -> Floats:
        """Return the point of weights and biases."""
        return parameters


@dataclass(frozen=True, eq=False)
class CosineCoordinates(Coordinates[Quadratic]):
    """Cosine frequencies of the weights in units of their spread, and the bias at the mean of the picture.

    weights = `basis` · coordinates, (outputs, taps, taps); bias = `unit` · coordinate + `bias` − weights · `means`.
    `means` are those of the taps, (outputs, taps), zeros where there is no bias; `bias` that of a kernel without
    weights; it and `unit` are (outputs, 0 or 1).
    """

    basis: Floats
    means: Floats
    bias: Floats
    unit: Floats

    def parameters(self, point: Floats) -> Floats:
        """Return weights and biases, (outputs, parameters), of a point."""
        taps = self.basis.shape[2]
        weights = np.einsum("oij,oj->oi", self.basis, point[:, :taps])
        at_mean = np.einsum("oi,oi->o", self.means, weights)[:, np.newaxis]
        return np.concatenate([weights, self.unit * point[:, taps:] + self.bias - at_mean], axis=1)

    def point(self, parameters: Floats) -> Floats:
        """Return the point of weights and biases."""
        taps = self.basis.shape[1]
        weights, bias = parameters[:, :taps], parameters[:, taps:]
        at_mean = np.einsum("oi,oi->o", self.means, weights)[:, np.newaxis]
        frequencies = np.linalg.solve(self.basis, weights[:, :, np.newaxis])[:, :, 0]
        return np.concatenate([frequencies, (bias + at_mean - self.bias) / self.unit], axis=1)


def plain_coordinates(moments: Moments, *, bias: bool, total: bool) -> Coordinates[Quadratic]:
    """Return weights and biases as coordinates of the squared error: its sum if `total`, or its mean."""
    return Coordinates(squared_error(moments, bias=bias, total=total))


def cosine_coordinates(moments: Moments, *, bias: bool, total: bool) -> CosineCoordinates:
    """Return cosine frequencies as coordinates of the squared error: its sum if `total`, or its mean."""
    taps, counts, means = moments.taps, moments.counts, moments.means
    spread = moments.spread(about_means=bias)
    # The loss weights an output by its number of values: so do its units.
    shares = counts if total else counts / moments.values
    frequencies = _frequencies(moments, spread[:, :taps, :taps])
    curvature = frequencies.transpose(0, 2, 1) @ spread[:, :taps, :taps] @ frequencies
    strength = np.einsum("oii->oi", curvature) * shares[:, np.newaxis]
    # A frequency that the picture does not hold has no unit; any will do.
    least = (moments.rounding * shares)[:, np.newaxis]
    scale = 1 / np.sqrt(np.where(strength > least, strength, 1.0))
    basis = frequencies * scale[:, np.newaxis]
    whole = np.zeros((len(counts), taps + bias, taps + bias))
    whole[:, :taps, :taps] = curvature * (scale[:, :, np.newaxis] * scale[:, np.newaxis] * shares[:, None, None])
    whole[:, taps:, taps:] = 1.0
    slope = np.zeros((len(counts), taps + bias))
    slope[:, :taps] = np.einsum("oji,oj->oi", basis, spread[:, :taps, -1]) * shares[:, np.newaxis]
    return CosineCoordinates(
        Quadratic(whole, slope, spread[:, -1, -1] * shares),
        basis,
        means[:, :taps] * bias,
        means[:, -1:][:, :bias],
        (1 / np.sqrt(shares))[:, np.newaxis][:, :bias],
    )


def _frequencies(moments: Moments, spread: Floats) -> Floats:
    """Return (outputs, taps, taps): columns are cosines over rows and columns, of mixtures of the input channels.

    The channels of a frequency are mixed to be uncorrelated, in every frequency otherwise: colors are alike.
    """
    rows, columns = (cosine_transform(side) for side in moments.size)
    cosines = np.kron(rows, columns)
    inputs, area = moments.inputs, len(cosines)
    frequencies = []
    for each in spread:
        planes = each.reshape(inputs, area, inputs, area)
        # Covariances of the channels in every frequency: (frequencies, channels, channels).
        colors = np.einsum("fi,aibj,fj->fab", cosines, planes, cosines, optimize=True)
        mixtures = np.linalg.eigh(colors).eigenvectors
        frequencies.append(np.einsum("far,fi->airf", mixtures, cosines).reshape(inputs * area, inputs * area))
    return np.stack(frequencies)


def cosine_transform(length: int) -> Floats:
    """Return the orthonormal DCT-II of `length` values: row k is cos(π (i + ½) k / n), scaled to length 1."""
    frequency, index = np.arange(length)[:, np.newaxis], np.arange(length)
    rows = np.cos(np.pi * (index + 0.5) * frequency / length)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))
