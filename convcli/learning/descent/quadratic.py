"""Quadratic: the squared error as a function of weights and biases, with its exact gradient."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from convcli.array_types import Floats
from convcli.lazy import dataclass
from convcli.learning.moments.moments import Moments


class Surface(Protocol):
    """A loss as a function of parameters, (outputs, parameters)."""

    def loss(self, parameters: Floats) -> float:
        """Return the loss of all outputs."""

    def gradient(self, parameters: Floats) -> Floats:
        """Return the gradient, of the shape of the parameters."""

    def curvatures(self) -> Floats:
        """Return eigenvalues of the second derivative, the largest among them."""


@dataclass(frozen=True, eq=False)
class Quadratic:
    """loss(p) = p · H p − 2 g · p + c, added up over the outputs; gradient(p) = 2 (H p − g).

    `curvature` is the symmetric H, (outputs, parameters, parameters); `slope` g, (outputs, parameters); `constant` c,
    (outputs).
    """

    curvature: Floats
    slope: Floats
    constant: Floats

    def losses(self, parameters: Floats) -> Floats:
        """Return the loss of each output, (outputs), at parameters of shape (outputs, parameters)."""
        bent = np.einsum("oij,oj->oi", self.curvature, parameters)
        # A sum of squares below zero is one of zero, rounded.
        return np.asarray(np.maximum(((bent - 2 * self.slope) * parameters).sum(axis=1) + self.constant, 0.0))

    def loss(self, parameters: Floats) -> float:
        """Return the loss of all outputs."""
        return float(self.losses(parameters).sum())

    def gradient(self, parameters: Floats) -> Floats:
        """Return the gradient at parameters of shape (outputs, parameters), of that shape."""
        return np.asarray(2 * (np.einsum("oij,oj->oi", self.curvature, parameters) - self.slope))

    def curvatures(self) -> Floats:
        """Return the eigenvalues of the second derivative 2 H: (outputs, parameters), rising."""
        return np.linalg.eigvalsh(2 * self.curvature).astype(np.float64, copy=False)


def squared_error(moments: Moments, *, bias: bool, total: bool) -> Quadratic:
    """Return the squared error of weights, and of a bias behind them if `bias`: its sum if `total`, or its mean."""
    sums = moments.sums if total else moments.sums / moments.values
    count = moments.taps + bias
    return Quadratic(sums[:, :count, :count], sums[:, :count, -1], sums[:, -1, -1])
