"""Wide kernels that are found, with their numbers and borders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from scipy import ndimage

from convcli.catalog import load_filter
from convcli.detective.alignment import frame_of
from convcli.detective.geometry.frame import Frame
from convcli.detective.scene import Scene
from convcli.detective.wide.families import FAMILIES, guesses
from convcli.detective.wide.search import wide_kernel
from convcli.learning import LearningPair
from tests.detective.kinds import (
    boxed,
    correlated,
    disk,
    each_channel,
    gaussian,
    jpeg,
    light_of,
    motion,
    noisy,
    photographs,
    rounded,
    s_curve,
    sharpened,
    unsharp,
)

QUAY = photographs()["quay"]
SEPIA = np.array([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]])


def found(target: NDArray[Any], *, is_jpeg: bool = False) -> str | None:
    wide = wide_kernel(Scene.of(LearningPair(QUAY, target)), 20 / 255, is_jpeg=is_jpeg)
    return None if wide is None else wide.text


@pytest.mark.parametrize("sigma", [3, 5.37, 10, 16.23, 20, 50])
def test_gaussians(sigma: int) -> None:
    assert found(rounded(gaussian(QUAY, sigma))) == f"gaussian:sigma={sigma}"


@pytest.mark.parametrize(
    ("mode", "border"), [("nearest", "edge"), ("reflect", "symmetric"), ("wrap", "wrap"), ("constant", "constant")]
)
def test_borders(mode: str, border: str) -> None:
    made = rounded(each_channel(ndimage.gaussian_filter, QUAY, 8.0, mode=mode))
    assert found(made) == f"gaussian:sigma=8,border={border}"
    made = rounded(each_channel(ndimage.uniform_filter, QUAY, 25, mode=mode))
    assert found(made) == f"box:size=25,border={border}"


def test_one_sigma_for_each_axis() -> None:
    made = rounded(each_channel(ndimage.gaussian_filter, QUAY, (5.0, 12.0), mode="mirror"))
    assert found(made) == "gaussian:sigma_x=12,sigma_y=5"


def test_boxes() -> None:
    assert found(boxed(QUAY, 21)) == "box:size=21"
    assert found(boxed(QUAY, 101)) == "box:size=101"
    assert found(boxed(boxed(QUAY, 21), 21)) == "box:size=21 | box:size=21"
    made = rounded(each_channel(ndimage.uniform_filter, QUAY, (9, 31), mode="mirror"))
    assert found(made) == "box:height=9,width=31"


def test_the_blurs_of_pillow() -> None:
    image = Image.fromarray(QUAY)
    blurred = found(np.asarray(image.filter(ImageFilter.GaussianBlur(10))))
    assert blurred is not None
    assert blurred.startswith("gaussian:sigma=10,border=")
    assert found(np.asarray(image.filter(ImageFilter.BoxBlur(20)))) == "box:size=41,border=edge"


def test_disks_and_motion() -> None:
    assert found(rounded(correlated(QUAY, disk(15)))) == "disk:radius=15"
    assert found(rounded(correlated(QUAY, motion(41)))) == "motion:length=41,angle=0"
    assert found(rounded(correlated(QUAY, motion(55).T))) == "motion:length=55,angle=90"


@pytest.mark.parametrize(("sigma", "amount"), [(10.0, 0.8), (30.0, 0.4)])
def test_unsharp_masks(sigma: float, amount: float) -> None:
    assert found(unsharp(QUAY, sigma, amount, 0)) == f"unsharp:sigma={sigma:g},amount={amount:g}"


def test_noise_and_jpeg() -> None:
    assert found(noisy(gaussian(QUAY, 10), 3)) == "gaussian:sigma=10"
    assert found(jpeg(rounded(gaussian(QUAY, 5)), 85), is_jpeg=True) == "gaussian:sigma=5"
    assert found(noisy(boxed(QUAY, 25), 4)) == "box:size=25"
    assert found(jpeg(boxed(QUAY, 21), 60), is_jpeg=True) == "box:size=21"


def exponential(scale: float) -> NDArray[Any]:
    reach = int(7 * scale)
    weights = np.exp(-np.hypot(*np.mgrid[-reach : reach + 1, -reach : reach + 1]) / scale)
    return np.asarray(weights / weights.sum())


OTHERS: dict[str, Callable[[], NDArray[Any]]] = {
    "sharpen": lambda: sharpened(QUAY),
    "JPEG": lambda: jpeg(QUAY, 40),
    "noise": lambda: noisy(QUAY, 5),
    "curve": lambda: rounded(s_curve(QUAY, 0.5)),
    "light": lambda: rounded(255 * gaussian(light_of(QUAY), 5) ** (1 / 2.2)),
    "exponential": lambda: rounded(correlated(QUAY, exponential(4.0))),
    "blur, sharpen": lambda: sharpened(rounded(gaussian(QUAY, 5))),
    "median": lambda: ndimage.median_filter(QUAY, (15, 15, 1)),
}


@pytest.mark.parametrize("name", OTHERS)
def test_no_family_is_found_in_what_is_none(name: str) -> None:
    assert found(OTHERS[name](), is_jpeg=name == "JPEG") is None


def test_a_blur_that_leaves_little_is_of_the_same_picture() -> None:
    for target in (boxed(QUAY, 101), rounded(gaussian(QUAY, 50)), rounded(correlated(QUAY, motion(95)))):
        assert frame_of(LearningPair(QUAY, target)) == Frame(("", 0))
    assert not frame_of(LearningPair(QUAY, photographs()["lighthouse"])).is_related


def test_a_region_that_does_not_count() -> None:
    made = rounded(gaussian(QUAY, 10))
    made[100:200, 300:420] = 255
    usable = np.ones(QUAY.shape[:2], bool)
    usable[100:200, 300:420] = False
    wide = wide_kernel(Scene.of(LearningPair(QUAY, made)).only(usable), 20 / 255, is_jpeg=False)
    assert wide is not None
    assert wide.text == "gaussian:sigma=10"


def test_brighter_colors_are_no_unsharp_mask_beyond_what_a_filter_may_be() -> None:
    part = QUAY[:256, :256]
    sepia = Scene.of(LearningPair(part, rounded(part @ SEPIA.T)))
    guess = next(each for each in guesses(sepia, is_any=True) if each.family == "unsharp")
    load_filter(FAMILIES["unsharp"].written(guess.values))
