from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from convcli.engine import Settings
from convcli.filters import Conv, Pipeline
from convcli.filters.kernel import Kernel
from convcli.image import format_named
from convcli.jobs.many.planning import Batch
from convcli.jobs.many.record import Record, record_of, resume
from convcli.jobs.many.running import run_batch
from convcli.jobs.one.recipe import Policy, Recipe
from convcli.jobs.one.run import run_job
from convcli.jobs.one.work import Done, Failed, Job
from convcli.places import Place

RECIPE = Recipe(Pipeline((Conv(Kernel([[1]])),)))


def drawn(*_: Any) -> NDArray[np.uint8]:
    return np.zeros((1, 1, 3), np.uint8)


OTHER_OUTPUTS: dict[str, Any] = {
    "pipeline": Pipeline((Conv(Kernel([[1]], divisor=2)),)),
    "range": "abs",
    "alpha": "drop",
    "channels": "luma",
    "background": (1, 2, 3),
    "linear": True,
    "depth": 16,
    "quality": 90,
    "png_effort": "small",
    "metadata": "strip",
    "frame": 0,
    "overviews": True,
    "artist": drawn,
}
SAME_OUTPUTS: dict[str, Any] = {
    "existing": "overwrite",
    "keep_going": False,
    "workers": 2,
    "scheduler": "local",
    "max_pixels": 50,
    "strict": True,
    "backup": False,
    "memory": 10**9,
    "bound": 10**9,
    "takes_all": True,
    "flush_new": False,
    "resumes": True,
    "settings": Settings("numpy", threads=2, repeats=3),
}


@pytest.fixture
def batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Job, ...]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "out").mkdir()
    for name in ("a.png", "b.png"):
        Image.fromarray(np.full((4, 5), 9, np.uint8)).save(tmp_path / name)
    return tuple(Job(tmp_path / name, tmp_path / "out" / name) for name in ("a.png", "b.png"))


def recorded(tmp_path: Path, recipe: Recipe = RECIPE) -> Record:
    record = record_of(tmp_path / "out", recipe, None)
    record.prepare(anew=False)
    return record


@pytest.mark.parametrize("name", Recipe._fields)
def test_every_setting_of_a_recipe_makes_another_output(batch: tuple[Job, ...], tmp_path: Path, name: str) -> None:
    record = recorded(tmp_path)
    list(run_batch(batch, RECIPE, Policy(), record.add))
    other = RECIPE._replace(**{name: OTHER_OUTPUTS[name]})
    resumed, strangers = resume(Batch(batch), recorded(tmp_path, other))
    assert (len(resumed.done), len(resumed.jobs), strangers) == (0, 2, 2)


@pytest.mark.parametrize("name", Policy._fields)
def test_no_setting_of_a_policy_makes_another_output(batch: tuple[Job, ...], tmp_path: Path, name: str) -> None:
    if name == "scheduler":
        pytest.importorskip("distributed", reason="Dask is not installed: it brings the cluster")
    policy = Policy()._replace(**{name: SAME_OUTPUTS[name]})
    assert policy != Policy()
    assert all(isinstance(each, Done) for each in run_batch(batch, RECIPE, policy, recorded(tmp_path).add))
    outputs = [job.numbered(0).read_bytes() for job in batch]
    resumed, strangers = resume(Batch(batch), recorded(tmp_path))
    assert (len(resumed.done), len(resumed.jobs), strangers) == (2, 0, 0)
    list(run_batch(batch, RECIPE, Policy(existing="overwrite")))
    assert [job.numbered(0).read_bytes() for job in batch] == outputs


def test_the_format_that_is_asked_for_makes_another_output(batch: tuple[Job, ...], tmp_path: Path) -> None:
    list(run_batch(batch, RECIPE, Policy(), recorded(tmp_path).add))
    assert resume(Batch(batch), record_of(tmp_path / "out", RECIPE, format_named("png")))[1] == 2


def test_a_line_is_added_before_the_output_has_its_name(batch: tuple[Job, ...], tmp_path: Path) -> None:
    seen: list[tuple[Job, Place, int, bool]] = []

    def on_output(job: Job, output: Place, source: Any, written: Any) -> None:
        assert job.source is not None
        assert source == job.source.stat()
        seen.append((job, output, written.st_size, output.exists()))

    outcome = run_job(batch[0], RECIPE, on_output=on_output)
    output = tmp_path / "out" / "a.png"
    assert isinstance(outcome, Done)
    assert seen == [(batch[0], output, output.stat().st_size, False)]


def test_an_output_whose_input_changed_is_written_again_though_it_exists(
    batch: tuple[Job, ...], tmp_path: Path
) -> None:
    record = recorded(tmp_path)
    list(run_batch(batch, RECIPE, Policy(), record.add))
    Image.fromarray(np.full((4, 5), 200, np.uint8)).save(tmp_path / "a.png")
    resumed, _ = resume(Batch(batch), record)
    assert [job.job.source_name for job in resumed.done] == [str(tmp_path / "b.png")]
    (job,) = resumed.jobs
    assert isinstance(run_job(batch[0], RECIPE), Failed)
    assert isinstance(run_job(job, RECIPE, on_output=record.add), Done)
    with Image.open(tmp_path / "out" / "a.png") as image:
        assert image.getpixel((0, 0)) == 200


def test_of_a_long_record_the_lines_of_the_batch_are_parsed_alone(
    batch: tuple[Job, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = recorded(tmp_path)
    for _ in range(2):
        list(run_batch(batch, RECIPE, Policy(existing="overwrite"), written.add))
    lines = written.file.read_text()
    others = "".join(f"\n{lines.splitlines()[1].replace('a.png', f'{number}.png')}\n" for number in range(5000))
    written.file.write_text(lines + others)
    parsed = []

    def watched(text: bytes) -> Any:
        parsed.append(text)
        return json.loads(text)

    monkeypatch.setattr("convcli.jobs.many.record._parsed", watched)
    resumed, strangers = resume(Batch(batch), written)
    assert (len(resumed.done), len(resumed.jobs), strangers) == (2, 0, 0)
    assert len(parsed) == 4


def test_names_of_any_letters_are_found_in_a_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    names = ['", "', '\\", "x', "\\", "é\n", "\udc80", "a", "a.png"]
    jobs = tuple(Job(tmp_path / "in.png", tmp_path / "out" / f"{name}.png", makes_folder=True) for name in names)
    Image.fromarray(np.zeros((1, 1), np.uint8)).save(tmp_path / "in.png")
    written = recorded(tmp_path)
    list(run_batch(jobs, RECIPE, Policy(), written.add))
    resumed, _ = resume(Batch(jobs), written)
    assert [each.job for each in resumed.done] == list(jobs)
