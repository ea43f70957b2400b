from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from convcli.errors import OutputRefused, ReadError, WriteError
from convcli.filters import Conv, Pipeline
from convcli.filters.kernel import Kernel
from convcli.image import format_named
from convcli.jobs.one.outputs import refusal
from convcli.jobs.one.recipe import Policy, Recipe
from convcli.jobs.one.run import run_job
from convcli.jobs.one.work import Done, Failed, Job, Outcome, Skipped
from convcli.note import Note
from tests.support.outcomes import error_of


def kernel(weights: Any, **settings: Any) -> Pipeline:
    return Pipeline((Conv(Kernel(weights, **settings)),), name="mine")


IDENTITY = kernel([[1]])


@pytest.fixture
def source(tmp_path: Path) -> Path:
    Image.fromarray(np.arange(48, dtype=np.uint8).reshape(6, 8)).save(tmp_path / "in.png")
    return tmp_path / "in.png"


def test_done_tells_what_was_done(source: Path) -> None:
    job = Job(source, source.with_name("out.png"))
    outcome = run_job(job, Recipe(kernel(np.ones((1, 3)), divisor=3)))
    assert isinstance(outcome, Done)
    assert outcome.job is job
    assert outcome.size == (6, 8)
    assert outcome.clipped == 0
    assert outcome.engine in ("numpy", "numba")
    assert 0 < outcome.seconds < 60
    assert outcome.notes == ()


def test_clipped_values_are_counted_and_noted_above_one_percent(source: Path) -> None:
    outcome = run_job(Job(source, source.with_name("out.png")), Recipe(kernel([[10]])))
    assert isinstance(outcome, Done)
    assert outcome.clipped == 22 / 48  # 26 to 47
    (note,) = outcome.notes
    assert note.startswith("45.8 % of the values were clipped")
    assert note.endswith("; the weights add up to 10, and --normalize sum makes that 1")
    other = run_job(Job(source, source.with_name("edges.png")), Recipe(kernel([[50, -50]])))
    assert isinstance(other, Done)
    assert other.notes[0].endswith("; --range abs, stretch or center keeps them")  # none is above white


def test_what_is_there_is_refused_skipped_or_overwritten(source: Path) -> None:
    target = source.with_name("out.png")
    job = Job(source, target)
    assert refusal(job, "refuse") is None
    target.touch()
    with pytest.raises(OutputRefused, match=r"out\.png exists"):
        refusal(job, "refuse")
    assert isinstance(refusal(job, "skip"), Skipped)
    assert refusal(job, "overwrite") is None
    assert isinstance(error_of(run_job(job, Recipe(IDENTITY))), OutputRefused)
    assert target.stat().st_size == 0
    assert isinstance(run_job(job, Recipe(IDENTITY), Policy(existing="skip")), Skipped)
    assert isinstance(run_job(job, Recipe(IDENTITY), Policy(existing="overwrite")), Done)
    assert target.stat().st_size > 0


@pytest.mark.parametrize("existing", ["refuse", "skip", "overwrite"])
def test_the_source_is_never_a_target(source: Path, existing: Any) -> None:
    before = source.read_bytes()
    source.with_name("link.png").symlink_to(source.name)
    for target in (source, source.parent / "." / "in.png", source.with_name("link.png")):
        error = error_of(run_job(Job(source, target), Recipe(IDENTITY), Policy(existing=existing)))
        assert "is the input itself" in error.message
    assert source.read_bytes() == before


def test_a_folder_is_made_only_where_it_was_asked_for(source: Path) -> None:
    target = source.parent / "a" / "b" / "out.png"
    assert isinstance(error_of(run_job(Job(source, target), Recipe(IDENTITY))), WriteError)
    assert not target.parent.exists()
    assert isinstance(run_job(Job(source, target, makes_folder=True), Recipe(IDENTITY)), Done)
    assert target.exists()


def test_no_folder_is_made_for_a_file_that_fails(source: Path) -> None:
    source.write_bytes(b"no picture")
    job = Job(source, source.parent / "new" / "out.png", makes_folder=True)
    assert isinstance(error_of(run_job(job, Recipe(IDENTITY))), ReadError)
    assert not (source.parent / "new").exists()


