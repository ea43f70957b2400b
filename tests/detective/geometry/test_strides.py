"""Smaller pictures: every so many pixels of a filtered one, or a resampled one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import convcli
from convcli.detective import Detected, detect
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, boxed, correlated, gaussian, resized, rounded, sharpened
from tests.support.pictures import harbour_cut

PHOTO = harbour_cut(288, 100, 300, 320)
_BINOMIAL = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256


def found(target: NDArray[Any], **settings: Any) -> Detected:
    return detect([LearningPair(PHOTO, target)], LearnSettings.of(**settings))


def texts(result: Detected) -> list[Any]:
    return [(step.name, step.values.get("text")) for step in result.found]


@pytest.mark.parametrize(
    ("change", "name", "scale"),
    [
        (lambda x: rounded(gaussian(x, 1.0))[::2, ::2], "gaussian", 0.5),
        (lambda x: rounded(gaussian(x, 2.0))[::3, ::3], "gaussian:sigma=2", 0.3333),
        (lambda x: rounded(correlated(x, _BINOMIAL))[::2, ::2], "binomial:size=5", 0.5),
        (lambda x: sharpened(x)[:, ::2], "sharpen", 0.7071),
        (lambda x: boxed(x, 5)[2:-2:2, 2:-2:2], "box:size=5", 0.5),
    ],
)
def test_a_kernel_that_skips_pixels(change: Callable[[Picture], Picture], name: str, scale: float) -> None:
    result = found(change(PHOTO))
    assert texts(result) == [("filter", name), ("resize", None)]
    check(result, change(PHOTO), scale)


def test_every_other_pixel_is_what_opencv_takes_as_the_nearest() -> None:
    target = PHOTO[::2, ::2]
    result = found(target)
    assert texts(result) == [("resize", "OpenCV nearest")]
    check(result, target, 0.5)


def check(result: Detected, target: Picture, scale: float) -> None:
    assert result.found[-1].values["scale"] == scale
    made = convcli.apply(result.pipeline, PHOTO, engine="numpy")
    assert made.shape == target.shape
    assert np.abs(made.astype(int) - target).max() <= 1


@pytest.mark.parametrize("name", ["box", "bilinear", "bicubic", "lanczos", "hamming"])
@pytest.mark.parametrize("scale", [0.5, 0.25])
def test_resampling_keeps_its_name(name: str, scale: float) -> None:
    assert texts(found(resized(PHOTO, scale, name))) == [("resize", name)]


def test_a_stride_that_is_given_is_not_looked_for() -> None:
    target = rounded(gaussian(PHOTO, 1.0))[::2, ::2]
    assert texts(found(target, stride=2)) == [("filter", "gaussian"), ("resize", None)]
    assert found(target, stride=1).found[0].name == "resize"


def test_a_stride_that_explains_nothing() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (150, 160, 3), np.uint8)
    result = found(noise, stride=2)
    assert not result.is_explained
    assert texts(result)[-1] == ("nonlinear", None)
