"""Outer products in the compiled loops for 8 bits, against SciPy, and against NumPy in float64."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from convcli.engine import correlate
from convcli.engine.correlation import Computed, run_conv
from convcli.engine.engine_choice import Settings
from convcli.engine.planning.making import make_plan
from convcli.filters import Border, Conv, Kernel
from tests.engine.planning.test_factors import gaussian, laplacian_of_gaussian, pictures
from tests.support import oracle

pytestmark = pytest.mark.no_cover

MODES = {"edge": "nearest", "reflect": "mirror", "symmetric": "reflect", "wrap": "wrap", "constant:0.2": "constant"}


def computed(picture: Any, weights: Any, divisor: float = 1, threads: int = 1, **about: Any) -> Computed:
    bias = about.pop("bias", 0.0)
    conv = Conv(Kernel(weights, divisor=divisor, bias=bias), **about)
    assert make_plan(conv, picture.shape, np.uint8, 255, np.uint8).loop.startswith("outer-")
    return run_conv(conv, picture, full_scale=255, dtype=np.uint8, settings=Settings("numba", threads=threads))


@pytest.mark.parametrize("border", MODES)
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5])
def test_integers_are_exact(channels: int, border: str) -> None:
    rng = np.random.default_rng(27)
    for shape, (height, width) in product(((1, 1), (1, 90), (50, 1), (23, 201)), ((5, 5), (4, 9), (31, 2), (3, 40))):
        picture = rng.integers(0, 256, (*shape, channels), np.uint8)
        # A first value of 1 leaves no common divisor of the row.
        weights = np.outer(rng.integers(1, 5, height), np.append(1, rng.integers(-3, 5, width - 1)))
        if 1.75 * (height + width) > np.count_nonzero(weights):
            continue
        sums = ndimage.correlate(picture.astype(np.int64), weights[:, :, np.newaxis], mode=MODES[border], cval=51)
        for divisor, levels in ((1, 0), (256, 0), (-77, 128), (9_999, 7)):
            expected = (2 * sums * np.sign(divisor) + abs(divisor)) // (2 * abs(divisor)) + levels
            result = computed(picture, weights, divisor, threads=2, bias=levels / 255, border=Border.parse(border))
            np.testing.assert_array_equal(result.values, np.clip(expected, 0, 255))
            assert result.clipped == np.count_nonzero((expected < 0) | (expected > 255))


@pytest.mark.parametrize("kind", ["white", "noise", "binary"])
def test_a_binomial_of_nine_is_exact(kind: str) -> None:
    # Its sums reach 255 · 2¹⁶: the last bell of integers that float32 holds.
    rng = np.random.default_rng(31)
    shape = (40, 70, 3)
    picture = {
        "white": np.full(shape, 255, np.uint8),
        "noise": rng.integers(0, 256, shape, np.uint8),
        "binary": 255 * rng.integers(0, 2, shape, np.uint8),
    }[kind]
    row = [1, 8, 28, 56, 70, 56, 28, 8, 1]
    weights = np.outer(row, row)
    sums = ndimage.correlate(picture.astype(np.int64), weights[:, :, np.newaxis], mode="mirror")
    np.testing.assert_array_equal(computed(picture, weights, 65536).values, (sums + 32768) // 65536)


KERNELS = {
    "5×5": gaussian(5, 1.1),
    "even": np.outer(gaussian(10, 2)[4], gaussian(13, 1.3)[6]) / gaussian(10, 2)[4].sum() / gaussian(13, 1.3)[6].sum(),
    "wide": gaussian(81, 14),
    "of 32-bit floats": gaussian(31, 5).astype(np.float32),
    "three factors": 0.2 * laplacian_of_gaussian(13, 2),
    "unsharp": 2 * np.pad([[1.0]], 7) - gaussian(15, 2.4),
    "signed": np.outer(*np.random.default_rng(30).normal(size=(2, 7)) / 4),
}


@pytest.mark.parametrize("name", KERNELS)
def test_fractions_keep_the_promise(name: str) -> None:
    weights = KERNELS[name].astype(np.float64)
    # Flat areas are no half between two levels, which any rounding of a sum would decide.
    bias = 0.4 if weights.sum() < 0.5 else 0.0
    for picture in pictures().values():
        values = correlate(picture.astype(np.float64), weights, engine="numpy") + bias * 255
        result = computed(picture[:, :, np.newaxis], weights, bias=bias, threads=2)
        off = np.abs(result.values[:, :, 0].astype(int) - oracle.rounded(values, np.uint8))
        assert off.max() <= 1
        assert np.count_nonzero(off) * 10_000 < off.size
        assert abs(result.clipped - oracle.clipped(values, np.uint8)) * 10_000 < off.size


@pytest.mark.parametrize("dilation", [(1, 1), (2, 3), (1, 7)])
@pytest.mark.parametrize("stride", [1, 2, 3, 7])
def test_strides_and_dilations(stride: int, dilation: tuple[int, int]) -> None:
    rng = np.random.default_rng(28)
    picture = rng.integers(0, 256, (41, 60, 3), np.uint8)
    weights = np.outer([1, 3, 5, 2, 1], [2, 1, 4, 1, 6, 1])
    margins = oracle.margins("same", weights.shape, dilation)
    about: Any = {"stride": (stride, 1), "dilation": dilation}
    sums = oracle.correlate(picture, weights, margins=margins, border="wrap", **about)
    result = computed(picture, weights, 180, border=Border("wrap"), **about)
    np.testing.assert_array_equal(result.values, np.floor(sums / 180 + 0.5).clip(0, 255))


def test_lines_longer_than_a_tile() -> None:
    rng = np.random.default_rng(29)
    weights = np.outer([1, 3, 5, 2, 1], [2, 1, 4, 1, 6, 1])
    for channels, width in product((1, 3), (64, 65, 6144, 6145, 13_000)):
        picture = rng.integers(0, 256, (9, width, channels), np.uint8)
        sums = ndimage.correlate(picture.astype(np.int64), weights[:, :, np.newaxis], mode="mirror")
        values = correlate(picture, weights, divisor=180, engine="numba", threads=3)
        np.testing.assert_array_equal(values, (2 * sums + 180) // 360)


def test_one_picture_is_the_same_by_any_threads() -> None:
    picture = pictures()["noise"][:101, :97, np.newaxis]
    alone = computed(picture, gaussian(9, 1.5)).values
    for threads in (2, 3, 50):
        np.testing.assert_array_equal(computed(picture, gaussian(9, 1.5), threads=threads).values, alone)
