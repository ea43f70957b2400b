"""Both engines against scipy.ndimage, whose border modes are named as in Border's tagged names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import ndimage, signal

from convcli.engine import correlate
from convcli.engine.planning.making import make_plan
from convcli.filters import Conv
from convcli.filters.border import TAGGED
from convcli.filters.kernel import Kernel

ENGINES = ["numpy", "numba"]
SIZES = [(1, 1), (1, 2), (2, 2), (3, 3), (4, 3), (5, 5), (3, 6), (15, 15), (2, 31)]


@pytest.mark.sweep
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("mode", TAGGED["scipy"])
@pytest.mark.parametrize("size", SIZES)
def test_correlate_is_scipys(engine: Any, mode: str, size: tuple[int, int]) -> None:
    rng = np.random.default_rng(2)
    picture, weights = rng.normal(size=(24, 21)), rng.normal(size=size)
    expected = ndimage.correlate(picture, weights, mode=mode)
    result = correlate(picture, weights, border=f"scipy:{mode}", engine=engine)
    np.testing.assert_allclose(result, expected, rtol=0, atol=1e-12 * np.abs(weights).sum() * 4)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("size", SIZES)
def test_flip_is_scipys_convolution(engine: Any, size: tuple[int, int]) -> None:
    # Kernels of even sides too: their default anchor stays at half the size.
    rng = np.random.default_rng(3)
    picture, weights = rng.normal(size=(24, 21)), rng.normal(size=size)
    expected = signal.convolve2d(picture, weights, mode="same")
    result = correlate(picture, weights, border="constant", flip=True, engine=engine)
    np.testing.assert_allclose(result, expected, rtol=0, atol=1e-12 * np.abs(weights).sum() * 4)


def test_flip_of_a_row_is_numpys_convolution() -> None:
    rng = np.random.default_rng(3)
    for width in range(1, 7):
        picture, weights = rng.normal(size=(1, 13)), rng.normal(size=width)
        expected = np.convolve(picture[0], weights, mode="same")
        result = correlate(picture, [weights], border="constant", flip=True)
        np.testing.assert_allclose(result[0], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("size", [(1, 2), (2, 2), (3, 4), (6, 3)])
def test_an_anchor_that_is_given_turns_with_the_kernel(size: tuple[int, int]) -> None:
    # ndimage.convolve turns the weights and their origin, the default of even kernels too.
    rng = np.random.default_rng(3)
    picture, weights = rng.normal(size=(24, 21)), rng.normal(size=size)
    center = size[0] // 2, size[1] // 2
    result = correlate(picture, weights, border="scipy:mirror", flip=True, anchor=center)
    np.testing.assert_allclose(result, ndimage.convolve(picture, weights, mode="mirror"), rtol=0, atol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("anchor", [(0, 0), (0, 3), (2, 0), (1, 2), (2, 3)])
def test_anchor_is_scipys_origin(engine: Any, anchor: tuple[int, int]) -> None:
    rng = np.random.default_rng(4)
    picture, weights = rng.normal(size=(12, 13)), rng.normal(size=(3, 4))
    expected = ndimage.correlate(picture, weights, mode="nearest", origin=(anchor[0] - 1, anchor[1] - 2))
    result = correlate(picture, Kernel(weights, anchor=anchor), border="edge", engine=engine)
    np.testing.assert_array_equal(correlate(picture, weights, border="edge", engine=engine, anchor=anchor), result)
    np.testing.assert_allclose(result, expected, rtol=0, atol=1e-12 * np.abs(weights).sum() * 4)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("mode", ["mirror", "reflect", "nearest", "wrap"])
def test_integers_of_three_channels_are_scipys_exactly(engine: Any, dtype: type[Any], mode: str) -> None:
    rng = np.random.default_rng(5)
    picture = rng.integers(0, np.iinfo(dtype).max, (40, 50, 3), dtype, endpoint=True)
    weights = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])
    sums = ndimage.correlate(picture.astype(np.int64), weights[:, :, np.newaxis], mode=mode)
    result = correlate(picture, weights, border=f"scipy:{mode}", engine=engine)
    np.testing.assert_array_equal(result, np.clip(sums, 0, np.iinfo(dtype).max))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("rank", [1, 2])
@pytest.mark.parametrize("dtype", [np.uint8, np.float64])
def test_sums_of_outer_products_are_scipys(engine: Any, rank: int, dtype: type[Any]) -> None:
    rng = np.random.default_rng(6)
    picture = rng.integers(0, 256, (13, 12), np.uint8).astype(dtype)
    # As large as this they are applied by their factors; of integers those of rank 1 only.
    columns, rows = rng.integers(1, 9, (8, rank)), rng.integers(1, 9, (rank, 9))
    weights = columns @ rows if rank == 1 else rng.random((8, rank)) @ rows
    assert make_plan(Conv(Kernel(weights)), (13, 12, 1), dtype, 1.0, np.float64).factors
    expected = ndimage.correlate(picture.astype(float), weights, mode="mirror")[::2]
    result = correlate(picture, weights, stride=(2, 1), dtype=np.float64, engine=engine)
    np.testing.assert_allclose(result, expected, rtol=1e-5 if dtype is np.uint8 else 1e-13)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("width", [1, 2, 4])
def test_steps_wider_than_the_picture_are_scipys(engine: Any, width: int) -> None:
    picture = np.random.default_rng(7).integers(0, 256, (5, width, 2), np.uint8)
    weights = np.array([[1, 2, 4, 8, 16]])
    expected = ndimage.correlate(picture.astype(float), weights[:, :, np.newaxis], mode="constant")[:, ::5]
    result = correlate(picture, weights, border="constant", stride=(1, 5), dtype=np.float64, engine=engine)
    np.testing.assert_array_equal(result, expected)
