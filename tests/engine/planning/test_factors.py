"""Planes as outer products."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from convcli.engine import correlate
from convcli.engine.planning.factors import integer_factors, low_rank_factors
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
