"""Which inputs are due, by a clock that the test moves."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from convcli.errors import OutputRefused, ReadError
from convcli.jobs.many.watching import WatchedInputs
from convcli.jobs.one.work import Done, Failed, Job

LONG_AGO = 1_000_000_000


class Folder:
    """A folder whose files become outputs in another, or beside them with a longer name; and a clock."""

    def __init__(self, folder: Path) -> None:
        self.now = 1000.0
        self.path = folder / "in"
        self.output = folder / "out"
        self.path.mkdir()
        self.output.mkdir()
        self.is_beside = False
        self.inputs = WatchedInputs(self.jobs, clock=lambda: self.now)

    def jobs(self) -> list[Job]:
        return [Job(each, self.target(each)) for each in sorted(self.path.iterdir())]

    def target(self, source: Path) -> Path:
        return source.with_stem(f"{source.stem}-sharp") if self.is_beside else self.output / source.name

    def write(self, name: str, text: str, at: float = LONG_AGO) -> Path:
        path = self.path / name
        path.write_text(text)
        os.utime(path, (at, at))
        return path

    def due(self, after: float = 0.0) -> tuple[list[str], list[str]]:
        self.now += after
        due = self.inputs.due()
        return [job.source.name for job in due.tried if job.source], [
            job.source.name for job in due.certain if job.source
        ]

    def finish(self, name: str) -> Job:
        job = Job(self.path / name, self.target(self.path / name))
        assert job.target
        Path(str(job.target)).write_text("done")
        assert self.inputs.take(Done(job, 0.1, (1, 1), 0.0, "numpy"), is_certain=True)
        return job


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_at_first_missing_and_older_outputs_are_due_at_once(folder: Folder) -> None:
    for name in ("missing.png", "older.png", "current.png"):
        folder.write(name, name)
    (folder.output / "older.png").write_text("x")
    os.utime(folder.output / "older.png", (LONG_AGO - 9, LONG_AGO - 9))
    (folder.output / "current.png").write_text("x")
    assert folder.due() == ([], ["missing.png", "older.png"])


def test_at_first_a_young_input_settles_too(folder: Folder) -> None:
    folder.write("a.png", "a", at=time.time())
    assert folder.due() == ([], [])
    assert folder.inputs.are_changing
    assert folder.due(after=0.3) == (["a.png"], [])


def test_a_change_is_due_once_it_has_settled(folder: Folder) -> None:
    assert folder.due() == ([], [])
    folder.write("a.png", "a")
    assert folder.due() == ([], [])
    folder.write("a.png", "aa")
    assert folder.due(after=0.3) == ([], [])
    assert folder.due(after=0.3) == (["a.png"], [])
    folder.finish("a.png")
    assert folder.due(after=9) == ([], [])
    assert not folder.inputs.are_changing
    folder.write("a.png", "bb", at=LONG_AGO + 1)
    assert folder.due() == ([], [])
    assert folder.due(after=0.3) == (["a.png"], [])


def test_an_input_that_cannot_be_read_is_tried_until_it_stays_so(folder: Folder) -> None:
    folder.due()
    path = folder.write("a.png", "half")
    failed = Failed(Job(path, folder.target(path)), ReadError("a.png is damaged"))
    folder.due()
    assert folder.due(after=0.3) == (["a.png"], [])
    assert not folder.inputs.take(failed, is_certain=False)
    assert folder.due(after=0.3) == (["a.png"], [])
    assert not folder.inputs.take(failed, is_certain=False)
    assert folder.due(after=2) == ([], ["a.png"])
    assert folder.inputs.take(failed, is_certain=True)
    assert folder.due(after=9) == ([], [])


def test_another_error_is_told_at_once(folder: Folder) -> None:
    folder.due()
    path = folder.write("a.png", "a")
    folder.due()
    folder.due(after=0.3)
    refused = Failed(Job(path, folder.target(path)), OutputRefused("out/a.png exists"))
    assert folder.inputs.take(refused, is_certain=False)
    assert folder.due(after=9) == ([], [])


def test_only_outputs_of_this_run_are_owned(folder: Folder) -> None:
    for name in ("a.png", "b.png"):
        folder.write(name, name)
    folder.due()
    made, other = folder.finish("a.png"), Job(folder.path / "b.png", folder.output / "b.png")
    folder.inputs.take(Failed(other, OutputRefused("out/b.png exists")), is_certain=True)
    for name in ("a.png", "b.png"):
        folder.write(name, name, at=LONG_AGO + 1)
    folder.due()
    folder.now += 0.3
    jobs = {job.source: job for job in folder.inputs.due().tried}
    assert jobs[made.source].owns(made.numbered(0))
    assert not jobs[other.source].owns(other.numbered(0))


def test_outputs_beside_inputs_are_no_inputs(folder: Folder) -> None:
    folder.is_beside = True
    folder.write("a.png", "a")
    folder.write("old.png", "o")
    folder.write("old-sharp.png", "o", at=LONG_AGO + 9)  # of an earlier run
    assert folder.due() == ([], ["a.png"])
    folder.finish("a.png")
    assert folder.due() == ([], [])
    (folder.path / "a.png").unlink()
    assert folder.due(after=9) == ([], [])
    assert sorted(each.name for each in folder.path.iterdir()) == ["a-sharp.png", "old-sharp.png", "old.png"]


def test_a_removed_input_is_forgotten_before_it_is_done(folder: Folder) -> None:
    folder.due()
    folder.write("a.png", "a").rename(folder.path / "b.png")
    folder.due()
    (folder.path / "b.png").rename(folder.path / "c.png")
    assert folder.due(after=0.3) == ([], [])
    assert folder.due(after=0.3) == (["c.png"], [])
