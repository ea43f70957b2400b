"""Jobs in strips that are interrupted, and gone on with."""

from __future__ import annotations

import errno
import re
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from convcli import load_filter
from convcli.array_types import Array
from convcli.engine import Settings
from convcli.errors import FileError
from convcli.image import read_picture
from convcli.image.codec import RowWriter
from convcli.image.codecs.npy import _NpyWriter
from convcli.jobs import Done, Failed, Job, Policy, Recipe
from convcli.jobs.one.run import run_job
from convcli.jobs.one.strips.frame import StripsOfFrame
from tests.support.noise import noise

RECIPE = Recipe(load_filter("gaussian:1 | normalize"))
POLICY = Policy(settings=Settings("numpy", threads=1), bound=1, resumes=True)


@pytest.fixture(autouse=True)
def _low_strips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fit_into(frame: StripsOfFrame, *_: int) -> None:
        frame.rows_at_once = 16

    monkeypatch.setattr(StripsOfFrame, "fit_into", fit_into)
    monkeypatch.setattr("convcli.jobs.one.strips.running.SHARE", 1e9)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def interrupted(
    source: Path, target: Path, monkeypatch: pytest.MonkeyPatch, writer: type[RowWriter], method: str, when: int
) -> None:
    """Interrupt a job at a call of its writer."""
    usual, calls = getattr(writer, method), count(1)

    def ending(*words: Any) -> None:
        if next(calls) == when:
            raise KeyboardInterrupt
        usual(*words)

    with monkeypatch.context() as patched:
        patched.setattr(writer, method, ending)
        with pytest.raises(KeyboardInterrupt):
            run_job(Job(source, target), RECIPE, POLICY)
    assert not target.exists()
    noted = list((target.parent / "state" / "convcli" / "strips").glob("*.json"))
    assert len(list(target.parent.glob(".convcli-*.part"))) == len(noted)


def finished(source: Path, target: Path, **policy: Any) -> Done:
    outcome = run_job(Job(source, target), RECIPE, POLICY._replace(**policy))
    assert isinstance(outcome, Done), outcome
    return outcome


@pytest.mark.parametrize(("method", "when"), [("write", 1), ("write", 6), ("write", 11), ("write", 20), ("finish", 1)])
def test_arrays_of_several_frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, when: int) -> None:
    source, target = tmp_path / "in.npy", tmp_path / "out.npy"
    np.save(source, noise(1, 3, 2, 100, 30, dtype=np.float32))
    whole = finished(source, tmp_path / "whole.npy", bound=None, takes_all=True)
    interrupted(source, target, monkeypatch, _NpyWriter, method, when)
    outcome = finished(source, target)
    np.testing.assert_array_equal(np.load(target), np.load(tmp_path / "whole.npy"))
    assert (outcome.frames, outcome.notes, outcome.clipped) == (whole.frames, whole.notes, whole.clipped)
    assert not list(tmp_path.glob(".convcli-*"))
    assert not list((tmp_path / "state" / "convcli" / "strips").glob("*.json"))


@pytest.mark.parametrize(("method", "when"), [("write", 2), ("write", 9), ("write", 14), ("finish", 1)])
def test_planes_and_levels_of_a_zarr(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, when: int) -> None:
    pytest.importorskip("tensorstore")
    from convcli.image.codecs.zarr.writing import ZarrWriter
    from tests.support.zarrs import multiscale_in, values_in

    levels = [noise(2, 2, 100, 30), noise(2, 2, 50, 15)]
    source, target = multiscale_in(tmp_path / "in.zarr", levels, "zyx", chunks=(1, 32, 16)), tmp_path / "out.zarr"
    whole = finished(source, tmp_path / "whole.zarr", bound=None, takes_all=True)
    interrupted(source, target, monkeypatch, ZarrWriter, method, when)
    outcome = finished(source, target)
    for level in ("s0", "s1"):
        np.testing.assert_array_equal(values_in(target, level), values_in(tmp_path / "whole.zarr", level))
    assert (outcome.frames, outcome.notes, outcome.clipped) == (whole.frames, whole.notes, whole.clipped)
    assert read_picture(target, frames="all").frames[0].shape == (100, 30, 1)
    assert not list(tmp_path.glob(".convcli-*"))


