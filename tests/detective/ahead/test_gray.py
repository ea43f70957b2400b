"""Filters after INPUT became gray, made by Pillow, OpenCV's formula and SciPy."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps
from scipy import ndimage

import convcli
from convcli.detective import Detected, detect
from convcli.errors import UsageError
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import photographs, rounded

QUAY = photographs()["quay"][100:400, 100:420]


def found(change: Callable[[Image.Image], Image.Image | NDArray[Any]]) -> tuple[Detected, NDArray[np.uint8]]:
    target = np.asarray(change(Image.fromarray(np.ascontiguousarray(QUAY)).convert("L")))[..., np.newaxis]
    return detect([LearningPair(QUAY, target)], LearnSettings.of()), target


def by_scipy(change: Callable[[NDArray[Any]], NDArray[Any]]) -> Callable[[Image.Image], NDArray[np.uint8]]:
    return lambda gray: np.clip(np.rint(change(np.asarray(gray, float))), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (by_scipy(lambda x: ndimage.gaussian_filter(x, 1.5, mode="mirror")), "luma, then gaussian:sigma=1.5"),
        (lambda x: x.filter(ImageFilter.FIND_EDGES), "luma, then outline"),
        (lambda x: x.filter(ImageFilter.MedianFilter(3)), "luma, then median:3"),
        (lambda x: x.point(lambda level: 255 * (level > 100)), "luma, then threshold at level 101"),
        (ImageOps.invert, "luma, then negative"),
        (ImageOps.equalize, "luma, then a tone curve"),
    ],
)
def test_steps_after_gray(change: Callable[[Image.Image], Image.Image | NDArray[Any]], wanted: str) -> None:
    verdict, target = found(change)
    assert verdict.cause.partition(";")[0] == wanted
    again = convcli.apply(verdict.pipeline, QUAY)
    inner = np.s_[8:-8, 8:-8]
    off = np.abs(np.squeeze(again)[inner].astype(int) - np.squeeze(target)[inner])
    assert off.mean() < 1  # Pillow's gray was rounded, which the filter's is not


def test_the_other_luma() -> None:
    gray = QUAY @ np.array([0.2126, 0.7152, 0.0722])
    target = np.rint(ndimage.uniform_filter(gray, 5, mode="mirror")).astype(np.uint8)[..., np.newaxis]
    verdict = detect([LearningPair(QUAY, target)], LearnSettings.of())
    assert verdict.cause.startswith("luma:bt709, then box:size=5;")


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        (QUAY[..., 1:2], "the green channel; exact"),
        (np.rint(QUAY.mean(axis=2, keepdims=True)).astype(np.uint8), "the mean of red, green and blue; "),
    ],
)
def test_grays_of_other_mixes_have_words(target: NDArray[np.uint8], wanted: str) -> None:
    assert detect([LearningPair(QUAY, target)], LearnSettings.of()).cause.startswith(wanted)


def test_black_and_white_that_nothing_explains_is_told_in_levels() -> None:
    blurred = ndimage.gaussian_filter(QUAY.mean(axis=2), 2)
    target = np.where(blurred > 110, 255, 0).astype(np.uint8)[..., np.newaxis]
    verdict = detect([LearningPair(QUAY, target)], LearnSettings.of())
    assert verdict.residual is not None
    assert verdict.residual.rms == pytest.approx(255 * 10 ** (-verdict.psnr_after / 20), rel=0.1)
    assert all(step.name != "resize" for step in verdict.found)


def _jpeg(gray: Image.Image) -> Image.Image:
    data = io.BytesIO()
    gray.convert("RGB").save(data, "JPEG", quality=82)
    return Image.open(data)


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (lambda x: x.filter(ImageFilter.MedianFilter(3)), ["luma", "median:3"]),
        (lambda x: _jpeg(x.crop((13, 22, 300, 280))), ["luma", "crop", "jpeg"]),
        (lambda x: _jpeg(x.filter(ImageFilter.BoxBlur(2))), ["luma", "box:size=5", "jpeg"]),
    ],
)
def test_steps_after_gray_that_was_saved_as_three_channels(
    change: Callable[[Image.Image], Image.Image], wanted: list[str]
) -> None:
    target = np.asarray(change(Image.fromarray(np.ascontiguousarray(QUAY)).convert("L")).convert("RGB"))
    verdict = detect([LearningPair(QUAY, target)], LearnSettings.of())
    assert [step.values.get("text") or step.name for step in verdict.found] == wanted
    again = convcli.apply(verdict.pipeline, QUAY)
    assert again.shape == target.shape
    assert np.abs(again[8:-8, 8:-8].astype(int) - target[8:-8, 8:-8]).mean() < 4  # of JPEG


def test_a_black_target_is_no_place_in_input() -> None:
    with pytest.raises(UsageError, match="clipped everywhere"):
        detect([LearningPair(QUAY, np.zeros((300, 320, 1), np.uint8))], LearnSettings.of())


def test_the_other_luma_through_a_jpeg() -> None:
    gray = np.rint(QUAY @ np.array([0.2126, 0.7152, 0.0722])).astype(np.uint8)
    data = io.BytesIO()
    Image.fromarray(gray).save(data, "JPEG", quality=80)
    target = np.asarray(Image.open(data))[..., np.newaxis]
    verdict = detect([LearningPair(QUAY, target)], LearnSettings.of())
    assert verdict.cause.startswith("luma:bt709, then JPEG of about quality 80")


@pytest.mark.parametrize("code", ["luma", "luma:bt709"])
def test_the_mix_before_what_is_no_kernel(code: str) -> None:
    """What a kernel leaves does not tell the mix there: another one may leave less."""
    weights = {"luma": (0.299, 0.587, 0.114), "luma:bt709": (0.2126, 0.7152, 0.0722)}[code]
    for name, picture in photographs().items():
        gray = rounded(picture[:300, 100:400] @ np.array(weights))
        made = ndimage.maximum_filter(gray, 3)[..., np.newaxis]
        cause = detect([LearningPair(picture[:300, 100:400], made)], LearnSettings.of()).cause
        assert cause.startswith(f"{code}, then max:3"), (name, cause)


@pytest.mark.parametrize("channels", [slice(1), slice(3)])
def test_another_picture_in_gray_is_not_the_same_picture(channels: slice) -> None:
    other = photographs()["lighthouse"][:300, :320].mean(axis=2, keepdims=True).repeat(3, axis=2).astype(np.uint8)
    assert detect([LearningPair(QUAY, other[::-1, :, channels])], LearnSettings.of()).cause == "not the same picture"


def test_kernels_to_three_channels_that_are_alike_have_errors_for_all() -> None:
    gray = np.asarray(Image.fromarray(np.ascontiguousarray(QUAY)).convert("L"), float)
    lines = rounded(255 - 6 * np.abs(gray - ndimage.median_filter(gray, 7)))
    verdict = detect([LearningPair(QUAY, np.repeat(lines[..., np.newaxis], 3, axis=2))], LearnSettings.of())
    assert verdict.kernel.weights.shape[:2] == (3, 3)
    assert verdict.errors.shape == verdict.undetermined.shape == verdict.kernel.weights.shape
