"""Pairs that add up, and pairs that are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import convcli
from convcli import learn
from convcli.errors import ShapeError, UsageError
from convcli.learning import LearningPair, LearnSettings, learn_pairs
from tests.support.filters import kernel_of
from tests.support.pictures import harbour_cut

RED = np.random.default_rng(3).integers(1, 255, (20, 20, 3), np.uint8) * np.array([1, 0, 0], np.uint8)


def test_several_pairs_add_up() -> None:
    parts = [harbour_cut()[:250], harbour_cut()[250:400, :300], harbour_cut()[400:]]
    pairs = [
        LearningPair(part, convcli.apply("gaussian:0.7", part), f"part {index}") for index, part in enumerate(parts)
    ]
    errors = []
    for some in (pairs[1:2], pairs):
        learned = learn_pairs(some, LearnSettings(size=(7, 7)))
        errors.append(np.abs(learned.kernel.weights - kernel_of("gaussian:0.7").weights).max())
        assert learned.replay.psnr > 70
    assert errors[1] < errors[0]
    with pytest.raises(ShapeError, match="another kind"):
        learn_pairs([*pairs, LearningPair(harbour_cut(), harbour_cut()[2:, 2:], "odd")], LearnSettings(size=(3, 3)))


def test_a_channel_of_few_values_is_learned_beside_one_of_many() -> None:
    x = np.random.default_rng(4).integers(50, 200, (60, 60, 2), np.uint8)
    y = x.copy()
    y[5:, :, 1] = 0  # too few values are left to judge that channel by
    learned = learn(x, y, model="depthwise")
    assert np.isfinite(learned.kernel.weights).all()
    np.testing.assert_allclose(learned.kernel.weights.sum(axis=(1, 2)), 1, atol=0.01)


@pytest.mark.parametrize(
    ("x", "y", "settings", "words"),
    [
        (np.ones((30, 30)), np.ones((30, 31)), {"size": 3}, "1×2, not 3×3"),
        (np.ones((100, 300)), np.ones((300, 100)), {}, "no padding makes the one of the other"),
        (np.ones((300, 300)), np.ones((100, 100)), {}, "no padding makes the one of the other"),
        (np.ones((9, 9)), np.eye(9)[:, :, None] * np.arange(3), {}, "x is gray, y has 3 channels"),
        (np.ones((9, 9)), np.ones((9, 9)), {"size": 11}, "larger than INPUT"),
        (np.ones((9, 9), np.uint8), np.zeros((9, 9), np.uint8), {}, "clipped everywhere"),
        (np.ones((9, 9), np.uint8), np.full((9, 9), 255, np.uint8), {}, "clipped everywhere"),
        (RED, RED, {"model": "depthwise", "size": 1}, "clipped everywhere in channel 1"),
        (RED, RED, {"model": "full"}, "clipped everywhere in channel 1"),
        (np.ones(9), np.ones(9), {}, "is no picture"),
        (np.ones((9, 9), complex), np.ones((9, 9)), {}, "no real numbers"),
    ],
)
def test_wrong_input_is_refused(x: Any, y: Any, settings: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        # A kernel of this model alone, without a search for another or for what else was done.
        learn(x, y, **{"model": "shared", "geometry": "none", **settings})
    assert caught.value.hint


def test_no_pairs_at_all_are_refused() -> None:
    with pytest.raises(UsageError, match="there is no pair to learn from") as caught:
        learn_pairs([], LearnSettings())
    assert "two folders" in caught.value.hint


@pytest.mark.parametrize("text", ["sharpen", "gaussian:1.5", "gaussian:2"])
def test_few_rows_judge_the_windows_of_a_large_picture_and_all_rows_the_kernel(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = LearningPair(harbour_cut(), convcli.apply(text, harbour_cut()))
    whole = learn_pairs([pair], LearnSettings())
    monkeypatch.setattr("convcli.learning.reading._BUDGET_OF_SCOUT", 1e6)
    learned = learn_pairs([pair], LearnSettings())
    assert learned.rows_used == whole.rows_used == 1
    assert learned.kernel.size == whole.kernel.size
    np.testing.assert_allclose(learned.kernel.weights, whole.kernel.weights, atol=5e-5)
