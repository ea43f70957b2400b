"""Values that are no part in learning: masked targets, and targets under which a source pixel is hidden."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.errors import UsageError
from convcli.learning import LearningPair, LearnSettings, Model, learn_pairs
from convcli.learning.moments.layout import Layout
from tests.support.noise import noise
from tests.support.oracle import correlate

KERNEL = np.array([[0.0, 1, -1], [2, 5, -2], [0.5, -1, 0]]) / 8


def filtered(source: NDArray[Any]) -> NDArray[np.float64]:
    return correlate(source, KERNEL, margins=((1, 1), (1, 1)))


@pytest.mark.parametrize("size", [None, (3, 3)])
@pytest.mark.parametrize("model", ["shared", "depthwise"])
def test_what_is_masked_has_no_say(size: tuple[int, int] | None, model: Model) -> None:
    source = noise(0, 60, 70, 3, dtype=np.float64)
    target = filtered(source)
    mask = np.ones((60, 70, 1), bool)
    mask[20:40, 10:50] = False
    target[20:40, 10:50] = 1e3
    settings = LearnSettings.of(size=size, model=model)
    learned = learn_pairs([LearningPair(source, target, mask=mask)], settings)
    np.testing.assert_allclose(np.broadcast_to(KERNEL, learned.kernel.weights.shape), learned.kernel.weights, atol=1e-6)
    assert learned.replay.largest < 1e-3


def test_a_hidden_source_pixel_leaves_out_every_target_that_sees_it() -> None:
    source = noise(0, 60, 70, 1, dtype=np.float64)
    target = filtered(source)
    hidden = np.zeros((60, 70, 1), bool)
    hidden[30, 30:34] = True
    changed = np.where(hidden, 77.0, source)
    learned = learn_pairs([LearningPair(changed, target, source_mask=~hidden)], LearnSettings.of(size=3))
    np.testing.assert_allclose(learned.kernel.weights, KERNEL, atol=1e-6)


def test_the_mask_of_a_region_by_hand() -> None:
    source_mask = np.ones((6, 8, 1), bool)
    source_mask[2, 3] = False
    mask = np.ones((6, 8, 1), bool)
    mask[4, 5] = False
    pair = LearningPair(np.zeros((6, 8, 1)), np.zeros((6, 8, 1)), mask=mask, source_mask=source_mask)
    region = Layout("same", (3, 3), (1, 1)).inside(pair)
    wanted = np.ones((4, 6), bool)
    wanted[0:3, 1:4] = False  # rows and columns 1 less than in the pair
    wanted[3, 4] = False
    assert region.mask is not None
    np.testing.assert_array_equal(region.mask[:, :, 0], wanted)


def test_nothing_left_is_said() -> None:
    pair = LearningPair(np.zeros((9, 9, 1), np.uint8), np.full((9, 9, 1), 9, np.uint8), mask=np.zeros((9, 9, 1), bool))
    with pytest.raises(UsageError, match="nothing to learn from"):
        learn_pairs([pair], LearnSettings.of(size=3))
