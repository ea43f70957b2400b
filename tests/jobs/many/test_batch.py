from __future__ import annotations

import errno
import os
import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from convcli.engine import Settings
from convcli.errors import FileError, UsageError
from convcli.filters import Conv, Layer, Pipeline, Shape
from convcli.filters.kernel import Kernel
from convcli.image import format_named
from convcli.jobs.many import processes, running
from convcli.jobs.many.dry_run import look_ahead
from convcli.jobs.many.finding import files_below
from convcli.jobs.many.overwriting import refuse_overwritten_inputs
from convcli.jobs.many.planning import Batch, plan_batch
from convcli.jobs.many.running import run_batch
from convcli.jobs.one.run import run_job
from convcli.jobs.one.work import DRY_RUN, Done, Failed, Job, Recipe, Skipped

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


# Which files go where


def test_a_file_to_a_file(tmp_path: Path) -> None:
    planned = plan_batch(["a.png"], f"{tmp_path}/b.jpg")
    assert pairs(planned) == [("a.png", f"{tmp_path}/b.jpg")]
    assert planned.passed_over == 0
    (job,) = planned.jobs
    assert not job.makes_folder, "a folder that is not there is a slip of the pen, not a wish"


def test_streams() -> None:
    assert pairs(plan_batch(["-"], "-")) == [("stdin", "stdout")]
    assert pairs(plan_batch(["-"], "b.png")) == [("stdin", "b.png")]
    assert pairs(plan_batch(["a.png"], "-")) == [("a.png", "stdout")]


def test_a_folder_that_holds_one_picture_fits_into_a_stream(tmp_path: Path) -> None:
    assert pairs(plan_batch([str(tree(tmp_path, "a.png", "b.txt"))], "-")) == [(f"{tmp_path}/a.png", "stdout")]


def test_files_of_a_folder_are_in_order_and_without_hidden_ones(tmp_path: Path) -> None:
    tree(tmp_path / "in", "b.PNG", "a.jpeg", ".c.png", "d.txt", "e", "below/f.png")
    planned = plan_batch([str(tmp_path / "in")], f"{tmp_path}/out/")
    assert pairs(planned) == [
        (f"{tmp_path}/in/a.jpeg", f"{tmp_path}/out/a.jpeg"),
        (f"{tmp_path}/in/b.PNG", f"{tmp_path}/out/b.PNG"),
    ]
    assert planned.passed_over == 2


def test_a_tree_keeps_its_paths_and_its_order(tmp_path: Path) -> None:
    tree(tmp_path / "in", "z.png", "a/y.png", "a/b/x.png", "c/w.txt")
    planned = plan_batch([str(tmp_path / "in")], f"{tmp_path}/out/", recursive=True, form=format_named("tiff"))
    assert [target for _, target in pairs(planned)] == [
        f"{tmp_path}/out/z.tif",
        f"{tmp_path}/out/a/y.tif",
        f"{tmp_path}/out/a/b/x.tif",
    ]
    assert planned.passed_over == 1
    assert all(job.makes_folder for job in planned.jobs)


def test_a_tree_that_links_to_itself_ends(tmp_path: Path) -> None:
    tree(tmp_path / "in", "a.png")
    (tmp_path / "in" / "again").symlink_to(tmp_path / "in", target_is_directory=True)
    assert len(plan_batch([str(tmp_path / "in")], f"{tmp_path}/out/", recursive=True).jobs) == 1


