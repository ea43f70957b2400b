"""The parameters before the first step, by model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import convcli
from convcli import learn
from convcli.errors import ShapeError
from convcli.filters.kernel import Kernel
from tests.support.pictures import harbour_cut


def test_random_weights_follow_from_the_seed() -> None:
    x = np.random.default_rng(0).random((20, 20))
    results = [learn(x, x, size=3, init="random", seed=seed, steps=1, optimizer="gd") for seed in (1, 1, 2)]
    np.testing.assert_array_equal(results[0].kernel.weights, results[1].kernel.weights)
    assert (results[0].kernel.weights != results[2].kernel.weights).any()


def test_a_descent_that_starts_at_the_answer_stands_still() -> None:
    learned = learn(harbour_cut(), convcli.apply("sharpen", harbour_cut()), size=3, init="sharpen")
    assert learned.steps <= 3
    assert learned.history[0] < 1e-12


RNG = np.random.default_rng(41)


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
