"""Pictures of layers: their structure, by pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from convcli.filters import (
    Abs,
    AvgPool,
    Clip,
    Conv,
    Invert,
    Layer,
    LeakyReLU,
    Linear,
    Magnitude,
    MaxPool,
    Normalize,
    Pipeline,
    ReLU,
    Threshold,
)
from convcli.filters.kernel import Kernel
from convcli.report.filters.layers import layers_of
from convcli.report.pictures.colors import diverging
from convcli.report.pictures.drawing import draw_filter
from tests.support.drawings import count, margins_are_free

RANDOM = np.random.default_rng(3)


SOBEL = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def drawn(*layers: Layer, name: str = "name", description: str = "") -> NDArray[np.uint8]:
    return draw_filter(layers_of(Pipeline(layers, name=name, description=description), None))


def test_layers_are_drawn_one_below_the_other() -> None:
    heights = []
    for layers in ((ReLU(),), (ReLU(), Abs()), (ReLU(), Abs(), Invert())):
        picture = drawn(*layers)
        assert margins_are_free(picture)
        heights.append(picture.shape[0])
    assert heights[1] - heights[0] == heights[2] - heights[1] > 0


def test_every_kind_of_layer_is_drawn() -> None:
    conv = Conv(Kernel(RANDOM.normal(size=(9, 2, 3, 3))))
    picture = drawn(
        conv,
        Magnitude(((Conv(Kernel(SOBEL)),), (Conv(Kernel(SOBEL.T)),))),
        LeakyReLU(0.1),
        Clip(0.2, 0.8),
        Threshold(0.5),
        Normalize(),
        MaxPool((2, 2)),
        AvgPool((3, 2), (1, 3)),
        Magnitude(),
        Linear(10),
        name="a name that is much too long to be drawn in one line of this picture, " * 3,
        description="é, σ and 日 are signs that the type of the picture does not have",
    )
    assert margins_are_free(picture)
    assert count(picture, diverging(np.array(1.0))) > 1000  # of the kernels
