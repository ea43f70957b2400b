"""The initial weights of layers."""

from __future__ import annotations

import math

import numpy as np

from convcli.array_types import Floats
from convcli.errors import UsageError
from convcli.filters.limits import INITS


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
