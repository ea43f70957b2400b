"""JPEGs of encoders with the fast DCT, as ImageMagick's are up to quality 91."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy import fft

from convcli.detective.lossy.fast_dct import cut_off, fast_dct, fast_steps
from convcli.detective.lossy.intervals import Intervals
from convcli.detective.lossy.jpeg import table
from convcli.detective.lossy.left import noise_left
from convcli.detective.lossy.search import explained_through_jpeg
from tests.detective.kinds import Picture, jpeg, photographs, sharpened
from tests.peers.programs import shell, version

_OF_AXIS = [1, 1.387040, 1.306563, 1.175876, 1, 0.785695, 0.541196, 0.275899]  # libjpeg's aanscalefactor
SCALES = 8 * np.outer(_OF_AXIS, _OF_AXIS)


def by_imagemagick(picture: Picture, quality: int, folder: Path) -> Picture:
    if version("ImageMagick") is None:
        pytest.skip("ImageMagick is not installed")
    Image.fromarray(picture).save(folder / "given.png")
    assert shell(f"convert given.png -quality {quality} made.jpg", folder).done
    return np.asarray(Image.open(folder / "made.jpg"))


def drawn() -> np.ndarray:
    return np.random.default_rng(3).integers(-100, 100, (500, 8, 8))


def test_it_is_a_dct_but_for_what_is_cut_off() -> None:
    blocks = drawn()
    off = fast_dct(blocks) / SCALES - np.array([fft.dctn(each, norm="ortho") for each in blocks])
    assert np.abs(off - cut_off())[:, :7, :7].max() < 1.5
    np.testing.assert_allclose(off.mean(axis=0), cut_off(), atol=0.2)
    assert np.abs(cut_off()[1:4]).max() < 0.6 < cut_off()[0].max()


@pytest.mark.parametrize("quality", [40, 75, 90])
def test_what_was_rounded_lies_in_its_interval(quality: int) -> None:
    blocks, steps = drawn(), table(quality)
    divisors = np.floor(steps * SCALES + 0.5)
    scaled = fast_dct(blocks)
    numbers = np.sign(scaled) * np.floor((np.abs(scaled) + np.floor(divisors / 2)) / divisors)
    exact = np.array([fft.dctn(each, norm="ortho") for each in blocks])
    exact[:, 0, 0] += 1024
    usual, fast = (
        Intervals.of(numbers * steps, steps, is_fast=each).from_ends(exact.ravel()).reshape(-1, 8, 8)[:, 0, 1:7]
        for each in (False, True)
    )
    # Random numbers of a row are cut off more or less than in the mean.
    assert np.sqrt(np.mean(np.minimum(fast, 0) ** 2)) < 0.06
    assert np.sqrt(np.mean(np.minimum(usual, 0) ** 2)) > 0.09


def test_steps_are_whole_numbers_of_the_scales() -> None:
    np.testing.assert_allclose(fast_steps(table(80)) * SCALES, np.rint(table(80) * SCALES), atol=1e-3)
    assert fast_steps(np.ones((8, 8))).min() > 0


@pytest.mark.parametrize("quality", [60, 75, 90, 95])
def test_nothing_but_rounding_is_left_of_the_encoder_of_imagemagick(quality: int, tmp_path: Path) -> None:
    given = photographs()["quay"][:320, :320]
    made = by_imagemagick(given, quality, tmp_path)
    noise = noise_left(given.astype(np.float32), made.astype(np.float32), quality)
    assert noise is not None
    assert noise.left < 0.5


def test_a_sharpening_before_the_encoder_of_imagemagick(tmp_path: Path) -> None:
    given = photographs()["quay"][:320, :320]
    made = by_imagemagick(sharpened(given), 82, tmp_path)
    found = explained_through_jpeg(given.astype(np.float32), made.astype(np.float32), 82)
    assert found is not None
    assert found.kernel.noise.left < 0.5
    weights = found.kernel.weights
    assert weights[len(weights) // 2, len(weights) // 2] == pytest.approx(5, abs=0.05)


def test_the_usual_encoder_is_not_taken_for_the_fast_one() -> None:
    given = photographs()["quay"][:320, :320].astype(np.float32)
    made = jpeg(photographs()["quay"][:320, :320], 75).astype(np.float32)
    noise = noise_left(given, made, 75)
    assert noise is not None
    assert noise.left < 0.5
