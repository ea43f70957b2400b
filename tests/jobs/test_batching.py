"""How many small files a worker takes at once."""

from __future__ import annotations

import pytest

from convcli.errors import FileError
from convcli.jobs.batching import TaskSize
from convcli.jobs.one.work import Done, Failed, Job, Outcome

JOB = Job(None, None)


@pytest.mark.parametrize(("seconds", "files"), [([0.01], 4), ([0.01, 0.03], 2), ([0.2], 1), ([1e-5], 64), ([], 1)])
def test_a_task_takes_some_forty_milliseconds(seconds: list[float], files: int) -> None:
    size = TaskSize()
    outcomes: list[Outcome] = [Done(JOB, each, (1, 1), 0.0, "numpy") for each in seconds]
    size.fit([*outcomes, Failed(JOB, FileError("no picture"))])
    assert size.files == files
