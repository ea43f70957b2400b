"""The public function: what it takes, what it gives back, what it refuses."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np
import pytest

from convcli.engine import Settings, as_picture, correlate, full_scale_of
from convcli.engine.correlation import run_conv
from convcli.errors import KernelError, ShapeError, UsageError
from convcli.filters import Conv
from convcli.filters.border import Border
from convcli.filters.kernel import Kernel
from tests.support import oracle

PICTURE = np.arange(60, dtype=np.uint8).reshape(5, 4, 3)


@pytest.mark.parametrize("engine", ["auto", "numpy", "numba"])
def test_the_lessons_first_example(engine: Any) -> None:
    array = np.arange(9.0).reshape(3, 3)
    assert correlate(array, [[0, 1], [2, 3]], padding="valid", engine=engine).tolist() == [[19, 25], [37, 43]]
    turned = correlate(array, [[0, 1], [2, 3]], padding="valid", flip=True, engine=engine)
    assert turned.tolist() == [[5, 11], [23, 29]]


def test_two_axes_stay_two() -> None:
    assert correlate(PICTURE[:, :, 0], [[1, 1]]).shape == (5, 4)
    assert correlate(PICTURE[:, :, :1], [[1, 1]]).shape == (5, 4, 1)
    assert correlate(PICTURE[:, :, 0], np.ones((2, 1, 1, 1))).shape == (5, 4, 2)
    assert correlate(PICTURE, np.ones((1, 3, 1, 1))).shape == (5, 4, 1)


def test_the_array_is_left_alone_and_the_result_is_new() -> None:
    before = PICTURE.copy()
    result = correlate(PICTURE, [[1]])
    assert not np.shares_memory(result, PICTURE)
    result[:] = 0
    np.testing.assert_array_equal(PICTURE, before)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("weights", [[[1, 2, -1]], np.ones((3, 2, 2)), np.ones((2, 3, 2, 2)), np.ones((9, 9))])
def test_memory_order_and_write_protection_do_not_matter(engine: Any, weights: Any) -> None:
    expected = correlate(PICTURE, weights, engine=engine)
    protected = PICTURE.copy()
    protected.setflags(write=False)
    strided = np.zeros((10, 8, 6), np.uint8)
    strided[::2, ::2, ::2] = PICTURE
    backwards = PICTURE[::-1, ::-1, ::-1].copy()[::-1, ::-1, ::-1]
    for array in (protected, np.asfortranarray(PICTURE), strided[::2, ::2, ::2], backwards):
        np.testing.assert_array_equal(correlate(array, weights, engine=engine), expected)
    assert not protected.flags.writeable
    assert PICTURE.flags.writeable


def test_a_kernel_brings_its_divisor_and_bias() -> None:
    kernel = Kernel([[1, 1]], divisor=2, bias=0.2)
    values = oracle.correlate(PICTURE, [[1, 1]], margins=oracle.margins("same", (1, 2)), divisor=2, offset=51)
    np.testing.assert_array_equal(correlate(PICTURE, kernel), oracle.rounded(values, np.uint8))
    np.testing.assert_array_equal(
        correlate(PICTURE, kernel, divisor=4), correlate(PICTURE, [[1, 1]], divisor=4, bias=0.2)
    )
    np.testing.assert_array_equal(correlate(PICTURE, kernel, bias=0), correlate(PICTURE, [[1, 1]], divisor=2))


def test_settings_reach_the_layer() -> None:
    np.testing.assert_array_equal(
        correlate(PICTURE, [[1, 1]], normalize="sum"), correlate(PICTURE, [[1, 1]], divisor=2)
    )
    np.testing.assert_array_equal(correlate(PICTURE, [[1, -3]], normalize="l1", bias=0.5)[0, 1], [125, 125, 124])
    assert correlate(PICTURE, [[1]], stride=2).shape == (3, 2, 3)
    assert correlate(PICTURE, [[1]], stride=(1, 2)).shape == (5, 2, 3)
    assert correlate(PICTURE, [[1, 1]], dilation=(1, 3), padding="valid").shape == (5, 1, 3)
    assert correlate(PICTURE, [[1]], padding=2, border=Border("constant", 1))[0, 0].tolist() == [255] * 3
    assert correlate(PICTURE.astype(float), [[1]], padding=(0, 1), border="constant:0.5")[0, 0].tolist() == [0.5] * 3


def test_a_constant_border_is_a_pixel() -> None:
    # Rounded and clipped as pixels are: no border is darker than black.
    for text, level in [("constant:1", 255), ("constant:-1", 0), ("constant:50%", 128)]:
        for engine in ("numpy", "numba"):
            result = correlate(PICTURE, [[1]], padding=1, border=text, engine=engine)
            assert result[0, 0].tolist() == [level] * 3


def test_a_bias_per_output_channel() -> None:
    weights = np.zeros((3, 3, 1, 1))
    for engine in ("numpy", "numba"):
        result = correlate(PICTURE, weights, bias=[0, 0.2, 1], engine=engine)
        assert result[4, 3].tolist() == [0, 51, 255]


@pytest.mark.parametrize(
    "array",
    [np.zeros(3), np.zeros((2, 2, 2, 2)), np.zeros((0, 3)), np.zeros((3, 3, 0)), np.zeros((3, 3), np.int32),
     np.zeros((3, 3), np.float16), np.zeros((3, 3), complex), np.zeros((3, 3), bool), np.zeros((3, 3), object)],
)  # fmt: skip
def test_what_is_no_picture_is_refused(array: Any) -> None:
    with pytest.raises(UsageError) as caught:
        correlate(array, [[1]])
    assert caught.value.hint


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"dtype": np.int16}, UsageError),
        ({"dtype": bool}, UsageError),
        ({"engine": "fortran"}, UsageError),
        ({"threads": 0}, UsageError),
        ({"border": "mirror"}, UsageError),
        ({"stride": 0}, UsageError),
        ({"dilation": (1, 0)}, UsageError),
        ({"padding": -1}, UsageError),
        ({"groups": 2}, UsageError),
        ({"divisor": 0}, KernelError),
        ({"bias": [0, 0]}, KernelError),
        ({"weights": [[1, 2], [3]]}, KernelError),
        ({"weights": np.ones((2, 1, 1))}, ShapeError),
        ({"weights": np.ones((2, 2, 1, 1))}, ShapeError),
        ({"weights": np.ones((1, 5)), "padding": "valid"}, ShapeError),
    ],
)
def test_what_cannot_be_meant_is_refused(settings: dict[str, Any], error: type[UsageError]) -> None:
    weights = settings.pop("weights", [[1]])
    with pytest.raises(error) as caught:
        correlate(PICTURE, weights, **settings)
    assert caught.value.message
    assert caught.value.hint


def test_full_scale() -> None:
    assert [full_scale_of(each) for each in (np.uint8, np.uint16, np.float32, np.float64)] == [255, 65535, 1, 1]


def test_a_picture_has_three_axes() -> None:
    assert as_picture(PICTURE) is PICTURE
    assert as_picture(PICTURE[:, :, 0]).shape == (5, 4, 1)


def test_the_engine_that_computed_is_told() -> None:
    conv = Conv(Kernel([[1]]))
    for engine in ("numpy", "numba"):
        computed = run_conv(conv, PICTURE, full_scale=255, dtype=np.uint8, settings=Settings(engine))
        assert computed.engine == engine


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_kernel_of_integers_over_a_divisor_leaves_ones_as_ones(engine: Any, dtype: Any) -> None:
    pascal = np.array([1, 4, 6, 4, 1])
    result = correlate(np.ones((6, 7), dtype), np.outer(pascal, pascal), divisor=256, engine=engine)
    np.testing.assert_array_equal(result, np.ones((6, 7)))
    thirds = correlate(np.ones((6, 7), dtype), np.ones((3, 3)), divisor=9, engine=engine)
    np.testing.assert_array_equal(thirds, np.ones((6, 7)))


def test_pictures_of_one_shape_share_no_pixels_and_none_is_held() -> None:
    conv = Conv(Kernel([[1, 2, 1], [2, 4, 2], [1, 2, 1]], 16))
    for seed in range(3):
        noise = np.random.default_rng(seed).integers(0, 256, (12, 40, 3), np.uint8)
        found, wanted = (
            run_conv(conv, noise, full_scale=255, dtype=np.uint8, settings=Settings(engine, threads=1)).values
            for engine in ("numba", "numpy")
        )
        assert np.array_equal(found, wanted)
        pixels, result = weakref.ref(noise), weakref.ref(found)
        del noise, found
        assert pixels() is result() is None
