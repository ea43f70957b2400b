"""Pairs to learn from on the workers of a Dask cluster: a block of them a task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from convcli.jobs.cluster.connection import connected
from convcli.jobs.cluster.tasks import results_in_order
from convcli.jobs.cluster.worker import check_version
from convcli.learning import Elsewhere, Pairs, ReadBlock, read_alone
from convcli.version import __version__

if TYPE_CHECKING:
    from distributed import Client

T = TypeVar("T")


@contextmanager
def readers_on(scheduler: str) -> Iterator[Elsewhere]:
    """Connect to the cluster at an address, or start one on this machine, whose workers read pairs.

    Raises UsageError where there is no such cluster, or a worker has another version or none.
    """
    with connected(scheduler) as client:
        yield _Workers(client)


class _Workers:
    """The workers of a cluster, as readers of pairs."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def results(self, read: ReadBlock[T], blocks: Sequence[tuple[Pairs, int]]) -> Iterator[T]:
        """Yield what is read of each block, and the number of pairs before it, in the order of the blocks.

        Raises the errors of the reading, and FileError where the scheduler is lost, or all workers of a block.
        """
        calls = ((_read_there, (read, block, first, __version__)) for block, first in blocks)
        return results_in_order(self._client, calls, "start it again, and repeat the command")


def _read_there(read: ReadBlock[T], block: Pairs, first: int, version: str) -> T:
    check_version(version)
    return read_alone(read, block, first)
