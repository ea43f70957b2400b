"""Files for batches, and a pool that needs no process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from convcli.filters import Conv, Pipeline
from convcli.filters.kernel import Kernel
from convcli.jobs.many import processes
from convcli.jobs.many.planning import Batch
from convcli.jobs.one.work import Job

IDENTITY = Pipeline((Conv(Kernel([[1]])),))


def tree(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def pairs(planned: Batch) -> list[tuple[str, str]]:
    return [(job.source_name, job.target_name) for job in planned.jobs]


def pictures(folder: Path, count: int) -> list[Job]:
    for number in range(count):
        Image.fromarray(np.full((4, 5), number, np.uint8)).save(folder / f"{number}.png")
    return [
        Job(folder / f"{number}.png", folder / "out" / f"{number}.png", makes_folder=True) for number in range(count)
    ]


class Pool:
    """Stands for the pool of processes, does everything at once, and remembers what was asked of it."""

    asked: Sequence[Any] = ()

    def __init__(self, workers: int, context: Any, initializer: Any, initargs: Any) -> None:
        del context, initializer
        stopped, _, *work = initargs
        processes._work[:] = [processes._Work(stopped, *work)]
        Pool.asked = [workers]

    def submit(self, work: Callable[..., Any], jobs: tuple[Job, ...]) -> Future[Any]:
        Pool.asked = [*Pool.asked, jobs]
        future: Future[Any] = Future()
        future.set_result(work(jobs))
        return future

    def shutdown(self, *, cancel_futures: bool) -> None:
        assert cancel_futures