def test_a_folder_that_may_not_be_looked_into_is_an_input_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree(tmp_path / "in", "a.png", "closed/b.png")
    look = os.scandir

    def scandir(path: str) -> Any:
        if Path(path).name == "closed":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return look(path)

    monkeypatch.setattr(os, "scandir", scandir)
    planned = plan_batch([str(tmp_path / "in")], f"{tmp_path}/out/", recursive=True)
    assert pairs(planned) == [
        (f"{tmp_path}/in/a.png", f"{tmp_path}/out/a.png"),
        (f"{tmp_path}/in/closed", f"{tmp_path}/out/closed"),
    ]
    alone = plan_batch([str(tmp_path / "in" / "closed")], f"{tmp_path}/out/")
    assert pairs(alone) == [(f"{tmp_path}/in/closed", f"{tmp_path}/out/closed")]
    assert isinstance(run_job(alone.jobs[0], Recipe(IDENTITY)), Failed)
    with pytest.raises(FileError, match="closed may not be read: Permission denied"):
        files_below(tmp_path / "in", recursive=True, output=tmp_path / "out")


def test_the_output_folder_is_no_input_however_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "a.png", "out/old.png", "other/b.png")
    monkeypatch.chdir(tmp_path)
    for output in ("out", "out/", "./out", "other/../out", str(tmp_path / "out")):
        planned = plan_batch(["."], output, recursive=True)
        assert [source for source, _ in pairs(planned)] == ["a.png", "other/b.png"]


@pytest.mark.parametrize(
    ("inputs", "output", "what"),
    [
        (["a.png", "b.png"], "c.png", "c.png is not a folder, and there are 2 inputs"),
        (["a.png", "b.png"], "-", "2 pictures do not fit"),
        (["a.png", "-"], "-", "2 pictures do not fit"),
        (["-"], "out/", "standard input has no name"),
        (["a.png"], "b", "no format"),
        (["a.png"], "b.txt", "no format"),
        (["a.png", "x/a.png"], "out/", "a.png and x/a.png would both become out/a.png"),
        (["a.png", "a.png"], "out/", "would both become"),
    ],
)
def test_what_does_not_go_together(inputs: list[str], output: str, what: str) -> None:
    with pytest.raises(UsageError, match=what) as caught:
        plan_batch(inputs, output)
    assert caught.value.hint


def test_a_file_without_a_known_ending_does_not_stop_a_batch_before_it_begins() -> None:
    assert pairs(plan_batch(["a.png", "README"], "out/")) == [("a.png", "out/a.png"), ("README", "out/README")]


def test_looking_ahead_touches_nothing(tmp_path: Path) -> None:
    tree(tmp_path, "a.png", "b.png")
    recipe = Recipe(IDENTITY)
    ahead = look_ahead(Job(tmp_path / "a.png", tmp_path / "new" / "a.png", makes_folder=True), recipe)
    assert isinstance(ahead, Skipped)
    assert ahead.reason == DRY_RUN
    assert isinstance(look_ahead(Job(tmp_path / "none.png", tmp_path / "c.png"), recipe), Failed)
    assert isinstance(look_ahead(Job(tmp_path / "a.png", tmp_path / "b.png"), recipe), Failed)
    there = look_ahead(Job(tmp_path / "a.png", tmp_path / "b.png"), Recipe(IDENTITY, existing="skip"))
    assert isinstance(there, Skipped)
    assert there.reason == "the output exists"
    assert isinstance(look_ahead(Job(None, None), recipe), Skipped)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.png", "b.png"]


# Many at once


@pytest.mark.parametrize("workers", [1, 2])
def test_every_job_has_one_outcome(tmp_path: Path, workers: int) -> None:
    jobs = pictures(tmp_path, 4)
    (tmp_path / "1.png").write_bytes(b"no picture")
    jobs[3].target.parent.mkdir() if jobs[3].target else None
    (tmp_path / "out" / "3.png").touch()
    outcomes = {outcome.job: outcome for outcome in run_batch(jobs, Recipe(IDENTITY, existing="skip"), workers)}
    assert [type(outcomes[job]) for job in jobs] == [Done, Failed, Done, Skipped]
    failed = outcomes[jobs[1]]
    assert isinstance(failed, Failed)
    assert "1.png is not a picture" in failed.error.message
    assert failed.error.hint, "an error keeps its hint on its way from a process"
    for number in (0, 2):
        with Image.open(tmp_path / "out" / f"{number}.png") as image:
            assert (np.asarray(image) == number).all()