def test_what_goes_wrong_is_an_outcome(source: Path) -> None:
    out = source.with_name("out.png")
    two = kernel(np.ones((1, 2, 1, 1)))
    assert "takes 2 input channels" in error_of(run_job(Job(source, out), Recipe(two))).message
    assert "3 channels" not in error_of(run_job(Job(source, out), Recipe(two))).message
    assert "no format" in error_of(run_job(Job(source, source.with_name("out")), Recipe(IDENTITY))).message
    assert "--max-pixels" in error_of(run_job(Job(source, out), Recipe(IDENTITY), Policy(max_pixels=10))).hint
    assert not out.exists()


def test_a_lack_of_memory_is_an_outcome_too(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_memory(*_: Any, **__: Any) -> None:
        raise MemoryError

    monkeypatch.setattr("convcli.engine.apply_pipeline", no_memory)
    error = error_of(run_job(Job(source, source.with_name("out.png")), Recipe(IDENTITY)))
    assert str(source) in error.message
    assert "memory" in error.message
    assert "--jobs" in error.hint


def test_an_error_nobody_foresaw_is_the_outcome_of_its_file(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr("convcli.engine.apply_pipeline", broken)
    error = error_of(run_job(Job(source, source.with_name("out.png")), Recipe(IDENTITY)))
    assert error.message == f"{source}: this should not happen: KeyError: 'a bug'"
    assert "--debug" in error.hint
    assert isinstance(error.__cause__, KeyError), "for the traceback that --debug prints"


def test_what_cannot_be_written_is_refused_before_it_is_computed(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convcli.engine.apply_pipeline", lambda *_, **__: pytest.fail("computed in vain"))
    two = kernel(np.ones((2, 1, 3, 3)))
    assert "2 channels" in error_of(run_job(Job(source, source.with_name("out.png")), Recipe(two))).message
    deep = Recipe(IDENTITY, depth=16)
    assert "8 bits" in error_of(run_job(Job(source, source.with_name("out.jpg")), deep)).message


def test_the_format_of_the_job_counts_before_the_name(source: Path) -> None:
    target = source.with_name("out.png")
    assert isinstance(run_job(Job(source, target, format_named("bmp")), Recipe(IDENTITY)), Done)
    assert target.read_bytes().startswith(b"BM")


@pytest.mark.parametrize("name", ["out.npy", "out.csv"])
def test_values_for_an_array_file_are_floats_and_unclipped(source: Path, name: str) -> None:
    outcome = run_job(Job(source, source.with_name(name)), Recipe(kernel([[-10]])))
    assert isinstance(outcome, Done)
    assert outcome.clipped == 0
    written = (
        np.load(source.with_name(name)) if name == "out.npy" else np.loadtxt(source.with_name(name), delimiter=",")
    )
    assert np.array_equal(written, -10 * np.arange(48).reshape(6, 8))


def test_everything_travels_to_another_process_and_back(source: Path) -> None:
    job = Job(source, source.with_name("out.png"), format_named("png"), makes_folder=True)
    recipe = Recipe(kernel([[1, 2]], divisor=3, bias=0.5), range="abs", depth=16, quality=80, png_effort="small")
    twin: Recipe = pickle.loads(pickle.dumps(recipe))
    assert twin.pipeline.name == "mine"
    assert twin.pipeline.conv is not None
    assert np.array_equal(twin.pipeline.conv.kernel.weights, [[1, 2]])
    assert (twin.range, twin.depth, twin.quality, twin.png_effort) == ("abs", 16, 80, "small")
    policy = Policy(existing="skip", memory=7)
    assert pickle.loads(pickle.dumps(policy)) == policy
    for outcome in (
        Done(job, 0.1, (1, 2), 0.5, "numpy", (Note("odd", "a note"),)),
        Skipped(job, "why"),
        Failed(job, ReadError("what", "help")),
    ):
        again: Outcome = pickle.loads(pickle.dumps(outcome))
        assert again.job == job
        if isinstance(again, Failed):
            assert (type(again.error), again.error.message, again.error.hint) == (ReadError, "what", "help")
        else:
            assert again == outcome
