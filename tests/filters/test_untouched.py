from __future__ import annotations

import numpy as np
import pytest

from convcli.catalog import load_filter
from convcli.engine import filter_array
from convcli.errors import UsageError
from convcli.filters import Conv, Linear, Pipeline, untouched_path
from convcli.filters.kernel import Kernel

ARRAY = np.random.default_rng(2).normal(size=(13, 17, 2))


@pytest.mark.parametrize("text", ["sharpen", "gaussian:2 | relu | abs", "sobel", "invert", "magnitude"])
def test_a_filter_that_keeps_the_size_moves_nothing(text: str) -> None:
    assert untouched_path(load_filter(text)) is None


def moved(pipeline: Pipeline) -> np.ndarray:
    moves = untouched_path(pipeline)
    assert moves is not None
    result = filter_array(moves, ARRAY)
    assert result.shape == filter_array(pipeline, ARRAY).shape
    return result


def test_untouched_channels_come_from_under_the_anchor() -> None:
    kernel = Kernel(np.ones((3, 4)), anchor=(2, 1), bias=0.5)
    np.testing.assert_array_equal(moved(Pipeline((Conv(kernel, padding="valid"),))), ARRAY[2:, 1:15])
    np.testing.assert_array_equal(moved(Pipeline((Conv(Kernel([[1, 2, 1]]), stride=(2, 3)),))), ARRAY[::2, ::3])
    dilated = Conv(Kernel(np.ones((3, 3))), padding="valid", dilation=(2, 1))
    np.testing.assert_array_equal(moved(Pipeline((dilated,))), ARRAY[2:-2, 1:-1])


def test_pools_take_the_mean_of_untouched_channels() -> None:
    expected = ARRAY[:12, :16].reshape(6, 2, 8, 2, 2).mean(axis=(1, 3))
    for text in ("maxpool:2", "avgpool:2", "sumpool:2", "sobel | maxpool:2"):
        np.testing.assert_allclose(moved(load_filter(text)), expected)


def test_a_linear_layer_has_no_positions() -> None:
    with pytest.raises(UsageError, match="no positions"):
        untouched_path(Pipeline((Linear(1),)))
