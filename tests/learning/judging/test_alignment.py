"""The shift between the pictures of a pair."""

from __future__ import annotations

import numpy as np
import pytest

import convcli
from convcli.learning import LearningPair, LearnSettings, learn_pairs
from tests.support.pictures import harbour_cut


@pytest.mark.parametrize(("down", "right"), [(0, 12), (-9, 4), (30, -20)])
def test_a_pair_that_is_not_aligned_is_told_its_shift(down: int, right: int) -> None:
    moved = np.roll(convcli.apply("gaussian:0.7", harbour_cut()), (down, right), axis=(0, 1))
    learned = learn_pairs([LearningPair(harbour_cut(), moved)], LearnSettings.of(size=3))
    (warning,) = learned.doubts
    assert "not aligned" in warning
    for step, there, back in ((down, "down", "up"), (right, "right", "left")):
        if step:
            assert f"{abs(step)} pixels {there if step > 0 else back}" in warning
