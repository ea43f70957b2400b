"""One large picture on the workers of a cluster: the pixels that one machine makes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from convcli import load_filter
from convcli.errors import FileError
from convcli.image import read_picture
from convcli.jobs.cluster import picture
from convcli.jobs.many.running import run_batch
from convcli.jobs.one.recipe import Policy, Recipe
from convcli.jobs.one.run import run_job
from convcli.jobs.one.work import Done, Failed, Job
from convcli.places import Place, State
from tests.support.noise import noise
from tests.support.pictures import save

pytest.importorskip("distributed", reason="Dask is not installed: it brings the cluster")


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "_BLOCK", 1000)
    monkeypatch.setattr(picture, "_SEGMENTS", 1)


def tiff(file: Path, **options: Any) -> Path:
    """Write a TIFF in tiles of 16 rows, opaque in its lower half."""
    array = noise(1, 210, 57, 4)
    array[100:, :, 3] = 255
    layout = {"compression": "zlib", "tile": (16, 32), **options}
    tifffile.imwrite(file, array, photometric="rgb", extrasamples=["unassalpha"], metadata=None, **layout)
    return file


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("gaussian:1.3", {}),
        ("sobel | normalize", {}),
        ("median:3 | maxpool:2", {"alpha": "filter", "range": "stretch"}),
        ("sharpen", {"channels": "luma", "range": "center", "depth": 16}),
        ("box:5", {"linear": True, "alpha": "drop"}),
        ("pad:3 | upsample:1.5,mode=bicubic", {}),
        ("median:3 | motion:5,30 | pixelate:4 | resize:0.7", {}),
    ],
)
def test_blocks_make_the_same_picture(tmp_path: Path, address: str, text: str, options: dict[str, Any]) -> None:
    source = tiff(tmp_path / "in.tif")
    recipe = Recipe(load_filter(text), **options)
    named: list[tuple[Place, bool]] = []

    def note(_: Job, output: Place, __: State, ___: State) -> None:
        named.append((output, output.exists()))

    job = Job(source, tmp_path / "out" / "out.tif", makes_folder=True)
    (there,) = run_batch((job,), recipe, Policy(scheduler=address), note)
    here = run_job(Job(source, tmp_path / "here.tif"), recipe, Policy(takes_all=True))
    assert isinstance(there, Done), there
    assert isinstance(here, Done), here
    assert there.strips > 4
    assert named == [(job.target, False)]
    assert (there.size, there.clipped, there.notes) == (here.size, here.clipped, here.notes)
    first, second = read_picture(tmp_path / "out" / "out.tif"), read_picture(tmp_path / "here.tif")
    assert np.array_equal(first.frames[0], second.frames[0])
    assert (first.dtype, first.has_alpha, first.metadata) == (second.dtype, second.has_alpha, second.metadata)


@pytest.mark.parametrize("made", ["png", "strip", "small"])
def test_what_is_read_in_one_order_goes_to_one_worker(
    tmp_path: Path, address: str, made: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if made == "small":
        monkeypatch.undo()
    source = save(tmp_path / "in.png", noise(1, 210, 57, 3)) if made == "png" else tmp_path / "in.tif"
    if made != "png":
        layout: dict[str, Any] = {"tile": None, "rowsperstrip": 210} if made == "strip" else {}
        tiff(source, **layout)
    (outcome,) = run_batch((Job(source, tmp_path / "out.tif"),), Recipe(load_filter("box")), Policy(scheduler=address))
    assert isinstance(outcome, Done), outcome
    assert outcome.strips == 1


def test_a_picture_is_gone_on_with(tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    job, recipe = Job(tiff(tmp_path / "in.tif"), tmp_path / "out.tif"), Recipe(load_filter("sobel | normalize"))
    resuming = Policy(scheduler=address, resumes=True)
    made: list[int] = []

    def until(blocks: Any, number: int, first: int, last: int) -> Any:
        made.append(first)
        if first > 100:
            raise KeyboardInterrupt
        return finished(blocks, number, first, last)

    finished = picture._Blocks._finished
    monkeypatch.setattr(picture._Blocks, "_finished", until)
    with pytest.raises(KeyboardInterrupt):
        list(run_batch((job,), recipe, resuming))
    before = len(made)
    assert not (tmp_path / "out.tif").exists()
    monkeypatch.setattr(picture._Blocks, "_finished", finished)
    (outcome,) = run_batch((job,), recipe, resuming)
    assert isinstance(outcome, Done), outcome
    assert before > 4
    run_job(Job(tmp_path / "in.tif", tmp_path / "here.tif"), recipe, Policy(takes_all=True))
    first, second = read_picture(tmp_path / "out.tif"), read_picture(tmp_path / "here.tif")
    assert np.array_equal(first.frames[0], second.frames[0])


def test_errors_are_outcomes(tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    tiff(tmp_path / "in.tif")
    job = Job(Path("in.tif"), Path("out.tif"))

    def fails(*_: object, **__: object) -> None:
        raise FileError(f"{tmp_path.resolve() / 'in.tif'} is not there on the worker tcp://a:1")

    recipe = Recipe(load_filter("box"))
    with monkeypatch.context() as patch:
        patch.setattr(picture, "results_in_order", fails)
        (outcome,) = run_batch((job,), recipe, Policy(scheduler=address))
    assert isinstance(outcome, Failed)
    assert outcome.error.message == "in.tif is not there on the worker tcp://a:1"
    assert not (tmp_path / "out.tif").exists()
    (tmp_path / "out.tif").write_bytes(b"mine")
    (outcome,) = run_batch((job,), recipe, Policy(scheduler=address))
    assert isinstance(outcome, Failed)
    assert "exists" in outcome.error.message
