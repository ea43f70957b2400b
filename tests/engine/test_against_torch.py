"""Both engines against torch.nn.functional.conv2d, whose words for the settings are ours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.engine import correlate
from convcli.filters.border import TAGGED

pytestmark = [pytest.mark.sweep, pytest.mark.no_cover]

torch = pytest.importorskip("torch", reason="torch is not installed: its conv2d is compared where it is")

ENGINES = ["numpy", "numba"]
# Channels in, channels out, groups.
CHANNELS = [(1, 1, 1), (3, 3, 1), (3, 16, 1), (4, 6, 2), (5, 5, 5), (3, 9, 3), (16, 8, 4)]


def conv2d(array: NDArray[Any], weights: NDArray[Any], mode: str, padding: tuple[int, int], **settings: Any) -> Any:
    batch = torch.from_numpy(array.transpose(2, 0, 1)[np.newaxis])
    down, right = padding
    names = {"zeros": "constant", "replicate": "replicate", "reflect": "reflect", "circular": "circular"}
    padded = torch.nn.functional.pad(batch, (right, right, down, down), mode=names[mode])
    out = torch.nn.functional.conv2d(padded, torch.from_numpy(weights), **settings)
    return out.numpy()[0].transpose(1, 2, 0)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("inputs", "outputs", "groups"), CHANNELS)
@pytest.mark.parametrize("size", [(1, 1), (3, 3), (2, 5)])
@pytest.mark.parametrize(
    ("stride", "dilation"), [((1, 1), (1, 1)), ((2, 2), (1, 1)), ((1, 1), (2, 2)), ((2, 3), (3, 2))]
)
def test_correlate_is_torchs(
    engine: Any,
    dtype: type[Any],
    inputs: int,
    outputs: int,
    groups: int,
    size: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
) -> None:
    rng = np.random.default_rng(6)
    array = rng.normal(size=(17, 19, inputs)).astype(dtype)
    weights = rng.normal(size=(outputs, inputs // groups, *size)).astype(dtype)
    bias = rng.normal(size=outputs).astype(dtype)
    settings = {"stride": stride, "dilation": dilation, "groups": groups}
    expected = conv2d(array, weights, "zeros", (2, 1), bias=torch.from_numpy(bias), **settings)
    result = correlate(
        array,
        weights,
        bias=[float(each) for each in bias],
        border="torch:zeros",
        padding=(2, 1),
        stride=stride,
        dilation=dilation,
        groups=groups,
        engine=engine,
    )
    accuracy = 1e-5 if dtype is np.float32 else 1e-12
    assert result.dtype == dtype
    np.testing.assert_allclose(result, expected, rtol=accuracy, atol=accuracy * float(np.abs(expected).max()))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("mode", TAGGED["torch"])
def test_borders_are_torchs(engine: Any, mode: str) -> None:
    rng = np.random.default_rng(7)
    array, weights = rng.normal(size=(9, 8, 3)), rng.normal(size=(2, 3, 5, 3))
    expected = conv2d(array, weights, mode, (4, 3))
    result = correlate(array, weights, border=f"torch:{mode}", padding=(4, 3), engine=engine)
    np.testing.assert_allclose(result, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_not_finite_spreads_to_the_taps_that_see_it_only(engine: Any) -> None:
    # Where torch multiplies by zero, and 0 · NaN is NaN, a weight of zero is no tap here.
    array = np.ones((5, 5, 2))
    array[2, 2, 0] = np.nan
    array[0, 0, 1] = np.inf
    weights = np.zeros((3, 2, 3, 3))
    weights[0, 0, 1, 1] = 1
    weights[1, 1, 1, 1] = 1
    weights[2] = 1
    result = correlate(array, weights, border="constant", engine=engine)
    assert np.argwhere(np.isnan(result[:, :, 0])).tolist() == [[2, 2]]
    assert np.argwhere(~np.isfinite(result[:, :, 1])).tolist() == [[0, 0]]
    assert np.count_nonzero(np.isnan(result[:, :, 2])) == 9
