"""Unsharp masks with a threshold, whose radius, amount and threshold are found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from scipy import ndimage

from convcli.detective.nonlinear.unsharp import best_unsharp
from convcli.detective.scene import Scene
from convcli.learning import LearningPair
from tests.detective.kinds import gaussian, jpeg, noisy, photographs, rounded, s_curve, sharpened, unsharp

QUAY = photographs()["quay"]


def found(target: NDArray[Any]) -> dict[str, float] | None:
    result = best_unsharp(Scene.of(LearningPair(QUAY, target)))
    if result is None:
        return None
    name, _, arguments = result[0].partition(":")
    assert name == "unsharp"
    return {key: float(value) for key, value in (each.split("=") for each in arguments.split(","))}


@pytest.mark.parametrize(("sigma", "amount", "levels"), [(2.0, 1.0, 4), (1.0, 0.5, 3), (5.0, 0.8, 8), (3.0, 2.0, 12)])
def test_the_numbers_are_found(sigma: float, amount: float, levels: int) -> None:
    numbers = found(unsharp(QUAY, sigma, amount, levels))
    assert numbers == {"sigma": sigma, "amount": amount, "threshold": pytest.approx(levels / 255, abs=1e-5)}


def test_the_numbers_are_found_in_noise() -> None:
    numbers = found(noisy(unsharp(QUAY, 2.0, 1.0, 8), 2))
    assert numbers is not None
    assert numbers["sigma"] == pytest.approx(2, rel=0.05)
    assert numbers["amount"] == pytest.approx(1, rel=0.05)
    assert 255 * numbers["threshold"] == pytest.approx(8, abs=0.6)


@pytest.mark.parametrize(("radius", "percent", "levels"), [(2, 150, 3), (3, 80, 8)])
def test_the_numbers_of_pillow(radius: int, percent: int, levels: int) -> None:
    numbers = found(np.asarray(Image.fromarray(QUAY).filter(ImageFilter.UnsharpMask(radius, percent, levels))))
    assert numbers is not None
    assert numbers["sigma"] == pytest.approx(radius, rel=0.03)
    assert numbers["amount"] == pytest.approx(percent / 100, rel=0.04)
    # Pillow compares whole levels: more than 3 is 3.5 or more.
    assert levels - 0.1 < 255 * numbers["threshold"] < levels + 1


OTHERS: dict[str, Callable[[], NDArray[Any]]] = {
    "none": lambda: unsharp(QUAY, 2.0, 1.0, 0),
    "none, noise": lambda: noisy(unsharp(QUAY, 2.0, 1.0, 0), 3),
    "sharpen": lambda: sharpened(QUAY),
    "sharpen, JPEG": lambda: jpeg(sharpened(QUAY), 60),
    "blur": lambda: rounded(gaussian(QUAY, 1.5)),
    "JPEG": lambda: jpeg(QUAY, 40),
    "curve": lambda: rounded(s_curve(QUAY, 0.5)),
    "median": lambda: ndimage.median_filter(QUAY, (3, 3, 1)),
}


@pytest.mark.parametrize("name", OTHERS)
def test_no_threshold_is_found_where_there_is_none(name: str) -> None:
    assert found(OTHERS[name]()) is None
