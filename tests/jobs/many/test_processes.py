from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from PIL import Image

from convcli.filters import Layer, Pipeline, Shape
from convcli.jobs.many import processes, starting
from convcli.jobs.many.running import run_batch
from convcli.jobs.one.recipe import Policy, Recipe
from convcli.jobs.one.work import Done, Failed, Job, Outcome, Skipped
from tests.jobs.many.batches import IDENTITY, Pool, pictures


@dataclass(frozen=True)
class Deadly(Layer):
    """A layer that takes its process with it, as a crash in a library or a lack of memory would."""

    def output_shape(self, shape: Shape) -> Shape:
        del shape
        os._exit(9)


def test_a_process_that_dies_makes_failed_files_not_a_crash(tmp_path: Path) -> None:
    jobs = pictures(tmp_path, 3)
    outcomes = list(run_batch(jobs, Recipe(Pipeline((Deadly(),))), Policy(workers=2)))
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
    outcomes = list(run_batch(jobs, Recipe(Pipeline((DeadlyOrSlow(number),))), Policy(workers=2)))
    assert [type(outcome) for outcome in outcomes] == [Failed] * 5
    assert time.monotonic() - begin < 30


def test_a_pool_that_breaks_while_it_is_filled_makes_failed_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Breaking(Pool):
        def submit(self, work: Callable[..., Any], jobs: tuple[Job, ...]) -> Future[Any]:
            if len(Pool.asked) > 2:
                raise BrokenProcessPool
            return super().submit(work, jobs)

    monkeypatch.setattr(processes, "ProcessPoolExecutor", Breaking)
    jobs = pictures(tmp_path, 5)
    outcomes = {outcome.job: outcome for outcome in run_batch(jobs, Recipe(IDENTITY), Policy(workers=2))}
    assert [type(outcomes[job]) for job in jobs] == [Done, Done, Failed, Failed, Failed]


def test_signals_wait_while_processes_start_and_are_as_before_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Signaled(Pool):
        def submit(self, work: Callable[..., Any], jobs: tuple[Job, ...]) -> Future[Any]:
            del work
            assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
            # To this thread, as Ctrl-C comes: another one, which a library keeps, would take it at once.
            signal.pthread_kill(threading.get_ident(), signal.SIGINT)
            return super().submit(lambda jobs: [Skipped(job, "unread") for job in jobs], jobs)

    monkeypatch.setattr(processes, "ProcessPoolExecutor", Signaled)
    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    with pytest.raises(KeyboardInterrupt):
        list(run_batch(pictures(tmp_path, 2), Recipe(IDENTITY), Policy(workers=2)))
    assert len(Pool.asked) == 3, "both files were handed over before the interrupt came"
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == before
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_small_pictures_are_handed_over_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def quick(job: Job, *_: Any) -> Outcome:
        return Done(job, 0.001, (1, 1), 0.0, "numpy")

    monkeypatch.setattr(processes, "ProcessPoolExecutor", Pool)
    monkeypatch.setattr(processes, "run_job", quick)
    jobs = [Job(tmp_path / f"{number}.png", tmp_path / "out.png") for number in range(200)]
    outcomes = list(run_batch(jobs, Recipe(IDENTITY), Policy(workers=2)))
    assert {outcome.job for outcome in outcomes} == set(jobs)
    sizes = [len(task) for task in Pool.asked[1:]]
    assert sizes[:4] == [1] * 4, "it is not known how long they take"
    assert sizes[4:-1] == [40] * 4
    assert sum(sizes) == 200


def test_jobs_are_asked_for_as_workers_need_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def slow(job: Job, *_: Any) -> Outcome:
        return Done(job, 1.0, (1, 1), 0.0, "numpy")

    def more() -> Iterator[Job]:
        for number in range(1000):
            asked.append(number)
            yield Job(tmp_path / f"{number}.png", tmp_path / "out.png")

    monkeypatch.setattr(processes, "ProcessPoolExecutor", Pool)
    monkeypatch.setattr(processes, "run_job", slow)
    first = Job(tmp_path / "first.png", tmp_path / "out.png")
    outcomes = run_batch([first, first], Recipe(IDENTITY), Policy(workers=2), more=more())
    for _ in range(10):
        next(outcomes)
    assert len(asked) < 20
    assert sum(1 for _ in outcomes) == 992


PROGRAM = """
import sys, threading
from pathlib import Path
from tests.jobs.many.test_processes import beside_a_sleeper
beside_a_sleeper(Path(sys.argv[1]), sys.argv[2])
"""


def beside_a_sleeper(folder: Path, start: str) -> None:
    """Run jobs that take very long, in processes that start so."""
    done = threading.Event()
    if start == "spawn":
        threading.Thread(target=done.wait, daemon=True).start()
    assert starting.context_of_workers().get_start_method() == start
    list(run_batch(pictures(folder, 3), Recipe(Pipeline((Sleeping(),))), Policy(workers=2)))


@dataclass(frozen=True)
class Sleeping(Layer):
    """A layer that keeps its process busy."""

    def output_shape(self, shape: Shape) -> Shape:
        time.sleep(600)
        return shape


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no process is a copy of another")
@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_workers_end_with_their_parent_however_it_ends(tmp_path: Path, start: str) -> None:
    words = [sys.executable, "-c", PROGRAM, str(tmp_path), start]
    with subprocess.Popen(words) as process:
        limit = time.monotonic() + 60
        children: list[psutil.Process] = []
        while len(children) < 2 and process.poll() is None:
            assert time.monotonic() < limit
            time.sleep(0.05)
            children = [
                each
                for each in psutil.Process(process.pid).children()
                if "resource_tracker" not in " ".join(each.cmdline())
            ]
        time.sleep(0.5)
        process.kill()
    _, alive = psutil.wait_procs(children, timeout=30)
    for each in alive:
        each.kill()
    assert len(children) == 2
    assert not alive


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no process is a copy of another")
def test_copies_say_nothing_themselves_and_do_what_new_processes_do(tmp_path: Path) -> None:
    jobs = pictures(tmp_path, 20)
    words = ["apply", "sharpen", *(str(job.source) for job in jobs), "-o", f"{tmp_path}/out/", "-j", "2", "-q"]
    done = subprocess.run([sys.executable, "-m", "convcli", *words], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")
    assert len(list((tmp_path / "out").iterdir())) == 20
