"""Linear: each output is a weighted sum of the whole input."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import ClassVar

import numpy as np

from convcli.array_types import Floats, real_numbers
from convcli.errors import ShapeError, UsageError
from convcli.filters.initial import initial_parameters
from convcli.filters.layer import Layer, ReceptiveField, Shape
from convcli.filters.settings.kernel import judged
from convcli.filters.settings.layers import INIT, OUT_FEATURES, SEED
from convcli.filters.settings.parameter import Flag, Parameter
from convcli.lazy import dataclass

MAX_MADE_WEIGHTS = 2**27  # a gigabyte of float64


@dataclass(frozen=True, eq=False)
class Linear(Layer):
    """Flatten (channels, height, width) in this order and multiply by a matrix: a fully connected layer.

    It equals a convolution whose kernel covers the whole input.

    Parameters
    ----------
    out_features
        Number of outputs: channels of a picture of 1×1.
    weights
        float64, (outputs, inputs); None to make them when the input's shape is known.
    bias
        float64, (outputs), None for none; made weights have one where `has_bias` is set.
    init, seed, has_bias
        The way to make weights and biases, as in `initial_parameters`. A seed of None is still to follow from the place
        of the layer in its filter.
    """

    name: ClassVar[str] = "linear"
    declared: ClassVar[tuple[Parameter, ...]] = (OUT_FEATURES, INIT, Flag("has_bias", True))

    out_features: int
    weights: Floats | None = None
    bias: Floats | None = None
    init: str = "random"
    seed: int | None = 0
    has_bias: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.seed is not None:
            object.__setattr__(self, "seed", judged(SEED, self.seed))
        for name in ("weights", "bias"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, _numbers(name, getattr(self, name)))
        if self.weights is not None and (self.weights.ndim != 2 or len(self.weights) != self.out_features):
            raise UsageError(
                f"linear has weights of shape {self.weights.shape} for {self.out_features} outputs",
                "give one row of weights per output",
            )
        if self.bias is not None and self.bias.shape != (self.out_features,):
            raise UsageError(
                f"linear has {self.bias.size} biases for {self.out_features} outputs", "give one per output"
            )

    @property
    def is_random(self) -> bool:
        """True where the weights are drawn at random."""
        return self.weights is None and self.init == "random"

    @property
    def draws(self) -> bool:
        """True where the weights are drawn at random."""
        return self.is_random

    def seeded(self, seed: int) -> Linear:
        """Return the layer with a seed."""
        return replace(self, seed=seed)

    @property
    def needs_all_rows(self) -> bool:
        """True."""
        return True

    def output_shape(self, shape: Shape) -> Shape:
        """Return (out_features, 1, 1)."""
        features = math.prod(shape)
        if self.weights is not None and self.weights.shape[1] != features:
            raise ShapeError(
                f"linear takes {self.weights.shape[1]} values, the input has {features}",
                "give it as many weights per output as the input has values",
            )
        if self.weights is None and features * self.out_features > MAX_MADE_WEIGHTS:
            raise ShapeError(
                f"linear of {features} values and {self.out_features} outputs makes too many weights",
                "pool the picture before it, or use a smaller one",
            )
        return self.out_features, 1, 1

    def parameters(self, shape: Shape) -> int:
        """Return inputs · outputs weights, and a bias per output where there are biases."""
        biases = self.out_features if self.bias is not None or (self.weights is None and self.has_bias) else 0
        return math.prod(shape) * self.out_features + biases

    @property
    def receptive_field(self) -> ReceptiveField:
        """All of the input."""
        return ReceptiveField(None)

    def parameters_for(self, features: int) -> tuple[Floats, Floats]:
        """Return weights (outputs, features) and biases, made where they are not given."""
        if self.weights is not None:
            return self.weights, np.zeros(self.out_features) if self.bias is None else self.bias
        shape = self.out_features, features
        return initial_parameters(shape, init=self.init, seed=self.seed or 0, bias=self.has_bias)


def _numbers(name: str, values: object) -> Floats:
    try:
        return real_numbers(values).astype(np.float64)
    except ValueError as error:
        raise UsageError(f"{name} of a linear layer: {error}", "give an array of numbers") from error
