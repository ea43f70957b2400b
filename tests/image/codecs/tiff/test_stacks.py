"""Stacks from a TIFF into a Zarr and back: axes, sizes of pixels and units, against tifffile and zarr."""

from __future__ import annotations

import re
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from convcli import load_filter
from convcli.image import Metadata, read_picture, stack_of
from convcli.image.metadata import exif_bytes
from convcli.jobs import Done, Failed, Job, Policy, Recipe
from convcli.jobs.one.run import run_job
from tests.support.noise import noise
from tests.support.zarrs import said_by, values_in, zarr

LENGTHS = {"T": 2, "Z": 3, "C": 4}
OME = {
    "PhysicalSizeX": 0.5, "PhysicalSizeY": 250, "PhysicalSizeYUnit": "nm", "PhysicalSizeZ": 2.0,
    "TimeIncrement": 100, "TimeIncrementUnit": "ms",
}  # fmt: skip
SCALE = {"t": 100.0, "c": 1.0, "z": 2.0, "y": 250.0, "x": 0.5}
UNITS = {"t": "millisecond", "z": "micrometer", "y": "nanometer", "x": "micrometer"}
ORDERS = ["".join(each) for count in (1, 2, 3) for each in permutations("TZC", count)]


def values_of(axes: str, dtype: Any = np.uint16) -> NDArray[Any]:
    return noise(3, *(LENGTHS[name] for name in axes), 9, 14, dtype=dtype)


def in_order(values: NDArray[Any], axes: str) -> NDArray[Any]:
    """Return values in the order that an OME-Zarr has."""
    return values.transpose([*(axes.index(name) for name in "TCZ" if name in axes), -2, -1])


def done(source: Path, target: Path, text: str = "identity", *, bound: int | None = None, **options: Any) -> Done:
    policy = Policy(existing="overwrite", bound=bound, takes_all=bound is None)
    outcome = run_job(Job(source, target), Recipe(load_filter(text), **options), policy)
    assert isinstance(outcome, Done), outcome
    assert (outcome.strips > 1) == (bound is not None)
    return outcome


def small_strips(monkeypatch: pytest.MonkeyPatch) -> int:
    """Take few rows at a time, and return a bound that asks for it."""
    from convcli.jobs.one.strips.frame import StripsOfFrame

    monkeypatch.setattr(StripsOfFrame, "fit_into", lambda frame, *_: setattr(frame, "rows_at_once", frame.main.unit))
    return 1


@pytest.mark.parametrize("axes", ORDERS)
@pytest.mark.parametrize("in_strips", [False, True])
def test_axes_of_ome_go_into_a_zarr_and_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, axes: str, in_strips: bool
) -> None:
    values, source, target = values_of(axes), tmp_path / "a.ome.tif", tmp_path / "b.zarr"
    tifffile.imwrite(source, values, photometric="minisblack", metadata={"axes": f"{axes}YX", **OME})
    bound = small_strips(monkeypatch) if in_strips else None

    done(source, target, bound=bound)

    names = [name.lower() for name in "TCZ" if name in axes] + ["y", "x"]
    found = zarr.open_group(target, mode="r")["0"]
    assert list(found.metadata.dimension_names) == names
    np.testing.assert_array_equal(found[...], in_order(values, axes))
    (first,) = said_by(target)["multiscales"]
    assert [each["name"] for each in first["axes"]] == names
    assert {each["name"]: each.get("unit") for each in first["axes"]} == {name: UNITS.get(name) for name in names}
    kinds = {"t": "time", "c": "channel"}
    assert [each["type"] for each in first["axes"]] == [kinds.get(name, "space") for name in names]
    (scale,) = first["datasets"][0]["coordinateTransformations"]
    assert scale == {"type": "scale", "scale": [SCALE[name] for name in names]}

    done(target, tmp_path / "c.tif")

    with tifffile.TiffFile(tmp_path / "c.tif") as file:
        series, said = file.series[0], tifffile.xml2dict(str(file.ome_metadata))["OME"]["Image"]["Pixels"]
        assert file.is_ome
        assert len(file.pages) == np.prod(values.shape[:-2])
        order = [*(each for each in series.axes if each in axes), "Y", "X"]
        wanted = values.transpose([*(axes.index(each) for each in order[:-2]), -2, -1])
        np.testing.assert_array_equal(series.asarray(), wanted)
    assert set(series.axes) == {*axes, "Y", "X"}
    assert (said["PhysicalSizeX"], said["PhysicalSizeY"], said["PhysicalSizeYUnit"]) == (0.5, 250, "nm")


