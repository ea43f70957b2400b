"""Bilateral filters and local contrast that are found, and what looks a little like them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps
from scipy import ndimage

from convcli.detective.explanation import Explanation
from convcli.detective.nonlinear.bilateral import find_bilateral
from convcli.detective.nonlinear.explanations import nonlinear
from convcli.detective.nonlinear.local import local_contrast
from convcli.detective.nonlinear.patches import Rival
from convcli.detective.scene import Scene
from convcli.learning import LearningPair
from tests.detective import kinds

QUAY = kinds.photographs()["quay"]
ROUNDING = 0.36 / 255


def rival(target: NDArray[Any]) -> Rival:
    made = Rival.of(Scene.of(LearningPair(QUAY, target)))
    assert made is not None
    return made


def bilateral_of_colors(picture: NDArray[Any], radius: int, sigma: float, tone: float) -> NDArray[Any]:
    """Return OpenCV's bilateral filter: colors differ by the sum over the channels, the window is round."""
    given = picture.astype(float)
    padded = np.pad(given, ((radius, radius), (radius, radius), (0, 0)), mode="reflect")
    total, weight = np.zeros_like(given), np.zeros(given.shape[:2])
    height, width, _ = picture.shape
    for down in range(-radius, radius + 1):
        for right in range(-radius, radius + 1):
            if down**2 + right**2 > radius**2:
                continue
            other = padded[radius + down :, radius + right :][:height, :width]
            apart = np.abs(other - given).sum(axis=2)
            share = np.exp(-(down**2 + right**2) / (2 * sigma**2) - apart**2 / (2 * tone**2))
            total += share[:, :, np.newaxis] * other
            weight += share
    return kinds.rounded(total / weight[:, :, np.newaxis])


@pytest.mark.parametrize(("radius", "sigma", "tone"), [(4, 75.0, 75.0), (2, 2.0, 30.0), (7, 5.0, 50.0)])
def test_a_bilateral_filter_leaves_rounding(radius: int, sigma: float, tone: float) -> None:
    found = find_bilateral(rival(bilateral_of_colors(QUAY, radius, sigma, tone)), is_jpeg=False)
    assert found is not None
    assert found[1] < ROUNDING


def test_a_bilateral_filter_of_each_channel_and_through_noise_and_jpeg() -> None:
    made = kinds.bilateral(QUAY, 4, 2.0, 25.0)
    assert find_bilateral(rival(made), is_jpeg=False) is not None
    assert find_bilateral(rival(kinds.noisy(made, 2)), is_jpeg=False) is not None
    made = kinds.jpeg(bilateral_of_colors(QUAY, 4, 75.0, 75.0), 85)
    assert find_bilateral(rival(made), is_jpeg=True) is not None


NONLINEAR: list[tuple[Callable[[NDArray[Any]], NDArray[Any]], bool]] = [
    (lambda x: bilateral_of_colors(x, 4, 3.0, 40.0), True),
    (lambda x: ndimage.median_filter(x, (3, 3, 1)), False),
]


@pytest.mark.parametrize(("change", "is_bilateral"), NONLINEAR)
def test_what_the_jpeg_leaves_may_be_most_of_what_is_left(
    change: Callable[[NDArray[Any]], NDArray[Any]], is_bilateral: bool
) -> None:
    tried = nonlinear(Scene.of(LearningPair(QUAY, kinds.jpeg(change(QUAY), 75))), Explanation(1.0), 75)
    found = [each.nonlinear or each.before for each in tried]
    assert ("a bilateral filter" in found) == is_bilateral


def clahe(picture: NDArray[Any], tiles: int, limit: float) -> NDArray[Any]:
    """Return every channel through the curves of tiles, of limited slope, interpolated between the tiles' middles."""
    height, width, channels = picture.shape
    result = np.empty(picture.shape)
    down, right = ((np.arange(side) + 0.5) / side * tiles - 0.5 for side in (height, width))
    for channel in range(channels):
        plane = picture[:, :, channel]
        curves = np.empty((tiles, tiles, 256))
        for row, band in enumerate(np.array_split(plane, tiles, axis=0)):
            for column, tile in enumerate(np.array_split(band, tiles, axis=1)):
                counts = np.bincount(tile.ravel(), minlength=256).astype(float)
                clipped = np.minimum(counts, limit * tile.size / 256)
                curves[row, column] = 255 * np.cumsum(clipped + (counts - clipped).sum() / 256) / tile.size
        for row, line in enumerate(plane):
            places = [np.full(width, down[row]), right]
            result[row, :, channel] = ndimage.map_coordinates(curves, [*places, line], order=1, mode="nearest")
    return kinds.rounded(result)