@pytest.mark.parametrize("when", [2, 4, 5])
def test_a_tiff_and_its_smaller_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: int) -> None:
    from convcli.image.codecs.tiff.tiles import TiffTiles

    source, target = tmp_path / "in.npy", tmp_path / "out.tif"
    np.save(source, noise(1, 3, 1300, 300, dtype=np.float32))
    monkeypatch.setattr(StripsOfFrame, "fit_into", lambda frame, *_: setattr(frame, "rows_at_once", 256))
    monkeypatch.setattr(f"{__name__}.RECIPE", RECIPE._replace(overviews=True))
    finished(source, tmp_path / "whole.tif", bound=None, takes_all=True)
    interrupted(source, target, monkeypatch, TiffTiles, "write", when)
    finished(source, target)
    with tifffile.TiffFile(target) as file, tifffile.TiffFile(tmp_path / "whole.tif") as whole:
        assert len(file.pages) == len(whole.pages) == 4
        for one, other in zip(file.pages, whole.pages, strict=True):
            np.testing.assert_array_equal(one.asarray(), other.asarray())
    assert not list(tmp_path.glob(".convcli-*"))


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException, when: int) -> None:
    """Let the writer of arrays fail at one of its strips."""
    usual, calls = _NpyWriter.write, count(1)

    def write(writer: _NpyWriter, rows: Array) -> None:
        if next(calls) == when:
            raise error
        usual(writer, rows)

    monkeypatch.setattr(_NpyWriter, "write", write)


def left(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.glob(".convcli-*"))


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "full"), FileError("in.npy is damaged at row 80", "mend it"), MemoryError()]
)
def test_a_part_stays_after_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    source, target = tmp_path / "in.npy", tmp_path / "out.npy"
    np.save(source, noise(1, 3, 200, 30, dtype=np.float32))
    finished(source, tmp_path / "whole.npy", bound=None, takes_all=True)
    with monkeypatch.context() as patched:
        failing(patched, error, 9)
        with caplog.at_level("WARNING", "convcli.strips"):
            assert isinstance(run_job(Job(source, target), RECIPE, POLICY), Failed)
    assert re.fullmatch(
        rf"{re.escape(str(target))}: \d+ rows are done; the same command goes on with them", caplog.messages[-1]
    )
    assert len(left(tmp_path)) == 1
    with caplog.at_level("INFO", "convcli.strips"):
        finished(source, target)
    assert "goes on at row" in caplog.messages[-1]
    np.testing.assert_array_equal(np.load(target), np.load(tmp_path / "whole.npy"))
    assert not left(tmp_path)


def test_a_part_stays_for_its_recipe_until_the_output_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    source, target = tmp_path / "in.npy", tmp_path / "out.npy"
    np.save(source, noise(1, 3, 200, 30, dtype=np.float32))
    interrupted(source, target, monkeypatch, _NpyWriter, "write", 9)
    (part,) = left(tmp_path)
    other = Recipe(load_filter("gaussian:2"))
    with monkeypatch.context() as patched, caplog.at_level("WARNING", "convcli.strips"):
        failing(patched, OSError(errno.ENOSPC, "full"), 6)
        assert isinstance(run_job(Job(source, target), other, POLICY), Failed)
    assert re.search(r"an earlier run has left \d+ rows of it, by another filter", caplog.messages[1])
    assert part in left(tmp_path)
    with caplog.at_level("INFO", "convcli.strips"):
        finished(source, target)
    assert "goes on at row" in caplog.messages[-1]
    assert not left(tmp_path), "nor the part by the other recipe"
    assert not list((tmp_path / "state" / "convcli" / "strips").iterdir())


def test_a_part_of_an_input_that_changed_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    source, target = tmp_path / "in.npy", tmp_path / "out.npy"
    np.save(source, noise(1, 3, 200, 30, dtype=np.float32))
    interrupted(source, target, monkeypatch, _NpyWriter, "write", 9)
    np.save(source, noise(2, 3, 200, 30, dtype=np.float32))
    finished(source, target)
    assert f"{target} is begun anew: its input is not what it was" in caplog.messages
    assert not left(tmp_path)


def test_a_part_is_gone_on_with_where_there_is_room_for_all_by_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    source, target = tmp_path / "in.npy", tmp_path / "out.npy"
    np.save(source, noise(1, 3, 200, 30, dtype=np.float32))
    interrupted(source, target, monkeypatch, _NpyWriter, "write", 9)
    with caplog.at_level("INFO", "convcli.strips"):
        finished(source, target, bound=None)
    assert "goes on at row" in caplog.messages[-1]
    interrupted(source, tmp_path / "again.npy", monkeypatch, _NpyWriter, "write", 9)
    monkeypatch.setattr("convcli.jobs.one.strips.running.SHARE", 0)
    monkeypatch.setattr("convcli.jobs.one.strips.running.engine.layer_of_all_rows", lambda _: RECIPE.pipeline.layers[0])
    finished(source, tmp_path / "again.npy", bound=None)
    assert not left(tmp_path), "where strips are no way any more"


def test_an_output_is_good_where_the_folder_of_state_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = tmp_path / "in.npy", tmp_path / "out.npy"
    np.save(source, noise(1, 3, 200, 30, dtype=np.float32))
    monkeypatch.setenv("XDG_STATE_HOME", str(source))
    finished(source, target)
    assert target.is_file()
