from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from convcli.engine import correlate, to_integers
from tests.support.console import done, names, refused, run
from tests.support.paths import SAMPLES
from tests.support.pictures import deep, gray, harbour, logo, pixels, save

RANDOM = np.random.default_rng(5)
WEIGHTS = RANDOM.normal(size=(5, 3, 3, 3))
GRAY_WEIGHTS = RANDOM.normal(size=(5, 1, 3, 3))


def filter_file(folder: Path, weights: NDArray[Any]) -> Path:
    np.save(folder / "w.npy", weights)
    path = folder / "layer.yaml"
    path.write_text("weights: {file: w.npy}\n")
    return path


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    (tmp_path / "filter").mkdir()
    return filter_file(tmp_path / "filter", WEIGHTS)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return save(tmp_path / "in.png", harbour())


# One file per channel


@pytest.mark.parametrize("into", ["clip", "abs", "stretch", "center"])
def test_each_channel_is_brought_into_the_range_by_itself(tmp_path: Path, layer: Path, source: Path, into: Any) -> None:
    (tmp_path / "out").mkdir()
    told = done("apply", layer, source, "-o", tmp_path / "out" / "map.png", "--each", "--range", into)
    assert names(tmp_path / "out") == [f"map-{channel}.png" for channel in range(5)]
    assert told.lines[-1].startswith(f"{source} → {tmp_path / 'out' / 'map-0.png'} and 4 more (44×30, ")
    floats = correlate(harbour(), WEIGHTS, dtype=np.float32)
    for channel in range(5):
        wanted, _, _ = to_integers(floats[:, :, channel], np.uint8, into)
        found = pixels(tmp_path / "out" / f"map-{channel}.png")
        assert found.ndim == 2
        assert np.abs(found.astype(int) - wanted).max() <= 1


def test_each_channel_of_a_color_picture(tmp_path: Path, source: Path) -> None:
    done("apply", "sharpen", source, "-o", tmp_path / "whole.png")
    done("apply", "sharpen", source, "-o", tmp_path / "part.png", "--each")
    whole = pixels(tmp_path / "whole.png")
    for channel in range(3):
        assert np.array_equal(pixels(tmp_path / f"part-{channel}.png"), whole[:, :, channel])


def test_each_channel_keeps_alpha_and_depth(tmp_path: Path) -> None:
    rgba = save(tmp_path / "rgba.png", logo())
    done("apply", "box", rgba, "-o", tmp_path / "whole.png")
    done("apply", "box", rgba, "-o", tmp_path / "part.png", "--each")
    whole = pixels(tmp_path / "whole.png")
    for channel in range(3):
        assert np.array_equal(pixels(tmp_path / f"part-{channel}.png"), whole[:, :, [channel, 3]])
    layer = filter_file(tmp_path, GRAY_WEIGHTS)
    done("apply", layer, save(tmp_path / "deep.png", deep()), "-o", tmp_path / "d.png", "--each")
    assert pixels(tmp_path / "d-4.png").dtype == np.uint16


def test_each_channel_of_an_array(tmp_path: Path) -> None:
    for name, shape in (("hw", (8, 9)), ("chw", (1, 8, 9)), ("nchw", (2, 1, 8, 9))):
        np.save(tmp_path / f"{name}.npy", RANDOM.normal(size=shape))
        done("apply", filter_file(tmp_path, GRAY_WEIGHTS), tmp_path / f"{name}.npy", "-o", tmp_path / f"{name}-out.npy")
        done("apply", tmp_path / "layer.yaml", tmp_path / f"{name}.npy", "-o", tmp_path / f"{name}-part.npy", "--each")
        whole = np.load(tmp_path / f"{name}-out.npy")
        for channel in range(5):
            part = np.load(tmp_path / f"{name}-part-{channel}.npy")
            assert np.array_equal(part, whole[:, [channel]] if name == "nchw" else whole[channel])


def test_each_channel_as_csv(tmp_path: Path) -> None:
    words = ("apply", SAMPLES / "kernel-2to3.yaml", SAMPLES / "two-channels.npy", "-o", tmp_path / "y.csv")
    assert "CSV holds one plane" in refused(1, *words)[0]
    done(*words, "--each")
    assert (tmp_path / "y-2.csv").read_text() == "96,128\n192,224\n"


