"""Zarrs in strips, and in listings: the pixels of other formats, at a bound of memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from convcli import load_filter
from convcli.engine import Settings
from convcli.errors import NoRoomError
from convcli.image import Picture, format_named, read_picture, write_picture
from convcli.jobs import Done, Failed, Job, Policy, Recipe
from convcli.jobs.one.run import run_job
from convcli.jobs.one.strips.frame import StripsOfFrame
from tests.support.console import run
from tests.support.noise import noise
from tests.support.zarrs import array_in, multiscale_in, values_in

NUMPY = Settings("numpy", threads=2)


@pytest.fixture
def _low_strips(monkeypatch: pytest.MonkeyPatch) -> None:
    def fit_into(frame: StripsOfFrame, *_: int) -> None:
        frame.rows_at_once = -(-23 // frame.main.unit) * frame.main.unit

    monkeypatch.setattr(StripsOfFrame, "fit_into", fit_into)
    monkeypatch.setattr("convcli.jobs.one.strips.running.SHARE", 1e9)


def done(source: Path, target: Path, text: str, **options: Any) -> Done:
    bound = options.pop("bound", None)
    policy = Policy(settings=NUMPY, bound=bound, takes_all=bound is None)
    outcome = run_job(Job(source, target), Recipe(load_filter(text), **options), policy)
    assert isinstance(outcome, Done), outcome
    return outcome


@pytest.mark.usefixtures("_low_strips")
@pytest.mark.parametrize("axes", ["yx", "cyx", "yxc", "tczyx", "zyx"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.int16])
def test_strips_are_the_whole(tmp_path: Path, axes: str, dtype: Any) -> None:
    lengths = {"t": 2, "c": 3, "z": 2, "y": 111, "x": 37}
    values = noise(1, *(lengths[each] for each in axes), dtype=dtype)
    chunks = tuple({"y": 16, "x": 20}.get(each, 2) for each in axes)
    source = array_in(tmp_path / "in.zarr", values, chunks=chunks, dimension_names=list(axes))
    whole = done(source, tmp_path / "whole.zarr", "gaussian:1.3 | normalize")
    strips = done(source, tmp_path / "strips.zarr", "gaussian:1.3 | normalize", bound=1)
    assert (whole.strips, strips.strips > whole.frames) == (1, True)
    assert (whole.frames, whole.clipped, whole.notes) == (strips.frames, strips.clipped, strips.notes)
    np.testing.assert_array_equal(values_in(tmp_path / "strips.zarr"), values_in(tmp_path / "whole.zarr"))


@pytest.mark.usefixtures("_low_strips")
def test_a_pyramid_is_rebuilt(tmp_path: Path) -> None:
    levels = [noise(2, 3, 101, 90), noise(2, 3, 51, 45), noise(2, 3, 25, 22)]
    source = multiscale_in(tmp_path / "in.zarr", levels, "cyx", chunks=(1, 16, 16))
    for target, bound in (("whole", None), ("strips", 1)):
        assert done(source, tmp_path / f"{target}.zarr", "sharpen", bound=bound).notes != ()
    for number, level in enumerate(levels):
        found = values_in(tmp_path / "strips.zarr", f"s{number}")
        assert found.shape == level.shape
        np.testing.assert_array_equal(found, values_in(tmp_path / "whole.zarr", f"s{number}"))


@pytest.mark.usefixtures("_low_strips")
@pytest.mark.parametrize("bound", [None, 1])
def test_from_and_to_other_formats(tmp_path: Path, bound: int | None) -> None:
    values = noise(3, 300, 520, 3)
    tiff = tmp_path / "in.tif"
    write_picture(Picture((values,)), tiff, format_named("tiff"))
    done(tiff, tmp_path / "0.zarr", "gaussian:2", bound=bound)
    done(tiff, tmp_path / "0.tif", "gaussian:2", bound=bound)
    np.testing.assert_array_equal(
        read_picture(tmp_path / "0.zarr").frames[0], read_picture(tmp_path / "0.tif").frames[0]
    )
    done(tmp_path / "0.zarr", tmp_path / "1.tif", "sobel", bound=bound)
    done(tmp_path / "0.tif", tmp_path / "2.tif", "sobel", bound=bound)
    np.testing.assert_array_equal(
        read_picture(tmp_path / "1.tif").frames[0], read_picture(tmp_path / "2.tif").frames[0]
    )
    done(tiff, tmp_path / "more.zarr", "identity", bound=bound, overviews=True)
    done(tiff, tmp_path / "more.tif", "identity", bound=bound, overviews=True)
    smaller = read_picture(tmp_path / "more.tif", frames=1).frames[0]
    np.testing.assert_array_equal(values_in(tmp_path / "more.zarr", "1"), np.moveaxis(smaller, 2, 0))


@pytest.mark.usefixtures("_low_strips")
@pytest.mark.parametrize("bound", [None, 1])
@pytest.mark.parametrize("shape", [(60, 40), (3, 60, 40), (4, 3, 60, 40)])
def test_arrays_stay_arrays(tmp_path: Path, bound: int | None, shape: tuple[int, ...]) -> None:
    values = noise(4, *shape, dtype=np.float64) * 1000 - 500
    np.save(tmp_path / "in.npy", values)
    done(tmp_path / "in.npy", tmp_path / "out.zarr", "sobel", bound=bound)
    done(tmp_path / "in.npy", tmp_path / "out.npy", "sobel", bound=bound)
    expected = np.load(tmp_path / "out.npy")
    np.testing.assert_array_equal(values_in(tmp_path / "out.zarr"), expected)
    done(tmp_path / "out.zarr", tmp_path / "back.npy", "identity", bound=bound)
    np.testing.assert_array_equal(np.load(tmp_path / "back.npy"), expected)


def test_planes_that_a_format_does_not_hold(tmp_path: Path) -> None:
    source = array_in(tmp_path / "in.zarr", noise(5, 4, 30, 40), dimension_names=["z", "y", "x"])
    for bound in (None, 1):
        outcome = run_job(Job(source, tmp_path / "out.png"), Recipe(load_filter("sharpen")), Policy(bound=bound))
        assert isinstance(outcome, Failed)
    done(source, tmp_path / "out.png", "sharpen", frame=3)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("channels", [1, 3])
def test_planes_become_pages_of_a_tiff(tmp_path: Path, dtype: Any, channels: int) -> None:
    values = noise(5, 2, 3, channels, 30, 40, dtype=dtype)
    source = array_in(tmp_path / "in.zarr", values, dimension_names=["t", "z", "c", "y", "x"])
    assert done(source, tmp_path / "out.tif", "invert").frames == 6
    with tifffile.TiffFile(tmp_path / "out.tif") as file:
        pages = [page.asarray() for page in file.pages]
    full = 1 if dtype is np.float32 else np.iinfo(dtype).max
    planes = values.reshape(6, channels, 30, 40).transpose(0, 2, 3, 1)
    np.testing.assert_allclose(np.reshape(pages, planes.shape), full - planes, rtol=0, atol=1e-6)
    outcome = run_job(Job(source, tmp_path / "no.tif"), Recipe(load_filter("invert")), Policy(bound=100))
    assert isinstance(outcome, Failed)
    assert "its planes become pages" in outcome.error.message


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("channels", [1, 3])
def test_pages_of_a_tiff_become_planes(tmp_path: Path, dtype: Any, channels: int) -> None:
    pages = np.stack([noise(each, 30, 40, channels, dtype=dtype) for each in range(4)])
    photometric = "rgb" if channels == 3 else "minisblack"
    with tifffile.TiffWriter(tmp_path / "in.tif") as file:
        for page in pages:
            file.write(page[:, :, 0] if channels == 1 else page, photometric=photometric)
    planes = pages.transpose(0, 3, 1, 2)
    full = 1 if dtype is np.float32 else np.iinfo(dtype).max
    for name in ("out.zarr", "out.ome.zarr", "out.npy"):
        assert done(tmp_path / "in.tif", tmp_path / name, "invert").frames == 4
        made = (
            np.load(tmp_path / name)
            if name == "out.npy"
            else values_in(tmp_path / name, "0" * (name == "out.ome.zarr"))
        )
        np.testing.assert_allclose(np.reshape(made, planes.shape), full - planes.astype(float), rtol=0, atol=1e-4)


def test_pages_that_differ_are_no_planes(tmp_path: Path) -> None:
    for each, shape in enumerate([(30, 40), (20, 40)]):
        tifffile.imwrite(tmp_path / "in.tif", np.zeros(shape, np.uint8), append=each > 0)
    for name in ("out.zarr", "out.npy"):
        outcome = run_job(Job(tmp_path / "in.tif", tmp_path / name), Recipe(load_filter("invert")))
        assert isinstance(outcome, Failed)
        assert "holds planes of one size and kind, the pages of" in outcome.error.message
        assert not (tmp_path / name).exists()


def test_arrays_of_several_items_become_pages(tmp_path: Path) -> None:
    np.save(tmp_path / "in.npy", noise(5, 3, 1, 30, 40, dtype=np.float32))
    done(tmp_path / "in.npy", tmp_path / "out.tif", "identity", depth="float")
    with tifffile.TiffFile(tmp_path / "out.tif") as file:
        pages = [page.asarray() for page in file.pages]
    np.testing.assert_array_equal(pages, np.load(tmp_path / "in.npy")[:, 0])


def test_the_bound_holds(tmp_path: Path) -> None:
    source = array_in(tmp_path / "in.zarr", noise(6, 3000, 700, 3), chunks=(64, 700, 3))
    assert done(source, tmp_path / "out.zarr", "sharpen", bound=12_000_000).strips > 1
    whole = array_in(tmp_path / "whole.zarr", noise(6, 900, 700, 3), chunks=(900, 700, 3))
    policy = Policy(settings=NUMPY, bound=2_500_000)
    outcome = run_job(Job(whole, tmp_path / "none.zarr"), Recipe(load_filter("sharpen")), policy)
    assert isinstance(outcome, Failed)
    assert isinstance(outcome.error, NoRoomError)


def test_a_zarr_is_one_picture_of_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "below").mkdir(parents=True)
    multiscale_in(folder / "cells.ome.zarr", [noise(7, 3, 20, 30)], "cyx")
    array_in(folder / "below" / "plain", noise(8, 20, 30), zarr_format=2)
    np.save(folder / "beside.npy", noise(9, 5, 5))
    answer = run(
        "apply", "identity", folder, "-r", "-o", f"{tmp_path / 'out'}/", "--format", "zarr", "--engine", "numpy"
    )
    assert answer.code == 0, answer.stderr
    found = sorted(
        each.parent.relative_to(tmp_path / "out").as_posix() for each in (tmp_path / "out").rglob("zarr.json")
    )
    assert found == ["cells.ome.zarr", "cells.ome.zarr/s0"] or "cells.ome.zarr" in found
    np.testing.assert_array_equal(values_in(tmp_path / "out" / "below" / "plain.zarr"), noise(8, 20, 30))


def test_from_the_shell(tmp_path: Path) -> None:
    source = array_in(tmp_path / "in.zarr", noise(10, 20, 30), chunks=(8, 8))
    out = tmp_path / "out.zarr"
    words = ("apply", "invert", f"{source}/", "-o", out, "--engine", "numpy")
    assert run(*words).code == 0
    again = run(*words)
    assert (again.code, again.lines[0]) == (1, f"error: {out} exists")
    assert run(*words, "--force").code == 0
    assert run(*words, "--skip-existing").code == 0
    onto = run("apply", "invert", source, "-o", source, "--force")
    assert (onto.code, "is the input itself" in onto.stderr) == (1, True)
    stream = run("apply", "invert", source, "-o", "-", "--format", "zarr")
    assert (stream.code, stream.lines[0]) == (2, "error: Zarr is a folder, which stdout cannot be")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["in.zarr", "out.zarr"]


def test_a_zarr_goes_on_with_a_record(tmp_path: Path) -> None:
    source = array_in(tmp_path / "in.zarr", noise(11, 20, 30), chunks=(8, 8))
    words = ("apply", "invert", source, "-o", tmp_path / "out.zarr", "--resume", "--engine", "numpy", "-v")
    assert run(*words).code == 0
    assert "done before" in run(*words).stderr
    array_in(source, noise(12, 20, 30), chunks=(8, 8), overwrite=True)
    assert "done before" not in run(*words).stderr
    np.testing.assert_array_equal(values_in(tmp_path / "out.zarr"), 255 - noise(12, 20, 30))
