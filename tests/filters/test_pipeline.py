"""Layers and pipelines as values: shapes, settings, refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from convcli.errors import ShapeError, UsageError
from convcli.filters import Conv, Linear, MaxPool, Pipeline
from convcli.filters.border import Border
from convcli.filters.kernel import Kernel

PLANE = Kernel(np.ones((3, 3)))


def test_a_pipeline_of_one_conv_is_a_kernel() -> None:
    conv = Conv(PLANE)
    assert Pipeline((conv,)).conv is conv
    assert Pipeline((conv, conv)).conv is None
    changed = Pipeline((conv,), name="mean", description="d", tags=("t",), aliases=("a",)).with_settings(stride=2)
    assert changed.conv is not None
    assert changed.conv.stride == (2, 2)
    assert (changed.name, changed.description, changed.tags, changed.aliases) == ("mean", "d", ("t",), ("a",))


def test_a_pipeline_takes_a_border_for_the_layers_without() -> None:
    pipeline = Pipeline((Conv(PLANE), Conv(PLANE, border=Border("wrap")))).with_settings(border=Border("edge"))
    assert [layer.border for layer in pipeline.layers if isinstance(layer, Conv)] == [Border("edge"), Border("wrap")]
    layers = Pipeline((Conv(PLANE), Conv(PLANE))).with_settings(flip=False, stride=None).layers
    assert [layer.border for layer in layers if isinstance(layer, Conv)] == [None, None]


@pytest.mark.parametrize("setting", [{"stride": 2}, {"flip": True}, {"divisor": 2.0}, {"bias": 0.0}, {"padding": 0}])
def test_a_pipeline_refuses_what_is_meant_for_one_kernel(setting: Any) -> None:
    pipeline = Pipeline((Conv(PLANE), Conv(PLANE)), name="unsharp")
    with pytest.raises(UsageError, match=f"{next(iter(setting))} needs a filter of one kernel, and unsharp") as caught:
        pipeline.with_settings(**setting)
    assert caught.value.hint


def test_a_pipeline_has_layers() -> None:
    with pytest.raises(UsageError, match="without layers"):
        Pipeline(())


def test_shapes_go_from_layer_to_layer() -> None:
    first, second = Conv(Kernel(np.ones((2, 3, 3, 3))), padding="valid"), Conv(Kernel(np.ones((4, 2, 2, 2))), (2, 2))
    assert Pipeline((first, second)).output_shape((3, 9, 10)) == (4, 4, 4)
    with pytest.raises(
        ShapeError, match=r"^layer 2 \(conv\) with input 2×7×8: the kernel takes 3 input channels, the input has 2"
    ):
        Pipeline((first, first)).output_shape((3, 9, 10))
    with pytest.raises(ShapeError, match=r"^the kernel takes 3"):
        Pipeline((first,)).output_shape((1, 9, 10))


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: MaxPool((0, 2)), "size 0 is not a whole number from 1 to 1023"),
        (lambda: MaxPool((2, 2), (1, 0)), "stride 0 is not a whole number from 1"),
        (lambda: Linear(0), "out_features 0 is not a whole number"),
        (lambda: Linear(2, weights=np.ones((3, 4))), r"weights of shape \(3, 4\) for 2 outputs"),
        (lambda: Linear(2, bias=np.ones(3)), "3 biases for 2 outputs"),
    ],
)
def test_layers_that_cannot_be(make: Callable[[], object], what: str) -> None:
    with pytest.raises(UsageError, match=what) as caught:
        make()
    assert caught.value.hint