@pytest.mark.parametrize("axes", ["T", "TC", "TZC", "ZC", "C"])
@pytest.mark.parametrize("in_strips", [False, True])
def test_hyperstacks_of_imagej(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, axes: str, in_strips: bool) -> None:
    values, source, target = values_of(axes), tmp_path / "a.tif", tmp_path / "b.zarr"
    about = {"axes": f"{axes}YX", "unit": "um", "spacing": 3.0, "finterval": 0.25}
    tifffile.imwrite(source, values, imagej=True, resolution=(2.0, 4.0), metadata=about)
    bound = small_strips(monkeypatch) if in_strips else None
    done(source, target, bound=bound)
    names = [name.lower() for name in "TCZ" if name in axes] + ["y", "x"]
    np.testing.assert_array_equal(values_in(target, "0"), in_order(values, axes))
    (first,) = said_by(target)["multiscales"]
    wanted = {"t": 0.25, "c": 1.0, "z": 3.0, "y": 0.25, "x": 0.5}
    assert first["datasets"][0]["coordinateTransformations"][0]["scale"] == [wanted[name] for name in names]
    units = {"t": "second", "z": "micrometer", "y": "micrometer", "x": "micrometer"}
    assert [each.get("unit") for each in first["axes"]] == [units.get(name) for name in names]


def test_a_stride_makes_pixels_larger(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.ome.tif", values_of("Z"), photometric="minisblack", metadata={"axes": "ZYX", **OME})
    done(tmp_path / "a.ome.tif", tmp_path / "b.zarr", "avgpool:2")
    (first,) = said_by(tmp_path / "b.zarr")["multiscales"]
    assert first["datasets"][0]["coordinateTransformations"][0]["scale"] == [2.0, 500.0, 1.0]
    done(tmp_path / "b.zarr", tmp_path / "c.tif", "avgpool:2")
    with tifffile.TiffFile(tmp_path / "c.tif") as file:
        said = tifffile.xml2dict(str(file.ome_metadata))["OME"]["Image"]["Pixels"]
    assert (said["PhysicalSizeX"], said["PhysicalSizeY"], said["PhysicalSizeZ"]) == (2.0, 1000, 2.0)
    assert (said["SizeX"], said["SizeY"], said["SizeZ"]) == (3, 2, 3)


@pytest.mark.parametrize("in_strips", [False, True])
def test_smaller_versions_of_a_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_strips: bool) -> None:
    values, source, target = noise(3, 2, 3, 40, 300), tmp_path / "a.ome.tif", tmp_path / "b.ome.zarr"
    tifffile.imwrite(source, values, photometric="minisblack", metadata={"axes": "ZCYX", **OME})
    bound = small_strips(monkeypatch) if in_strips else None
    done(source, target, bound=bound, overviews=True)
    (first,) = said_by(target)["multiscales"]
    scales = [each["coordinateTransformations"][0]["scale"] for each in first["datasets"]]
    assert scales == [[1.0, 2.0, 250.0, 0.5], [1.0, 2.0, 500.0, 1.0]]
    means = values.transpose(1, 0, 2, 3).reshape(3, 2, 20, 2, 150, 2).mean(axis=(3, 5))
    np.testing.assert_array_equal(values_in(target, "1"), np.floor(means + 0.5))


def test_pages_of_rgb_keep_their_colors(tmp_path: Path) -> None:
    values = noise(3, 4, 9, 14, 3)
    tifffile.imwrite(tmp_path / "a.ome.tif", values, photometric="rgb", metadata={"axes": "ZYXS", **OME})
    done(tmp_path / "a.ome.tif", tmp_path / "b.zarr")
    np.testing.assert_array_equal(values_in(tmp_path / "b.zarr", "0"), values.transpose(3, 0, 1, 2))
    done(tmp_path / "b.zarr", tmp_path / "c.tif")
    with tifffile.TiffFile(tmp_path / "c.tif") as file:
        assert file.series[0].axes == "ZYXS"
        np.testing.assert_array_equal(file.asarray(), values)