def test_existing_files_of_channels_are_kept(tmp_path: Path, layer: Path, source: Path) -> None:
    words = ("apply", layer, source, "-o", tmp_path / "m.png", "--each")
    (tmp_path / "m.png").write_bytes(b"never written")
    (tmp_path / "m-3.png").write_bytes(b"mine")
    what, helps = refused(1, *words)
    assert what == f"{tmp_path / 'm-3.png'} exists"
    assert "--force" in helps
    assert names(tmp_path) == ["filter/layer.yaml", "filter/w.npy", "in.png", "m-3.png", "m.png"]
    told = done(*words, "--skip-existing")
    assert "m-0.png and 3 more" in told.lines[-1]
    assert (tmp_path / "m-3.png").read_bytes() == b"mine"
    assert done(*words, "--skip-existing").lines == [f"skipped {source}: the output exists"]
    done(*words, "--force")
    assert pixels(tmp_path / "m-3.png").shape == (30, 44)
    assert (tmp_path / "m.png").read_bytes() == b"never written"


def test_the_first_file_is_written_last(tmp_path: Path, layer: Path, source: Path) -> None:
    done("apply", layer, source, "-o", tmp_path / "m.png", "--each")
    written = [(tmp_path / f"m-{channel}.png").stat().st_mtime_ns for channel in range(5)]
    assert written == sorted(written, reverse=True)


def test_the_input_is_never_a_channel(tmp_path: Path, layer: Path) -> None:
    source = save(tmp_path / "m-2.png", harbour())
    before = source.read_bytes()
    assert "is the input itself" in refused(1, "apply", layer, source, "-o", tmp_path / "m.png", "--each", "-f")[0]
    assert source.read_bytes() == before


def test_channels_of_a_batch(tmp_path: Path, layer: Path) -> None:
    (tmp_path / "album").mkdir()
    for name in "ab":
        save(tmp_path / "album" / f"{name}.png", harbour())
    words = ("apply", layer, tmp_path / "album", "-o", f"{tmp_path}/out/", "--each", "--name", "{stem}-map{suffix}")
    answer = done(*words, "--json", "--jobs", "2")
    found = sorted((json.loads(line) for line in answer.stdout.splitlines()), key=lambda each: str(each["input"]))
    assert [each["output"] for each in found] == [str(tmp_path / "out" / f"{name}-map-0.png") for name in "ab"]
    assert list(found[0]) == ["input", "output", "status", "seconds", "clipped", "engine", "error", "notes"]
    assert names(tmp_path / "out") == [f"{name}-map-{channel}.png" for name in "ab" for channel in range(5)]
    dry = run(*words, "--dry-run", "-f")
    assert f"would write {tmp_path / 'album' / 'a.png'} → {tmp_path / 'out' / 'a-map-0.png'} …" in dry.lines


def test_the_share_of_clipped_values_is_that_of_all_channels(tmp_path: Path, source: Path) -> None:
    words = ("apply", "sharpen", source, "--json")
    whole = json.loads(done(*words, "-o", tmp_path / "whole.png").stdout)
    parts = json.loads(done(*words, "-o", tmp_path / "part.png", "--each").stdout)
    assert parts["clipped"] == whole["clipped"] > 0


# A sheet


def test_a_sheet_of_values_without_bounds_is_drawn_without_a_warning(tmp_path: Path) -> None:
    values = np.full((6, 8, 4), 3e38, np.float32)
    values[2, 3], values[4, 4] = np.nan, np.inf
    tifffile.imwrite(tmp_path / "a.tif", values, photometric="rgb", extrasamples=["unassalpha"])
    done("apply", "1 -1 3 4", tmp_path / "a.tif", "-o", tmp_path / "s.png", "--sheet")
    assert pixels(tmp_path / "s.png").ndim == 3


def test_a_sheet_is_one_picture_of_all_channels(tmp_path: Path, layer: Path, source: Path) -> None:
    answer = done("apply", layer, source, "-o", tmp_path / "s.png", "--sheet", "--json")
    assert json.loads(answer.stdout)["clipped"] == 0
    sheet = pixels(tmp_path / "s.png")
    assert sheet.ndim == 3
    floats = correlate(harbour(), WEIGHTS, dtype=np.float32)
    factor = 160 // 44
    for channel in range(5):
        wanted, _, _ = to_integers(floats[:, :, channel], np.uint8, "stretch")
        tile = np.repeat(np.repeat(wanted, factor, 0), factor, 1)
        assert contains(sheet, tile), channel


