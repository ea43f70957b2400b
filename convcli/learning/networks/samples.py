"""Samples: where batches come from, and those that are held out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from convcli.array_types import Array, Bools
from convcli.engine import full_scale_of
from convcli.learning.networks.losses import Batch


class Samples(Protocol):
    """Batches to learn from."""

    @property
    def steps(self) -> int:
        """Batches of an epoch."""

    @property
    def held_out(self) -> list[Batch]:
        """Batches that are held out; none where there is too little."""

    def epoch(self, generator: np.random.Generator) -> Iterator[Batch]:
        """Yield the batches of an epoch."""


def shares(array: Array) -> Array:
    """Return values as float32 shares of full scale."""
    scale = full_scale_of(array.dtype)
    made = array.astype(np.float32)
    return made if scale == 1 else made * np.float32(1 / scale)


class Items:
    """Whole items, of which some are held out.

    Parameters
    ----------
    sources
        (height, width, channels) each.
    targets
        As many of them, or the numbers of classes.
    weights
        The values that count, bool (height, width, 1 or channels) each; None for all.
    bases
        The outputs of the kernel to which the network adds, each as large as its target; None where there is none.
    held
        The numbers of those held out.
    batch
        Items of a step.
    """

    def __init__(
        self,
        sources: list[Array],
        targets: list[Array] | Array,
        weights: list[Bools | None] | None,
        held: Array,
        batch: int,
        bases: list[Array] | None = None,
    ) -> None:
        self._sources, self._targets, self._weights, self._bases = sources, targets, weights, bases
        self._batch = batch
        is_held = np.zeros(len(sources), bool)
        is_held[held] = True
        self._kept = np.flatnonzero(~is_held)
        self.held = np.flatnonzero(is_held)
        self.held_out = list(self._batches(self.held))

    @property
    def steps(self) -> int:
        """Batches of an epoch, where all items are of one size."""
        return len(self._groups(self._kept))

    @property
    def learned(self) -> list[Batch]:
        """The batches to learn from, in order."""
        return list(self._batches(self._kept))

    def epoch(self, generator: np.random.Generator) -> Iterator[Batch]:
        """Yield the items to learn from once, in a random order."""
        yield from self._batches(generator.permutation(self._kept))

    def _groups(self, numbers: Array) -> list[list[int]]:
        """Return numbers of items in groups of one size, each as large as a batch at most."""
        groups: list[list[int]] = []
        open_groups: dict[tuple[int, ...], list[int]] = {}
        for number in numbers.tolist():
            shape = self._sources[number].shape
            group = open_groups.setdefault(shape, [])
            group.append(number)
            if len(group) == self._batch:
                groups.append(open_groups.pop(shape))
        return groups + list(open_groups.values())

    def _batches(self, numbers: Array) -> Iterator[Batch]:
        for group in self._groups(numbers):
            source = np.stack([shares(self._sources[each]) for each in group])
            if isinstance(self._targets, np.ndarray):
                yield Batch(source, self._targets[group])
                continue
            target = np.stack([shares(self._targets[each]) for each in group])
            base = None if self._bases is None else np.stack([self._bases[each] for each in group])
            yield Batch(source, target, self._weight(group, target), base)

    def _weight(self, group: list[int], target: Array) -> Array | None:
        if self._weights is None or all(self._weights[each] is None for each in group):
            return None
        given = [self._weights[each] for each in group]
        plain = np.ones((*target.shape[1:3], 1), bool)
        return np.stack([plain if each is None else each for each in given]).astype(np.float32)
