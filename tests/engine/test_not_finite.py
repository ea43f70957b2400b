"""NaN and infinite values: what stays so, what does not count, and what spreads to neighbors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from convcli.catalog import load_filter
from convcli.catalog.parameters.layer_kinds import LAYERS
from convcli.engine import Settings, apply_layer, apply_pipeline, explain, into_range
from convcli.filters import Border, Conv, Kernel, Linear, Pipeline

NAN, INF = np.nan, np.inf
POINTWISE = (
    *("sigmoid", "tanh", "elu", "celu", "selu", "gelu", "gelu:tanh", "silu", "mish", "softplus", "hard-sigmoid"),
    *("hard-swish", "softmax", "log-softmax", "relu", "leaky-relu", "abs", "clip", "invert", "normalize"),
    *("round", "threshold", "curve:0:0.2 1:0.8"),
)
COUNT = np.arange(12.0).reshape(3, 4)


def applied(text: str, array: Any, dtype: Any = np.float64, **more: Any) -> NDArray[Any]:
    values = np.asarray(array, dtype)[:, :, np.newaxis]
    return apply_pipeline(load_filter(text), values, full_scale=1.0, dtype=dtype, **more).values[:, :, 0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_normalize_goes_by_the_finite_values(dtype: Any) -> None:
    array = COUNT.copy()
    array[0, 0] = NAN
    wanted = np.append(NAN, np.arange(11) / 10)
    np.testing.assert_allclose(applied("normalize", array, dtype).ravel(), wanted, rtol=1e-6)
    array[2, 2:] = INF, -INF
    wanted = np.array([NAN, *np.arange(9) / 8, INF, -INF])
    np.testing.assert_allclose(applied("normalize", array, dtype).ravel(), wanted, rtol=1e-6)


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ([NAN, 5, 5], [NAN, 0, 0]),
        ([NAN, NAN, NAN], [NAN, NAN, NAN]),
        ([INF, -INF, INF], [INF, -INF, INF]),
        ([INF, 7, NAN], [INF, 0, NAN]),
        ([5e-324, 0, NAN], [1, 0, NAN]),
        ([1.7e308, -1.7e308, 0], [1, 0, 0.5]),
    ],
)
def test_normalize_of_values_that_are_flat_or_extreme(values: list[float], wanted: list[float]) -> None:
    np.testing.assert_array_equal(applied("normalize", [values]).ravel(), wanted)


def test_normalize_reaches_both_ends_exactly() -> None:
    array = np.random.default_rng(3).normal(size=(9, 9))
    made = applied("normalize", array)
    assert (made.min(), made.max()) == (0, 1)


@pytest.mark.parametrize("name", POINTWISE)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_layers_of_single_values_leave_nan_as_it_is(name: str, dtype: Any) -> None:
    assert name.partition(":")[0] in LAYERS
    made = applied(name, [[NAN, -1, 0, 2, NAN]], dtype)
    assert np.isnan(made).ravel().tolist() == [True, False, False, False, True]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("relu", [INF, 0]),
        ("leaky-relu", [INF, -INF]),
        ("abs", [INF, INF]),
        ("clip", [1, 0]),
        ("invert", [-INF, INF]),
        ("normalize", [INF, -INF]),
        ("round", [INF, -INF]),
        ("threshold", [1, 0]),
    ],
)
def test_infinite_values_in_layers_of_single_values(name: str, wanted: list[float]) -> None:
    assert applied(name, [[INF, -INF, 0.25, 0.5]]).ravel()[:2].tolist() == wanted


@pytest.mark.parametrize("name", ["magnitude", "maximum"])
def test_nan_in_one_of_several_values_is_nan(name: str) -> None:
    values = np.array([[[1.0, NAN], [3.0, 4.0]]])
    made = apply_layer(load_filter(name).layers[0], values, 1.0)
    assert np.isnan(made).ravel().tolist() == [True, False]


@pytest.mark.parametrize(
    "text", ["identity | normalize", "normalize | box:1", "abs | normalize", "maximum | normalize"]
)
def test_normalize_in_a_pipeline(text: str) -> None:
    array = COUNT.copy()
    array[0, 0] = NAN
    np.testing.assert_allclose(applied(text, array).ravel(), np.append(NAN, np.arange(11) / 10), rtol=1e-12)


def test_range_goes_by_the_finite_values() -> None:
    values = np.array([NAN, -1.0, 3.0, INF, -INF])
    np.testing.assert_array_equal(into_range(values, 1.0, "stretch"), [NAN, 0, 1, INF, -INF])
    np.testing.assert_allclose(into_range(values, 1.0, "center"), [NAN, 1 / 3, 1, INF, -INF])
    np.testing.assert_array_equal(into_range(values, 1.0, "abs"), [NAN, 1, 3, INF, INF])
    np.testing.assert_array_equal(into_range(np.array([INF, NAN, 0]), 1.0, "center"), [INF, NAN, 0.5])


KERNELS = {
    "box": np.ones((3, 3)) / 9,
    "gaussian": load_filter("gaussian:1.5").conv.kernel.weights,  # type: ignore[union-attr]  # it is one kernel
    "sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "sobel": np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
    "holes": np.array([[1, 0, 2], [0, 0, 0], [3, 0, 0.1]]),
    "two factors": np.outer([1, 2, 3, 2, 1], [1, 1, 4, 1, 1]) - np.outer([1, 1, 1, 1, 2], [2, 1, 1, 1, 1.5]),
}


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", KERNELS)
def test_nan_spreads_to_the_values_that_weigh_it_and_no_further(name: str, dtype: Any, engine: Any) -> None:
    array = np.random.default_rng(7).normal(size=(17, 19)).astype(dtype)
    array[8, 9] = array[0, 0] = NAN
    weights = KERNELS[name]
    pipeline = Pipeline((Conv(Kernel(weights)),))
    made = apply_pipeline(
        pipeline, array[:, :, np.newaxis], full_scale=1.0, dtype=dtype, settings=Settings(engine)
    ).values[:, :, 0]
    touched = ndimage.correlate(np.isnan(array).astype(int), (weights != 0).astype(int), mode="mirror") > 0
    np.testing.assert_array_equal(np.isnan(made), touched)
    whole = ndimage.correlate(np.nan_to_num(array.astype(np.float64)), weights, mode="mirror")
    np.testing.assert_allclose(made[~touched], whole[~touched], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("text", ["gaussian:1", "sobel-x", "dog:1", "log:1", "unsharp:1", "1 2; -3 0"])
def test_an_infinite_value_makes_those_infinite_that_weigh_it(text: str, engine: Any) -> None:
    conv = load_filter(text).conv
    assert conv is not None
    weights = conv.kernel.weights
    array = np.zeros((31, 33, 1))
    array[15, 16] = INF
    made = apply_pipeline(Pipeline((conv,)), array, full_scale=1.0, dtype=np.float64, settings=Settings(engine)).values[
        :, :, 0
    ]
    wanted = np.zeros((31, 33))
    height, width = weights.shape
    down, right = conv.kernel.anchor
    for row, column in np.ndindex(height, width):
        if weights[row, column]:
            wanted[15 + down - row, 16 + right - column] = np.copysign(INF, weights[row, column])
    np.testing.assert_array_equal(made, wanted)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_an_infinite_border_makes_those_infinite_that_weigh_it(engine: Any) -> None:
    conv = load_filter("dog:1").with_settings(border=Border("constant", INF)).conv
    assert conv is not None
    made = apply_pipeline(
        Pipeline((conv,)), np.ones((40, 40, 1)), full_scale=1.0, dtype=np.float64, settings=Settings(engine)
    ).values[:, :, 0]
    reach = conv.kernel.size[0] // 2
    assert np.isfinite(made[reach:-reach, reach:-reach]).all()
    assert np.isneginf(made[reach - 1, 20])  # only the wide Gaussian reaches so far


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_a_weight_of_0_leaves_nan_out_where_channels_are_mixed(engine: Any) -> None:
    array = np.random.default_rng(8).normal(size=(6, 7, 2))
    array[2, 3, 1] = NAN
    weights = np.zeros((2, 2, 3, 3))
    weights[0, 0], weights[1, 1, 1, 1] = 1, 2
    made = apply_pipeline(
        Pipeline((Conv(Kernel(weights)),)), array, full_scale=1.0, dtype=np.float64, settings=Settings(engine)
    ).values
    assert not np.isnan(made[:, :, 0]).any()
    assert np.argwhere(np.isnan(made[:, :, 1])).tolist() == [[2, 3]]


def test_a_linear_layer_leaves_out_nan_under_a_weight_of_0() -> None:
    array = np.array([[[1.0], [NAN], [INF]]])
    weights = np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, -1], [0, 1, 1]])
    pipeline = Pipeline((Linear(4, weights),))
    made = apply_pipeline(pipeline, array, full_scale=1.0, dtype=np.float64).values.ravel()
    np.testing.assert_array_equal(made, [1, NAN, -INF, NAN])
    for channel in range(4):
        found = explain(pipeline, array, (0, 0), channel, full_scale=1.0, dtype=np.float64)
        np.testing.assert_array_equal(found.sums[0].value, made[channel])


@pytest.mark.parametrize("name", KERNELS)
def test_the_explanation_of_nan_is_the_value(name: str) -> None:
    array = np.random.default_rng(7).normal(size=(9, 9, 1))
    array[4, 4] = NAN
    pipeline = Pipeline((Conv(Kernel(KERNELS[name])),))
    made = apply_pipeline(pipeline, array, full_scale=1.0, dtype=np.float64).values
    for row, column in np.ndindex(9, 9):
        found = explain(pipeline, array, (column, row), 0, full_scale=1.0, dtype=np.float64)
        np.testing.assert_allclose(found.exact, made[row, column, 0], rtol=1e-9, atol=1e-12)
