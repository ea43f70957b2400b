"""Planes as outer products."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from convcli.engine import correlate
from convcli.engine.planning.factors import error, integer_factors, largest_error, low_rank_factors
from tests.support import oracle
from tests.support.plans import plan_of


@pytest.mark.parametrize(
    ("weights", "factors"),
    [
        (np.ones((3, 3)), 0),  # six products in two passes are no gain on nine in one
        (np.ones((9, 9)), 1),
        (np.outer([1, 4, 6, 4, 1, 4, 6, 4, 1], np.arange(1, 10)) / 7, 1),
        (np.outer(np.arange(1, 16), np.hanning(17)[1:-1]) + np.pad([[1.0]], 7), 2),
        (np.eye(15), 0),
        (np.random.default_rng(0).normal(size=(15, 15)), 0),
        (np.zeros((9, 9)), 0),
    ],
)
def test_factors_are_used_where_they_are_fewer_products(weights: Any, factors: int) -> None:
    plan = plan_of(weights)
    assert len(plan.factors) == factors
    assert sum(np.outer(each.column, each.row) for each in plan.factors) == pytest.approx(
        plan.weights[0, 0] if factors else 0, abs=1e-12
    )


def test_rank_is_told_from_rounding_only() -> None:
    rng = np.random.default_rng(15)
    weights = np.outer(rng.normal(size=15), rng.normal(size=15))
    noisy = weights + 1e-11 * rng.normal(size=(15, 15))
    assert len(plan_of(weights, np.float64).factors) == 1
    assert not plan_of(noisy, np.float64).factors
    picture = rng.normal(size=(30, 31))
    expected = ndimage.correlate(picture, noisy, mode="mirror")
    np.testing.assert_allclose(correlate(picture, noisy, engine="numpy"), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_factors_do_not_spread_nan_where_the_plane_is_zero(engine: Any) -> None:
    rng = np.random.default_rng(16)
    line = np.array([0.0, 0.3, 0.9, 0.4, 0.0, 0.0, 0.7, 0.1, 0.2])
    separable = np.outer(line, np.roll(line, 3))
    of_rank_two = separable + np.outer(np.roll(line, 1), line)
    of_rank_two[2:6, 3] = 0
    of_rank_two = np.kron(of_rank_two, np.ones((2, 2)))
    picture = rng.normal(size=(30, 31))
    picture[14, 15] = np.nan
    for weights in (separable, of_rank_two):
        result = correlate(picture, weights, border="constant", engine=engine)
        seen = ndimage.correlate(np.isnan(picture).astype(float), (weights != 0).astype(float), mode="constant")
        np.testing.assert_array_equal(np.isnan(result), seen > 0.5)


@given(
    column=st.lists(st.integers(-40, 40), min_size=1, max_size=9),
    row=st.lists(st.integers(-40, 40), min_size=1, max_size=9),
)
def test_integer_factors_multiply_to_the_plane(column: list[int], row: list[int]) -> None:
    plane = np.outer(column, row).astype(float)
    factors = integer_factors(plane)
    assert len(factors) == int(plane.any())
    for factor in factors:
        np.testing.assert_array_equal(np.outer(factor.column, factor.row), plane)
        assert np.gcd.reduce(factor.row.astype(int)) == 1
        # No partial sum can be larger than the sum over the plane that int16 was chosen for.
        assert np.abs(factor.column).sum() <= np.abs(plane).sum()


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 12), st.integers(1, 4))
def test_low_rank_factors_add_up_to_the_plane(seed: int, height: int, width: int, rank: int) -> None:
    rng = np.random.default_rng(seed)
    plane = rng.normal(size=(height, rank)) @ rng.normal(size=(rank, width))
    factors = low_rank_factors(plane)
    assert len(factors) <= min(height, width, rank)
    total = sum(np.outer(each.column, each.row) for each in factors)
    np.testing.assert_allclose(total, plane, rtol=0, atol=1e-12 * np.abs(plane).max())


@given(st.integers(0, 2**32 - 1), st.integers(2, 20), st.integers(2, 20))
def test_factors_are_zero_where_a_separable_plane_is(seed: int, height: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    column, row = (rng.normal(size=side) * (rng.random(side) < 0.7) for side in (height, width))
    plane = np.outer(column, row)
    for factor in low_rank_factors(plane):
        assert not np.outer(factor.column, factor.row)[plane == 0].any()


def test_integer_planes_of_higher_rank_have_no_integer_factors() -> None:
    assert integer_factors(np.array([[1.0, 2.0], [2.0, 5.0]])) == ()
    assert integer_factors(np.array([[2.0, 3.0], [3.0, 4.5]])) == ()


def gaussian(side: int, sigma: float) -> Any:
    row = np.exp(-0.5 * ((np.arange(side) - side // 2) / sigma) ** 2)
    return np.outer(row, row) / row.sum() ** 2


def laplacian_of_gaussian(side: int, sigma: float) -> Any:
    square = ((np.arange(side) - side // 2) / sigma) ** 2
    weights = gaussian(side, sigma) * (np.add.outer(square, square) - 2)
    return weights - weights.mean()


def pictures() -> dict[str, Any]:
    rng = np.random.default_rng(18)
    smooth = ndimage.gaussian_filter(rng.normal(size=(400, 500)), 4)
    photograph = (smooth - smooth.min()) / np.ptp(smooth) * 255 + rng.normal(size=smooth.shape) * 2
    return {
        "noise": rng.integers(0, 256, smooth.shape, np.uint8),
        "binary": np.where(rng.random(smooth.shape) < 0.5, 0, 255).astype(np.uint8),
        "shapes": np.where(smooth > 0, 255, 0).astype(np.uint8),
        "photograph": oracle.rounded(photograph, np.uint8),
    }


# Weights, and how many factors stand for them in pictures of 8 bits and of 32-bit floats; 0: applied directly.
NEARLY = {
    "float32 Gaussian": (gaussian(11, 1.7).astype(np.float32), 1, 1),
    "wide float32 Gaussian": (gaussian(31, 5).astype(np.float32), 1, 1),
    "float32 mean": (np.full((9, 9), 1 / 81, np.float32), 1, 1),
    "float32 Laplacian of Gaussian": (4 * laplacian_of_gaussian(31, 5).astype(np.float32), 3, 3),
    "eight decimals": (gaussian(11, 1.7).round(8), 1, 0),
    "six decimals": (gaussian(11, 1.7).round(6), 0, 0),
    "half precision": (gaussian(11, 1.7).astype(np.float16), 3, 0),
}


@pytest.mark.parametrize("name", NEARLY)
def test_nearly_separable_planes_keep_the_promise(name: str) -> None:
    given, for_bytes, for_floats = NEARLY[name]
    weights = given.astype(np.float64)
    assert len(plan_of(weights).factors) == for_bytes
    assert len(plan_of(weights, np.float32).factors) == for_floats
    assert not plan_of(weights, np.float64).factors or name == "float32 mean"
    for picture in pictures().values() if for_bytes else ():
        bias = 0.5 if weights.sum() < 0.5 else 0.0
        values = ndimage.correlate(picture.astype(np.float64), weights, mode="mirror") + bias * 255
        off = np.abs(
            correlate(picture, weights, bias=bias, engine="numpy").astype(int) - oracle.rounded(values, np.uint8)
        )
        assert off.max() <= 1
        assert np.count_nonzero(off) * 10_000 < off.size
        single = correlate((picture / 255).astype(np.float32), weights, engine="numpy")
        exact = ndimage.correlate((picture / 255).astype(np.float32).astype(float), weights, mode="mirror")
        assert np.abs(single - exact).max() < 37 * 2.0**-23 * np.abs(weights).sum()


@given(st.integers(0, 2**32 - 1), st.integers(2, 9), st.integers(2, 9))
def test_no_picture_exceeds_the_error(seed: int, height: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    rest = rng.normal(size=(height, width))
    # Of the sums over pictures of 0 and 1 these are the ends.
    ends = rest[rest > 0].sum(), rest[rest < 0].sum()
    assert max(map(abs, ends)) == pytest.approx(error(rest) / 2)
    assert max(abs((rest * rng.random(rest.shape)).sum()) for _ in range(20)) <= error(rest) / 2


@pytest.mark.parametrize("bound", [1e-3, 1e-2])
def test_the_error_bounds_the_share_of_values_that_are_rounded_otherwise(bound: float) -> None:
    rng = np.random.default_rng(19)
    weights = gaussian(7, 1.3)
    rest = rng.normal(size=weights.shape)
    # As the tolerance has it, with another share.
    rest *= bound * 2 / 255 / error(rest)
    for picture in pictures().values():
        exact, other = (
            ndimage.correlate(picture.astype(float), each, mode="mirror") for each in (weights, weights + rest)
        )
        assert np.mean(np.floor(exact + 0.5) != np.floor(other + 0.5)) <= bound


def test_tolerances_go_by_what_results_show() -> None:
    weights = gaussian(7, 1.3)
    bytes_, words, single, double = map(np.dtype, (np.uint8, np.uint16, np.float32, np.float64))
    assert largest_error(weights, bytes_, bytes_) == pytest.approx(5e-5 / 127.5)
    assert largest_error(weights, words, words) == pytest.approx(5e-5 / 32767.5)
    assert largest_error(3 * weights, bytes_, single) == pytest.approx(3 * 2.0**-24)
    assert largest_error(weights, single, bytes_) == pytest.approx(2.0**-24)
    assert largest_error(weights, bytes_, double) == largest_error(weights, double, single) == 0
