"""Aligned: learned weights, and their match with other weights on the same output pixel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from convcli.array_types import Bools, Floats
from convcli.filters import Size2

# The share of a kernel, by absolute weights, that may lie outside the learned window: few pairs show the tails of a
# Gaussian; a kernel that is cut by more is another one.
LARGEST_CUT = 0.2


@dataclass(frozen=True, eq=False)
class Aligned:
    """Learned weights, float64 (…, height, width), divided by the divisor, some of them not zero.

    `errors` are their standard errors, `anchor` the row and column of the weight that lies on the output pixel. Weights
    that are not `known`, bool, are zero and not compared.
    """

    weights: Floats
    errors: Floats
    anchor: Size2
    known: Bools

    @cached_property
    def norm(self) -> float:
        """The root of the sum of squared weights."""
        return float(np.linalg.norm(self.weights))

    @cached_property
    def noise(self) -> float:
        """The expected error of the weights, as a share of their norm."""
        return float(np.linalg.norm(self.errors)) / self.norm

    @property
    def reach(self) -> int:
        """The largest distance from the anchor to a side of the window, in weights."""
        height, width = self.weights.shape[-2:]
        row, column = self.anchor
        return int(max(row, height - 1 - row, column, width - 1 - column))

    def laid(self, weights: Floats, anchor: Size2, largest_cut: float = LARGEST_CUT) -> Floats | None:
        """Return other weights laid on the learned window, zero beside them; None where too much is cut off."""
        height, width = self.weights.shape[-2:]
        top, left = self.anchor[0] - anchor[0], self.anchor[1] - anchor[1]
        first_row, last_row = max(top, 0), max(min(top + weights.shape[-2], height), 0)
        first_column, last_column = max(left, 0), max(min(left + weights.shape[-1], width), 0)
        laid = np.zeros(self.weights.shape)
        laid[..., first_row:last_row, first_column:last_column] = weights[
            ..., first_row - top : max(last_row - top, 0), first_column - left : max(last_column - left, 0)
        ]
        total = float(np.abs(weights).sum())
        if not total or float(np.abs(laid).sum()) < (1 - largest_cut) * total:
            return None
        laid[~self.known] = 0
        return laid if laid.any() else None

    def match(self, laid: Floats | None) -> tuple[float, float]:
        """Return the best scale, learned ≈ scale · laid, and ‖learned − scale · laid‖ / ‖learned‖; 0 and 1 for None."""
        if laid is None:
            return 0.0, 1.0
        scale = float(np.vdot(laid, self.weights)) / float(np.vdot(laid, laid))
        return scale, float(np.linalg.norm(self.weights - scale * laid)) / self.norm

    def residual(self, laid: Floats | None) -> Floats:
        """Return the rest of the weights at the best scale, in one row, as shares of their norm."""
        rest = self.weights if laid is None else self.weights - self.match(laid)[0] * laid
        return (rest / self.norm).ravel()
