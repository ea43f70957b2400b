from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convcli import load_filter
from convcli.array_types import Array
from convcli.errors import OutputRefused, UsageError, WriteError
from convcli.image import Picture, format_named, read_picture, write_picture
from convcli.jobs import Done, Job, Policy, Recipe
from convcli.jobs.one.run import run_job
from tests.support.noise import noise
from tests.support.zarrs import array_in, multiscale_in, said_by, values_in, zarr

ZARR = format_named("zarr")


def applied(text: str, source: Path, target: Path, *, policy: Policy | None = None, **options: Any) -> Done:
    outcome = run_job(Job(source, target), Recipe(load_filter(text), **options), policy or Policy(takes_all=True))
    assert isinstance(outcome, Done), outcome
    return outcome


def metadata(folder: Path, path: str = "") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / path / "zarr.json").read_text())
    return found


def means(level: Array, *ratios: int) -> Array:
    """Return the means of blocks, rounded half up, of a level that they divide."""
    blocks = level.reshape(
        [part for side, ratio in zip(level.shape, ratios, strict=True) for part in (side // ratio, ratio)]
    )
    found: Array = np.floor(blocks.mean(axis=tuple(range(1, 2 * level.ndim, 2))) + 0.5).astype(level.dtype)
    return found


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
@pytest.mark.parametrize("channels", [1, 3, 5])
def test_a_picture_is_an_array_with_named_axes(tmp_path: Path, dtype: Any, channels: int) -> None:
    values = noise(1, 600, 40, channels, dtype=dtype)
    write_picture(Picture((values,)), tmp_path / "out.zarr", ZARR)
    found = zarr.open_array(tmp_path / "out.zarr", mode="r")
    assert found.metadata.dimension_names == (("c", "y", "x") if channels > 1 else ("y", "x"))
    np.testing.assert_array_equal(found[...], np.squeeze(np.moveaxis(values, 2, 0)))
    assert found.chunks[-2:] == (512, 40)
    again = read_picture(tmp_path / "out.zarr")
    np.testing.assert_array_equal(again.frames[0], values)
    assert (again.format, again.dtype, again.notes) == (ZARR, dtype, ())


def test_frames_are_an_axis(tmp_path: Path) -> None:
    frames = tuple(noise(2, 3, 20, 30, 2))
    write_picture(Picture(frames), tmp_path / "out.zarr", ZARR)
    np.testing.assert_array_equal(values_in(tmp_path / "out.zarr"), np.moveaxis(np.stack(frames), 3, 1))
    np.testing.assert_array_equal(np.stack(read_picture(tmp_path / "out.zarr", frames="all").frames), np.stack(frames))


def test_a_name_asks_for_an_ome_zarr(tmp_path: Path) -> None:
    values = noise(3, 1100, 30, 3)
    write_picture(Picture((values,)), tmp_path / "out.OME.zarr", ZARR)
    (said,) = said_by(tmp_path / "out.OME.zarr")["multiscales"]
    assert [each["name"] for each in said["axes"]] == ["c", "y", "x"]
    assert said["datasets"] == [{"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [1, 1, 1]}]}]
    assert zarr.open_group(tmp_path / "out.OME.zarr", mode="r")["0"].shape == (3, 1100, 30)
    write_picture(Picture((values,)), tmp_path / "more.zarr", ZARR, overviews=True)
    (said,) = said_by(tmp_path / "more.zarr")["multiscales"]
    scales = [each["coordinateTransformations"][0]["scale"] for each in said["datasets"]]
    assert scales == [[1, 1, 1], [1, 2, 2], [1, 4, 4], [1, 8, 8]]
    one, two = values_in(tmp_path / "more.zarr", "0"), values_in(tmp_path / "more.zarr", "1")
    np.testing.assert_array_equal(two, means(one, 1, 2, 2))


@pytest.mark.parametrize("version", [2, 3])
def test_an_ome_zarr_stays_what_it_was(tmp_path: Path, version: int) -> None:
    levels = [noise(4, 2, 3, 64, 40, dtype=np.uint16), noise(5, 2, 3, 32, 20, dtype=np.uint16)]
    scales = [[9.0, 1.0, 0.5, 0.25], [9.0, 1.0, 1.0, 0.5]]
    omero: dict[str, Any] = {"omero": {"channels": [{"label": each} for each in "abc"]}}
    compressors = {"compressors": zarr.codecs.GzipCodec(level=3)} if version == 3 else {}
    source = multiscale_in(
        tmp_path / "in.zarr",
        levels,
        "tcyx",
        version=version,
        scales=scales,
        more=omero,
        chunks=(1, 2, 16, 16),
        **compressors,
    )
    outcome = applied("identity", source, tmp_path / "out.zarr")
    assert (outcome.frames, outcome.notes) == (2, ())
    np.testing.assert_array_equal(values_in(tmp_path / "out.zarr", "s0"), levels[0])
    np.testing.assert_array_equal(values_in(tmp_path / "out.zarr", "s1"), means(levels[0], 1, 1, 2, 2))
    assert said_by(tmp_path / "out.zarr") == said_by(source)
    for level in ("s0", "s1"):
        before, after = (zarr.open_array(each / level, mode="r") for each in (source, tmp_path / "out.zarr"))
        assert (after.chunks, after.compressors, after.dtype) == (before.chunks, before.compressors, before.dtype)


def test_larger_pixels_and_fewer_channels_are_said(tmp_path: Path) -> None:
    levels = [noise(6, 3, 50, 70), noise(6, 3, 25, 35), noise(6, 3, 12, 17)]
    scales: list[list[float]] = [[1, 0.5, 0.25], [1, 1, 0.5], [1, 2, 1]]
    omero: dict[str, Any] = {"omero": {"channels": [{}, {}, {}]}}
    source = multiscale_in(tmp_path / "in.zarr", levels, "cyx", scales=scales, more=omero, chunks=(1, 16, 16))
    applied("resize:50% | luma", source, tmp_path / "out.zarr")
    said = said_by(tmp_path / "out.zarr")
    found = [each["coordinateTransformations"][0]["scale"] for each in said["multiscales"][0]["datasets"]]
    assert found == [[1, 1, 0.5], [1, 2, 1], [1, 4, 2]]
    assert "omero" not in said
    assert said["mine"] == [1, 2]
    assert [values_in(tmp_path / "out.zarr", f"s{number}").shape for number in range(3)] == [
        (1, 25, 35),
        (1, 12, 17),
        (1, 6, 8),
    ]


@pytest.mark.parametrize("version", [2, 3])
def test_an_axis_of_channels_is_gained(tmp_path: Path, version: int) -> None:
    values = noise(7, 2, 30, 40, dtype=np.uint16)
    names: dict[str, Any] = {"dimension_names": ["z", "y", "x"]}
    if version == 2:
        names = {"attributes": {"_ARRAY_DIMENSIONS": ["z", "y", "x"]}}
    source = array_in(tmp_path / "in.zarr", values, chunks=(1, 8, 8), zarr_format=version, **names)
    applied("sobel", source, tmp_path / "out.zarr", depth=8)
    both = tmp_path / "two.yaml"
    both.write_text("layers:\n  - conv: {weights: [[[[1]]], [[[0.5]]]]}\n")
    applied(str(both), source, tmp_path / "two.zarr", depth=8)
    found = read_picture(tmp_path / "two.zarr", frames="all")
    assert (found.channels, len(found.frames), found.bits, found.notes) == (2, 2, 8, ())
    assert read_picture(tmp_path / "out.zarr", frames="all").frames[0].shape == (30, 40, 1)


def test_levels_along_every_axis(tmp_path: Path) -> None:
    levels = [noise(8, 4, 30, 40), noise(8, 2, 10, 20)]
    source = multiscale_in(tmp_path / "in.zarr", levels, "zyx", chunks=(2, 8, 8))
    applied("identity", source, tmp_path / "out.zarr")
    np.testing.assert_array_equal(values_in(tmp_path / "out.zarr", "s1"), means(levels[0], 2, 3, 2))
    applied("identity", source, tmp_path / "one.zarr", frame=2)
    assert values_in(tmp_path / "one.zarr", "s0").shape == (1, 30, 40)


def test_stripped_metadata_keeps_the_axes(tmp_path: Path) -> None:
    source = multiscale_in(tmp_path / "in.zarr", [noise(9, 3, 20, 20)], "zyx", more={"omero": {"channels": [{}]}})
    applied("identity", source, tmp_path / "out.zarr", metadata="strip")
    said = said_by(tmp_path / "out.zarr")
    assert set(said) == {"version", "multiscales", "mine"}
    assert "name" not in said["multiscales"][0]
    assert read_picture(tmp_path / "out.zarr").notes[0].code == "frames-left-out"


def test_shards_are_written_whole(tmp_path: Path) -> None:
    values = noise(10, 100, 90)
    source = array_in(tmp_path / "in.zarr", values, chunks=(16, 16), shards=(48, 32), attributes={"unit": "lux"})
    applied("invert", source, tmp_path / "out.zarr")
    found = zarr.open_array(tmp_path / "out.zarr", mode="r")
    assert (found.shards, found.chunks, found.attrs["unit"]) == ((48, 32), (16, 16), "lux")
    np.testing.assert_array_equal(found[...], 255 - values)
    applied("invert", source, tmp_path / "deep.zarr", depth=16)
    assert zarr.open_array(tmp_path / "deep.zarr", mode="r").shards == (48, 32)


def test_what_exists_is_refused_or_replaced_whole(tmp_path: Path) -> None:
    picture = Picture((noise(11, 20, 30, 1),))
    target = tmp_path / "out.zarr"
    write_picture(picture, target, ZARR)
    with pytest.raises(OutputRefused, match="exists"):
        write_picture(picture, target, ZARR)
    (target / "old").write_text("old")
    write_picture(picture, target, ZARR, overwrite=True)
    assert not (target / "old").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("mine")
    with pytest.raises(WriteError, match="is no Zarr, so it is not replaced"):
        write_picture(picture, tmp_path / "mine", ZARR, overwrite=True)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["mine", "out.zarr"]


def test_a_stream_takes_none() -> None:
    import io

    with pytest.raises(UsageError, match="is a folder, and no stream"):
        write_picture(Picture((noise(12, 4, 4, 1),)), io.BytesIO(), ZARR)
