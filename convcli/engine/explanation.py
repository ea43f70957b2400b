"""Explanation: the sums and the values between layers that lead to one output value."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Array, Bools, Floats
from convcli.filters import Layer, Size2
from convcli.lazy import dataclass


@dataclass(frozen=True)
class ArrayPosition:
    """The position of values in an array; None for all along an axis."""

    channel: int | None
    row: int | None
    column: int | None


@dataclass(frozen=True, eq=False)
class Block:
    """The share of one input channel in a sum."""

    channel: int
    values: Floats  # (height, width) of the kernel
    weights: Floats  # the same
    opacity: Floats | None  # the same, 0 to 1, where the picture has transparent pixels
    anchor: Size2  # row and column of the weight that lies on the output pixel

    @property
    def products(self) -> Floats:
        """Values times weights, times opacity."""
        return _products(self.values, self.weights if self.opacity is None else self.weights * self.opacity)

    @property
    def unseen(self) -> float:
        """The sum of the weights times transparency."""
        return 0.0 if self.opacity is None else float((self.weights * (1 - self.opacity)).sum())

    @property
    def mean_seen(self) -> float:
        """The value that stands in for transparent ones: the mean, weighed by opacity and the weights' magnitudes."""
        shares = np.abs(self.weights) * (1 if self.opacity is None else self.opacity)
        total = float(shares.sum())
        return float(_products(self.values, shares).sum()) / total if total else float(self.values[self.anchor])

    @property
    def sum(self) -> float:
        """The sum of the products, transparent values included."""
        return float(self.products.sum()) + (self.mean_seen * self.unseen if self.unseen else 0.0)


def _products(values: Floats, shares: Floats) -> Floats:
    """Return 0 where a share is 0, as in the engine, also of a value that is infinite or NaN."""
    products: Floats = np.multiply(values, shares, out=np.zeros_like(values), where=shares != 0)
    return products


@dataclass(frozen=True, eq=False)
class Sum:
    """One value of a correlation or of a linear layer: sum / divisor + bias."""

    position: ArrayPosition  # in the layer's output
    rows: NDArray[np.intp]  # of the input, for each row of weights; -1 where the border is constant
    columns: NDArray[np.intp]  # the same for columns
    outside: Bools  # (height, width): True for values of the border
    blocks: tuple[Block, ...]  # one per input channel
    divisor: float = 1.0
    bias: float = 0.0  # in levels of the input
    branch: int = 0  # its number in a layer that combines several, from 1; 0 otherwise

    @property
    def sum(self) -> float:
        """The sum over all blocks."""
        return float(sum(block.sum for block in self.blocks))

    @property
    def value(self) -> float:
        """The output before it is rounded."""
        return self.sum / self.divisor + self.bias


@dataclass(frozen=True, eq=False)
class Stage:
    """Values between two layers that lead to the output."""

    layer: Layer | None  # that computed them; None for the input
    position: ArrayPosition
    values: Array  # all values at the position, in one row


@dataclass(frozen=True, eq=False)
class Explanation:
    """One output value, traced back to the input."""

    stages: tuple[Stage, ...]  # the input, and the output of every layer
    explained: int  # index of the last stage whose layer has weights; 0 where none has
    sums: tuple[Sum, ...]  # that the values of that stage are: one, or one per branch of the layer
    exact: float  # the value before it is rounded and clipped
    output: float  # the value that is written
