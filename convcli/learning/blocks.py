"""Blocks of pairs: read here or by other processes, with sums in an order that is the same everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TypeVar

from threadpoolctl import threadpool_limits

from convcli.learning.pair import Divided, LearningPair, Pairs, ReadBlock, blocks_of
from convcli.learning.watcher import Watcher

T = TypeVar("T")


def read_in_blocks(pairs: Pairs, watcher: Watcher, begin: Callable[[LearningPair], ReadBlock[T]]) -> Iterator[T]:
    """Yield what is read of each block, in their order.

    `begin` is handed the first pair, and returns the function that reads a block. Where there is one block, it is read
    in this process.
    """
    blocks, total = blocks_of(pairs), len(pairs)
    starts = [0]
    for block in blocks[:-1]:
        starts.append(starts[-1] + len(block))
    opened = iter(pairs if len(blocks) == 1 else blocks[0])
    pair = next(opened, None)
    if pair is None:
        return
    read = begin(pair)
    elsewhere = pairs.elsewhere if isinstance(pairs, Divided) and len(blocks) > 1 else None
    if elsewhere is not None:
        del pair, opened
        for start, result in zip(starts, elsewhere.results(read, list(zip(blocks, starts, strict=True))), strict=True):
            watcher.pair(start, total, "")
            yield result
        return
    opened = chain([pair], opened)
    del pair  # a block may take long, and needs the memory
    for block, start in zip(blocks, starts, strict=True):
        yield read(_watched(opened if start == 0 else block, start, total, watcher), start)


def _watched(pairs: Iterable[LearningPair], start: int, total: int, watcher: Watcher) -> Iterator[LearningPair]:
    for index, pair in enumerate(pairs, start):
        watcher.pair(index, total, pair.name)
        yield pair


def read_alone(read: ReadBlock[T], pairs: Pairs, first: int) -> T:
    """Read a block as a task of a worker, with one thread."""
    # For good, as Dask's own workers have it: another task of this process may be at work when this one ends.
    threadpool_limits(1, user_api="blas")
    return read(pairs, first)
