"""Losses: their values and gradients."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.lazy import dataclass


@dataclass(frozen=True, eq=False)
class Batch:
    """Items to learn from, (items, height, width, channels) each.

    Parameters
    ----------
    source
        Shares of full scale.
    target
        What the network is to make of them; for classes their numbers, (items,).
    weight
        Of the values in the loss, 0 for those that do not count, (items, height, width, 1 or channels); None for 1.
    base
        The outputs of the kernel to which the network adds its own; None where it stands alone.
    """

    source: Array
    target: Array
    weight: Array | None = None
    base: Array | None = None

    def part(self, first: int, end: int) -> Batch:
        """Return some of the items."""
        return Batch(*(None if each is None else each[first:end] for each in self.arrays))  # type: ignore[arg-type]

    @property
    def arrays(self) -> tuple[Array, Array, Array | None, Array | None]:
        """All arrays, in the order of the parameters."""
        return self.source, self.target, self.weight, self.base

    def completed(self, made: Array) -> Array:
        """Return what a network makes of the items together with the base."""
        return made if self.base is None else made + self.base

    @property
    def counted(self) -> float:
        """The sum of the weights of all values."""
        if self.weight is None:
            return float(self.target.size)
        channels: float = self.target.shape[3] / self.weight.shape[3]
        return float(self.weight.sum(dtype=np.float64)) * channels


def loss_of(kind: str, made: Array, batch: Batch, *, levels: bool = False) -> tuple[float, Array]:
    """Return the sum of a loss over the values that count, and its gradient by what was made.

    Of `levels`, values beyond black and white are right where the target is that: it was clipped.
    """
    if kind == "cross-entropy":
        return _cross_entropy(made, batch.target)
    difference = made - batch.target
    if levels:
        difference[(batch.target <= 0) & (difference < 0)] = 0
        difference[(batch.target >= 1) & (difference > 0)] = 0
    slope = np.sign(difference) if kind == "l1" else difference
    if batch.weight is not None:
        slope = slope * batch.weight
    if kind == "l1":
        return float((difference * slope).sum(dtype=np.float64)), slope
    return float(np.dot(difference.ravel(), slope.ravel())), 2 * slope


def _cross_entropy(made: Array, classes: Array) -> tuple[float, Array]:
    logits = made.reshape(len(made), -1)
    logits = logits - logits.max(axis=1, keepdims=True)
    powers = np.exp(logits)
    shares = powers / powers.sum(axis=1, keepdims=True)
    rows = np.arange(len(made))
    loss = float((np.log(powers.sum(axis=1)) - logits[rows, classes]).sum(dtype=np.float64))
    shares[rows, classes] -= 1
    return loss, shares.reshape(made.shape)


def right_answers(made: Array, classes: Array) -> int:
    """Return for how many items the largest output is that of the class."""
    return int(np.count_nonzero(made.reshape(len(made), -1).argmax(axis=1) == classes))
