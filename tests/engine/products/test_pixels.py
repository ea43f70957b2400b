"""Layers of 1×1 weights: products of matrices."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.catalog import load_filter
from convcli.engine import Settings, apply_pipeline
from convcli.engine.planning.making import make_plan
from convcli.engine.products.pixels import is_product
from convcli.filters import Border, Conv, Kernel, Pipeline
from tests.engine.strips.test_strips import in_strips

RANDOM = np.random.default_rng(4)


def layer(outputs: int, inputs: int, **more: Any) -> Conv:
    weights = RANDOM.normal(size=(outputs, inputs, 1, 1))
    return Conv(Kernel(weights, divisor=2.0, bias=RANDOM.normal(size=outputs).tolist()), **more)


def made(conv: Conv, array: NDArray[Any], threads: int = 1) -> NDArray[Any]:
    settings = Settings("numba", threads=threads)
    return apply_pipeline(Pipeline((conv,)), array, full_scale=1.0, dtype=np.float32, settings=settings).values


# 128×96 is a product of 80 pixels at a time at most, 16×16 one of 512.
@pytest.mark.parametrize(("outputs", "inputs"), [(16, 16), (3, 16), (128, 96)])
@pytest.mark.parametrize("width", [1, 37, 600])
def test_each_pixel_is_multiplied_by_the_matrix(width: int, outputs: int, inputs: int) -> None:
    conv, array = layer(outputs, inputs), RANDOM.random((5, width, inputs), np.float32)
    plan = make_plan(conv, array.shape, np.float32, 1.0, np.float32)
    assert is_product(plan) == (outputs != 128)
    matrix = conv.kernel.weights[:, :, 0, 0] / 2
    expected = array.astype(float) @ matrix.T + np.array(conv.kernel.bias)
    np.testing.assert_allclose(made(conv, array), expected, rtol=0, atol=2e-5)


def test_rows_are_the_same_alone_in_views_and_by_any_threads() -> None:
    conv, whole = layer(24, 20), RANDOM.random((33, 301, 21), np.float32)
    array = whole[:, :, :-1]
    assert is_product(make_plan(conv, array.shape, np.float32, 1.0, np.float32))
    expected = made(conv, np.ascontiguousarray(array))
    for threads in (1, 2, 5):
        np.testing.assert_array_equal(made(conv, array, threads), expected)
    for first, last in ((0, 1), (7, 20), (32, 33)):
        np.testing.assert_array_equal(made(conv, array[first:last]), expected[first:last])


@pytest.mark.parametrize(
    "other",
    [{"stride": (1, 2)}, {"padding": (1, 0), "border": Border("constant")}, {"padding": (0, 2)}, {"groups": 2}],
    ids=["stride", "rows", "columns", "groups"],
)
def test_what_is_more_than_a_product_is_none(other: dict[str, Any]) -> None:
    conv = layer(8, 16 // other.get("groups", 1), **other)
    assert not is_product(make_plan(conv, (9, 50, 16), np.float32, 1.0, np.float32))


def test_a_border_of_rows_is_rows_of_the_picture() -> None:
    conv, array = layer(8, 16, padding=(2, 0), border=Border("reflect")), RANDOM.random((9, 50, 16), np.float32)
    assert is_product(make_plan(conv, array.shape, np.float32, 1.0, np.float32))
    padded = np.pad(array, ((2, 2), (0, 0), (0, 0)), mode="reflect")
    np.testing.assert_array_equal(made(conv, array), made(replace(conv, padding="valid"), padded))


def test_a_weight_of_0_leaves_out_what_is_infinite_and_others_do_not() -> None:
    array = np.ones((2, 40, 8), np.float32)
    array[1, 3, 2] = np.inf
    weights = np.ones((9, 8, 1, 1))
    assert np.isinf(made(Conv(Kernel(weights)), array)).sum() == 9
    weights[4, 2] = 0
    conv = Conv(Kernel(weights))
    assert not is_product(make_plan(conv, array.shape, np.float32, 1.0, np.float32))
    found = made(conv, array)
    assert np.isinf(found).sum() == 8
    assert found[1, 3, 4] == 7


def test_strips_are_the_whole() -> None:
    text = "conv:3,24,1 | relu | conv:24,12,1"
    array = RANDOM.random((50, 61, 3), np.float32)
    options: dict[str, Any] = {"alpha": None, "full_scale": 1.0, "dtype": np.dtype(np.float32)}
    whole = apply_pipeline(load_filter(text), array, settings=Settings("auto", threads=2), **options).values
    values, _ = in_strips(text, array, "reflect", 7, Settings("auto", threads=1), **options)
    np.testing.assert_array_equal(values, whole)
