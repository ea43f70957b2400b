"""Outer products in signed bytes: their bounds, on noise, binary and photographic pictures."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from convcli.engine.planning.byte_numbers import LARGEST_SHARE, fixed_point
from convcli.engine.planning.factors import Factor, low_rank_factors
from convcli.engine.planning.outer import expected_share, outer_products
from tests.engine.planning.test_factors import gaussian, laplacian_of_gaussian, pictures
from tests.support.plans import plan_of


@given(st.integers(0, 2**32 - 1), st.integers(1, 200), st.floats(1e-6, 0.1))
def test_sums_along_rows_fit_32_bits(seed: int, width: int, scale: float) -> None:
    row = np.random.default_rng(seed).normal(size=width) * scale
    outer = outer_products([Factor(np.ones(3), row)], np.outer(np.ones(3), row), 1.0, 0.0)
    found = outer.digits if outer else None
    if found is None:
        return
    digits, units = found
    whole = (digits.astype(np.int64).T * 256 ** np.arange(3)).sum(axis=2).T
    assert 255 * np.abs(whole).sum() < 2**31
    assert np.abs(whole * units - row).max() <= units
    # Flat areas are right.
    assert abs((whole * units - row).sum()) <= units


WEIGHTS = {
    "Gaussian": gaussian(9, 1.5),
    "wide Gaussian": gaussian(41, 6),
    "bell of OpenCV": gaussian(15, 2.6),
    "Laplacian of Gaussian": 0.2 * laplacian_of_gaussian(13, 2),
    "unsharp": 2 * np.pad([[1.0]], 7) - gaussian(15, 2.4),
}


@pytest.mark.parametrize("name", WEIGHTS)
def test_fixed_point_keeps_the_promise(name: str) -> None:
    weights = WEIGHTS[name]
    factors = low_rank_factors(weights, 1e-7)
    outer = outer_products(factors, weights, 1.0, 0.0)
    assert outer
    assert outer.digits
    digits, units = outer.digits
    whole = (digits.astype(np.int64).T * 256 ** np.arange(3)).sum(axis=2).T
    rows = whole * units[:, np.newaxis]
    bound = expected_share(outer.columns, rows - outer.rows)
    assert bound <= LARGEST_SHARE
    fixed = outer.columns.T @ rows
    for picture in pictures().values():
        exact, other = (ndimage.correlate(picture.astype(float), each, mode="mirror") for each in (weights, fixed))
        assert np.mean(np.floor(exact + 0.5) != np.floor(other + 0.5)) <= LARGEST_SHARE
        assert np.abs(exact - other).max() < 0.01


@pytest.mark.parametrize(("size", "sigma"), [(15, 2.6), (31, 5), (101, 12.5), (161, 20)])
def test_weights_have_no_more_bits_than_they_need(size: int, sigma: float) -> None:
    weights = gaussian(size, sigma)
    outer = outer_products(low_rank_factors(weights), weights, 1.0, 0.0)
    assert outer
    assert outer.digits
    digits, units = outer.digits
    coarser = np.array(
        [fixed_point(row, round(-math.log2(unit)) - 1) * 2 * unit for row, unit in zip(outer.rows, units, strict=True)]
    )
    assert expected_share(outer.columns, coarser - outer.rows) > LARGEST_SHARE / 2
    assert not digits[2, :, 0].any()


def test_the_expected_share_is_that_of_noise() -> None:
    rng = np.random.default_rng(21)
    noise = rng.integers(0, 256, (500, 600)).astype(float)
    weights = gaussian(9, 1.5)
    (factor,) = low_rank_factors(weights)
    alike = np.broadcast_to(255 * (noise[:1] > 127), noise.shape)
    for size, picture in ((1e-4, noise), (1e-3, noise), (1e-3, alike)):
        errors = rng.normal(size=9) * size
        off = np.outer(factor.column, factor.row + errors)
        exact, other = (ndimage.correlate(picture, each, mode="mirror") for each in (weights, off))
        share = np.mean(np.floor(exact + 0.5) != np.floor(other + 0.5))
        assert share == pytest.approx(expected_share(factor.column[np.newaxis], errors[np.newaxis]), rel=0.5)


def test_integers_stay_integers() -> None:
    plane = np.outer([1, 4, 6, 4, 1], [1, -300, 6, 4, 1])
    outer = plan_of(plane, divisor=-48).outer
    assert outer
    assert outer.digits
    digits, units = outer.digits
    assert units == 1
    whole = (digits.astype(np.int64).T * 256 ** np.arange(3)).sum(axis=2).T
    np.testing.assert_array_equal(outer.columns.T @ whole, -plane)
    assert (outer.divisor, outer.begin) == (48, 24)


@pytest.mark.parametrize(
    ("weights", "about", "has_outer"),
    [
        (gaussian(9, 1.5), {}, True),
        (gaussian(9, 1.5), {"stride": (2, 1), "dilation": (3, 2)}, True),
        (gaussian(9, 1.5), {"dtype": np.uint16}, False),
        (gaussian(9, 1.5), {"out": np.float32}, False),
        (gaussian(3, 0.8), {}, False),  # nine products
        (np.outer(np.arange(1, 10), np.arange(1, 10)) * 1000, {"divisor": 7}, False),  # sums beyond 2²⁴
        (np.outer(np.arange(1, 10), np.arange(1, 10)), {"divisor": 20_001}, False),  # no exact quotient
    ],
)
def test_plans_know_their_outer_products(weights: Any, about: Any, has_outer: bool) -> None:
    plan = plan_of(weights, **about)
    assert (plan.outer is not None) == has_outer
    assert plan.loop.startswith("outer-") == has_outer