WITH_LOCAL_CONTRAST: dict[str, Callable[[], NDArray[Any]]] = {
    "by spread": lambda: kinds.local_contrast(QUAY, 12, 1.2),
    "wide": lambda: kinds.local_contrast(QUAY, 25, 1.0),
    "CLAHE": lambda: clahe(QUAY, 8, 2.0),
    "CLAHE, noise": lambda: kinds.noisy(clahe(QUAY, 8, 3.0), 2),
}


@pytest.mark.parametrize("name", WITH_LOCAL_CONTRAST)
def test_local_contrast(name: str) -> None:
    target = WITH_LOCAL_CONTRAST[name]()
    found = local_contrast(Scene.of(LearningPair(QUAY, target)), rival(target).error)
    assert found is not None
    assert found.text == "local contrast"


def test_brightness_that_changes_over_the_picture() -> None:
    down, right = np.mgrid[-1:1:512j, -1:1:512j]
    target = kinds.rounded(QUAY * (1 - 0.2 * (down**2 + right**2))[:, :, np.newaxis])
    found = local_contrast(Scene.of(LearningPair(QUAY, target)), rival(target).error)
    assert found is not None
    assert found.text == "brightness that changes over the picture"


OTHERS: dict[str, Callable[[], NDArray[Any]]] = {
    "sharpen": lambda: kinds.sharpened(QUAY),
    "blur": lambda: kinds.rounded(kinds.gaussian(QUAY, 1.5)),
    "blur, JPEG": lambda: kinds.jpeg(kinds.rounded(kinds.gaussian(QUAY, 1.5)), 70),
    "sharpen, JPEG": lambda: kinds.jpeg(kinds.sharpened(QUAY), 60),
    "JPEG": lambda: kinds.jpeg(QUAY, 40),
    "noise": lambda: kinds.noisy(QUAY, 6),
    "curve": lambda: kinds.rounded(kinds.s_curve(QUAY, 0.5)),
    "saturation": lambda: kinds.saturated(QUAY, 1.5),
    "unsharp": lambda: kinds.unsharp(QUAY, 2.0, 1.0, 6),
    "curves": lambda: np.asarray(ImageOps.equalize(Image.fromarray(QUAY))),
    "salt": lambda: np.where(np.random.default_rng(2).random((512, 512, 1)) < 0.02, np.uint8(255), QUAY),
    "blocks": lambda: kinds.pixelated(QUAY, 6),
    "median": lambda: ndimage.median_filter(QUAY, (3, 3, 1)),
    "maximum": lambda: ndimage.maximum_filter(QUAY, (3, 3, 1)),
}


@pytest.mark.parametrize("name", OTHERS)
def test_neither_is_found_in_what_is_none(name: str) -> None:
    target = OTHERS[name]()
    given = rival(target)
    assert find_bilateral(given, is_jpeg="JPEG" in name) is None
    assert local_contrast(Scene.of(LearningPair(QUAY, target)), given.error) is None


@pytest.mark.parametrize(("tone", "sigma"), [(30, 4), (75, 75)])
def test_the_metric_of_opencv_is_found_among_others(tone: float, sigma: float) -> None:
    """Rough tones of another metric come nearer than rough tones of the right one."""
    cv2 = pytest.importorskip("cv2", reason="OpenCV makes the pair")
    source = QUAY[:300, :320]
    made = Rival.of(Scene.of(LearningPair(source, cv2.bilateralFilter(source, 7, tone, sigma))))
    assert made is not None
    found = find_bilateral(made, is_jpeg=False)
    assert found is not None
    assert found[0].metric == "sum"
    assert found[1] < 0.4 / 255
