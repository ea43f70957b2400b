"""Coordinates: in which numbers the descent goes down.

The eigenvalues of the moments of a photograph span five or six decades, for neighboring pixels are alike: plain
gradient descent needs a hundred thousand steps. In the frequencies of a discrete cosine
transform neighbors are nearly uncorrelated, and when each frequency is measured in
units of its own spread, the slopes are nearly alike in every direction. The descent is
the same; the valley is round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from convcli.array_types import Floats
from convcli.learning.descent.quadratic import Quadratic, squared_error
from convcli.learning.moments.moments import Moments


class Coordinates(Protocol):
    """A one-to-one change of parameters, and the loss in them."""

    @property
    def quadratic(self) -> Quadratic:
        """The loss."""

    def parameters(self, point: Floats) -> Floats:
        """Return weights and biases, (outputs, parameters), of a point."""

    def point(self, parameters: Floats) -> Floats:
        """Return the point of weights and biases."""


@dataclass(frozen=True, eq=False)
class PlainCoordinates:
    """The weights and biases themselves."""

    quadratic: Quadratic

    def parameters(self, point: Floats) -> Floats:
        """Return the point."""
        return point

    def point(self, parameters: Floats) -> Floats:
        """Return the parameters."""
        return parameters


@dataclass(frozen=True, eq=False)
class CosineCoordinates:
    """Cosine frequencies of the weights in units of their spread, and the bias at the mean of the picture.

    Parameters
    ----------
    quadratic
        The loss in these coordinates.
    basis
        (outputs, taps, taps): weights = basis · coordinates.
    means
        (outputs, taps): weights · means is what the bias does without at the mean; zeros where there is no bias.
    bias
        (outputs, 0 or 1): the bias of a kernel without weights.
    unit
        (outputs, 0 or 1): bias = unit · coordinate + bias − weights · means.
    """

    quadratic: Quadratic
    basis: Floats
    means: Floats
    bias: Floats
    unit: Floats

    def parameters(self, point: Floats) -> Floats:
        """Return weights and biases of a point."""
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


def plain_coordinates(moments: Moments, *, bias: bool, total: bool) -> PlainCoordinates:
    """Return the weights and biases as coordinates of the squared error: its sum, or its mean."""
    return PlainCoordinates(squared_error(moments, bias=bias, total=total))


def cosine_coordinates(moments: Moments, *, bias: bool, total: bool) -> CosineCoordinates:
    """Return cosine frequencies as coordinates of the squared error: its sum, or its mean."""
    taps, outputs = moments.taps, len(moments.sums)
    counts = moments.counts
    spread = moments.covariance if bias else moments.sums / counts[:, np.newaxis, np.newaxis]
    # The loss counts an output by how many values it has: so do its units.
    shares = counts if total else counts / moments.values
    frequencies = _frequencies(moments, spread[:, :taps, :taps])
    curvature = frequencies.transpose(0, 2, 1) @ spread[:, :taps, :taps] @ frequencies
    strength = np.einsum("oii->oi", curvature) * shares[:, np.newaxis]
    # A frequency that the picture does not hold has no unit; any will do.
    least = (moments.rounding * shares)[:, np.newaxis]
    scale = 1 / np.sqrt(np.where(strength > least, strength, 1.0))
    basis = frequencies * scale[:, np.newaxis]
    whole = np.zeros((outputs, taps + bias, taps + bias))
    whole[:, :taps, :taps] = curvature * (scale[:, :, np.newaxis] * scale[:, np.newaxis] * shares[:, None, None])
    slope = np.zeros((outputs, taps + bias))
    slope[:, :taps] = np.einsum("oji,oj->oi", basis, spread[:, :taps, -1]) * shares[:, np.newaxis]
    if bias:
        whole[:, taps, taps] = 1.0
    means = moments.means
    return CosineCoordinates(
        Quadratic(whole, slope, spread[:, -1, -1] * shares),
        basis,
        means[:, :taps] * bias,
        means[:, -1:][:, :bias],
        (1 / np.sqrt(shares))[:, np.newaxis][:, :bias],
    )


def _frequencies(moments: Moments, spread: Floats) -> Floats:
    """Return (outputs, taps, taps): columns are cosines over rows and columns, of mixtures of the input channels.

    The channels of a frequency are mixed so that they are uncorrelated: colors are alike, and in every
    frequency otherwise.
    """
    rows, columns = (cosine_transform(side) for side in moments.size)
    cosines = np.kron(rows, columns)
    inputs, area = moments.inputs, len(cosines)
    frequencies = []
    for each in spread:
        planes = each.reshape(inputs, area, inputs, area)
        # Of every frequency, the covariance of its strength in the channels: (frequencies, channels, channels).
        colors = np.einsum("fi,aibj,fj->fab", cosines, planes, cosines, optimize=True)
        mixtures = np.linalg.eigh(colors).eigenvectors
        frequencies.append(np.einsum("far,fi->airf", mixtures, cosines).reshape(inputs * area, inputs * area))
    return np.stack(frequencies)


def cosine_transform(length: int) -> Floats:
    """Return the orthonormal DCT-II of so many values: row k is cos(π (i + ½) k / n), scaled to length 1."""
    frequency, place = np.arange(length)[:, np.newaxis], np.arange(length)
    rows = np.cos(np.pi * (place + 0.5) * frequency / length)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))
