"""Pairs whose INPUT was made of TARGET."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from convcli.detective import Detected, detect
from convcli.errors import UsageError
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, boxed, gaussian, jpeg, noisy, photographs, resized, rounded, sharpened

PHOTO = photographs()["quay"][100:400, 100:420]


def found(source: Picture, target: Picture) -> Detected:
    return detect([LearningPair(source, target)], LearnSettings.of())


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda x: rounded(gaussian(x, 1.5)), "gaussian:sigma=1.5"),
        (sharpened, "sharpen"),
        (lambda x: boxed(x, 5), "box:size=5"),
    ],
)
def test_an_input_that_is_the_target_filtered(change: Callable[[Picture], Picture], name: str) -> None:
    result = found(change(PHOTO), PHOTO)
    assert result.cause == f"the pair is probably swapped: INPUT is TARGET after {name}"
    assert [step.values for step in result.found] == [{"step": "nonlinear", "text": f"the inverse of {name}"}]
    assert not result.is_explained


@pytest.mark.parametrize(("sigma", "quality"), [(1.5, 80), (1.5, 60), (2.2, 90)])
def test_an_input_that_is_the_target_blurred_as_a_jpeg(sigma: float, quality: int) -> None:
    result = found(jpeg(rounded(gaussian(PHOTO, sigma)), quality), PHOTO)
    assert result.cause.startswith("the pair is probably swapped: INPUT is TARGET after ")
    assert not result.is_explained


@pytest.mark.parametrize(
    "change",
    [
        lambda x: rounded(gaussian(x, 1.5)),
        lambda x: jpeg(rounded(gaussian(x, 1.5)), 70),
        lambda x: jpeg(x, 40),
        lambda x: noisy(x, 3),
        lambda x: rounded(255 * (x / 255) ** 0.7),
        lambda x: 255 - x,
        lambda x: x // 16 * 16,
    ],
)
def test_a_pair_in_its_order_is_not_swapped(change: Callable[[Picture], Picture]) -> None:
    assert "swapped" not in found(PHOTO, change(PHOTO)).cause


def test_an_input_that_is_a_part_of_the_target() -> None:
    with pytest.raises(UsageError, match="INPUT is a part of TARGET") as error:
        found(np.ascontiguousarray(PHOTO[40:200, 30:240]), PHOTO)
    assert error.value.hint == "give TARGET first, then INPUT"


@pytest.mark.parametrize("resampling", ["box", "bicubic", "lanczos"])
def test_an_input_that_is_the_target_made_smaller(resampling: str) -> None:
    with pytest.raises(UsageError, match="INPUT is TARGET at a smaller size"):
        found(resized(PHOTO, 0.5, resampling), PHOTO)


def test_an_enlarged_picture_is_not_swapped() -> None:
    small = np.ascontiguousarray(PHOTO[:150, :160])
    steps = [step.values for step in found(small, resized(small, 2, "bicubic")).found]
    assert steps == [{"step": "resize", "scale": 2.0, "text": "bicubic"}]


def test_a_target_with_more_around_it_that_was_warped_is_not_swapped() -> None:
    height, width, _ = PHOTO.shape
    wave = np.rint(3 * np.sin(np.arange(width) / 11)).astype(int) + 3
    target = np.zeros((height + 6, width, 3), np.uint8)
    for column, first in enumerate(wave):
        target[first : first + height, column] = PHOTO[:, column]
    assert not found(PHOTO, target).cause.startswith("the pair")
    with pytest.raises(UsageError, match="part of TARGET"):
        found(rounded(gaussian(PHOTO, 0.8))[20:-30, 10:-40], PHOTO)
