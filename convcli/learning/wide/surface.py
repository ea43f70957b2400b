"""Surface: the squared error of a wide kernel, for optimizers that step on its weights and biases."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from convcli.array_types import Floats
from convcli.lazy import dataclass
from convcli.learning.wide.planes import Planes

_POWERS = 15  # products with the curvature, after which the largest eigenvalue is known within some percent


@dataclass(frozen=True, eq=False)
class PictureSurface:
    """The squared error at weights and biases, (outputs, taps + 0 or 1): its sum if `total`, or its mean."""

    planes: Planes
    bias: bool
    total: bool

    def residuals(self, parameters: Floats) -> list[Floats]:
        """Return the rest of each plane's target at the positions learned from."""
        return [
            np.where(plane.learned, plane.target - filtered, 0.0)
            for plane, filtered in zip(self.planes.planes, self._filtered(parameters), strict=True)
        ]

    def loss(self, parameters: Floats) -> float:
        """Return the loss of all outputs."""
        return sum(float(np.einsum("rc,rc->", each, each)) for each in self.residuals(parameters)) / self._divisor

    def gradient(self, parameters: Floats) -> Floats:
        """Return the gradient, of the shape of the parameters."""
        return self._pulled(self.residuals(parameters)) * (-2 / self._divisor)

    def curvatures(self) -> Floats:
        """Return about the largest eigenvalue of the second derivative."""
        return np.array([self._steepest])

    @cached_property
    def _steepest(self) -> float:
        direction = np.ones((self.planes.outputs, self.planes.taps + self.bias))
        steepest = 0.0
        for _ in range(_POWERS):
            direction = direction / np.linalg.norm(direction)
            bent = [
                np.where(plane.learned, filtered, 0.0)
                for plane, filtered in zip(self.planes.planes, self._filtered(direction), strict=True)
            ]
            direction = self._pulled(bent) * (2 / self._divisor)
            steepest = float(np.linalg.norm(direction))
        return steepest

    @property
    def _divisor(self) -> float:
        return 1.0 if self.total else self.planes.values

    def _filtered(self, parameters: Floats) -> list[Floats]:
        weights, biases = self.planes.split(parameters)
        filtered = self.planes.filtered(weights)
        return [each + biases[plane.output] for plane, each in zip(self.planes.planes, filtered, strict=True)]

    def _pulled(self, pictures: list[Floats]) -> Floats:
        """Return the sums of the taps and of one under pictures, (outputs, taps + 0 or 1)."""
        planes = self.planes
        ones = planes.added([float(each.sum()) for each in pictures])
        taps = planes.pulled(pictures) + planes.middles[..., np.newaxis, np.newaxis] * ones[:, None, None, None]
        return np.concatenate([taps.reshape(planes.outputs, -1), ones[:, np.newaxis][:, : self.bias]], axis=1)
