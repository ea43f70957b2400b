"""Optimizers: steps from gradients, each beside its formula.

p are the parameters, g the gradient at them, η the learning rate. The formulas are those of PyTorch's torch.optim,
where they have the same names.
"""

from __future__ import annotations

from dataclasses import field

import numpy as np

from convcli.array_types import Floats
from convcli.lazy import dataclass


@dataclass
class GradientDescent:
    """v ← β v + g, p ← p − η v; or p ← p − η (g + β v), which looks ahead (Nesterov 1983). Plain without momentum β."""

    learning_rate: float
    momentum: float = 0.0
    looks_ahead: bool = False
    _velocity: Floats | float = field(default=0.0, init=False)

    def step(self, parameters: Floats, gradient: Floats) -> Floats:
        """Return the parameters after a step from where the gradient is `gradient`."""
        self._velocity = self.momentum * self._velocity + gradient
        along = gradient + self.momentum * self._velocity if self.looks_ahead else self._velocity
        return parameters - self.learning_rate * along


@dataclass
class Adam:
    """m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², p ← p − η m̂ / (√v̂ + ε) (Kingma and Ba 2015).

    m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) at step t; β₁ = 0.9, β₂ = 0.999, ε = 1e-8.
    """

    learning_rate: float
    _mean: Floats | float = field(default=0.0, init=False)
    _square: Floats | float = field(default=0.0, init=False)
    _time: int = field(default=0, init=False)

    def step(self, parameters: Floats, gradient: Floats) -> Floats:
        """Return the parameters after a step by the mean gradient over its root mean square."""
        self._time += 1
        self._mean = 0.9 * self._mean + 0.1 * gradient
        self._square = 0.999 * self._square + 0.001 * gradient**2
        mean = self._mean / (1 - 0.9**self._time)
        square = self._square / (1 - 0.999**self._time)
        return parameters - self.learning_rate * mean / (np.sqrt(square) + 1e-8)
