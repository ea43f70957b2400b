"""The numbers that sums are computed in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.plans import SHARPEN, plan_of


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


def test_products_of_fractions_of_two_are_integers_over_a_power_of_two() -> None:
    bell = np.array([1, 8, 28, 56, 70, 56, 28, 8, 1])
    fractions = np.outer(bell / 256, bell / 256).astype(np.float32)
    plan = plan_of(fractions)
    assert np.array_equal(plan.weights[0, 0], np.outer(bell, bell))
    assert plan.divisor == 2**16
    # The smallest power that serves.
    assert plan_of([[0.25, 0.5, 0.25]]).divisor == 4
    # Beyond the bound they stay fractions.
    assert plan_of([[2.0**-17, 0.75]]).divisor == 1


def test_sums_over_planes_are_floats_for_blas() -> None:
    assert plan_of(np.ones((2, 3, 3, 3))).arithmetic == np.float32
