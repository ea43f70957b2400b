"""Kernels and curves through JPEGs that Pillow makes."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy import fft, ndimage

from convcli.detective import detect
from convcli.detective.lossy.blocks import drawn
from convcli.detective.lossy.intervals import Intervals
from convcli.detective.lossy.jpeg import coefficients, table
from convcli.detective.lossy.kernel import kernel_of
from convcli.detective.lossy.left import noise_left
from convcli.detective.lossy.round_trip import loss_of_jpeg
from convcli.detective.lossy.search import LossyExplanation, explained_through_jpeg
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import (
    Picture,
    correlated,
    gaussian,
    jpeg,
    levels_of,
    light_of,
    noisy,
    photographs,
    rounded,
    s_curve,
    sharpened,
    unsharp,
)

Change = Callable[[Picture], Picture]

SEPIA = np.array([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]])
SHARPEN = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], float)


def gray(picture: Picture) -> Picture:
    return picture[..., 1:2].repeat(3, axis=2)


@pytest.mark.parametrize("quality", [50, 75, 92])
def test_what_was_rounded_lies_in_its_interval(quality: int) -> None:
    given = gray(photographs()["quay"])
    planes = [each[..., 0].astype(float) - 128 for each in (given, jpeg(given, quality))]
    before, after = (
        np.array([fft.dctn(plane[8 * row : 8 * row + 8, 200:208], norm="ortho") for row in range(64)])
        for plane in planes
    )
    np.testing.assert_allclose(coefficients(planes[0][:, 200:208]), before, atol=1e-9)
    intervals = Intervals.of(after, table(quality))
    before[:, 0, 0] += 1024
    # libjpeg has three bits after the point, and a step's rounding is as inexact.
    assert intervals.from_ends(before.ravel()).min() > -0.15


@pytest.mark.parametrize(("picture", "quality"), [("quay", 60), ("quay", 90), ("lighthouse", 75)])
def test_a_sharpening_keeps_its_weights_through_jpeg(picture: str, quality: int) -> None:
    given = photographs()[picture]
    found = kernel_of(drawn(given, jpeg(sharpened(given), quality), quality, 2, 1500), 5)
    assert found is not None
    wanted = np.pad(SHARPEN, 1)
    # Least squares on the pixels has 3.4 to 4.5 in the middle.
    np.testing.assert_allclose(found.weights, wanted, atol=0.05)
    assert found.noise.is_rounding
    assert np.abs((found.weights - wanted) / found.errors).max() < 4


def test_errors_of_weights_through_jpeg_are_true() -> None:
    far = []
    for seed in range(16):
        rng = np.random.default_rng(seed)
        weights = np.zeros((3, 3))
        weights[1, 1] = 1
        weights += rng.normal(0, 0.1, (3, 3))
        top, left = rng.integers(0, 256, 2)
        given = photographs()["quay"][top : top + 256, left : left + 256]
        quality = int(rng.choice([65, 80, 90]))
        found = kernel_of(drawn(given, jpeg(rounded(correlated(given, weights)), quality), quality, 1, 1500), 3)
        if found is not None:
            far.append(np.abs(found.weights - weights) / found.errors)
    assert len(far) > 13
    assert np.mean(np.array(far) < 3) > 0.97


CHANGES: dict[str, tuple[Change, bool, bool]] = {
    "sharpen": (sharpened, False, False),
    "gaussian": (lambda x: rounded(gaussian(x, 1.0)), False, False),
    "curve": (lambda x: rounded(255 * (x / 255) ** 0.7), False, True),
    "slight curve": (lambda x: rounded(255 * (x / 255) ** 1.05), False, True),
    "sharpen, curve": (lambda x: rounded(s_curve(sharpened(x), 0.3)), False, True),
    "light": (lambda x: rounded(levels_of(gaussian(light_of(x), 1.0))), True, False),
    "gain": (lambda x: rounded(1.2 * x + 5.0), False, False),
}


@pytest.mark.parametrize("name", CHANGES)
def test_light_and_curves_are_told_from_kernels_through_jpeg(name: str) -> None:
    change, is_light, has_curve = CHANGES[name]
    given = photographs()["quay"]
    found = through(given, jpeg(change(given), 80), 80)
    assert found is not None
    assert (found.is_light, found.curve is not None, found.model) == (is_light, has_curve, "shared")
    middle = found.kernel.side // 2
    if "sharpen" in name:
        assert found.kernel.weights[middle, middle] == pytest.approx(5, abs=0.06)
    if found.curve is not None and name == "curve":
        at = np.linspace(0.1, 0.9, 9)
        np.testing.assert_allclose(found.curve(at), at**0.7, atol=1.5 / 255)


NONE: dict[str, Change] = {
    "median": lambda x: ndimage.median_filter(x, (3, 3, 1)),
    "other": lambda x: photographs()["lighthouse"][: len(x), : len(x)],
    "maximum": lambda x: ndimage.maximum_filter(x, (3, 3, 1)),
    "threshold": lambda x: unsharp(x, 1.5, 1.5, 5),  # leaves what looks like noise of 5 levels
}


@pytest.mark.parametrize("levels", [2.0, 4.0, 8.0])
def test_noise_is_the_same_everywhere(levels: float) -> None:
    given = photographs()["quay"]
    found = through(given, jpeg(noisy(given, levels), 75), 75)
    assert found is not None
    assert found.kernel.noise.is_white


@pytest.mark.parametrize("quality", [60, 85, 92])
def test_a_mix_keeps_its_name_and_is_no_plane_for_each_channel(quality: int) -> None:
    given = photographs()["quay"]
    mix = found_in(given, jpeg(rounded(given @ SEPIA.T), quality))[0]
    assert (mix["model"], mix["text"]) == ("full", "sepia")


@pytest.mark.parametrize("name", NONE)
def test_what_is_no_kernel_is_none_through_jpeg(name: str) -> None:
    given = photographs()["quay"][:320, :320]
    assert through(given, jpeg(NONE[name](given), 85), 85) is None


def test_the_noise_that_a_prediction_leaves() -> None:
    given = photographs()["quay"].astype(float)
    sharp = correlated(given, SHARPEN)
    made = jpeg(rounded(sharp), 80).astype(float)
    right, wrong = noise_left(sharp, made, 80), noise_left(given, made, 80)
    assert right is not None
    assert wrong is not None
    assert right.is_rounding
    assert not wrong.is_rounding


def through(given: Picture, made: Picture, quality: int) -> LossyExplanation | None:
    return explained_through_jpeg(given.astype(np.float32), made.astype(np.float32), quality)


def found_in(given: Picture, made: Picture) -> list[dict[str, Any]]:
    return [step.values for step in detect([LearningPair(given, made)], LearnSettings.of()).found]


def test_noise_before_a_jpeg_is_told() -> None:
    given = photographs()["quay"]
    steps = found_in(given, jpeg(noisy(given, 4.0), 85))
    assert [each["step"] for each in steps] == ["noise", "jpeg"]
    assert steps[0]["levels"] == pytest.approx(4, rel=0.06)


@pytest.mark.parametrize("picture", ["quay", "lighthouse"])
def test_gray_in_three_channels_is_named(picture: str) -> None:
    given = photographs()[picture][:384, :384]
    mixed = np.asarray(Image.fromarray(given).convert("L"))[..., np.newaxis].repeat(3, axis=2)
    assert [each.get("text") for each in found_in(given, jpeg(mixed, 75))] == ["luma", None]


def test_a_mask_leaves_out_blocks() -> None:
    given = photographs()["quay"]
    made = sharpened(given)
    made[:, 256:] = 255 - made[:, 256:]
    mask: NDArray[np.bool_] = np.zeros((512, 512, 1), bool)
    mask[:, :256] = True
    pair = LearningPair(given, jpeg(made, 85), mask=mask)
    steps = [step.values for step in detect([pair], LearnSettings.of()).found]
    assert [each.get("text") for each in steps] == ["sharpen", None]


@pytest.mark.parametrize("subsampling", [0, 2])
@pytest.mark.parametrize("quality", [60, 85])
def test_the_loss_of_a_jpeg_is_that_of_pillow(quality: int, subsampling: int) -> None:
    given = photographs()["quay"][:256, :256]
    data = io.BytesIO()
    Image.fromarray(given).save(data, "JPEG", quality=quality, subsampling=subsampling)
    made = np.asarray(Image.open(data)).astype(float)
    loss = np.sqrt(np.mean((made - given) ** 2))
    assert loss_of_jpeg(given.astype(float), made, quality) == pytest.approx(loss, rel=0.01)


def test_the_limit_that_jpeg_sets_is_reached() -> None:
    given = photographs()["quay"]
    detected = detect([LearningPair(given, jpeg(sharpened(given), 75))], LearnSettings.of())
    assert detected.psnr_limit == pytest.approx(detected.psnr_after, abs=1)
    assert "that JPEG allows" in detected.cause


def test_what_is_no_kernel_is_said_before_a_jpeg() -> None:
    given = photographs()["quay"]
    steps = found_in(given, jpeg(ndimage.median_filter(given, (3, 3, 1)), 85))
    assert [each["step"] for each in steps][-1] == "jpeg"
    assert any(each["step"] == "nonlinear" or "median" in (each.get("text") or "") for each in steps)


def test_a_dark_sky_of_one_color_is_a_jpeg_alone() -> None:
    # From whole levels of luma its colors are rounded alike, which shifts the means of blocks by up to half a level.
    quay = photographs()["quay"][100:400, 100:420]
    sky = np.asarray(0.1 * quay.mean(axis=2, keepdims=True) + (25, 40, 72), np.uint8)
    sky = saved(sky, 90)
    found = detect([LearningPair(sky, saved(sky[3:, 5:].copy(), 70))], LearnSettings.of()).found
    assert [step.name for step in found] == ["crop", "jpeg"]
    assert found[-1].values["quality"] == 70


def saved(picture: Picture, quality: int) -> Picture:
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "JPEG", quality=quality, subsampling=0)
    return np.asarray(Image.open(data))


def test_channels_in_the_order_of_opencv_have_no_whole_levels_of_luma() -> None:
    given = photographs()["lighthouse"]
    turned = jpeg(given[..., ::-1].copy(), 70)[..., ::-1].copy()
    (step,) = detect([LearningPair(given, turned)], LearnSettings.of()).found
    assert step.values["quality"] == 70


def test_a_kernel_that_is_hardly_another_is_none_through_a_jpeg() -> None:
    given = photographs()["quay"][:320, :320]
    weights = np.full((3, 3), 0.001)
    weights[1, 1] = 1 - 8 * 0.001
    steps = found_in(given, jpeg(rounded(correlated(given, weights)), 92))
    assert [each["step"] for each in steps] == ["jpeg"]