@dataclass(frozen=True)
class Deadly(Layer):
    """A layer that takes its process with it, as a crash in a library or a lack of memory would."""

    def output_shape(self, shape: Shape) -> Shape:
        del shape
        os._exit(9)


def test_a_process_that_dies_makes_failed_files_not_a_crash(tmp_path: Path) -> None:
    jobs = pictures(tmp_path, 3)
    outcomes = list(run_batch(jobs, Recipe(Pipeline((Deadly(),))), 2))
    assert {outcome.job for outcome in outcomes} == set(jobs)
    for outcome in outcomes:
        assert isinstance(outcome, Failed)
        assert outcome.job.source_name in outcome.error.message
        assert "process died" in outcome.error.message
        assert "--jobs 1" in outcome.error.hint
    assert not (tmp_path / "out").exists()


@dataclass(frozen=True)
class DeadlyOrSlow(Layer):
    """A layer that ends its process for a small picture, by a signal or without, and keeps it busy for another."""

    number: int = 0

    def output_shape(self, shape: Shape) -> Shape:
        if shape != (1, 4, 5):
            time.sleep(60)
        time.sleep(0.5)
        if self.number:
            os.kill(os.getpid(), self.number)
            time.sleep(60)
        os._exit(9)


@pytest.mark.parametrize("number", [0, signal.SIGTERM, signal.SIGKILL])
def test_a_process_that_dies_takes_those_at_work_with_it(tmp_path: Path, number: int) -> None:
    # More jobs than processes: a pool notices the death of its youngest process when it is asked for more.
    jobs = pictures(tmp_path, 5)
    Image.fromarray(np.zeros((7, 7), np.uint8)).save(tmp_path / "1.png")
    begin = time.monotonic()
    outcomes = list(run_batch(jobs, Recipe(Pipeline((DeadlyOrSlow(number),))), 2))
    assert [type(outcome) for outcome in outcomes] == [Failed] * 5
    assert time.monotonic() - begin < 30


def test_closing_early_leaves_the_rest_undone(tmp_path: Path) -> None:
    outcomes = run_batch(pictures(tmp_path, 5), Recipe(IDENTITY), 1)
    assert isinstance(next(outcomes), Done)
    outcomes.close()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["0.png"]


@pytest.mark.parametrize("workers", [1, 2])
def test_the_first_failure_ends_a_batch_and_every_file_begun_has_its_outcome(tmp_path: Path, workers: int) -> None:
    jobs = pictures(tmp_path, 30)
    (tmp_path / "1.png").write_bytes(b"no picture")
    outcomes = list(run_batch(jobs, Recipe(IDENTITY), workers, keep_going=False))
    assert [type(outcome) for outcome in outcomes].count(Failed) == 1
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {
        outcome.job.source.name for outcome in outcomes if isinstance(outcome, Done) and outcome.job.source
    }
    assert len(outcomes) < 20, "most had not begun"


def test_a_batch_that_overwrites_may_not_overwrite_its_inputs(tmp_path: Path) -> None:
    tree(tmp_path, "x/a.png", "a-box.png", "out/old.png")
    planned = plan_batch([f"{tmp_path}/x/a.png", f"{tmp_path}/a-box.png"], str(tmp_path), name="{stem}-box{suffix}")
    with pytest.raises(UsageError, match=r"x/a\.png would become .*a-box\.png, which is an input too"):
        refuse_overwritten_inputs(planned.jobs)
    refuse_overwritten_inputs(plan_batch([f"{tmp_path}/x/a.png"], f"{tmp_path}/x").jobs)  # told by the job
    (tmp_path / "out" / "a.png").symlink_to("old.png")
    (tmp_path / "out" / "a-box.png").symlink_to("old.png")
    linked = plan_batch([f"{tmp_path}/x/a.png", f"{tmp_path}/a-box.png"], f"{tmp_path}/out")
    with pytest.raises(UsageError, match="are one file"):
        refuse_overwritten_inputs(linked.jobs)


