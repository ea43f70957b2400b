"""The initial weights of layers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self, Unpack

import numpy as np

from convcli.array_types import Floats
from convcli.errors import UsageError
from convcli.filters.conv import Conv, ConvSettings
from convcli.filters.kernel import Kernel
from convcli.filters.limits import INITS
from convcli.lazy import dataclass


@dataclass(frozen=True, eq=False)
class RandomConv(Conv):
    """A Conv whose weights are drawn at random, as `initial_parameters` draws them.

    Parameters
    ----------
    seed
        Of the weights; None where it is still to follow from the place of the layer in its filter.
    has_bias
        Whether a bias per output channel is drawn too.
    settings
        The settings given while there was no seed, which `seeded` repeats.
    """

    seed: int | None = None
    has_bias: bool = True
    settings: tuple[Mapping[str, Any], ...] = ()

    @property
    def draws(self) -> bool:
        """True."""
        return True

    @classmethod
    def of_shape(cls, shape: tuple[int, ...], *, seed: int | None, bias: bool) -> Self:
        """Return a layer of (output channels, input channels of a group, height, width) weights."""
        return cls(_drawn(shape, seed, bias=bias), seed=seed, has_bias=bias)

    @property
    def is_as_drawn(self) -> bool:
        """True where weights and bias are those of the seed, so that it can stand for them."""
        drawn = _drawn(self.kernel.weights.shape, self.seed, bias=self.has_bias)
        return np.array_equal(drawn.weights, self.kernel.weights) and drawn.bias == self.kernel.bias

    def with_settings(self, **settings: Unpack[ConvSettings]) -> RandomConv:
        """Return the layer with the given settings, which are noted as long as there is no seed."""
        conv = super().with_settings(**settings)
        assert isinstance(conv, RandomConv)
        return replace(conv, settings=(*self.settings, settings)) if self.seed is None else conv

    def seeded(self, seed: int) -> Self:
        """Return the layer with the weights of a seed, and its settings."""
        conv = Conv(_drawn(self.kernel.weights.shape, seed, bias=self.has_bias))
        for settings in self.settings:
            conv = conv.with_settings(**settings)
        return replace(self, kernel=conv.kernel, seed=seed, settings=())


def _drawn(shape: tuple[int, ...], seed: int | None, *, bias: bool) -> Kernel:
    weights, biases = initial_parameters(shape, init="random", seed=seed or 0, bias=bias)
    return Kernel(weights, bias=biases.tolist() if bias else 0.0)


def initial_parameters(shape: tuple[int, ...], *, init: str, seed: int, bias: bool) -> tuple[Floats, Floats]:
    """Return weights of `shape` (outputs, …inputs of one output) and one bias per output, float64.

    ``random`` draws both uniformly within ±1 / √fan-in, the number of inputs of one output, as PyTorch's Conv2d and
    Linear do by default; one seed, of NumPy's PCG64, always gives the same numbers, though not PyTorch's. ``zeros`` is
    all zeros; without `bias` the biases are. Raises UsageError if `init` is unknown.
    """
    if init not in INITS:
        raise UsageError(f"unknown init {init!r}", f"write {' or '.join(INITS)}")
    if init == "zeros":
        return np.zeros(shape), np.zeros(shape[0])
    bound = 1 / math.sqrt(math.prod(shape[1:]))
    generator = np.random.default_rng(seed)
    weights = generator.uniform(-bound, bound, shape)
    return weights, generator.uniform(-bound, bound, shape[0]) if bias else np.zeros(shape[0])
