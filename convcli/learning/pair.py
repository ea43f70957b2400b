"""LearningPair: INPUT and TARGET."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Protocol, Self, TypeVar, runtime_checkable

import numpy as np

from convcli.array_types import Array, Bools
from convcli.errors import UsageError
from convcli.lazy import dataclass

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

# Of a learned kernel; and of one that follows from the sizes of the pictures: where they differ by more, one was
# resized or cropped.
MAX_LEARNED_SIDE = 127
MAX_SIDE_OF_SHAPES = 63
# Of the largest value of an array, and of one over it: the squares of values, and of weights, which are ratios of
# values, have to be far from the ends of float64, 1e-308 and 1e308.
_SMALLEST = 1e-50


@dataclass(frozen=True, eq=False)
class LearningPair:
    """The input and the output of a filter.

    Parameters
    ----------
    source, target
        (height, width, channels); uint8, uint16, float32 or float64, each of its own dtype.
    name
        The pair's name in messages; empty where there is only one.
    notes
        Warnings about the pair's file formats, one line each.
    is_lossy
        TARGET's format changes values after the filter, as JPEG does.
    mask
        bool, (height, width, 1 or channels) of TARGET: the values that are learned from; None for all.
    source_mask
        bool, (height, width, 1) of INPUT: the pixels that may lie under the kernel; None for all.

    Raises
    ------
    UsageError
        Values are not finite, or so large or small that their squares are not.
    """

    source: Array
    target: Array
    name: str = ""
    notes: tuple[str, ...] = ()
    is_lossy: bool = False
    mask: Bools | None = None
    source_mask: Bools | None = None

    def __post_init__(self) -> None:
        for what, array in (("INPUT", self.source), ("TARGET", self.target)):
            count = 0 if array.dtype.kind == "u" else array.size - int(np.count_nonzero(np.isfinite(array)))
            if count:
                holds = "1 value that is" if count == 1 else f"{count} values that are"
                raise UsageError(
                    f"{self.prefix}{what} holds {holds} not finite (NaN or infinite)",
                    "crop both to where all values are numbers, or replace those that are none",
                )
            largest = float(np.abs(array).max(initial=0)) if array.dtype == np.float64 else 0
            if largest and not _SMALLEST < largest < 1 / _SMALLEST:
                raise UsageError(
                    f"{self.prefix}{what} holds values of up to {largest:.3g}, too large or too small to be squared",
                    "multiply INPUT and TARGET by numbers that bring them near 1",
                )

    @property
    def prefix(self) -> str:
        """The beginning of messages about the pair: its name, where it has one."""
        return f"{self.name}: " if self.name else ""


class Pairs(Protocol):
    """Pairs that can be iterated over several times, one in memory at a time."""

    def __len__(self) -> int:
        """Return the number of pairs."""

    def __iter__(self) -> Iterator[LearningPair]:
        """Read one pair after the other."""


class ReadBlock(Protocol[T_co]):
    """Reads the pairs of a block, before which there are `first` others."""

    def __call__(self, pairs: Iterable[LearningPair], first: int) -> T_co:
        """Return what is to be added up."""


class Elsewhere(Protocol):
    """Other processes, which read blocks of pairs."""

    def results(self, read: ReadBlock[T], blocks: Sequence[tuple[Pairs, int]]) -> Iterator[T]:
        """Yield what is read of each block, and the number of pairs before it, in the order of the blocks."""


@runtime_checkable
class Divided(Protocol):
    """Pairs in blocks, each of which can be pickled; `elsewhere` reads them, or this process where it is None."""

    @property
    def elsewhere(self) -> Elsewhere | None:
        """The processes that read the blocks."""

    def blocks(self) -> Sequence[Pairs]:
        """Return the blocks, which are the same whoever reads them."""


def blocks_of(pairs: Pairs) -> Sequence[Pairs]:
    """Return the blocks of pairs; those that are not divided are one."""
    return pairs.blocks() if isinstance(pairs, Divided) else [pairs]


class MadePairs(ABC):
    """Pairs that are made of others, as they are read; of a single one it is done once."""

    pairs: Pairs

    @abstractmethod
    def made(self, pair: LearningPair) -> LearningPair:
        """Return a pair that is made of one."""

    def __len__(self) -> int:
        return len(self.pairs)

    def __iter__(self) -> Iterator[LearningPair]:
        return iter((self.only,)) if len(self.pairs) == 1 else map(self.made, self.pairs)

    @cached_property
    def only(self) -> LearningPair:
        """The first pair, made."""
        return self.made(next(iter(self.pairs)))

    def over(self, pairs: Pairs) -> Self:
        """Return the same of other pairs, without what is kept of these."""
        return replace(self, pairs=pairs)  # type: ignore[type-var]  # each of them is a dataclass

    @property
    def elsewhere(self) -> Elsewhere | None:
        """The processes that read the blocks."""
        return self.pairs.elsewhere if isinstance(self.pairs, Divided) else None

    def blocks(self) -> Sequence[Pairs]:
        """Return the blocks, which are the same whoever reads them."""
        blocks = blocks_of(self.pairs)
        return [self] if len(blocks) == 1 else [self.over(block) for block in blocks]
