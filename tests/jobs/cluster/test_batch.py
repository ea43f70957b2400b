"""Batches on a real scheduler with workers in other processes, on the loopback."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from convcli.errors import FileError, UsageError
from convcli.filters import Layer, Pipeline, Shape
from convcli.jobs import batching
from convcli.jobs.batching import TaskSize
from convcli.jobs.cluster import batch, connection, facts, worker
from convcli.jobs.cluster.tasks import Tasks
from convcli.jobs.many.planning import Batch
from convcli.jobs.many.record import record_of, resume
from convcli.jobs.many.running import run_batch
from convcli.jobs.one.recipe import Policy, Recipe
from convcli.jobs.one.run import run_job
from convcli.jobs.one.work import Done, Failed, Job, Skipped
from convcli.places import version_of
from convcli.version import __version__
from tests.jobs.cluster.schedulers import Started, scheduler
from tests.jobs.many.batches import IDENTITY, pictures

pytest.importorskip("distributed", reason="Dask is not installed: it brings the cluster")

RECIPE = Recipe(IDENTITY)


def policy(address: str, **settings: Any) -> Policy:
    return Policy(scheduler=address, **settings)


def test_every_output_is_that_of_this_machine(tmp_path: Path, address: str) -> None:
    jobs = pictures(tmp_path, 9)
    outcomes = list(run_batch(jobs, RECIPE, policy(address)))
    assert {outcome.job for outcome in outcomes} == set(jobs)
    assert all(isinstance(outcome, Done) for outcome in outcomes)
    elsewhere = {target: target.read_bytes() for target in (tmp_path / "out").iterdir()}
    list(run_batch(jobs, RECIPE, Policy(existing="overwrite", workers=1)))
    assert elsewhere == {target: target.read_bytes() for target in elsewhere}


def test_jobs_that_are_found_meanwhile_are_done_too(tmp_path: Path, address: str) -> None:
    jobs = pictures(tmp_path, 30)
    asked: list[int] = []

    def more() -> Iterator[Job]:
        for number, job in enumerate(jobs[4:]):
            asked.append(number)
            yield job

    outcomes = run_batch(jobs[:4], RECIPE, policy(address), more=more())
    next(outcomes)
    assert len(asked) < 20
    assert {outcome.job for outcome in outcomes} < set(jobs)
    assert len(list((tmp_path / "out").iterdir())) == 30


def test_what_needs_no_worker_is_told_without_one(tmp_path: Path, address: str) -> None:
    there, missing, fine = pictures(tmp_path, 3)
    for folder in (tmp_path / "out",):
        folder.mkdir(exist_ok=True)
    assert isinstance(there.target, Path)
    assert isinstance(missing.source, Path)
    there.target.write_bytes(b"mine")
    missing.source.unlink()
    outcomes = {outcome.job: outcome for outcome in run_batch((there, missing, fine), RECIPE, policy(address))}
    refused, lost = outcomes[there], outcomes[missing]
    assert isinstance(refused, Failed)
    assert "exists" in refused.error.message
    assert there.target.read_bytes() == b"mine"
    assert isinstance(lost, Failed)
    assert lost.error.message == f"{missing.source} does not exist"
    assert isinstance(outcomes[fine], Done)
    (skipped,) = run_batch((there,), RECIPE, policy(address, existing="skip"))
    assert isinstance(skipped, Skipped)


def test_errors_have_the_names_that_were_given(tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.png").write_bytes(b"no picture")
    job = Job(Path("bad.png"), Path("out/bad.png"), makes_folder=True)
    (outcome,) = run_batch((job,), RECIPE, policy(address))
    assert isinstance(outcome, Failed)
    assert outcome.job == job
    assert outcome.error.message.startswith("bad.png is not a picture")


@dataclass(frozen=True)
class DeadlyOnce(Layer):
    """A layer whose first use leaves an output behind and takes its process with it, as a lost worker would."""

    output: str

    def output_shape(self, shape: Shape) -> Shape:
        if not Path(self.output).exists():
            Path(self.output).parent.mkdir(exist_ok=True)
            Path(self.output).write_bytes(b"of a lost worker")
            os._exit(9)
        return shape


def test_a_task_of_a_lost_worker_is_done_by_another(tmp_path: Path, address: str) -> None:
    (job,) = pictures(tmp_path, 1)
    # The layer makes no pixels, so that the file it leaves must go, and the error come from a living worker.
    (outcome,) = run_batch((job,), Recipe(Pipeline((DeadlyOnce(str(job.target)),))), policy(address))
    assert isinstance(outcome, Failed)
    assert "died" not in outcome.error.message
    assert "exists" not in outcome.error.message


@dataclass(frozen=True)
class Deadly(Layer):
    """A layer that takes its process with it each time."""

    def output_shape(self, shape: Shape) -> Shape:
        del shape
        os._exit(9)


def test_a_task_that_kills_every_worker_is_given_up(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "LOSSES", 1)
    (job,) = pictures(tmp_path, 1)
    (outcome,) = run_batch((job,), Recipe(Pipeline((Deadly(),))), policy(address))
    assert isinstance(outcome, Failed)
    assert outcome.error.message == f"{job.source}: its workers died, for want of memory perhaps"


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of files in each task that is sent."""
    found: list[int] = []

    def noted(self: Tasks[Any], subject: Any, call: Any, losses: int) -> None:
        found.append(len(subject))
        send(self, subject, call, losses)

    send = Tasks.send
    monkeypatch.setattr(Tasks, "send", noted)
    return found


