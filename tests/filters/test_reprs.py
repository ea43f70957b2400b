"""The reprs of filters, of their parts and of what is learned: on one screen, with the numbers that matter."""

from __future__ import annotations

import numpy as np
import pytest

import convcli
from convcli.filters import BORDER, STRIDE, Border, Kernel, Linear, Pipeline
from convcli.learning import LearnSettings
from tests.support.noise import noise

COLUMNS, LINES = 120, 24


def test_a_small_kernel_shows_its_weights() -> None:
    assert repr(Kernel([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])) == (
        "Kernel([[ 0, -1,  0],\n        [-1,  5, -1],\n        [ 0, -1,  0]])"
    )
    assert repr(Kernel([[1 / 3, 1e-9]], divisor=7, bias=1 / 3, anchor=(0, 0))) == (
        "Kernel([[0.3333,  1e-09]], divisor=7, bias=0.333333, anchor=(0, 0))"
    )


def test_a_large_kernel_shows_its_shape_and_range() -> None:
    assert repr(Kernel(np.full((9, 8), 0.5))) == "Kernel(<9×8 weights, 0.5 to 0.5, sum 36>)"
    full = Kernel(np.ones((20, 3, 5, 5)), bias=list(range(20)))
    assert repr(full) == "Kernel(<20×3×5×5 weights, 1 to 1, sum 1500>, bias=(0, 1, 2, 3, 4, … 15 more))"


def test_a_pipeline_shows_its_layers() -> None:
    assert repr(convcli.load_filter("relu")) == "Pipeline(ReLU(), name='relu')"
    assert repr(Pipeline(convcli.load_filter("box:stride=2").layers)) == (
        "Pipeline(Conv(kernel=Kernel([[1, 1, 1], [1, 1, 1], [1, 1, 1]], divisor=9), stride=(2, 2)))"
    )
    assert repr(convcli.load_filter("gaussian:4 | maxpool:2 | threshold:1/3")).splitlines() == [
        "Pipeline(",
        "  Conv(kernel=Kernel(<33×33 weights, 1.119e-09 to 0.009948, sum 1>)),",
        "  MaxPool(size=(2, 2)),",
        "  Threshold(level=0.333333),",
        "  name='gaussian-sigma4+maxpool-size2+threshold-level0.333333333333',",
        ")",
    ]


def test_other_parts_are_short() -> None:
    assert repr(Border("constant", 1 / 3)) == "Border(name='constant', value=0.333333)"
    assert repr(Border("wrap")) == "Border(name='wrap')"
    assert repr(STRIDE) == "<stride=1: a whole number from 1 to 65535, or two as 2x3 or [down, right]>"
    assert repr(BORDER).startswith("<border=reflect: constant[:VALUE], edge")
    assert repr(Linear(2, np.ones((2, 9)))) == "Linear(out_features=2, weights=<2×9 float64, 1 to 1>)"
    assert repr(LearnSettings(init=Kernel([[1, 2]]))) == "LearnSettings(size=(1, 2), init=Kernel([[1, 2]]))"


def test_what_is_learned_is_short() -> None:
    before = noise(0, 40, 50) / 255
    learned = convcli.learn(before, convcli.correlate(before, [[1, 2, 1]], divisor=4), size=(1, 3), bias=False)
    text = repr(learned)
    first, second = text.splitlines()
    assert first == f"Explained({learned.cause!r},"
    assert second.startswith("          Kernel([[0.25, 0.5, 0.25]]), loss=")
    assert "converged=True" in second
    assert max(map(len, (repr(learned.replay), repr(learned.border), repr(learned.nearest)))) < COLUMNS


@pytest.mark.parametrize("shape", [(1, 1), (7, 7), (1, 1023), (1023, 1), (63, 63), (64, 63, 3, 3), (512, 1, 1)])
def test_every_repr_fits_on_a_screen(shape: tuple[int, ...]) -> None:
    kernel = Kernel(np.random.default_rng(0).normal(size=shape) * 1e-7)
    many = Pipeline(convcli.load_filter("|".join(["sobel"] * 90)).layers)
    for value in (kernel, Pipeline(convcli.load_filter("box").layers, name="n" * 50), many):
        lines = repr(value).splitlines()
        assert len(lines) <= LINES
        assert max(map(len, lines)) <= COLUMNS
