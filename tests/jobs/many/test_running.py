from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from convcli.disk import flushing
from convcli.engine import Settings
from convcli.jobs.many import processes, running
from convcli.jobs.many.running import run_batch
from convcli.jobs.one.recipe import Policy, Recipe
from convcli.jobs.one.run import run_job
from convcli.jobs.one.work import Done, Failed, Job, Skipped
from tests.jobs.many.batches import IDENTITY, Pool, pictures


@pytest.mark.parametrize("workers", [1, 2])
def test_every_job_has_one_outcome(tmp_path: Path, workers: int) -> None:
    jobs = pictures(tmp_path, 4)
    (tmp_path / "1.png").write_bytes(b"no picture")
    jobs[3].target.parent.mkdir() if jobs[3].target else None
    (tmp_path / "out" / "3.png").touch()
    outcomes = {
        outcome.job: outcome for outcome in run_batch(jobs, Recipe(IDENTITY), Policy(existing="skip", workers=workers))
    }
    assert [type(outcomes[job]) for job in jobs] == [Done, Failed, Done, Skipped]
    failed = outcomes[jobs[1]]
    assert isinstance(failed, Failed)
    assert "1.png is not a picture" in failed.error.message
    assert failed.error.hint, "an error keeps its hint on its way from a process"
    for number in (0, 2):
        with Image.open(tmp_path / "out" / f"{number}.png") as image:
            assert (np.asarray(image) == number).all()


def test_closing_early_leaves_the_rest_undone(tmp_path: Path) -> None:
    outcomes = run_batch(pictures(tmp_path, 5), Recipe(IDENTITY), Policy(workers=1))
    assert isinstance(next(outcomes), Done)
    outcomes.close()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["0.png"]


@pytest.mark.parametrize("workers", [1, 2])
def test_the_first_failure_ends_a_batch_and_every_file_begun_has_its_outcome(tmp_path: Path, workers: int) -> None:
    jobs = pictures(tmp_path, 30)
    (tmp_path / "1.png").write_bytes(b"no picture")
    outcomes = list(run_batch(jobs, Recipe(IDENTITY), Policy(workers=workers, keep_going=False)))
    assert [type(outcome) for outcome in outcomes].count(Failed) == 1
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {
        outcome.job.source.name for outcome in outcomes if isinstance(outcome, Done) and outcome.job.source
    }
    assert len(outcomes) < 20, "most had not begun"


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

    def watched(job: Job, recipe: Recipe, policy: Policy, then: None) -> Any:
        seen.append(policy.settings)
        return run_job(job, recipe, policy, then)

    monkeypatch.setattr(running, "run_job", watched)
    monkeypatch.setattr(processes, "run_job", watched)
    outcomes = list(run_batch(pictures(tmp_path, count), Recipe(IDENTITY), Policy(workers=workers)))
    assert len(outcomes) == count
    assert (Pool.asked[0] if Pool.asked else 0) == started
    assert {settings.repeats for settings in seen} == {repeats}
    assert {settings.threads for settings in seen} == {1 if started else None}, "one level of them at a time"
    assert len({settings.loops for settings in seen} - {None}) == 1, "loops that come meanwhile change no choice"


def test_threads_that_were_asked_for_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "ProcessPoolExecutor", Pool)
    list(run_batch(pictures(tmp_path, 2), Recipe(IDENTITY), Policy(workers=2, settings=Settings(threads=5))))
    assert [work.policy.settings.threads for work in processes._work] == [5]


@pytest.mark.parametrize("together", [True, False])
def test_a_batch_is_flushed_to_the_disk_at_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, together: bool
) -> None:
    events: list[object] = []
    monkeypatch.setattr(os, "fsync", lambda _: events.append("file"))
    monkeypatch.setattr(flushing, "can_flush_together", lambda: together)
    monkeypatch.setattr(flushing, "flush_file_systems", lambda folders: events.append(set(folders)))
    jobs = pictures(tmp_path, 3)
    assert len(list(run_batch(jobs, Recipe(IDENTITY), Policy(workers=1)))) == 3
    assert events == ([{tmp_path / "out"}] if together else ["file"] * 3)
    events.clear()
    list(run_batch(jobs[:1], Recipe(IDENTITY), Policy(existing="overwrite")))
    assert events == ["file"]
