"""Pairs of few: very long, empty, of channels that say nothing; and descents that fail at their last step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

import convcli
from convcli.errors import ShapeError, UsageError
from convcli.filters.kernel import Kernel
from convcli.learning import LearnSettings, learn, learn_pairs

RNG = np.random.default_rng(41)
UNEVEN = np.array([[1, 2, 0, 3, 1], [4, 8, 5, 2, 0], [0, 1, 3, 1, 2]]) / 33
# SciPy's word for each border.
SCIPYS = {"constant": "constant", "edge": "nearest", "reflect": "mirror", "symmetric": "reflect", "wrap": "grid-wrap"}


@pytest.mark.parametrize("border", SCIPYS)
@pytest.mark.parametrize("shape", [(60, 1500), (1500, 60)])
def test_the_border_of_a_long_picture_is_found(shape: tuple[int, int], border: str) -> None:
    picture = RNG.integers(0, 256, shape, np.uint8)
    sums = ndimage.correlate(picture.astype(float), UNEVEN, mode=SCIPYS[border])
    learned = learn(picture, np.floor(sums + 0.5).astype(np.uint8), size=UNEVEN.shape)
    np.testing.assert_allclose(learned.kernel.weights, UNEVEN, atol=1e-3)
    assert learned.border is not None
    assert str(learned.border.border) == border
    assert learned.border.certain
    assert learned.border.misfit is None
    assert learned.border.rms < 0.5


def test_a_channel_without_detail_is_named_among_the_open_weights() -> None:
    picture = RNG.random((40, 50, 2))
    picture[:, :, 1] = 0.5
    learned = learn(picture, picture * [2, 3], size=(1, 2), model="depthwise")
    (line,) = [each for each in learned.warnings if "open" in each]
    assert "2 of 4 weights open (channel 1 row 0 column 0; channel 1 row 0 column 1)" in line


def test_two_mixtures_of_three_channels_are_near_no_built_in() -> None:
    picture, mixture = RNG.random((40, 50, 3)), np.array([[0.2, 0.5], [0.7, -0.3], [0.1, 0.8]])
    learned = learn(picture, picture @ mixture, size=(1, 1), model="full")
    np.testing.assert_allclose(learned.kernel.weights[:, :, 0, 0], mixture.T, atol=1e-9)
    assert learned.nearest is None


def test_no_pairs_at_all_are_refused() -> None:
    with pytest.raises(UsageError, match="there is no pair to learn from") as caught:
        learn_pairs([], LearnSettings())
    assert "two folders" in caught.value.hint


def test_a_rate_that_is_too_large_is_told_after_the_only_step_too() -> None:
    picture = RNG.random((40, 50))
    with pytest.raises(UsageError, match="learning rate"):
        learn(picture, picture, size=(3, 3), optimizer="gd", learning_rate=1e4, steps=1)


@pytest.mark.parametrize(
    ("model", "weights"),
    [
        ("shared", RNG.normal(size=(3, 3))),
        ("depthwise", RNG.normal(size=(3, 3))),
        ("depthwise", RNG.normal(size=(3, 3, 3))),
        ("full", RNG.normal(size=(3, 3))),
        ("full", RNG.normal(size=(2, 3, 3, 3))),
    ],
)
def test_a_descent_from_the_kernel_itself_has_nothing_to_do(model: Any, weights: NDArray[np.float64]) -> None:
    picture = RNG.random((30, 40, 3))
    target = convcli.correlate(picture, weights, bias=0.25)
    learned = learn(picture, target, model=model, init=Kernel(weights, bias=0.25), optimizer="gd", steps=1)
    assert learned.history[0] < 1e-12
    elsewhere = learn(picture, target, model=model, init=Kernel(2 * weights), optimizer="gd", steps=1)
    assert elsewhere.history[0] > 1e-3


def test_a_kernel_for_other_channels_is_no_start() -> None:
    picture = RNG.random((30, 40, 3))
    with pytest.raises(ShapeError, match="2 output and 1 input channels, what is learned has 3 and 1") as caught:
        learn(picture, picture, size=3, model="depthwise", init=Kernel(np.ones((2, 3, 3))))
    assert "one plane" in caught.value.hint


def test_a_learned_kernel_whose_anchor_is_not_its_middle_is_a_start() -> None:
    picture = RNG.random((40, 50))
    target = convcli.correlate(picture, Kernel([[1, 2, 3], [4, 5, 6]], anchor=(0, 0)))
    learned = learn(picture, target)
    assert (learned.kernel.size, learned.kernel.anchor) == ((2, 3), (0, 0))
    again = learn(picture, target, init=learned.kernel)
    assert again.kernel.anchor == (0, 0)
    assert again.history[0] < 1e-12
