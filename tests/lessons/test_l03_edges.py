"""L3: edges found by the kernel 1 -1."""

from __future__ import annotations

import numpy as np

from tests.lessons.lesson import planes, printed
from tests.support.paths import SAMPLES


def test_the_picture_is_white_with_a_black_band() -> None:
    assert np.array_equal(np.loadtxt(SAMPLES / "edges.csv", delimiter=","), [[1, 1, 0, 0, 0, 0, 1, 1]] * 6)


def test_from_white_to_black_and_back() -> None:
    assert printed('convcli apply "1 -1" edges.csv -o - --padding valid') == "0,1,0,0,0,-1,0\n" * 6


def test_the_kernel_does_not_see_edges_that_lie_down() -> None:
    found = planes(printed('convcli apply "1 -1" edges-transposed.csv -o - --padding valid'))
    assert found.shape == (1, 8, 5)
    assert not found.any()


def test_the_kernel_on_its_side_does() -> None:
    found = planes(printed('convcli apply "1; -1" edges-transposed.csv -o - --padding valid'))
    assert np.array_equal(found[0].T, [[0, 1, 0, 0, 0, -1, 0]] * 6)