def test_axes_without_sizes_are_names_alone(tmp_path: Path) -> None:
    values = values_of("TZ")
    tifffile.imwrite(tmp_path / "a.tif", values, photometric="minisblack", metadata={"axes": "TZYX"})
    done(tmp_path / "a.tif", tmp_path / "b.zarr")
    found = zarr.open_array(tmp_path / "b.zarr", mode="r")
    assert found.metadata.dimension_names == ("t", "z", "y", "x")
    np.testing.assert_array_equal(found[...], values)


def test_pages_in_another_order_than_they_are_said_to_be_are_times(tmp_path: Path) -> None:
    values, source = values_of("ZC"), tmp_path / "a.ome.tif"
    tifffile.imwrite(source, values, photometric="minisblack", metadata={"axes": "ZCYX", **OME})
    with tifffile.TiffFile(source) as file:
        text = str(file.ome_metadata)
    moved = '<TiffData IFD="0" FirstZ="1" FirstC="0" FirstT="0" PlaneCount="1"/>'
    other = re.sub(r"<TiffData.*?/>", moved, text)
    assert other != text
    tifffile.tiffcomment(source, other)
    done(source, tmp_path / "b.zarr")
    assert zarr.open_array(tmp_path / "b.zarr", mode="r").metadata.dimension_names == ("t", "y", "x")


def test_images_that_are_no_pages_are_told(tmp_path: Path) -> None:
    about = "ImageJ=1.54f\nimages=300\nslices=300\n"
    tifffile.imwrite(tmp_path / "a.tif", noise(1, 9, 14), photometric="minisblack", metadata=None, description=about)
    (note,) = [each for each in read_picture(tmp_path / "a.tif").notes if each.code == "images-left-out"]
    assert "300 images behind 1 page" in note
    tifffile.imwrite(tmp_path / "b.tif", noise(1, 3, 9, 14), imagej=True)
    assert "images-left-out" not in [each.code for each in read_picture(tmp_path / "b.tif").notes]


def test_one_page_and_pages_that_differ_are_no_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "a.ome.tif"
    tifffile.imwrite(source, values_of("ZC"), photometric="minisblack", metadata={"axes": "ZCYX", **OME})
    done(source, tmp_path / "b.zarr", frame=3)
    assert zarr.open_array(tmp_path / "b.zarr", mode="r").metadata.dimension_names == ("y", "x")
    with tifffile.TiffWriter(tmp_path / "c.tif") as file:
        for each in (noise(1, 9, 14), noise(2, 9, 15)):
            file.write(each, photometric="minisblack", metadata=None)
    bound = small_strips(monkeypatch)
    outcome = run_job(Job(tmp_path / "c.tif", tmp_path / "d.zarr"), Recipe(load_filter("box")), Policy(bound=bound))
    assert isinstance(outcome, Failed)


@pytest.mark.parametrize("layout", ["raw", "packed", "tiles", "planes"])
def test_strips_of_pages_are_the_pixels_of_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: str
) -> None:
    options: dict[str, dict[str, Any]] = {
        "raw": {},
        "packed": {"compression": "zlib", "rowsperstrip": 5, "byteorder": ">"},
        "tiles": {"compression": "lzw", "tile": (16, 16)},
        "planes": {"planarconfig": "separate"},
    }
    pages = noise(5, 3, 40, 30, 3)
    with tifffile.TiffWriter(tmp_path / "a.tif", byteorder=options[layout].pop("byteorder", "<")) as file:
        for page in pages:
            given = page.transpose(2, 0, 1) if layout == "planes" else page
            file.write(given, photometric="rgb", metadata=None, **options[layout])
    whole = done(tmp_path / "a.tif", tmp_path / "whole.zarr", "gaussian:1.2 | normalize")
    bound = small_strips(monkeypatch)
    strips = done(tmp_path / "a.tif", tmp_path / "strips.zarr", "gaussian:1.2 | normalize", bound=bound)
    np.testing.assert_array_equal(values_in(tmp_path / "strips.zarr"), values_in(tmp_path / "whole.zarr"))
    assert strips.frames == whole.frames == 3


@given(st.text(max_size=300), st.integers(1, 30), st.sampled_from(["ImageJ=1\n", '{"shape": ', "<OME><Pixels ", ""]))
def test_any_description_is_a_stack_or_none(text: str, pages: int, start: str) -> None:
    exif = Image.Exif()
    exif[270] = start + text
    found = stack_of(Metadata(exif=exif_bytes(exif)), pages)
    assert found is None or np.prod([each.length for each in found.frames]) == pages
