"""NaN and infinite values in files: kept in floats, told of in integers, and counted as nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

import convcli
from tests.support.console import done
from tests.support.pictures import pixels, save

NAN, INF = np.nan, np.inf


def saved(path: Path, array: Any) -> Path:
    np.save(path, array)
    return path


def notes(*words: str | Path) -> list[str]:
    """Run apply, and return its warnings without the name of the file."""
    answer = done("apply", *words, "-f")
    return [line.partition(": ")[2].partition(": ")[2] for line in answer.lines if line.startswith("warning")]


def counted_array() -> NDArray[Any]:
    array = np.arange(12.0).reshape(3, 4)
    array[0, 0] = NAN
    return array


def test_a_stretched_array_on_stdout_keeps_its_nan(tmp_path: Path) -> None:
    source = saved(tmp_path / "nan.npy", counted_array())
    rows = "nan,0,0.1,0.2\n0.3,0.4,0.5,0.6\n0.7,0.8,0.9,1\n"
    assert done("apply", "normalize", source, "-o", "-").stdout == rows
    assert done("apply", "identity | normalize", source, "-o", "-").stdout == rows


@pytest.mark.parametrize(
    ("into", "wanted"),
    [
        ("clip", [-1, 0, 3, NAN, INF]),
        ("abs", [1, 0, 3, NAN, INF]),
        ("stretch", [0, 0.25, 1, NAN, INF]),
        ("center", [1 / 3, 0.5, 1, NAN, INF]),
    ],
)
def test_a_range_that_is_asked_for_holds_for_arrays_as_from_python(
    tmp_path: Path, into: str, wanted: list[float]
) -> None:
    array = np.array([[-1, 0, 3, NAN, INF]])
    source = saved(tmp_path / "in.npy", array)
    assert notes("identity", source, "-o", tmp_path / "out.npy", "--range", into) == []
    np.testing.assert_allclose(np.load(tmp_path / "out.npy"), [wanted])
    in_python: Any = convcli.apply
    np.testing.assert_allclose(in_python("identity", array, range=into), [wanted])
    save(tmp_path / "in.png", np.array([[10, 20, 30]], np.uint8))
    done("apply", "identity", tmp_path / "in.png", "-o", tmp_path / "out.csv", "--range", "stretch")
    assert (tmp_path / "out.csv").read_text().split() == ["0,127.5,255"]


@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 4), (2, 2, 3, 4)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrays_of_every_shape_are_stretched_item_by_item(tmp_path: Path, shape: tuple[int, ...], dtype: Any) -> None:
    array = np.arange(np.prod(shape), dtype=dtype).reshape(shape)
    array[..., 0, 1] = NAN
    array[..., 2, 3] = INF
    done("apply", "normalize", saved(tmp_path / "in.npy", array), "-o", tmp_path / "out.npy")
    made = np.load(tmp_path / "out.npy")
    items = array.reshape(-1, *shape[-3:]) if len(shape) == 4 else array[np.newaxis]
    finite = [item[np.isfinite(item)] for item in items]
    wanted = np.stack([(item - f.min()) / (f.max() - f.min()) for item, f in zip(items, finite, strict=True)])
    np.testing.assert_allclose(made, wanted.reshape(shape), rtol=1e-6)


@pytest.mark.parametrize("options", [[], ["--linear"], ["--channels", "luma"], ["--channels", "r"]])
def test_a_tiff_of_floats_keeps_nan_and_infinity(tmp_path: Path, options: list[str]) -> None:
    array = np.random.default_rng(1).random((20, 30, 3)).astype(np.float32)
    array[2, 3], array[13, 14] = NAN, INF
    tifffile.imwrite(tmp_path / "in.tiff", array, photometric="rgb")
    assert notes("identity", tmp_path / "in.tiff", "-o", tmp_path / "out.tiff", *options) == []
    np.testing.assert_allclose(tifffile.imread(tmp_path / "out.tiff"), array, rtol=1e-5)
    assert notes("identity", tmp_path / "in.tiff", "-o", tmp_path / "out.png", "--depth", "8", *options) == [
        "3 values are not a number and became 0"
    ]
    made = pixels(tmp_path / "out.png")
    assert made[2, 3].tolist() == [0, 0, 0]
    assert made[13, 14].tolist() == [255, 255, 255]


@pytest.mark.parametrize("into", ["clip", "abs", "stretch", "center"])
def test_nan_is_told_of_and_is_not_clipped(tmp_path: Path, into: str) -> None:
    source = saved(tmp_path / "nan.npy", counted_array() * 20)
    answer = done("apply", "identity", source, "-o", tmp_path / "out.png", "--range", into, "--json")
    assert json.loads(answer.stdout)["clipped"] == 0
    assert "1 value is not a number and became 0" in answer.stderr
    assert "--range" not in answer.stderr
    assert pixels(tmp_path / "out.png")[0, 0] == 0


@pytest.mark.parametrize(
    ("values", "into", "wanted"),
    [
        # Infinite values are clipped whatever the range.
        ([INF, 1, 2, -INF], "clip", ["50.0 % of the values were clipped"]),
        ([INF, 1, 2, -INF], "stretch", ["50.0 % of the values were clipped"]),
        ([INF, 1, 2, -INF], "center", ["50.0 % of the values were clipped"]),
        ([INF, 1, 2, -INF], "abs", ["50.0 % of the values were clipped"]),
        ([300, 1, 2, 0], "clip", ["25.0 % of the values were clipped; --range stretch or center keeps them"]),
        ([300, 1, 2, 0], "abs", ["25.0 % of the values were clipped; --range stretch keeps them"]),
        ([-30, 1, 2, 0], "clip", ["25.0 % of the values were clipped; --range abs, stretch or center keeps them"]),
        ([-30, 1, 2, 0], "abs", []),
        # Above white, or as far below black, abs would clip too.
        ([-30, 1, 2, 300], "clip", ["50.0 % of the values were clipped; --range stretch or center keeps them"]),
        ([-300, 1, 2, 0], "clip", ["25.0 % of the values were clipped; --range stretch or center keeps them"]),
        ([NAN, NAN, NAN, NAN], "clip", ["4 values are not a number and became 0"]),
        # Of one value alone, no range uses more levels.
        ([NAN, 1, 1, 1], "clip", ["1 value is not a number and became 0"]),
        ([0.2, 0.2, 0.2, 0.2], "clip", []),
        (
            [0.2, 0.2, 1, 0.2],
            "clip",
            ["the values of the array span 0 to 1 of 255 levels; --range stretch uses them all"],
        ),
        ([0.2, 0.2, 1, 0.2], "stretch", []),
    ],
)
def test_no_advice_is_in_use_already_or_of_no_help(
    tmp_path: Path, values: list[float], into: str, wanted: list[str]
) -> None:
    source = saved(tmp_path / "in.npy", np.array([values], np.float64))
    assert notes("identity", source, "-o", tmp_path / "out.png", "--range", into) == wanted


@pytest.mark.parametrize("name", ["sobel-x", "laplacian8", "log", "highpass"])
def test_each_range_that_is_named_keeps_the_values_of_a_picture(tmp_path: Path, name: str) -> None:
    noise = np.random.default_rng(5).integers(0, 256, (20, 30, 3), np.uint8)
    source = save(tmp_path / "noise.png", noise)
    words = (name, source, "-o", tmp_path / "out.png", "--engine", "numpy")
    (told,) = notes(*words)
    named = [into for into in ("abs", "stretch", "center") if into in told]
    assert {"stretch", "center"} <= set(named)
    for into in named:
        assert notes(*words, "--range", into) == []


def test_advice_about_brightness_goes_by_the_brightness(tmp_path: Path) -> None:
    array = np.zeros((4, 5, 3), np.float32)
    array[:2] = INF
    tifffile.imwrite(tmp_path / "in.tiff", array, photometric="rgb")
    words = (tmp_path / "in.tiff", "-o", tmp_path / "out.png", "--depth", "8", "--channels", "luma")
    assert notes("identity", *words) == ["50.0 % of the values were clipped"]
    array[:2] = 3
    tifffile.imwrite(tmp_path / "in.tiff", array, photometric="rgb")
    assert notes("identity", *words) == ["50.0 % of the values were clipped; --range stretch or center keeps them"]


def test_a_sheet_of_nan_names_no_range(tmp_path: Path) -> None:
    source = saved(tmp_path / "nan.npy", np.full((4, 4), NAN))
    assert notes("identity", source, "-o", tmp_path / "out.png", "--sheet") == []


def test_nan_under_a_kernel_is_explained_as_it_is_computed(tmp_path: Path) -> None:
    source = saved(tmp_path / "nan.npy", counted_array())
    assert "The output is nan." in done("explain", "box", source, "--at", "1,1").stdout
    assert "The output is 5." in done("explain", "0 0 0; 0 1 0; 0 0 0", source, "--at", "1,1").stdout
    assert json.loads(done("explain", "box", source, "--at", "0,0", "--json").stdout)["output"] is None