def test_small_files_go_together(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch, tasks: list[int]
) -> None:
    monkeypatch.setattr(batching, "_SECONDS_OF_A_TASK", 1e3)  # however long they take on a busy machine
    jobs = pictures(tmp_path, 120)
    outcomes = list(run_batch(jobs, RECIPE, policy(address)))
    assert {outcome.job for outcome in outcomes} == set(jobs)
    assert all(isinstance(outcome, Done) for outcome in outcomes)
    assert set(tasks[:3]) == {1}
    assert max(tasks) == 64
    assert sum(tasks) == 120


@dataclass(frozen=True)
class DeadlyForOne(Layer):
    """A layer that takes its process with it for the picture of one column."""

    def output_shape(self, shape: Shape) -> Shape:
        if shape[2] == 1:
            os._exit(9)
        return shape


def test_of_files_that_go_together_the_one_that_kills_is_given_up(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch, tasks: list[int]
) -> None:
    monkeypatch.setattr(batch, "LOSSES", 1)
    monkeypatch.setattr(TaskSize, "files", 4)
    jobs = pictures(tmp_path, 4)
    Image.fromarray(np.zeros((4, 1), np.uint8)).save(tmp_path / "1.png")
    outcomes = {each.job: each for each in run_batch(jobs, Recipe(Pipeline((DeadlyForOne(),))), policy(address))}
    assert len(outcomes) == 4
    assert tasks[:5] == [4, 1, 1, 1, 1]
    killed = outcomes[jobs[1]]
    assert isinstance(killed, Failed)
    assert "died" in killed.error.message


def test_the_first_failure_ends_a_batch_that_is_not_to_go_on(tmp_path: Path, address: str) -> None:
    jobs = pictures(tmp_path, 40)
    assert isinstance(jobs[0].source, Path)
    jobs[0].source.write_bytes(b"no picture")
    outcomes = list(run_batch(jobs, RECIPE, policy(address, keep_going=False)))
    assert any(isinstance(outcome, Failed) for outcome in outcomes)
    assert len(outcomes) < 20
    assert len(list((tmp_path / "out").iterdir())) == sum(isinstance(outcome, Done) for outcome in outcomes)


