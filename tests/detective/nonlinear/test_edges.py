"""Strengths of edges that are found, made by SciPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from convcli.detective import detect
from convcli.detective.nonlinear.edges import edges_first
from convcli.detective.scene import Scene
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import each_channel, gaussian, photographs, rounded

QUAY = photographs()["quay"][100:400, 100:420]
_SCHARR = np.array([[-3, 0, 3], [-10, 0, 10], [-3, 0, 3]])


def magnitude(picture: NDArray[Any], across: NDArray[Any], gain: float) -> NDArray[np.uint8]:
    one, other = (each_channel(ndimage.correlate, picture, each, mode="mirror") for each in (across, across.T))
    return rounded(gain * np.hypot(one, other))


def sobel(picture: NDArray[Any], gain: float) -> NDArray[np.uint8]:
    return magnitude(picture, np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]), gain)


def texts(target: NDArray[np.uint8]) -> list[Any]:
    steps = detect([LearningPair(QUAY, target)], LearnSettings.of()).found
    return [step.values.get("text", step.values.get("name")) for step in steps]


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        (sobel(QUAY, 0.25), "sobel"),
        (magnitude(QUAY, _SCHARR, 1 / 16), "scharr"),
        (magnitude(QUAY, np.array([[-1, 0, 1]] * 3), 1 / 3), "prewitt"),
        (rounded(np.abs(each_channel(ndimage.laplace, QUAY, mode="mirror"))), "laplacian | abs"),
        (sobel(gaussian(QUAY, 1.4), 0.25), "gaussian:sigma=1.4 | sobel"),
        (255 - sobel(gaussian(QUAY, 2), 0.2), "gaussian:sigma=2 | sobel"),
    ],
)
def test_the_filter_and_the_blur_before_it(target: NDArray[np.uint8], wanted: str) -> None:
    assert edges_first(Scene.of(LearningPair(QUAY, target)), 0.1) == wanted


def test_brightness_after_edges_is_told() -> None:
    assert texts(255 - sobel(QUAY, 1 / 32**0.5)) == ["sobel", "negative"]
    assert texts(sobel(QUAY, 0.7))[0] == "sobel"


@pytest.mark.parametrize("target", [gaussian(QUAY, 2), 255 - QUAY, ndimage.median_filter(QUAY, (3, 3, 1))])
def test_what_is_no_edge_is_none(target: NDArray[Any]) -> None:
    assert edges_first(Scene.of(LearningPair(QUAY, rounded(target))), 0.02) is None


def test_absolute_values_of_the_laplacian_of_opencv() -> None:
    weights = np.array([[2, 0, 2], [0, -8, 0], [2, 0, 2]])
    target = rounded(np.abs(each_channel(ndimage.correlate, QUAY, weights, mode="mirror")))
    found = detect([LearningPair(QUAY, target)], LearnSettings.of())
    assert found.cause == "2 0 2; 0 -8 0; 2 0 2, then abs; exact"
    assert found.has_filter


def test_edges_of_five_pixels_by_opencv() -> None:
    cv2 = pytest.importorskip("cv2", reason="OpenCV makes the pair")
    edges = cv2.convertScaleAbs(cv2.Laplacian(QUAY, cv2.CV_16S, ksize=5), alpha=0.3)
    assert texts(edges)[:2] == ["2 4 4 4 2; 4 0 -8 0 4; 4 -8 -24 -8 4; 4 0 -8 0 4; 2 4 4 4 2", "abs"]
    edges = cv2.convertScaleAbs(cv2.Sobel(QUAY, cv2.CV_16S, 1, 0, ksize=5))
    assert texts(edges) == ["-1 -2 0 2 1; -4 -8 0 8 4; -6 -12 0 12 6; -4 -8 0 8 4; -1 -2 0 2 1", "abs"]
