"""A share of a sweep meets every value of every parameter, and is the same in every run."""

from __future__ import annotations

from itertools import product

import pytest

from tests.support.sweeps import surplus

SIZES = (5, 4, 10)
CASES = {"-".join(map(str, case)): set(enumerate(case)) for case in product(*map(range, SIZES))}


@pytest.mark.parametrize(("share", "wanted"), [(1, 200), (0.5, 100), (0.1, 20)])
def test_a_share_is_done(share: float, wanted: int) -> None:
    assert len(CASES) - len(surplus(CASES, share)) == wanted


@pytest.mark.parametrize("share", [0, 0.1, 0.5])
def test_every_value_is_met(share: float) -> None:
    done = CASES.keys() - surplus(CASES, share)
    assert set().union(*(CASES[name] for name in done)) == set().union(*CASES.values())


def test_nothing_that_stands_alone_is_left_out() -> None:
    assert surplus({str(number): {("text", number)} for number in range(30)}, 0.1) == set()


def test_the_order_of_the_cases_does_not_matter() -> None:
    assert surplus(CASES, 0.1) == surplus(dict(reversed(CASES.items())), 0.1)
