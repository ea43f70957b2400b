"""Pipelines that hold much between their layers: in strips they are the whole, to the last bit, in less memory."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from convcli import load_filter
from convcli.array_types import Array
from convcli.engine import Settings, apply_pipeline, applying, pipelines
from tests.support.noise import noise

IN_STRIPS = (
    "conv:3,4,3,padding=1 | relu | as:a | maxpool:2 | conv:4,6,3,padding=1 | relu | upsample:2 | concat:a | tanh",
    "conv:3,8,3,padding=1 | tanh | conv:8,12,3,padding=1 | pixel-shuffle:2",
    "conv:3,8,3,padding=1,border=wrap | relu | conv:8,2,3,stride=2 | leaky-relu:0.1",
    "gaussian:2 | sobel | abs | median:3",
    "crop:3,11,30,40 | gaussian:1 | mirror:vertical | turn:180 | pixelate:7",
    "resize:0.7 | box:3 | threshold:0.4",
)
WHOLE = ("sobel | normalize", "box:3 | turn:90", "gaussian:1", "conv:3,4,3 | global-avgpool")


@pytest.fixture
def strips_made(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return the strips that were chosen, for arrays that are not large."""
    monkeypatch.setattr(applying, "_WORTH_STRIPS", 1)
    monkeypatch.setattr(applying, "_OF_A_STRIP", 1 << 13)
    made, joined = list[Any](), applying._joined

    def noted(strips: Any, threads: int) -> Any:
        made.append(strips)
        return joined(strips, threads)

    monkeypatch.setattr(applying, "_joined", noted)
    return made


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("text", IN_STRIPS)
def test_strips_are_the_whole(text: str, dtype: str, engine: Any, strips_made: list[Any]) -> None:
    pipeline, array = load_filter(text), noise(3, 640, 52, 3, dtype=np.dtype(dtype).type)
    before = array.copy()
    options: dict[str, Any] = {"full_scale": 1.0 if dtype == "float32" else 255.0, "dtype": array.dtype}
    whole = pipelines.apply_whole(pipeline, array, settings=Settings(engine, threads=2), **options)
    made = apply_pipeline(pipeline, array, settings=Settings(engine, threads=3), **options)
    np.testing.assert_array_equal(made.values, whole.values)
    np.testing.assert_array_equal(array, before)
    assert (made.clipped, made.not_numbers, made.engine) == (whole.clipped, whole.not_numbers, whole.engine)
    (strips,) = strips_made
    assert applying._rows_of_a_strip(strips) < strips.output_shape[1]


@pytest.mark.parametrize("text", WHOLE)
def test_layers_of_all_rows_and_single_kernels_stay_whole(text: str, strips_made: list[Any]) -> None:
    array = noise(3, 40, 32, 3)
    made = apply_pipeline(load_filter(text), array, full_scale=255.0, dtype=np.uint8)
    np.testing.assert_array_equal(
        made.values, pipelines.apply_whole(load_filter(text), array, full_scale=255.0, dtype=np.uint8).values
    )
    assert not strips_made


def test_a_layer_of_several_branches_is_computed_once(strips_made: list[Any]) -> None:
    array = noise(3, 40, 32, 3, dtype=np.float32)
    twice = "as:a | conv:3,3,3,padding=1,as=b | add:a | add:b"
    apply_pipeline(load_filter(twice), array, full_scale=1.0, dtype=np.float32)
    assert not strips_made


def test_hidden_values_and_numbers_that_are_none_are_counted(strips_made: list[Any]) -> None:
    array = noise(3, 64, 32, 4, dtype=np.float32)
    array[5, 7:9, 0] = np.nan
    options: dict[str, Any] = {"full_scale": 1.0, "dtype": np.uint8, "alpha": "drop"}
    pipeline = load_filter("sharpen | relu | box:3")
    whole = pipelines.apply_whole(pipeline, array, **options)
    made = apply_pipeline(pipeline, array, **options)
    assert strips_made
    assert made.not_numbers == whole.not_numbers > 0
    np.testing.assert_array_equal(made.values, whole.values)


def test_strips_take_less_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "_WORTH_STRIPS", 1 << 27)
    monkeypatch.setattr(applying, "_OF_A_STRIP", 1 << 24)
    array: Array = np.zeros((1500, 1000, 1), np.float32)
    pipeline = load_filter("conv:1,32,3,padding=1 | relu | conv:32,1,1")
    tracemalloc.start()
    try:
        made = apply_pipeline(pipeline, array, full_scale=1.0, dtype=np.float32, settings=Settings(threads=1))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert made.values.shape == array.shape
    assert pipelines.values_held(pipeline, (1, 1500, 1000)) * 4 > applying._WORTH_STRIPS
    assert most < 2 * applying._OF_A_STRIP + array.nbytes + made.values.nbytes