def test_the_record_goes_on_after_the_sender_is_lost(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    jobs = pictures(tmp_path, 6)
    record = record_of(tmp_path / "out", RECIPE, None)
    record.prepare(anew=False)
    outcomes = run_batch(jobs, RECIPE, policy(address), record.add)
    done = [next(outcomes) for _ in range(2)]
    time.sleep(0.5)  # the tasks that are sent come to their end, and nobody hears of it
    outcomes.close()
    rest, strangers = resume(Batch(tuple(jobs)), record)
    assert strangers == 0
    assert {outcome.job for outcome in rest.done} == {outcome.job for outcome in done}
    again = list(run_batch(rest.jobs, RECIPE, policy(address), record.add))
    assert len(again) == 4
    assert all(isinstance(outcome, Done) for outcome in again)
    assert len(resume(Batch(tuple(jobs)), record)[0].done) == 6


def test_the_end_of_the_scheduler_is_told(tmp_path: Path, started: Started) -> None:
    mine, process = scheduler(started, tmp_path, workers=1)
    outcomes = run_batch(pictures(tmp_path, 20), RECIPE, policy(mine))
    next(outcomes)
    process.kill()
    process.wait()
    with pytest.raises(FileError) as lost:
        list(outcomes)
    assert "--resume" in lost.value.hint


def test_a_scheduler_without_workers_is_refused(
    tmp_path: Path, started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, _ = scheduler(started, tmp_path, workers=0)
    monkeypatch.setattr(connection, "_SECONDS", 1)
    with pytest.raises(UsageError, match="has no workers"):
        next(run_batch(pictures(tmp_path, 1), RECIPE, policy(mine)))


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://x", "127.0.0.1:x"])
def test_no_scheduler_is_one_error(tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_SECONDS", 1)
    with pytest.raises(UsageError) as refused:
        next(run_batch(pictures(tmp_path, 1), RECIPE, policy(address)))
    assert address in refused.value.message
    del refused
    gc.collect()  # a client that did not connect shares its thread with the next one until it is gone


def test_streams_are_refused(tmp_path: Path) -> None:
    (job,) = pictures(tmp_path, 1)
    for each in (job._replace(source=None), job._replace(target=None)):
        with pytest.raises(UsageError, match="not for stdin"):
            next(run_batch((each,), RECIPE, policy("tcp://127.0.0.1:1")))


def test_without_dask_its_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError) as refused:
        next(run_batch(pictures(tmp_path, 1), RECIPE, policy("local")))
    assert "convcli[cluster]" in refused.value.hint


def test_another_version_is_refused_before_anything_is_sent(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "__version__", "9.9")
    with pytest.raises(UsageError, match=rf"has convcli {__version__}, this is 9\.9"):
        next(run_batch(pictures(tmp_path, 1), RECIPE, policy(address)))


def test_a_worker_without_convcli_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert facts.version_there() == __version__
    monkeypatch.setitem(sys.modules, "convcli.version", None)
    assert facts.version_there() is None


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process is a worker."""
    this = SimpleNamespace(
        address="tcp://a:1", memory_manager=SimpleNamespace(memory_limit=10**9), state=SimpleNamespace(nthreads=2)
    )
    monkeypatch.setattr("distributed.get_worker", lambda: this)


@pytest.mark.usefixtures("here")
def test_a_worker_says_why_it_does_not_begin(tmp_path: Path) -> None:
    (job,) = pictures(tmp_path, 1)
    away = job._replace(source=tmp_path / "away.png")
    (newer,) = worker.run_on_worker("a", (job,), RECIPE, Policy(), "9.9")
    assert isinstance(newer.outcome, Failed)
    assert newer.outcome.error.message.endswith(f"the worker tcp://a:1 has convcli {__version__}, not 9.9")
    missing, fine = worker.run_on_worker("a", (away, job), RECIPE, Policy(), __version__)
    assert isinstance(missing.outcome, Failed)
    assert missing.outcome.error.message == f"{tmp_path / 'away.png'} is not there on the worker tcp://a:1"
    assert isinstance(fine.outcome, Done)
    assert len(worker.run_on_worker("a", (away, job), RECIPE, Policy(keep_going=False), __version__)) == 1
    worker.end_batch("b")
    assert worker.run_on_worker("b", (job,), RECIPE, Policy(), __version__) == []


@pytest.mark.usefixtures("here")
def test_a_worker_answers_with_the_state_of_every_output(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((4, 5, 3), np.uint8)).save(tmp_path / "a.png")
    job = Job(tmp_path / "a.png", tmp_path / "b.png", each=True)
    (answer,) = worker.run_on_worker("a", (job,), RECIPE, Policy(), __version__)
    assert isinstance(answer.outcome, Done)
    names = [f"b-{channel}.png" for channel in (2, 1, 0)]
    assert [output.name for output, _, _ in answer.outputs] == names
    for output, _, written in answer.outputs:
        assert version_of(written) == version_of(output.stat())


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("together", [True, False])
def test_a_worker_flushes_its_files_at_the_end_of_the_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, together: bool
) -> None:
    seen: list[Policy] = []
    flushed: list[Path] = []

    def watched(job: Job, recipe: Recipe, policy: Policy, on_output: Any) -> Any:
        seen.append(policy)
        return run_job(job, recipe, policy, on_output)

    monkeypatch.setattr(worker, "run_job", watched)
    monkeypatch.setattr(worker, "can_flush_together", lambda: together)
    monkeypatch.setattr(worker, "flush_file_systems", flushed.extend)
    worker.run_on_worker("c", tuple(pictures(tmp_path, 2)), RECIPE, Policy(), __version__)
    assert [policy.flush_new for policy in seen] == [not together] * 2
    worker.flush_there(frozenset({tmp_path}))
    assert flushed == [tmp_path]
