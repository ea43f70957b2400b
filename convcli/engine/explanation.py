"""An explanation of one output value, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convcli.filters import Layer, Size2


@dataclass(frozen=True)
class ArrayPosition:
    """Where values stand in an array; None for all along an axis."""

    channel: int | None
    row: int | None
    column: int | None


@dataclass(frozen=True, eq=False)
class Block:
    """What one input channel gives to a sum.

    Parameters
    ----------
    channel
        Which.
    values, weights
        (height, width) of the kernel.
    opacity
        0 to 1, where the picture has transparent pixels; else None.
    anchor
        Row and column of the weight that lies on the output pixel.
    """

    channel: int
    values: NDArray[np.float64]
    weights: NDArray[np.float64]
    opacity: NDArray[np.float64] | None
    anchor: Size2

    @property
    def products(self) -> NDArray[np.float64]:
        """Values times weights; a value counts as much as it is seen."""
        products = self.values * self.weights
        return products if self.opacity is None else products * self.opacity

    @property
    def unseen(self) -> float:
        """The sum of the weights as far as they lie on what is not seen."""
        return 0.0 if self.opacity is None else float((self.weights * (1 - self.opacity)).sum())

    @property
    def mean_seen(self) -> float:
        """What the unseen is taken to look like: the mean of what is seen, by the weights' magnitudes."""
        shares = np.abs(self.weights) * (1 if self.opacity is None else self.opacity)
        total = float(shares.sum())
        return float((shares * self.values).sum()) / total if total else float(self.values[self.anchor])

    @property
    def sum(self) -> float:
        """The sum of the products, and of the unseen."""
        return float(self.products.sum()) + (self.mean_seen * self.unseen if self.unseen else 0.0)


@dataclass(frozen=True, eq=False)
class Sum:
    """How one value of a correlation, or of a linear layer, came about: sum / divisor + bias.

    Parameters
    ----------
    place
        Of the value in the layer's output.
    rows, columns
        Of the input, for each row and column of weights; -1 where the border is constant.
    outside
        (height, width): which values are the border's.
    blocks
        One per input channel.
    divisor, bias
        The bias is in levels of the input.
    branch
        Of a layer that makes one value of several branches: which, counted from 1; 0 otherwise.
    """

    place: ArrayPosition
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    outside: NDArray[np.bool_]
    blocks: tuple[Block, ...]
    divisor: float = 1.0
    bias: float = 0.0
    branch: int = 0

    @property
    def sum(self) -> float:
        """Over all blocks."""
        return float(sum(block.sum for block in self.blocks))

    @property
    def value(self) -> float:
        """What comes out, before it is rounded."""
        return self.sum / self.divisor + self.bias


@dataclass(frozen=True, eq=False)
class Stage:
    """Values between two layers, where the output comes from.

    Parameters
    ----------
    layer
        That made them; None for the input.
    place
        Where they stand.
    values
        All that stand there, in one row.
    """

    layer: Layer | None
    place: ArrayPosition
    values: NDArray[Any]


@dataclass(frozen=True, eq=False)
class Explanation:
    """How one output value came about.

    Parameters
    ----------
    stages
        The input, and what every layer made of it.
    explained
        Index of the last stage whose layer has weights; 0 where none has.
    sums
        How its values came about: one, or one per branch of the layer.
    exact
        The value before it is rounded and clipped.
    output
        The value that is written.
    """

    stages: tuple[Stage, ...]
    explained: int
    sums: tuple[Sum, ...]
    exact: float
    output: float
