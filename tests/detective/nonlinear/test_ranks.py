"""Rank filters that are found, made by SciPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from convcli.detective.ahead.ranks import rank_and_curve
from convcli.detective.nonlinear.patches import Rival
from convcli.detective.nonlinear.ranks import best_rank
from convcli.detective.scene import Scene
from convcli.learning import LearningPair
from tests.detective.kinds import bilateral, boxed, gaussian, jpeg, noisy, photographs, rounded, s_curve, sharpened

QUAY = photographs()["quay"]


def found(target: NDArray[Any], *, is_jpeg: bool = False) -> str | None:
    rival = Rival.of(Scene.of(LearningPair(QUAY, target)))
    assert rival is not None
    rank = best_rank(rival, is_jpeg=is_jpeg)
    return None if rank is None else rank.text


@pytest.mark.sweep
@pytest.mark.parametrize("name", ["median", "min", "max"])
@pytest.mark.parametrize("size", [(2, 2), (3, 3), (3, 7), (11, 11), (15, 15), (1, 9), (2, 9), (13, 4)])
def test_rectangles(name: str, size: tuple[int, int]) -> None:
    ranks = {"median": ndimage.median_filter, "min": ndimage.minimum_filter, "max": ndimage.maximum_filter}
    made = ranks[name](QUAY, (*size, 1))
    assert found(made) == f"{name}:" + (f"{size[0]}" if size[0] == size[1] else f"{size[0]}x{size[1]}")


@pytest.mark.parametrize("rank", [7, 8], ids=["lower", "upper"])
def test_either_middle_of_an_even_window(rank: int) -> None:
    assert found(ndimage.rank_filter(QUAY, rank, (4, 4, 1))) == "median:4"


def test_windows_of_other_shapes() -> None:
    row, column = np.mgrid[-3:4, -3:4]
    disk = np.hypot(row, column) <= 3
    assert found(ndimage.median_filter(QUAY, footprint=disk[:, :, np.newaxis])) == "median over a disk of radius 3"
    cross = (row == 0) | (column == 0)
    assert found(ndimage.minimum_filter(QUAY, footprint=cross[:, :, np.newaxis])) == "min over a cross of radius 3"


def test_an_opening_and_a_closing() -> None:
    assert found(ndimage.grey_opening(QUAY, (5, 5, 1))) == "min:5 | max:5"
    assert found(ndimage.grey_closing(QUAY, (3, 3, 1))) == "max:3 | min:3"


def test_a_median_through_noise_and_jpeg() -> None:
    median = ndimage.median_filter(QUAY, (5, 5, 1))
    assert found(noisy(median, 3)) == "median:5"
    assert found(jpeg(median, 75), is_jpeg=True) == "median:5"


OTHERS: dict[str, Callable[[], NDArray[Any]]] = {
    "sharpen": lambda: sharpened(QUAY),
    "blur, noise": lambda: noisy(gaussian(QUAY, 1.5), 3),
    "blur, JPEG": lambda: jpeg(rounded(gaussian(QUAY, 1.5)), 60),
    "JPEG": lambda: jpeg(QUAY, 40),
    "noise": lambda: noisy(QUAY, 6),
    "curve": lambda: rounded(s_curve(QUAY, 0.5)),
    "quartile": lambda: ndimage.percentile_filter(QUAY, 25, (5, 5, 1)),
    "box": lambda: boxed(QUAY, 15),
    "bilateral": lambda: bilateral(QUAY, 4, 2.0, 40.0),
}


@pytest.mark.parametrize("name", OTHERS)
def test_no_rank_is_found_in_what_is_none(name: str) -> None:
    assert found(OTHERS[name](), is_jpeg="JPEG" in name) is None


def test_only_pixels_that_say_something_count() -> None:
    target = ndimage.median_filter(QUAY, (3, 3, 1))
    target[:, 200:] = QUAY[:, 200:]
    usable = np.ones(QUAY.shape[:2], bool)
    usable[:, 200:] = False
    rival = Rival.of(Scene.of(LearningPair(QUAY, target)).only(usable))
    assert rival is not None
    rank = best_rank(rival)
    assert rank is not None
    assert (rank.text, rank.error) == ("median:3", 0)


def test_a_curve_beside_a_rank() -> None:
    source = QUAY[:200, :220]
    toned = rounded(255 * (source / 255.0) ** 1.46)
    median = np.stack([ndimage.median_filter(toned[..., index], 3) for index in range(3)], axis=2)
    made = rank_and_curve(Scene.of(LearningPair(source, median)))
    assert made is not None
    assert (made.before, made.tone and made.tone.before_name) == ("median:3", "gamma 1.46")
    assert rank_and_curve(Scene.of(LearningPair(source, toned))) is None
    plain = np.stack([ndimage.median_filter(source[..., index], 3) for index in range(3)], axis=2)
    assert rank_and_curve(Scene.of(LearningPair(source, plain))) is None
