"""Filters ahead of another size, of blocks and of ranks, and behind them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import ndimage

import convcli
from convcli.detective import Detected, detect
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import (
    Picture,
    bilateral,
    boxed,
    gaussian,
    lettered,
    photographs,
    pixelated,
    resized,
    rounded,
    sharpened,
)
from tests.support.pictures import harbour_cut

PHOTO = harbour_cut(288, 100, 300, 320)


def found(target: Picture) -> Detected:
    return detect([LearningPair(PHOTO, target)], LearnSettings.of())


def steps(result: Detected) -> list[str]:
    return [step.values.get("text") or step.name for step in result.found]


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (lambda x: resized(sharpened(x), 0.5, "lanczos"), ["sharpen", "lanczos"]),
        (lambda x: resized(sharpened(x), 1.5, "bicubic"), ["sharpen", "bicubic"]),
        (lambda x: resized(rounded(gaussian(x, 1.5)), 0.7, "bicubic"), ["gaussian:sigma=1.5", "bicubic"]),
    ],
)
def test_a_filter_before_another_size(change: Callable[[Picture], Picture], names: list[str]) -> None:
    target = change(PHOTO)
    result = found(target)
    assert steps(result) == names
    made = convcli.apply(result.pipeline, PHOTO, engine="numpy")
    assert made.shape == target.shape
    # Pillow rounds and clips between its passes, which moves few pixels by much.
    assert np.median(np.abs(made[20:-20, 20:-20].astype(int) - target[20:-20, 20:-20])) <= 1


def test_a_filter_after_another_size_is_told_as_that() -> None:
    result = found(sharpened(resized(PHOTO, 0.6, "bilinear")))
    assert [step.name for step in result.found] == ["resize", "filter"]
    assert steps(result)[1] == "sharpen"


def test_a_kernel_without_a_name_before_another_size() -> None:
    weights = np.array([[0.1, 0, 0.05], [0.3, 0.2, -0.2], [0.05, 0.4, 0.1]])
    made = np.stack([ndimage.correlate(PHOTO[..., at].astype(float), weights) for at in range(3)], axis=-1)
    result = found(resized(rounded(made), 0.6, "bicubic"))
    assert [step.name for step in result.found] == ["filter", "resize"]
    np.testing.assert_allclose(result.kernel.weights, weights, atol=0.02)


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (lambda x: sharpened(ndimage.median_filter(x, (3, 3, 1))), ["median:3", "sharpen"]),
        (lambda x: boxed(ndimage.minimum_filter(x, (3, 3, 1)), 3), ["min:3", "box"]),
        (lambda x: ndimage.median_filter(sharpened(x), (3, 3, 1)), ["sharpen", "median:3"]),
        (lambda x: ndimage.maximum_filter(rounded(gaussian(x, 1.3)), (3, 3, 1)), ["gaussian:sigma=1.3", "max:3"]),
        (lambda x: pixelated(sharpened(x), 8), ["sharpen", "pixelate"]),
        (lambda x: sharpened(pixelated(x, 8)), ["pixelate", "sharpen"]),
    ],
)
def test_a_filter_beside_one_that_is_no_kernel(change: Callable[[Picture], Picture], names: list[str]) -> None:
    target = change(PHOTO)
    result = found(target)
    assert steps(result) == names
    made = convcli.apply(result.pipeline, PHOTO, engine="numpy")
    assert np.abs(made[20:-20, 20:-20].astype(int) - target[20:-20, 20:-20]).max() <= 3


def test_large_blocks_of_a_small_picture() -> None:
    result = found(pixelated(PHOTO, 30, (0, 11)))
    assert [step.values for step in result.found] == [{"step": "pixelate", "size": 30}]


def test_a_region_beside_a_bilateral_filter() -> None:
    source = photographs()["lighthouse"]
    result = detect([LearningPair(source, lettered(bilateral(source, 4, 2.0, 20.0), 60))], LearnSettings.of())
    assert [step.name for step in result.found] == ["nonlinear", "region"]


@pytest.mark.parametrize(
    ("sigma", "rank", "wanted"),
    [(1.3, "median", ["gaussian:sigma=1.3", "median:3"]), (0.7, "maximum", ["gaussian:sigma=0.7", "max:3"])],
)
def test_a_rank_behind_a_blur_of_any_width(sigma: float, rank: str, wanted: list[str]) -> None:
    ranks = {"median": ndimage.median_filter, "maximum": ndimage.maximum_filter}
    target = ranks[rank](gaussian(PHOTO, sigma), (3, 3, 1), mode="mirror")
    assert steps(found(rounded(target))) == wanted