class Pool:
    """Stands for the pool of processes, does everything at once, and remembers what was asked of it."""

    asked: Sequence[Any] = ()

    def __init__(self, workers: int, context: Any, initializer: Any, initargs: Any) -> None:
        del context, initializer, initargs
        Pool.asked = [workers]

    def submit(self, work: Callable[[Job, Recipe], Any], job: Job, recipe: Recipe) -> Future[Any]:
        Pool.asked = [*Pool.asked, recipe.settings]
        future: Future[Any] = Future()
        future.set_result(work(job, recipe))
        return future

    def shutdown(self, *, cancel_futures: bool) -> None:
        assert cancel_futures


@pytest.mark.parametrize(
    ("count", "workers", "started", "repeats"),
    [(7, None, 0, 7), (8, None, 3, 3), (9, None, 3, 3), (10, None, 3, 4), (2, 2, 2, 1), (3, 8, 3, 1), (5, 1, 0, 5)],
)
def test_processes_start_where_they_pay(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    count: int,
    workers: int | None,
    started: int,
    repeats: int,
) -> None:
    monkeypatch.setattr(processes, "ProcessPoolExecutor", Pool)
    monkeypatch.setattr(running, "available_threads", lambda: 3)
    Pool.asked = []
    seen: list[Settings] = []

    def watched(job: Job, recipe: Recipe) -> Any:
        seen.append(recipe.settings)
        return run_job(job, recipe)

    monkeypatch.setattr(running, "run_job", watched)
    monkeypatch.setattr(processes, "run_job", watched)
    outcomes = list(run_batch(pictures(tmp_path, count), Recipe(IDENTITY), workers))
    assert len(outcomes) == count
    assert (Pool.asked[0] if Pool.asked else 0) == started
    assert {settings.repeats for settings in seen} == {repeats}
    assert {settings.threads for settings in seen} == {1 if started else None}, "one level of them at a time"


def test_a_pool_that_breaks_while_it_is_filled_makes_failed_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Breaking(Pool):
        def submit(self, work: Callable[[Job, Recipe], Any], job: Job, recipe: Recipe) -> Future[Any]:
            if len(Pool.asked) > 2:
                raise BrokenProcessPool
            return super().submit(work, job, recipe)

    monkeypatch.setattr(processes, "ProcessPoolExecutor", Breaking)
    jobs = pictures(tmp_path, 5)
    outcomes = {outcome.job: outcome for outcome in run_batch(jobs, Recipe(IDENTITY), 2)}
    assert [type(outcomes[job]) for job in jobs] == [Done, Done, Failed, Failed, Failed]


def test_signals_wait_while_processes_start_and_are_as_before_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Signaled(Pool):
        def submit(self, work: Callable[[Job, Recipe], Any], job: Job, recipe: Recipe) -> Future[Any]:
            del work
            assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
            os.kill(os.getpid(), signal.SIGINT)
            return super().submit(lambda job, _: Skipped(job, "unread"), job, recipe)

    monkeypatch.setattr(processes, "ProcessPoolExecutor", Signaled)
    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    with pytest.raises(KeyboardInterrupt):
        list(run_batch(pictures(tmp_path, 2), Recipe(IDENTITY), 2))
    assert len(Pool.asked) == 3, "both files were handed over before the interrupt came"
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == before
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_threads_that_were_asked_for_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "ProcessPoolExecutor", Pool)
    list(run_batch(pictures(tmp_path, 2), Recipe(IDENTITY, settings=Settings(threads=5)), 2))
    assert {settings.threads for settings in Pool.asked[1:]} == {5}