def contains(sheet: NDArray[Any], tile: NDArray[Any]) -> bool:
    """Whether a gray tile stands anywhere in a sheet, one level off at most."""
    height, width = tile.shape
    plane = sheet[:, :, 0].astype(int)
    middle = tile[height // 2].astype(int)
    for row in range(plane.shape[0] - height + 1):
        line = np.lib.stride_tricks.sliding_window_view(plane[row + height // 2], width)
        for column in np.flatnonzero(np.abs(line - middle).max(axis=1) <= 1):
            if np.abs(plane[row : row + height, column : column + width] - tile).max() <= 1:
                return True
    return False


@pytest.mark.parametrize("name", ["s.png", "s.jpg", "s.webp", "s.gif", "s.tiff"])
def test_a_sheet_in_every_format_of_color(tmp_path: Path, layer: Path, source: Path, name: str) -> None:
    done("apply", layer, source, "-o", tmp_path / name, "--sheet", "-q")
    with Image.open(tmp_path / name) as image:
        assert image.width > 400


def test_a_sheet_of_arrays_and_of_depth(tmp_path: Path) -> None:
    words = (SAMPLES / "kernel-2to3.yaml", SAMPLES / "two-channels.npy")
    done("apply", *words, "-o", tmp_path / "a.png", "--sheet")
    assert pixels(tmp_path / "a.png").dtype == np.uint8
    streamed = done("apply", *words, "-o", "-", "--sheet").data
    assert streamed.startswith(b"\x89PNG")
    (tmp_path / "b.png").write_bytes(streamed)
    assert np.array_equal(pixels(tmp_path / "a.png"), pixels(tmp_path / "b.png"))
    layer = filter_file(tmp_path, GRAY_WEIGHTS)
    done("apply", layer, save(tmp_path / "deep.png", deep()), "-o", tmp_path / "d.png", "--sheet")
    assert pixels(tmp_path / "d.png").dtype == np.uint8


def test_a_sheet_does_not_show_alpha_and_says_so(tmp_path: Path) -> None:
    answer = done("apply", "box", save(tmp_path / "rgba.png", logo()), "-o", tmp_path / "s.png", "--sheet")
    assert any("transparent" in line for line in answer.lines)
    opaque = np.dstack([harbour(), np.full((30, 44), 255, np.uint8)])
    answer = done("apply", "box", save(tmp_path / "opaque.png", opaque), "-o", tmp_path / "o.png", "--sheet")
    assert not any("transparent" in line for line in answer.lines)


def test_a_sheet_is_a_picture_of_one_item(tmp_path: Path) -> None:
    words = ("apply", SAMPLES / "kernel-2to3.yaml", SAMPLES / "two-channels.npy", "--sheet")
    assert "a sheet is a picture" in refused(1, *words, "-o", tmp_path / "s.npy")[0]
    np.save(tmp_path / "x.npy", np.ones((4, 1, 5, 5)))
    assert "x.npy has 4" in refused(1, "apply", "box", tmp_path / "x.npy", "-o", tmp_path / "s.png", "--sheet")[0]


def test_sheets_of_a_batch(tmp_path: Path, layer: Path) -> None:
    (tmp_path / "album").mkdir()
    for name in "ab":
        save(tmp_path / "album" / f"{name}.png", harbour())
    done("apply", layer, tmp_path / "album", "-o", f"{tmp_path}/out/", "--sheet", "--jobs", "2")
    assert names(tmp_path / "out") == ["a.png", "b.png"]
    # Only the name of the picture, which stands above, differs.
    a, b = pixels(tmp_path / "out" / "a.png"), pixels(tmp_path / "out" / "b.png")
    assert np.array_equal(a[60:], b[60:])
    assert not np.array_equal(a, b)


def test_an_existing_sheet_is_kept(tmp_path: Path, layer: Path, source: Path) -> None:
    (tmp_path / "s.png").write_bytes(b"mine")
    assert "s.png exists" in refused(1, "apply", layer, source, "-o", tmp_path / "s.png", "--sheet")[0]
    assert (tmp_path / "s.png").read_bytes() == b"mine"


# What is refused


def test_contradictions(tmp_path: Path, layer: Path, source: Path) -> None:
    words = ("apply", layer, source, "-o", tmp_path / "m.png")
    assert "contradict" in refused(2, *words, "--sheet", "--each")[0]
    assert "8 bits" in refused(2, *words, "--sheet", "--depth", "16")[0]
    for into in ("abs", "center"):
        assert "own range" in refused(2, *words, "--sheet", "--range", into)[0]
    assert "stdout" in refused(2, "apply", layer, source, "-o", "-", "--each")[0]
    assert not (tmp_path / "m.png").exists()


def test_without_either_more_channels_than_a_picture_holds_are_refused(
    tmp_path: Path, layer: Path, source: Path
) -> None:
    what, helps = refused(1, "apply", layer, source, "-o", tmp_path / "m.png")
    assert "5 channels" in what
    assert ".npy" in helps
    assert "--each" in helps
    gray_source = save(tmp_path / "gray.png", gray())
    assert (
        "5 channels"
        in refused(1, "apply", filter_file(tmp_path, GRAY_WEIGHTS), gray_source, "-o", tmp_path / "m.jpg")[0]
    )
