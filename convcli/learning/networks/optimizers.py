"""Steps of optimizers, with the numbers that they keep from step to step."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.learning.networks.settings import TrainingSettings
from convcli.learning.networks.turning import follow, kept_of, turned

_MOMENTUM = 0.9
_FADING, _SQUARES_FADING, _EPS = 0.9, 0.999, 1e-8  # of Adam, as in PyTorch
_TURNED_SQUARES_FADING, _TURNED_EPS = 0.95, 1e-10  # of Adam along axes, some of which have small gradients


class Optimizer:
    """Changes arrays in place by their gradients: as torch.optim's AdamW and SGD do, or by SOAP.

    Parameters
    ----------
    settings
        The optimizer and its weight decay.
    arrays
        By key; `decaying` are the keys of those that weight decay makes smaller.
    """

    def __init__(self, settings: TrainingSettings, arrays: dict[str, Array], decaying: set[str]) -> None:
        self.settings, self.arrays, self.decaying = settings, arrays, decaying
        adapts = settings.optimizer in ("soap", "adam")
        kinds = ("mean", "square") if adapts else () if settings.optimizer == "gd" else ("mean",)
        self.kept = {f"{kind}:{key}": np.zeros_like(each) for key, each in arrays.items() for kind in kinds}
        if settings.optimizer == "soap":
            for key, each in arrays.items():
                self.kept |= kept_of(key, each)
        self.steps = 0

    def step(self, gradients: dict[str, Array], rate: float) -> None:
        """Take a step down."""
        self.steps += 1
        for key, gradient in gradients.items():
            decay = self.settings.weight_decay if key in self.decaying else 0.0
            array = self.arrays[key]
            if self.settings.optimizer in ("soap", "adam"):
                is_turned = self.settings.optimizer == "soap" and gradient.ndim > 1
                change = self._turned_adam(key, gradient) if is_turned else self._adam(key, gradient)
                if decay:
                    array *= array.dtype.type(1 - rate * decay)
            else:
                change = self._descent(key, gradient, decay)
            array -= array.dtype.type(rate) * change

    def _adam(self, key: str, gradient: Array) -> Array:
        mean, square = self.kept[f"mean:{key}"], self.kept[f"square:{key}"]
        mean += (1 - _FADING) * (gradient - mean)
        square += (1 - _SQUARES_FADING) * (gradient * gradient - square)
        root = np.sqrt(square / (1 - _SQUARES_FADING**self.steps)) + _EPS
        change: Array = (mean / (1 - _FADING**self.steps)) / root
        return change

    def _turned_adam(self, key: str, gradient: Array) -> Array:
        mean, square = self.kept[f"mean:{key}"], self.kept[f"square:{key}"]
        follow(key, gradient, self.kept, self.steps)
        mean += (1 - _FADING) * (gradient - mean)
        along = turned(key, gradient, self.kept)
        square += (1 - _TURNED_SQUARES_FADING) * (along * along - square)
        root = np.sqrt(square / (1 - _TURNED_SQUARES_FADING**self.steps)) + _TURNED_EPS
        change = turned(key, mean, self.kept) / (1 - _FADING**self.steps) / root
        return turned(key, change, self.kept, back=True).astype(gradient.dtype)

    def _descent(self, key: str, gradient: Array, decay: float) -> Array:
        gradient = gradient + decay * self.arrays[key] if decay else gradient
        if self.settings.optimizer == "gd":
            return gradient
        mean = self.kept[f"mean:{key}"]
        mean *= _MOMENTUM
        mean += gradient
        return gradient + _MOMENTUM * mean if self.settings.optimizer == "nesterov" else mean
