"""What is decided before a pixel is touched: arithmetic, factors, layout, cost."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import ndimage

from convcli.engine import correlate
from convcli.engine.compiled import cache
from convcli.engine.engine_choice import choose_engine
from convcli.engine.planning.factors import integer_factors, low_rank_factors
from convcli.engine.planning.plan import Plan, make_plan
from convcli.filters import Conv
from convcli.filters.kernel import Kernel

SHARPEN = [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]


def plan_of(
    weights: Any,
    dtype: type[Any] = np.uint8,
    out: type[Any] | None = None,
    shape: tuple[int, int, int] = (20, 30, 3),
    divisor: float = 1,
    **settings: Any,
) -> Plan:
    return make_plan(Conv(Kernel(weights, divisor=divisor), **settings), shape, dtype, 255, out or dtype)


@pytest.mark.parametrize(
    ("weights", "dtype", "out", "arithmetic"),
    [
        (SHARPEN, np.uint8, np.uint8, np.int16),
        (SHARPEN, np.uint16, np.uint16, np.float32),
        (SHARPEN, np.float32, np.float32, np.float32),
        (SHARPEN, np.float64, np.float64, np.float64),
        (np.ones((8, 16)), np.uint8, np.uint8, np.int16),  # 128 · 255 is the largest sum that int16 holds
        (np.ones((3, 43)), np.uint8, np.uint8, np.float32),  # 129 · 255 is not
        (np.full((3, 3), 1 / 9), np.uint8, np.uint8, np.int16),  # ones over 9
        ([[0.1, 0.8, 0.1]], np.uint8, np.uint8, np.int16),
        ([[2**0.5, 1]], np.uint8, np.uint8, np.float32),
        ([[2**0.5, 1]], np.uint16, np.uint16, np.float64),
        ([[2**0.5, 1]], np.uint8, np.float64, np.float64),
        ([[2**0.5, 1]], np.float32, np.float64, np.float64),
        ([[200 * 2**0.5, -280]], np.uint8, np.uint8, np.float64),  # what cancels leaves too few places in float32
        ([[2**30, 1]], np.uint8, np.uint8, np.float64),
    ],
)
def test_arithmetic_is_as_narrow_as_is_exact(weights: Any, dtype: Any, out: Any, arithmetic: Any) -> None:
    assert plan_of(weights, dtype, out).arithmetic == arithmetic


def test_integers_share_no_divisor_with_their_divisor() -> None:
    plan = plan_of([[20, 40, 20]], divisor=80)
    assert plan.weights.tolist() == [[[[1, 2, 1]]]]
    assert plan.divisor == 4
    plan = plan_of(np.array([[1, 2, 1]]) / 3, divisor=-4 / 3)
    assert plan.weights.tolist() == [[[[-1, -2, -1]]]]
    assert plan.divisor == 4


def test_sums_over_planes_are_floats_for_blas() -> None:
    assert plan_of(np.ones((2, 3, 3, 3))).arithmetic == np.float32


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


def test_channels_that_are_filtered_alike_are_one_line() -> None:
    assert plan_of(SHARPEN).interleaved
    assert plan_of(SHARPEN, stride=(2, 1)).interleaved
    assert not plan_of(SHARPEN, stride=(1, 2)).interleaved
    assert not plan_of([SHARPEN] * 3).interleaved
    for one_plane in ([SHARPEN], [[SHARPEN]]):
        assert plan_of(one_plane, shape=(20, 30, 1)).interleaved


def test_products_count_the_weights_that_are_not_zero() -> None:
    assert plan_of(SHARPEN).products == 20 * 30 * 3 * 5
    assert plan_of([SHARPEN] * 3).products == 20 * 30 * 3 * 5
    assert plan_of(np.ones((2, 3, 3, 3))).products == 20 * 30 * 2 * 3 * 9
    assert plan_of(SHARPEN, stride=(2, 2)).products == 10 * 15 * 3 * 5
    assert plan_of(np.ones((9, 9))).products == 20 * 30 * 3 * 18


@pytest.fixture
def loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Name a loop of a process that has no Numba yet, and an empty cache folder."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.delitem(sys.modules, "convcli.engine.compiled.numba_engine", raising=False)
    return plan_of(SHARPEN).loop


def photograph(size: int, *, height: int = 3000, dtype: type[Any] = np.uint8) -> Plan:
    """A plan for a kernel of `size`×`size` different weights, and RGB of 4000 columns."""
    weights = np.random.default_rng(0).random((size, size))
    return plan_of(weights / weights.sum(), shape=(height, 4000, 3), dtype=dtype)


@pytest.fixture
def kept(loop: str) -> None:
    """Let the loops of photographs be compiled, and no others."""
    assert not cache.is_cached(loop)
    cache.mark_cached(photograph(3).loop)
    cache.mark_cached(photograph(3, dtype=np.uint16).loop)


@pytest.mark.usefixtures("kept")
def test_the_cheaper_engine_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choose_engine(photograph(3, height=10), 2) == "numpy"
    assert choose_engine(photograph(3), 2) == "numpy"  # one photograph, 3×3: over before Numba has started
    assert choose_engine(photograph(15), 2) == "numba"
    assert choose_engine(photograph(3), 2, 20) == "numba"
    monkeypatch.setitem(sys.modules, "convcli.engine.compiled.numba_engine", SimpleNamespace(ready=set()))
    assert choose_engine(photograph(3), 2) == "numba"


@pytest.mark.usefixtures("kept")
def test_what_takes_longer_is_worth_the_start_sooner() -> None:
    assert choose_engine(photograph(7), 4) == "numpy"
    assert choose_engine(photograph(7), 1) == "numba", "one thread takes four times as long as four"
    assert choose_engine(photograph(7, dtype=np.uint16), 4) == "numpy"
    assert choose_engine(photograph(7, dtype=np.uint16), 2) == "numba", "float64 takes twice as long as float32"


@pytest.mark.usefixtures("loop")
def test_one_picture_does_not_wait_for_the_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choose_engine(photograph(31), 2) == "numpy"
    assert choose_engine(photograph(3), 2, 10) == "numpy"  # saves less than compiling takes
    assert choose_engine(photograph(3), 2, 200) == "numba"
    monkeypatch.setitem(
        sys.modules, "convcli.engine.compiled.numba_engine", SimpleNamespace(ready={photograph(3).loop})
    )
    assert choose_engine(photograph(3), 2) == "numba"


def test_a_loop_is_kept_for_the_source_it_was_compiled_from(
    loop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.mark_cached(loop)
    assert cache.is_cached(loop)
    changed = tmp_path / "vectors.py"
    changed.touch()
    monkeypatch.setattr(cache, "_SOURCES", (cache._SOURCES[0], changed))
    assert not cache.is_cached(loop)
    assert not cache.cache_state().loops
