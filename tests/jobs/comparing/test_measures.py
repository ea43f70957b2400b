"""The figures of two arrays, against scikit-image and by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.jobs.comparing import measures
from convcli.jobs.comparing.measures import measure, pooled
from tests.support.pictures import deep, harbour, planes

PEAKS = {"u1": 255.0, "u2": 65535.0, "f4": 1.0, "f8": 1.0}


def noisy(array: NDArray[Any], spread: float) -> NDArray[Any]:
    drawn = array + np.random.default_rng(1).normal(0, spread, array.shape)
    if array.dtype.kind == "u":
        drawn = np.clip(np.rint(drawn), 0, np.iinfo(array.dtype).max)
    return drawn.astype(array.dtype)


@pytest.mark.parametrize("kind", PEAKS)
@pytest.mark.parametrize("rows", [4, 1 << 12], ids=["in bands", "at once"])
def test_figures_are_those_of_scikit_image(monkeypatch: pytest.MonkeyPatch, kind: str, rows: int) -> None:
    metrics = pytest.importorskip("skimage.metrics")
    monkeypatch.setattr(measures, "_VALUES_OF_A_BAND", rows * 52 * 3)
    first = planes(deep(37, 52)) if kind == "u2" else harbour(37, 52).astype(kind)
    if kind.startswith("f"):
        first = first / first.dtype.type(255)
    second = noisy(first, PEAKS[kind] / 20)
    peak = PEAKS[kind]
    found = measure(first, second, peak)
    for channel, figures in enumerate(found):
        one, other = (each[:, :, channel].astype(np.float64) for each in (first, second))
        similarity = metrics.structural_similarity(
            one, other, data_range=peak, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
        )
        assert figures.ssim == pytest.approx(similarity, abs=1e-9)
        assert figures.mse == pytest.approx(metrics.mean_squared_error(one, other), rel=1e-12)
        assert figures.psnr == pytest.approx(metrics.peak_signal_noise_ratio(one, other, data_range=peak), abs=1e-9)
    whole = pooled(found)
    assert whole.mse == pytest.approx(np.square(first.astype(np.float64) - second).mean(), rel=1e-12)
    assert whole.largest == np.abs(first.astype(np.float64) - second).max()


def test_the_place_of_the_largest_difference() -> None:
    first = np.full((30, 40, 3), 100, np.uint8)
    second = first.copy()
    second[7, 31, 2], second[20, 3, 0] = 40, 130
    red, green, blue = measure(first, second, 255.0, frame=4)
    assert red.at == (3, 20, 0, 4, (100.0, 130.0))
    assert green.at is None
    assert green.is_identical
    assert green.psnr == math.inf
    assert (blue.largest, blue.mse) == (60, 3600 / 1200)
    assert pooled([red, green, blue]).at == (31, 7, 2, 4, (100.0, 40.0))
    assert pooled([red, green, blue]).mse == pytest.approx((900 + 3600) / 3600)


def test_pictures_smaller_than_a_window_have_no_ssim() -> None:
    first = np.zeros((10, 40, 1), np.uint8)
    (figures,) = measure(first, first + np.uint8(1), 255.0)
    assert figures.ssim is None
    assert figures.psnr == pytest.approx(20 * math.log10(255))
    assert measure(np.zeros((11, 11, 1)), np.zeros((11, 11, 1)), 1.0)[0].ssim == 1
    assert pooled([figures, *measure(np.zeros((11, 11, 1)), np.ones((11, 11, 1)), 1.0)]).ssim is None


def test_nan_and_infinity_are_equal_to_themselves_alone() -> None:
    first = np.zeros((12, 12, 1))
    first[0, 0], first[0, 1] = np.nan, np.inf
    (same,) = measure(first, first.copy(), 1.0)
    assert same.is_identical
    assert same.ssim is None
    second = first.copy()
    second[0, 0] = 0
    (other,) = measure(first, second, 1.0)
    assert (other.largest, other.mse, other.psnr) == (math.inf, math.inf, -math.inf)
    assert other.at is not None
    assert (other.at.x, other.at.y) == (0, 0)


def test_differences_too_small_to_be_squared_are_differences() -> None:
    first, second = np.zeros((12, 12, 1)), np.full((12, 12, 1), 1e-200)
    (figures,) = measure(first, second, 1.0)
    assert not figures.is_identical
    assert figures.psnr == math.inf
