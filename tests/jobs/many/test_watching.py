"""Which inputs are due, by a clock that the test moves."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from convcli.errors import OutputRefused, ReadError
from convcli.filters import Invert, Pipeline
from convcli.jobs.many.earlier import Earlier
from convcli.jobs.many.record import Record, record_of
from convcli.jobs.many.watching import WatchedInputs
from convcli.jobs.one.recipe import Recipe
from convcli.jobs.one.work import Done, Failed, Job
from convcli.places import Place, State, state_of

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


def test_a_job_owns_its_own_outputs_alone(folder: Folder) -> None:
    for name in ("a.png", "b.png"):
        folder.write(name, name)
    folder.due()
    for name in ("a.png", "b.png"):
        folder.finish(name)
        folder.write(name, name, at=LONG_AGO + 1)
    folder.due()
    folder.now += 0.3
    assert [len(job.own) for job in folder.inputs.due().tried] == [1, 1]


def test_only_what_changed_is_looked_at(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        folder.write(f"{number}.png", "x")
        (folder.output / f"{number}.png").write_text("x")
    folder.due()
    looked: list[str] = []

    def state(place: Place) -> State | None:
        looked.append(place.name)
        return state_of(place)

    monkeypatch.setattr("convcli.jobs.many.watching.state_of", state)
    path = folder.write("7.png", "changed", at=LONG_AGO + 1)
    assert folder.inputs.due({str(path)}) == ((), ())
    folder.now += 0.3
    assert [job.source for job in folder.inputs.due(()).tried] == [path]
    folder.finish("7.png")
    folder.inputs.due(())
    assert looked == ["7.png", "7.png"]
    below = folder.write("new.png", "new")
    folder.inputs.due({str(below)})
    assert looked[2:] == ["new.png"]
    folder.now += 0.3
    folder.inputs.due({str(folder.path)})
    assert len(looked) == 3 + 21, "all that is below a folder which was moved"


def test_another_filter_makes_all_inputs_due(folder: Folder) -> None:
    for name in ("a.png", "b.png"):
        folder.write(name, name)
    folder.due()
    for name in ("a.png", "b.png"):
        folder.finish(name)
    assert folder.inputs.forget() == 2
    folder.due()
    assert folder.due(after=0.3) == (["a.png", "b.png"], [])


@pytest.fixture
def recorded(folder: Folder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Record:
    """The record of a folder of which an input is done, beside it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder.is_beside = True
    record = record_of(folder.path, Recipe(Pipeline((Invert(),))), None)
    record.prepare(anew=False)
    source = folder.write("a.png", "a")
    job = Job(source, folder.target(source))
    made = folder.write("a-sharp.png", "done")
    record.add(job, made, source.stat(), made.stat())
    return record


def test_outputs_of_an_earlier_run_are_no_inputs_though_theirs_are_gone(folder: Folder, recorded: Record) -> None:
    (folder.path / "a.png").unlink()
    earlier = Earlier(recorded, is_watched=lambda name: name.startswith(str(folder.path)))
    folder.inputs = WatchedInputs(folder.jobs, earlier, clock=lambda: folder.now)
    assert folder.due() == ([], [])
    elsewhere = Earlier(recorded, is_watched=lambda _: False)
    folder.inputs = WatchedInputs(folder.jobs, elsewhere, clock=lambda: folder.now)
    assert folder.due() == ([], ["a-sharp.png"]), "made of what is not watched, it may be one"


def test_outputs_of_an_earlier_run_are_owned_while_they_are_as_they_were(folder: Folder, recorded: Record) -> None:
    earlier = Earlier(recorded, is_watched=lambda _: True)
    folder.inputs = WatchedInputs(folder.jobs, earlier, clock=lambda: folder.now)
    assert folder.due() == ([], []), "it is done"
    folder.write("a.png", "changed", at=LONG_AGO + 2)
    folder.due()
    folder.now += 0.3
    (job,) = folder.inputs.due().tried
    assert job.owns(job.numbered(0))
    folder.write("a-sharp.png", "of somebody else", at=LONG_AGO + 2)
    (job,) = folder.inputs.due().tried
    assert not job.owns(job.numbered(0))


def test_outputs_that_are_named_by_their_pictures_are_named_anew(tmp_path: Path) -> None:
    folder = Folder(tmp_path)

    def by_size() -> list[Job]:
        return [Job(each, folder.output / f"{each.stat().st_size}-{each.name}") for each in folder.path.iterdir()]

    folder.inputs = WatchedInputs(by_size, clock=lambda: folder.now, names_are_fixed=False)
    path = folder.write("a.png", "12")
    folder.inputs.due()
    folder.write("a.png", "12345", at=LONG_AGO + 5)
    folder.inputs.due({str(path)})
    folder.now += 60
    due = folder.inputs.due({str(path)})
    (job,) = (*due.tried, *due.certain)
    assert job.target == folder.output / "5-a.png"
