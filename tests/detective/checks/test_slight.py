"""Kernels that make up for roundings."""

from __future__ import annotations

import pytest

from convcli.detective.checks.slight import is_slight
from convcli.filters import Kernel


@pytest.mark.parametrize(
    ("gain", "offset", "is_it"),
    [(1.0101, -0.0048, True), (0.999, 0.0, True), (1.0, 2 / 255, False), (1.03, -0.015, False)],
)
def test_a_gain_about_the_middle_is_slight(gain: float, offset: float, is_it: bool) -> None:
    assert is_slight(Kernel([[gain]], bias=(offset,))) is is_it
