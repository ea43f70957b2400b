"""Transforms of tiles: where they pay, that they keep the promise, and that integers stay exact."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from convcli.engine.correlation import run_conv
from convcli.engine.engine_choice import Settings
from convcli.engine.planning.arithmetic import full_scale_of
from convcli.engine.planning.factors import LARGEST_SHARE
from convcli.engine.planning.fourier import expected_share, fourier_of, largest_error
from convcli.engine.planning.making import make_plan
from convcli.filters import Border, Conv, Kernel
from tests.support import oracle
from tests.support.pictures import harbour_cut
from tests.support.plans import plan_of

F32, F64 = np.dtype(np.float32), np.dtype(np.float64)
SHAPE = (150, 171, 3)


def pictures(dtype: Any) -> dict[str, NDArray[Any]]:
    rng = np.random.default_rng(5)
    top = np.iinfo(dtype).max
    return {
        "noise": rng.integers(0, top, SHAPE, dtype, endpoint=True),
        "binary": (rng.random(SHAPE) < 0.5).astype(dtype) * dtype(top),
        "photograph": harbour_cut()[: SHAPE[0], : SHAPE[1]].astype(dtype) * dtype(top // 255),
    }


def exact(picture: NDArray[Any], weights: NDArray[Any], border: str = "reflect", fill: float = 0.0) -> NDArray[Any]:
    modes = {"reflect": "mirror", "edge": "nearest", "symmetric": "reflect"}
    planes = np.moveaxis(picture.astype(np.float64), -1, 0)
    found = [ndimage.correlate(plane, weights, mode=modes.get(border, border), cval=fill) for plane in planes]
    return np.stack(found, axis=-1)


def correlated(picture: NDArray[Any], kernel: Kernel, border: str = "reflect", **options: Any) -> NDArray[Any]:
    conv = Conv(kernel, border=Border.parse(border), **options)
    scale = full_scale_of(picture.dtype)
    assert make_plan(conv, picture.shape, picture.dtype, scale, picture.dtype).loop.startswith("fft")
    return run_conv(conv, picture, full_scale=scale, dtype=picture.dtype, settings=Settings("numba", threads=2)).values


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_promise_holds_on_three_kinds_of_pictures(dtype: Any) -> None:
    rng = np.random.default_rng(1)
    off, total = [], 0
    for side in (31, 27, 45):
        weights = rng.normal(size=(side, side - 4)) + 0.4
        kernel = Kernel(weights * (1.3 / np.abs(weights).sum()))
        for name, picture in pictures(dtype).items():
            want = oracle.rounded(exact(picture, kernel.weights), dtype).astype(np.int64)
            apart = np.abs(correlated(picture, kernel).astype(np.int64) - want)
            assert apart.max() <= 1, name
            off.append(np.count_nonzero(apart))
            total += apart.size
    assert sum(off) <= total / 10_000


@pytest.mark.parametrize("border", ["reflect", "edge", "symmetric", "wrap", "constant:0.4"])
@pytest.mark.parametrize("shape", [(61, 83, 3), (200, 33, 1), (140, 97, 4), (40, 400, 2)])
def test_integers_of_16_bits_are_exact_at_every_border_and_shape(border: str, shape: tuple[int, int, int]) -> None:
    rng = np.random.default_rng(shape[1])
    picture = rng.integers(0, 65535, shape, np.uint16, endpoint=True)
    weights = rng.integers(-9, 12, (41, 45)).astype(float)  # smaller ones are summed as words
    kernel = Kernel(weights, divisor=float(np.abs(weights).sum()))
    sums = exact(picture, weights, border.partition(":")[0], fill=0.4 * 65535)
    assert np.array_equal(correlated(picture, kernel, border), oracle.rounded(sums / kernel.divisor, np.uint16))


def test_a_dilated_kernel_and_a_bias() -> None:
    rng = np.random.default_rng(3)
    picture = rng.integers(0, 65535, (120, 130, 3), np.uint16, endpoint=True)
    weights = rng.random((31, 33))
    kernel = Kernel(weights / weights.sum(), bias=-0.1)
    spread = np.zeros((61, 97))
    spread[::2, ::3] = kernel.weights
    sums = exact(picture, spread) - 6553.5
    apart = correlated(picture, kernel, dilation=(2, 3)).astype(np.int64) - oracle.rounded(sums, np.uint16)
    assert np.count_nonzero(apart) <= 5
    assert np.abs(apart).max() <= 1


def test_transforms_are_taken_only_where_they_pay() -> None:
    rng = np.random.default_rng(4)
    dense, sparse = rng.random((31, 31)), np.zeros((31, 31))
    sparse[::10, ::10] = rng.random((4, 4))
    assert plan_of(dense).fourier
    assert plan_of(rng.random((5, 5))).fourier is None
    assert plan_of(sparse).fourier is None, "sixteen products"
    assert plan_of(np.outer(dense[0], dense[1])).fourier is None, "factors are fewer still"
    assert plan_of(dense, np.float32).fourier is None, "NaN would spread"
    assert plan_of(rng.random((300, 300))).fourier is None, "no tile is that large"


def test_weights_that_are_too_heavy_are_transformed_in_float64() -> None:
    weights = np.random.default_rng(5).normal(size=(31, 31))
    levels = np.dtype(np.uint8)
    light, heavy = weights / np.abs(weights).sum(), weights
    found = [fourier_of(each, 1.0, 0.0, levels, (1, 1), 1.0) for each in (light, heavy)]
    assert [each.dtype if each else None for each in found] == [F32, F64]
    assert expected_share(heavy, levels, 128, F32) > LARGEST_SHARE


@pytest.mark.parametrize("dtype", [F32, F64])
def test_no_error_is_larger_than_its_bound(dtype: np.dtype[Any]) -> None:
    # NumPy's transform has the same order of errors as ours.
    rng = np.random.default_rng(6)
    for size in (64, 128):
        weights = rng.normal(size=(31, 31))
        plane = np.zeros((size, size))
        plane[:31, :31] = weights
        values = rng.integers(0, 2, (2, size, size)) * 255.0 - 128
        exact = np.fft.ifft2(np.fft.fft2(values[0] + 1j * values[1]) * np.fft.fft2(plane))
        single = np.complex64 if dtype == F32 else np.complex128
        noisy = np.fft.fft2((values[0] + 1j * values[1]).astype(single)) * np.fft.fft2(plane.astype(dtype))
        error = np.abs(np.fft.ifft2(noisy.astype(single)) - exact)
        assert error.max() <= largest_error(weights, np.dtype(np.uint8), size, dtype)
