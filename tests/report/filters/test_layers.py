"""Layers in words and as a table."""

from __future__ import annotations

import numpy as np
import pytest

from convcli.errors import ShapeError, UsageError
from convcli.filters import (
    BatchNorm,
    Clip,
    Concat,
    Conv,
    Layer,
    LeakyReLU,
    Linear,
    Magnitude,
    MaxPool,
    Pipeline,
    PixelShuffle,
    PixelUnshuffle,
    ReLU,
    SumPool,
    Threshold,
)
from convcli.filters.border import Border
from convcli.filters.kernel import Kernel
from convcli.report.filters.facts import filter_facts
from convcli.report.filters.layers import layers_of, parse_shape, settings_of


def kernel(*shape: int) -> Kernel:
    return Kernel(np.ones(shape))


NETWORK = Pipeline(
    (
        Conv(Kernel(np.ones((16, 1, 5, 5)), bias=[1.0] * 16), padding=(2, 2)),
        ReLU(),
        MaxPool((2, 2)),
        Conv(Kernel(np.ones((32, 16, 5, 5)), bias=[1.0] * 32), padding=(2, 2)),
        ReLU(),
        MaxPool((2, 2)),
        Linear(10),
    )
)


def test_the_network_of_the_lessons() -> None:
    layers = layers_of(NETWORK, None)
    assert layers.input_shape == (1, 28, 28)
    table = filter_facts(layers)
    rows = table["layers"]
    assert [row["parameters"] for row in rows] == [416, 0, 0, 12832, 0, 0, 15690]
    assert [row["receptive_field"] for row in rows] == [(5, 5), (5, 5), (6, 6), (14, 14), (14, 14), (16, 16), None]
    assert [row["stride"] for row in rows] == [(1, 1), (1, 1), (2, 2), (2, 2), (2, 2), (4, 4), None]
    assert [row["output_shape"] for row in rows][-2:] == [(32, 7, 7), (10, 1, 1)]
    assert table["parameters"] == 28938


@pytest.mark.parametrize(
    ("layers", "shape", "reason"),
    [
        ((Conv(kernel(3, 3)),), (1, 28, 28), "no size is given"),
        ((Conv(kernel(3, 3)), Conv(kernel(4, 5, 1, 1))), (5, 28, 28), "the first kernel takes 5 channels"),
        ((Conv(kernel(4, 3, 3)),), (4, 28, 28), "the first kernel takes 4 channels"),
        ((Conv(kernel(4, 1, 3, 3), groups=2),), (2, 28, 28), "the first kernel takes 2 channels"),
        ((Conv(kernel(61, 61), padding="valid"),), (1, 64, 64), "no size is given"),
        ((Magnitude(), Conv(kernel(1, 1, 1, 1))), (1, 28, 28), "no size is given"),
        ((Magnitude(((Conv(kernel(2, 3, 1, 1)),),)),), (3, 28, 28), "the first kernel takes 3 channels"),
        ((MaxPool((40, 40)),), (1, 64, 64), "no size is given"),
        ((Linear(2, np.ones((2, 48))),), (3, 4, 4), "no size is given"),
        ((PixelUnshuffle(2), Conv(kernel(3, 12, 1, 1))), (3, 28, 28), "no size is given"),
        ((PixelShuffle(3), Conv(kernel(3, 7, 1, 1))), (63, 28, 28), "no size is given"),
        ((Concat(((), ())), Conv(kernel(3, 22, 1, 1))), (11, 28, 28), "no size is given"),
        ((BatchNorm(mean=(0.0,) * 9),), (9, 28, 28), "no size is given"),
    ],
)
def test_an_input_that_fits_is_found(layers: tuple[Layer, ...], shape: tuple[int, ...], reason: str) -> None:
    found = layers_of(Pipeline(layers), None)
    assert (found.input_shape, found.assumed) == (shape, reason)


def test_an_input_that_is_given_is_taken_or_refused() -> None:
    assert layers_of(NETWORK, (1, 30, 40)).rows[-2].output_shape == (32, 7, 10)
    assert not layers_of(NETWORK, (1, 30, 40)).assumed
    with pytest.raises(ShapeError, match="takes 1 input"):
        layers_of(NETWORK, (3, 28, 28))
    with pytest.raises(ShapeError, match="no square input"):
        layers_of(Pipeline((Linear(2, np.ones((2, 7))),)), None)


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (Conv(kernel(3, 5)), "3×5"),
        (Conv(kernel(4, 2, 1, 1), (2, 2), (1, 1)), "1×1, 2→4 channels, stride 2, padding 1"),
        (
            Conv(kernel(3, 3, 3), (1, 2), "valid", (2, 3)),
            "3×3, 3 channels, each by itself, stride 1×2, padding valid, dilation 2×3",
        ),
        (Conv(kernel(4, 1, 3, 3), groups=2, border=Border("wrap")), "3×3, 2→4 channels, 2 groups, border wrap"),
        (MaxPool((2, 2)), "2×2"),
        (SumPool((3, 2), (1, 1)), "3×2, stride 1"),
        (ReLU(), ""),
        (LeakyReLU(0.2), "slope 0.2"),
        (Clip(0.25, 1), "0.25 to 1"),
        (Threshold(0.5), "0.5"),
        (Linear(10), "300→10"),
        (Magnitude(), "over the channels"),
        (Magnitude(((Conv(kernel(3, 3)),),) * 2), "of 2: conv 3×3 each"),
        (Magnitude(((Conv(kernel(3, 3)), ReLU()), (Conv(kernel(1, 1)),))), "of 2: (conv 3×3, then relu), (conv 1×1)"),
    ],
)
def test_settings_in_words(layer: Layer, words: str) -> None:
    assert settings_of(layer, (3, 10, 10)) == words


def test_shapes_as_they_are_written() -> None:
    assert parse_shape("3x480x640") == parse_shape("3X480×640") == (3, 480, 640)
    for wrong in ("", "3", "3x4", "3x4x0", "axbxc", "3x4x5x6", "-1x2x3", "1.5x2x3"):
        with pytest.raises(UsageError, match="input size"):
            parse_shape(wrong)
