"""The difference of two pictures, from Python."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import convcli
from convcli.errors import ReadError, UsageError
from tests.support.pictures import gray, harbour, logo, save


def test_levels_have_the_figures_of_scikit_image() -> None:
    metrics = pytest.importorskip("skimage.metrics")
    first = harbour(40, 60)
    second = np.clip(first.astype(int) + np.random.default_rng(0).integers(-9, 10, first.shape), 0, 255).astype(
        np.uint8
    )
    found = convcli.compare(first, second)
    assert found.psnr == pytest.approx(metrics.peak_signal_noise_ratio(first, second))
    similarity = metrics.structural_similarity(
        first, second, channel_axis=2, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    assert found.ssim == pytest.approx(similarity)
    assert [each.psnr for each in found.channels] == [
        pytest.approx(metrics.peak_signal_noise_ratio(first[..., index], second[..., index])) for index in range(3)
    ]
    row, column, channel = found.at or (0, 0, 0)
    apart = np.abs(first.astype(int) - second)
    assert apart[row, column, channel] == apart.max() == found.largest
    assert not found.identical


def test_identical_pictures_in_any_form(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", harbour())
    for other in (
        harbour(),
        harbour().tolist(),
        path,
        str(path),
        Image.fromarray(harbour()),
        harbour().astype(np.uint16) * 257,
    ):
        forms = (other, path) if isinstance(other, list) else (path, other)
        found = convcli.compare(*forms)
        assert (found.identical, found.mse, found.psnr, found.ssim, found.at) == (True, 0, math.inf, 1, None)


def test_floats_have_the_range_of_the_first_for_a_peak() -> None:
    first = np.linspace(-3, 7, 400).reshape(20, 20)
    assert convcli.compare(first, first + 0.5).psnr == pytest.approx(20 * math.log10(10 / 0.5))


def test_an_array_beside_a_picture_with_alpha_has_alpha() -> None:
    found = convcli.compare(logo(), Image.fromarray(logo()))
    assert found.identical
    assert len(found.channels) == 4


def test_what_cannot_be_compared() -> None:
    with pytest.raises(UsageError, match="a is 44×30, and b 43×30") as caught:
        convcli.compare(gray(), gray()[:, 1:])
    assert caught.value.hint == "give two of one size, with as many channels"
    with pytest.raises(UsageError, match="a has 3 channels, and b 5"):
        convcli.compare(harbour(), np.zeros((30, 44, 5), np.uint8))
    with pytest.raises(ReadError, match=r"none\.png does not exist"):
        convcli.compare("none.png", gray())
