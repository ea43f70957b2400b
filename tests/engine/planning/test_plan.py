"""Plans: layout and cost."""

from __future__ import annotations

import numpy as np

from tests.support.plans import SHARPEN, plan_of


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
