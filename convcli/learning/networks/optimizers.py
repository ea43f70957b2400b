"""Steps of optimizers, with the numbers that they keep from step to step."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.learning.networks.settings import TrainingSettings

_MOMENTUM = 0.9
_FADING, _SQUARES_FADING, _EPS = 0.9, 0.999, 1e-8  # of Adam, as in PyTorch


class Optimizer:
    """Changes arrays in place by their gradients, as torch.optim's AdamW and SGD do.

    Parameters
    ----------
    settings
        The optimizer and its weight decay.
    arrays
        By key; `decaying` are the keys of those that weight decay makes smaller.
    """

    def __init__(self, settings: TrainingSettings, arrays: dict[str, Array], decaying: set[str]) -> None:
        self.settings, self.arrays, self.decaying = settings, arrays, decaying
        kinds = {"adam": ("mean", "square"), "gd": ()}.get(settings.optimizer, ("mean",))
        self.kept = {f"{kind}:{key}": np.zeros_like(each) for key, each in arrays.items() for kind in kinds}
        self.steps = 0

    def step(self, gradients: dict[str, Array], rate: float) -> None:
        """Take a step down."""
        self.steps += 1
        for key, gradient in gradients.items():
            decay = self.settings.weight_decay if key in self.decaying else 0.0
            change = (
                self._adam(key, gradient) if self.settings.optimizer == "adam" else self._descent(key, gradient, decay)
            )
            array = self.arrays[key]
            if decay and self.settings.optimizer == "adam":
                array *= array.dtype.type(1 - rate * decay)
            array -= array.dtype.type(rate) * change

    def _adam(self, key: str, gradient: Array) -> Array:
        mean, square = self.kept[f"mean:{key}"], self.kept[f"square:{key}"]
        mean += (1 - _FADING) * (gradient - mean)
        square += (1 - _SQUARES_FADING) * (gradient * gradient - square)
        root = np.sqrt(square / (1 - _SQUARES_FADING**self.steps)) + _EPS
        change: Array = (mean / (1 - _FADING**self.steps)) / root
        return change

    def _descent(self, key: str, gradient: Array, decay: float) -> Array:
        gradient = gradient + decay * self.arrays[key] if decay else gradient
        if self.settings.optimizer == "gd":
            return gradient
        mean = self.kept[f"mean:{key}"]
        mean *= _MOMENTUM
        mean += gradient
        return gradient + _MOMENTUM * mean if self.settings.optimizer == "nesterov" else mean
