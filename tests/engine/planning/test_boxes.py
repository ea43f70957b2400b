"""Equal weights over a rectangle, and the exact division of their sums."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from convcli.engine.planning.boxes import box_of, short_division
from tests.support.plans import plan_of


def test_division_in_16_bits_is_exact_for_every_sum() -> None:
    possible = 0
    for divisor in range(2, 258):
        largest = min(255 * divisor + divisor // 2, 2**16 - 1)
        found = short_division(divisor, largest)
        if found is None:
            continue
        possible += 1
        sums = np.arange(largest + 1)
        assert found[0] < 2**16
        np.testing.assert_array_equal((sums * found[0]) >> (16 + found[1]), sums // divisor)
    # Of squares all but 14 × 14 = 196, and 16 × 16, where a half is one too many.
    assert possible > 200
    assert all(short_division(n * n, 255 * n * n + n * n // 2) for n in (*range(2, 14), 15))
    assert short_division(9, 2**16) is None


@pytest.mark.parametrize("single", [True, False])
def test_levels_of_sums_are_exact(single: bool) -> None:
    kind: Any = np.float32 if single else np.float64
    rng = np.random.default_rng(20)
    for side in (6, 7, 10, 33, 101, *((500, 1501) if not single else ())):
        for weight, divisor, bias in ((1, side * side, 0), (1, side * side + 1, 12), (-2, 3 * side * side, 200)):
            box = box_of(np.full((side, side), float(weight)), float(divisor), bias, 255)
            assert box
            assert box.single == (255 * abs(box.weight) * side * side + abs(box.begin) < 2**24 and box.divisor < 2**14)
            if single and not box.single:
                continue
            # The sums next to every half, and others.
            halves = ((2 * np.arange(-3, 260) + 1 - 2 * bias) * divisor // 2) // weight
            sums = np.concatenate([halves + step for step in range(-3, 4)] + [rng.integers(0, 255 * side * side, 5000)])
            sums = sums[(sums >= 0) & (sums <= 255 * side * side)]
            exact = (2 * sums * weight + divisor) // (2 * divisor) + bias
            computed = np.floor(
                (sums.astype(kind) * kind(box.weight) + kind(box.begin)) * kind(1 / box.divisor) + kind(box.half)
            )
            fits = (exact >= 0) & (exact <= 255)
            np.testing.assert_array_equal(computed[fits], exact[fits])
            assert ((computed < 0) | (computed > 255))[~fits].all()


def test_boxes_are_told_by_their_weights() -> None:
    box = box_of(np.pad(np.full((7, 9), 2.0), ((1, 0), (2, 3))), 126.0, 0.0, 255)
    assert box
    assert (box.top, box.left, box.height, box.width, box.weight, box.divisor) == (1, 2, 7, 9, 1, 63)
    assert box.short
    whole = np.ones((7, 9))
    hole = whole.copy()
    hole[3, 4] = 0
    assert box_of(hole, 62.0, 0.0, 255) is None
    assert box_of(np.zeros((7, 9)), 1.0, 0.0, 255) is None
    # What may be clipped, is too wide or has another divisor takes sums of 32 bits.
    for weights, divisor, bias in ((whole, 62.0, 0.0), (whole, 63.0, 1.0), (np.ones((2, 40)), 80.0, 0.0)):
        box = box_of(weights.astype(float), divisor, bias, 255)
        assert box
        assert box.short is None
    # A few products take less time than they do.
    assert box_of(np.ones((3, 3)), 8.0, 0.0, 255) is None
    assert box_of(np.ones((5, 5)), 25.0, 0.0, 2**16 - 1) is None


def test_fractions_of_integers_are_exact_however_they_are_given() -> None:
    for side in (12, 99, 301):
        one, other = (
            box_of(np.full((side, side), weight), divisor, 0.0, 255)
            for weight, divisor in ((1 / side**2, 1.0), (1.0, float(side**2)))
        )
        assert one
        assert other
        assert (one.weight, one.divisor) == (other.weight, other.divisor) == (1, side**2)
    single = box_of(np.full((9, 9), np.float32(1 / 81), np.float64), 1.0, 0.0, 255)
    assert single
    assert (single.weight, single.divisor) == (float(np.float32(1 / 81)), 1)


@pytest.mark.parametrize(
    ("about", "is_box"),
    [
        ({}, True),
        ({"dtype": np.uint16}, True),
        ({"dtype": np.float32}, False),
        ({"out": np.float32}, False),
        ({"stride": (2, 1)}, False),
        ({"dilation": (1, 2)}, False),
        ({"shape": (20, 30, 5)}, False),
    ],
)
def test_plans_know_their_boxes(about: Any, is_box: bool) -> None:
    plan = plan_of(np.ones((7, 7)), divisor=49, **about)
    assert (plan.box is not None) == is_box
    assert plan.loop.startswith("box-") == is_box
