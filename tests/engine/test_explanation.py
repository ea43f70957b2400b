"""The explanation of one output value, compared with the result of the engine at the same position."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from convcli.engine import apply_pipeline, full_scale_of
from convcli.engine.explaining import MOST_CHANNELS, explain
from convcli.engine.explanation import ArrayPosition, Explanation
from convcli.errors import ShapeError, UsageError
from convcli.filters import (
    Abs,
    AvgPool,
    Clip,
    Conv,
    Invert,
    Layer,
    Linear,
    Magnitude,
    Maximum,
    MaxPool,
    Normalize,
    Pipeline,
    ReLU,
    SumPool,
)
from convcli.filters.border import Border
from convcli.filters.kernel import Kernel

RANDOM = np.random.default_rng(7)
GRAY = RANDOM.integers(0, 256, (7, 9, 1), np.uint8)
COLOR = RANDOM.integers(0, 256, (7, 9, 3), np.uint8)
FLOATS = RANDOM.normal(size=(8, 8, 2))
SOBEL = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def kernel(*shape: int, **more: Any) -> Kernel:
    return Kernel(RANDOM.normal(size=shape), **more)


def explained(*layers: Layer, array: np.ndarray[Any, Any], at: tuple[int, int], channel: int = 0) -> Explanation:
    return explain(Pipeline(layers), array, at, channel, full_scale=full_scale_of(array.dtype), dtype=array.dtype)


def test_every_product_of_one_value() -> None:
    conv = Conv(Kernel([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]), border=Border("constant", 1.0))
    found = explained(conv, array=GRAY, at=(0, 3))
    (each,) = found.sums
    (block,) = each.blocks
    column = GRAY[:, :, 0].astype(float)
    assert block.values.tolist() == [[255, *column[2, :2]], [255, *column[3, :2]], [255, *column[4, :2]]]
    assert each.outside.tolist() == [[True, False, False]] * 3
    assert each.rows.tolist() == [2, 3, 4]
    assert each.columns.tolist() == [-1, 0, 1]
    assert block.products.tolist() == (block.values * block.weights).tolist()
    assert each.value == each.sum == found.exact == 5 * column[3, 0] - column[2, 0] - column[4, 0] - 255 - column[3, 1]
    assert found.output == np.clip(found.exact, 0, 255)
    assert found.stages[0].values.tolist() == [column[3, 0]]


def test_divisor_and_bias() -> None:
    found = explained(Conv(Kernel(np.ones((3, 3)), 9, 0.5)), array=GRAY, at=(4, 3))
    (each,) = found.sums
    assert (each.divisor, each.bias) == (9, 127.5)
    assert each.value == pytest.approx(GRAY[2:5, 3:6, 0].mean() + 127.5)
    assert found.output == min(np.floor(each.value + 0.5), 255)


def test_planes_of_channels_and_of_groups() -> None:
    per_channel = explained(Conv(kernel(3, 3, 3)), array=COLOR, at=(1, 1), channel=2)
    assert [block.channel for block in per_channel.sums[0].blocks] == [2]
    mixed = explained(Conv(kernel(4, 3, 2, 2, bias=[0, 1, 2, 3])), array=COLOR, at=(1, 1), channel=3)
    assert [block.channel for block in mixed.sums[0].blocks] == [0, 1, 2]
    assert mixed.sums[0].bias == 3 * 255
    assert mixed.stages[0].position == ArrayPosition(None, 1, 1)
    grouped = explained(Conv(kernel(4, 1, 1, 1), groups=2), array=FLOATS, at=(1, 1), channel=3)
    assert [block.channel for block in grouped.sums[0].blocks] == [1]
    assert grouped.exact == pytest.approx(grouped.output)


@pytest.mark.parametrize(
    ("layers", "array", "channel"),
    [
        ((Conv(kernel(3, 3)), Magnitude(((Conv(Kernel(SOBEL)),), (Conv(Kernel(SOBEL.T)),))), Normalize()), COLOR, 1),
        ((Conv(kernel(4, 2, 3, 3), padding=(1, 1)), ReLU(), MaxPool((2, 2)), Conv(kernel(5, 4, 2, 2))), FLOATS, 4),
        ((Conv(kernel(4, 2, 3, 3)), AvgPool((2, 2)), Abs(), Linear(7)), FLOATS, 6),
        ((Conv(kernel(4, 2, 3, 3)), Maximum()), FLOATS, 0),
        ((SumPool((2, 3), (1, 2)), Invert(), Clip(0.1, 0.9)), COLOR, 2),
        ((Maximum(((Conv(Kernel(SOBEL)), Abs()), (Conv(Kernel(SOBEL.T)), Conv(kernel(3, 3))))),), GRAY, 0),
    ],
)
def test_the_output_of_layers_is_what_run_computes(layers: tuple[Layer, ...], array: Any, channel: int) -> None:
    pipeline, scale = Pipeline(layers), full_scale_of(array.dtype)
    wanted = apply_pipeline(pipeline, array, full_scale=scale, dtype=array.dtype).values
    exact = apply_pipeline(pipeline, array, full_scale=scale, dtype=np.float64).values
    for row, column in np.ndindex(wanted.shape[:2]):
        found = explained(*layers, array=array, at=(column, row), channel=channel)
        assert found.output == wanted[row, column, channel]
        assert found.exact == exact[row, column, channel]
        assert len(found.stages) == len(layers) + 1
        for each in found.sums:
            stage = found.stages[found.explained]
            if not each.branch and each.position == stage.position:
                assert each.value == pytest.approx(float(stage.values[0]), rel=1e-4, abs=1e-4 * scale)


def test_the_sums_of_branches_are_what_the_layer_combines() -> None:
    layer = Magnitude(((Conv(Kernel(SOBEL)),), (Conv(Kernel(SOBEL.T)),)))
    found = explained(layer, Invert(), array=GRAY, at=(5, 5))
    assert [each.branch for each in found.sums] == [1, 2]
    assert found.explained == 1
    assert found.stages[1].values[0] == pytest.approx(math.hypot(*(each.value for each in found.sums)), rel=1e-5)


def test_a_maximum_is_followed_to_where_it_stands() -> None:
    array = np.zeros((6, 6, 1), np.uint8)
    array[3, 2] = 200
    found = explained(Conv(Kernel([[1]])), MaxPool((3, 3)), array=array, at=(0, 1))
    assert [stage.position for stage in found.stages] == [
        ArrayPosition(0, 3, 2),
        ArrayPosition(0, 3, 2),
        ArrayPosition(0, 1, 0),
    ]
    assert found.output == 200


def test_a_linear_layer_weighs_every_value() -> None:
    found = explained(ReLU(), Linear(3), array=FLOATS, at=(0, 0), channel=1)
    (each,) = found.sums
    assert len(each.blocks) == 2
    assert each.outside.shape == (8, 8)
    assert each.value == pytest.approx(found.output)
    assert found.stages[0].values.size == 128


def test_of_many_channels_the_first_are_explained() -> None:
    found = explained(Conv(kernel(20, 1, 1, 1)), Maximum(), array=FLOATS[:, :, :1].copy(), at=(0, 0))
    assert len(found.sums) == MOST_CHANNELS
    assert [each.position.channel for each in found.sums] == list(range(MOST_CHANNELS))


@pytest.mark.parametrize("opaque", [True, False])
@pytest.mark.parametrize("border", [Border("reflect"), Border("constant", 0.3)])
@pytest.mark.parametrize("weights", [SOBEL, np.ones((3, 3)), RANDOM.normal(size=(2, 3, 3, 2))])
def test_transparent_colors_have_no_say(opaque: bool, border: Border, weights: Any) -> None:
    array = RANDOM.integers(0, 256, (5, 6, 4), np.uint8)
    array[:, :, 3] = 255 if opaque else RANDOM.integers(0, 2, (5, 6)) * 130
    pipeline = Pipeline((Conv(Kernel(weights, 3, 0.1), border=border),))
    about: dict[str, Any] = {"alpha": "keep", "full_scale": 255.0}
    wanted = apply_pipeline(pipeline, array, dtype=np.uint8, **about).values
    exact = apply_pipeline(pipeline, array, dtype=np.float64, **about).values
    for row, column, channel in np.ndindex(5, 6, wanted.shape[2] - 1):
        found = explain(pipeline, array, (column, row), channel, dtype=np.uint8, **about)
        assert found.output == wanted[row, column, channel]
        assert found.exact == pytest.approx(exact[row, column, channel], abs=1e-3)
        assert (found.sums[0].blocks[0].opacity is None) == opaque


def test_alpha_that_is_dropped_weighs_nothing() -> None:
    array = RANDOM.integers(0, 256, (5, 6, 4), np.uint8)
    pipeline = Pipeline((Conv(Kernel(np.ones((3, 3)), 9)),))
    found = explain(pipeline, array, (2, 2), 1, full_scale=255, dtype=np.uint8, alpha="drop")
    assert found.exact == pytest.approx(array[1:4, 1:4, 1].mean())


def test_alpha_in_layers() -> None:
    array = RANDOM.integers(0, 256, (6, 6, 4), np.uint8)
    pipeline = Pipeline((Conv(kernel(3, 3)), ReLU(), MaxPool((2, 2)), Conv(kernel(3, 3))))
    wanted = apply_pipeline(pipeline, array, alpha="keep", full_scale=255, dtype=np.uint8).values
    for row, column in np.ndindex(wanted.shape[:2]):
        found = explain(pipeline, array, (column, row), 2, full_scale=255, dtype=np.uint8, alpha="keep")
        assert found.output == wanted[row, column, 2]
        assert found.sums[0].value == pytest.approx(found.exact, abs=1e-4)


def test_what_lies_outside_is_refused_with_what_does_not() -> None:
    conv = Conv(kernel(3, 3), padding="valid")
    with pytest.raises(UsageError, match="7,0 lies outside") as refused:
        explained(conv, array=GRAY, at=(7, 0))
    assert refused.value.hint == "give X from 0 to 6 and Y from 0 to 4"
    for at in ((0, 5), (-1, 0), (0, -1)):
        with pytest.raises(UsageError, match="lies outside"):
            explained(conv, array=GRAY, at=at)
    with pytest.raises(UsageError, match="1 channel and no channel 1"):
        explained(conv, array=GRAY, at=(0, 0), channel=1)
    with pytest.raises(UsageError, match="3 channels and no channel -1") as refused:
        explained(conv, array=COLOR, at=(0, 0), channel=-1)
    assert refused.value.hint == "give --channel from 0 to 2"
    with pytest.raises(ShapeError):
        explained(Conv(kernel(2, 3, 3)), array=COLOR, at=(0, 0))
