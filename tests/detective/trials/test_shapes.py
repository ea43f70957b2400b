"""Kernels without a name that are told in words: motion blurs and Pillow's sharpness."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.detective import detect
from convcli.detective.trials.shapes import shape_words
from convcli.filters import Kernel
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import correlated, photographs, rounded


def line(side: int, degrees: float) -> NDArray[np.float64]:
    """Return a line as people draw it with OpenCV: turned by an interpolation."""
    flat = np.zeros((side, side), np.float32)
    flat[side // 2] = 1
    turn = cv2.getRotationMatrix2D((side // 2, side // 2), degrees, 1)
    turned = cv2.warpAffine(flat, turn, (side, side)).astype(np.float64)
    return np.asarray(turned / turned.sum())


def tail(sigma: float, steps: int, down: float, right: float) -> NDArray[np.float64]:
    """Return half of a bell curve along a line from the pixel itself, as ImageMagick's motion blur."""
    weights = np.zeros((2 * steps + 1, 2 * steps + 1))
    for step in range(steps):
        weights[steps + round(step * down), steps + round(step * right)] += np.exp(-(step**2) / (2 * sigma**2))
    return np.asarray(weights / weights.sum())


def bell(sigma: float) -> NDArray[np.float64]:
    """Return a bell curve in a row, which no motion makes."""
    weights = np.exp(-(np.arange(-12, 13) ** 2) / (2 * sigma**2))
    return np.asarray(weights[np.newaxis] / weights.sum())


def sharpness(factor: float) -> NDArray[np.float64]:
    smooth = np.ones((3, 3))
    smooth[1, 1] = 5
    return factor * np.pad([[1.0]], 1) + (1 - factor) * smooth / 13


@pytest.mark.parametrize(("factor", "told"), [(2, "2"), (3.14, "3.14"), (0.4, "0.4"), (1.65, "1.65")])
def test_a_sharpness_has_its_factor(factor: float, told: str) -> None:
    words = shape_words(Kernel(np.pad(sharpness(factor), 2)))
    made = "sharpened" if factor > 1 else "smoothed"
    assert words == f"{made} by the eight neighbors (Pillow's sharpness {told})"


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (np.eye(13) / 13, "a motion blur at about 135°, 18 pixels long"),
        (np.eye(9)[::-1] / 9, "a motion blur at about 45°, 13 pixels long"),
        (line(15, 20), "a motion blur at about 20°, 15 pixels long"),
        (tail(5, 14, 0, 1), "a motion blur to one side, at about 0°"),
        (tail(4, 12, 0.8, 0.6), "a motion blur to one side, at about 127°"),
    ],
)
def test_a_motion_blur_has_its_direction(weights: NDArray[np.float64], words: str) -> None:
    noise = np.random.default_rng(1).normal(0, 1e-4, weights.shape)
    assert shape_words(Kernel(weights + noise)) == words


@pytest.mark.parametrize(("flag", "name"), [(cv2.INTER_LINEAR, "bilinear"), (cv2.INTER_CUBIC, "bicubic")])
@pytest.mark.parametrize(("right", "down"), [(0.25, -0.4375), (-0.3125, 0.0), (1.5, 0.75)])
def test_a_shift_between_pixels(flag: int, name: str, right: float, down: float) -> None:
    point = np.zeros((15, 15), np.float32)
    point[7, 7] = 1
    move = np.array([[1, 0, right], [0, 1, down]])
    shown = cv2.warpAffine(point, move, (15, 15), flags=flag).astype(np.float64)
    # What a point becomes is the weights, turned.
    assert shape_words(Kernel(shown[::-1, ::-1])) == f"a shift by {right:.2f},{down:.2f} ({name})"


@pytest.mark.parametrize(
    "weights",
    [
        np.outer([1, 2, 2, 1], [1, 2, 2, 1]) / 36,
        np.ones((3, 9)) / 27,
        np.outer([1], np.exp(-(np.linspace(-2.5, 2.5, 21) ** 2) / 2))
        / np.exp(-(np.linspace(-2.5, 2.5, 21) ** 2) / 2).sum(),
        np.array([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
        np.array([[1.0]]),
        np.ones((1, 13)) / 12,
        np.array([[2.0, 0, 2], [0, -8, 0], [2, 0, 2]]),
        sharpness(2) + np.array([[0.01, 0, 0], [0, 0, 0], [0, 0, -0.01]]),
    ],
    ids=["binomial", "wide box", "bell in a row", "sharpen", "nothing", "too bright", "laplacian", "uneven"],
)
def test_other_kernels_have_no_words(weights: NDArray[np.float64]) -> None:
    assert shape_words(Kernel(weights)) is None


def test_a_blur_to_one_side_is_no_shift() -> None:
    source = np.ascontiguousarray(photographs()["quay"][100:340, 80:340])
    found = detect([LearningPair(source, rounded(correlated(source, tail(4, 13, 0, 1))))], LearnSettings.of())
    assert [step.name for step in found.found] == ["filter"]
    assert found.cause.startswith("a motion blur to one side, at about 0°")


def round_bell(sigma: float, power: float = 2.0) -> NDArray[np.float64]:
    down, right = np.mgrid[-8:9, -8:9]
    weights = np.exp(-(np.hypot(down, right) ** power) / (2 * sigma**power))
    return np.asarray(weights / weights.sum())


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (round_bell(1.5, 1.9), "about gaussian:sigma=1.5"),
        (2 * np.pad([[1.0]], 8) - round_bell(1.5, 1.9), "about unsharp:sigma=1."),
        (np.pad(np.full((5, 5), 1 / 25), 6), None),
        (round_bell(1.5, 1.0), None),
    ],
    ids=["blur", "mask", "box", "pointed"],
)
def test_what_is_nearly_a_gaussian(weights: NDArray[np.float64], words: str | None) -> None:
    found = shape_words(Kernel(weights))
    assert found is None if words is None else found is not None and found.startswith(words)
