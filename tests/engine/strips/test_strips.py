"""A picture in strips: every row is that of the whole picture, to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convcli import load_filter
from convcli.array_types import Array
from convcli.engine import Settings, Source, Strips, apply_pipeline, full_scale_of
from convcli.errors import ConvcliError
from convcli.filters import Border, Conv, Kernel, Pipeline
from tests.support.noise import noise

BORDERS = ("constant", "constant:0.3", "edge", "reflect", "symmetric", "wrap")
DTYPES = (np.uint8, np.uint16, np.float32, np.float64)

# One kernel for each loop, or way of the NumPy engine.
KERNELS = (
    "0 -1 0; -1 5 -1; 0 -1 0",
    "box:9",
    "gaussian:sigma=2.1",
    "motion:9",
    "gaussian:sigma=1",
    "sobel",
    "unsharp:1.5",
    "1 2 3 4",
    "log:1.4",
)
LAYERS = (
    "median:5",
    "min:4",
    "max:3",
    "maxpool:3",
    "avgpool:2",
    "sumpool:2",
    "relu",
    "abs",
    "invert",
    "normalize",
    "mirror:vertical",
    "mirror",
    "turn:180",
    "pixelate:7",
    "resize:0.7",
    "resize:1.6",
    "resize:0.5,filter=nearest",
    "magnitude",
    "threshold:0.4",
    "gaussian:1 | round | sharpen",
)


def in_strips(text: str, array: Array, border: str, rows: int, settings: Settings, **options: Any) -> tuple[Array, int]:
    pipeline = load_filter(text).with_settings(border=border)
    height, width, channels = array.shape
    source = Source((channels, height, width), array.dtype, lambda wanted: array[wanted])
    strips = Strips(pipeline, source, settings=settings, rows_at_once=lambda: rows, **options)
    count = strips.output_shape[1]
    step = -(-rows // strips.unit) * strips.unit
    found = [strips.computed(first, min(first + step, count)) for first in range(0, count, step)]
    return np.concatenate([each.values for each in found]), sum(each.clipped for each in found)


def check(text: str, array: Array, border: str, rows: int, engine: Any, *, alpha: Any, dtype: Any) -> None:
    options = {"alpha": alpha, "full_scale": full_scale_of(array.dtype), "dtype": np.dtype(dtype)}
    settings = Settings(engine, threads=1)
    pipeline = load_filter(text).with_settings(border=border)
    try:
        whole = apply_pipeline(pipeline, array, settings=Settings(engine, threads=2), **options)
    except ConvcliError:
        return
    values, clipped = in_strips(text, array, border, rows, settings, **options)
    np.testing.assert_array_equal(values, whole.values)
    assert clipped == whole.clipped


@st.composite
def texts(draw: st.DrawFn) -> str:
    one = st.sampled_from((*KERNELS, *LAYERS))
    return " | ".join(draw(st.lists(one, min_size=1, max_size=4)))


@given(data=st.data())
@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_strips_are_the_whole_picture(engine: str, data: st.DataObject) -> None:
    given_dtype = data.draw(st.sampled_from(DTYPES))
    channels = data.draw(st.sampled_from((1, 2, 3, 4)))
    shape = data.draw(st.integers(1, 90)), data.draw(st.integers(1, 40)), channels
    array = noise(data.draw(st.integers(0, 9)), *shape, dtype=given_dtype)
    alpha = data.draw(st.sampled_from((None, "keep", "filter", "drop"))) if channels in (2, 4) else None
    if alpha is not None and data.draw(st.booleans()):
        array[:, :, -1] = full_scale_of(array.dtype)
    dtype = data.draw(st.sampled_from([given_dtype, np.float64]))
    check(
        data.draw(texts()),
        array,
        data.draw(st.sampled_from(BORDERS)),
        data.draw(st.integers(1, 40)),
        engine,
        alpha=alpha,
        dtype=dtype,
    )


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("alpha", [None, "keep", "filter"])
def test_strips_outside_of_the_picture(engine: Any, alpha: Any) -> None:
    conv = Conv(Kernel([[1, 2], [3, -1]]), padding=(20, 3), border=Border("constant", 0.5))
    array = noise(4, 9, 8, 2)
    options: dict[str, Any] = {"alpha": alpha, "full_scale": 255.0, "dtype": np.dtype(np.uint8)}
    whole = apply_pipeline(Pipeline((conv,)), array, settings=Settings(engine, threads=1), **options).values
    source = Source((2, 9, 8), array.dtype, lambda wanted: array[wanted])
    strips = Strips(Pipeline((conv,)), source, settings=Settings(engine), rows_at_once=lambda: 4, **options)
    found = [strips.computed(first, min(first + 4, 48)).values for first in range(0, 48, 4)]
    np.testing.assert_array_equal(np.concatenate(found), whole)


@pytest.mark.parametrize("text", ["0 1 0; 1 -4 1; 0 1 0", "1 0 0 0 1; 0 0 3 0 0; 0 1 0 0 7", "gaussian:3"])
@pytest.mark.parametrize("dtype", [np.float32, np.uint16])
def test_results_are_the_same_for_any_number_of_threads(text: str, dtype: Any) -> None:
    pipeline = load_filter(text)
    array = noise(1, 101, 37, 1, dtype=dtype)
    found = [
        apply_pipeline(pipeline, array, full_scale=1, dtype=dtype, settings=Settings("numba", threads=threads)).values
        for threads in (1, 2, 3, 7)
    ]
    for each in found[1:]:
        np.testing.assert_array_equal(each, found[0])


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("text", ["gaussian:2 | sharpen", "-1 0 1; -2 0 2; -1 0 1", "log:1.4", "box:9 | abs"])
def test_what_is_not_finite_stays_in_its_rows(text: str, engine: str) -> None:
    array = noise(2, 70, 9, 2, dtype=np.float32)
    array[20, 4, 0], array[44, 1, 1], array[45, 8, 0] = np.inf, np.nan, -np.inf
    check(text, array, "reflect", 6, engine, alpha=None, dtype=np.float32)


def test_layers_of_many_channels_with_what_is_not_finite() -> None:
    weights = np.arange(2 * 3 * 3 * 3).reshape(2, 3, 3, 3) % 5 - 2.0
    array = noise(3, 40, 20, 3, dtype=np.float32)
    array[17, 3, 1] = np.nan
    pipeline = Pipeline((Conv(Kernel(weights)),))
    options: dict[str, Any] = {"alpha": None, "full_scale": 1.0, "dtype": np.dtype(np.float32)}
    whole = apply_pipeline(pipeline, array, settings=Settings("numpy", threads=1), **options)
    source = Source((3, 40, 20), array.dtype, lambda wanted: array[wanted])
    strips = Strips(pipeline, source, settings=Settings("numpy"), rows_at_once=lambda: 6, **options)
    found = np.concatenate([strips.computed(first, min(first + 6, 40)).values for first in range(0, 40, 6)])
    np.testing.assert_array_equal(found, whole.values)
