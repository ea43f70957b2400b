from __future__ import annotations

import numpy as np
import pytest

from convcli.engine import values_held
from convcli.engine.layers import walk, walk_through
from convcli.errors import ShapeError
from convcli.filters import Conv, Layer, Magnitude, Maximum, MaxPool, Pipeline, ReLU
from convcli.filters.kernel import Kernel

SHAPE = (3, 10, 12)


def test_values_held_are_those_of_the_layer_that_holds_most() -> None:
    conv = Conv(Kernel(np.ones((4, 3, 3, 3))), padding="valid")
    assert values_held(Pipeline((conv,)), SHAPE) == 3 * 10 * 12 + 4 * 8 * 10
    assert values_held(Pipeline((conv, MaxPool((2, 2)))), SHAPE) == 3 * 10 * 12 + 4 * 8 * 10
    assert values_held(Pipeline((MaxPool((2, 2)), ReLU())), SHAPE) == 3 * 10 * 12 + 3 * 5 * 6
    # The input, the output of each branch, and the result.
    assert values_held(Pipeline((Magnitude(((ReLU(),), (ReLU(),))),)), SHAPE) == 4 * 3 * 10 * 12
    with pytest.raises(ShapeError):
        values_held(Pipeline((conv,)), (2, 10, 12))


def test_values_held_count_the_layers_of_branches() -> None:
    wide = (Conv(Kernel(np.ones((40, 3, 1, 1)))), Conv(Kernel(np.ones((1, 40, 1, 1)))))
    assert values_held(Pipeline((Maximum((wide,)),)), SHAPE) == (3 + 40) * 10 * 12


def test_the_walk_goes_through_branches_before_the_layer_that_combines_them() -> None:
    first, second, third = ReLU(), ReLU(), ReLU()
    both = Maximum(((first, second), (third,)))
    last = ReLU()
    visited: list[tuple[Layer, int, list[int]]] = []

    def after(layer: Layer, depth: int, parts: list[int]) -> int:
        visited.append((layer, depth, parts))
        return depth + 1

    assert list(walk((both, last), 0, after)) == [1, 2]  # type: ignore[arg-type]  # a list is a sequence
    expected = [(first, 0, []), (second, 1, []), (third, 0, []), (both, 0, [2, 1]), (last, 1, [])]
    assert [(id(layer), *rest) for layer, *rest in visited] == [(id(layer), *rest) for layer, *rest in expected]
    assert walk_through((), 7, after) == 7  # type: ignore[arg-type]
