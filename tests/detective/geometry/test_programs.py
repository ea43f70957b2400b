"""Resampling of other programs, beside OpenCV."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from convcli.detective.geometry.programs import by_factor, in_steps, resampled

cv2 = pytest.importorskip("cv2")

PICTURE = np.random.default_rng(3).random((40, 57, 3)).astype(np.float32)
NAMES = ("linear", "cubic", "lanczos4", "area", "nearest")


def whole(name: str, shape: tuple[int, int]) -> np.ndarray:
    return resampled(name, PICTURE, shape, slice(0, shape[0]), slice(0, shape[1]))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(23, 31), (17, 50), (90, 71), (20, 114)])
def test_sizes(name: str, shape: tuple[int, int]) -> None:
    if name == "area" and shape == (20, 114):
        pytest.skip("OpenCV has means over areas only where both sides get smaller")
    made = cv2.resize(PICTURE, shape[::-1], interpolation=getattr(cv2, f"INTER_{name.upper()}"))
    np.testing.assert_allclose(whole(f"OpenCV {name}", shape), made, atol=2e-3)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("factor", [0.37, 0.62, 1.3, 1.72])
def test_factors(name: str, factor: float) -> None:
    made = cv2.resize(PICTURE, None, fx=factor, fy=factor, interpolation=getattr(cv2, f"INTER_{name.upper()}"))
    by = f"OpenCV {name} by {factor}"
    assert by in set(by_factor(PICTURE.shape[:2], made.shape[:2]))
    np.testing.assert_allclose(whole(by, made.shape[:2]), made, atol=2e-3)


def test_a_part_is_that_of_the_whole() -> None:
    part = resampled("mitchell", PICTURE, (30, 33), slice(4, 11), slice(20, 33))
    np.testing.assert_array_equal(part, whole("mitchell", (30, 33))[4:11, 20:33])


@pytest.mark.parametrize("length", [30, 40, 300])
def test_an_area_whose_ends_meet_pixels(length: int) -> None:
    picture = np.random.default_rng(4).random((length, length, 3)).astype(np.float32)
    shape = (round(1.3 * length),) * 2
    made = cv2.resize(picture, None, fx=1.3, fy=1.3, interpolation=cv2.INTER_AREA)
    mine = resampled("OpenCV area", picture, shape, slice(0, shape[0]), slice(0, shape[1]))
    np.testing.assert_allclose(mine, made, atol=2e-3)


@pytest.mark.parametrize("side", [40, 57])
def test_thumbnails_take_means_first(side: int) -> None:
    picture = np.asarray(Image.fromarray(np.uint8(255 * PICTURE)).resize((403, 289), Image.Resampling.BICUBIC))
    small = Image.fromarray(picture)
    small.thumbnail((side, side))
    made = np.asarray(small) / 255
    off = {
        name: float(
            np.abs(
                resampled(name, picture / np.float32(255), made.shape[:2], slice(0, made.shape[0]), slice(0, side))
                - made
            ).mean()
        )
        for name in in_steps(picture.shape, made.shape)
    }
    best, second, *_ = sorted(off, key=lambda name: off[name])
    assert best == "bicubic-in-steps"
    assert off[best] < 0.5 / 255 < off[second]


def test_means_come_first_where_a_picture_gets_much_smaller_alone() -> None:
    assert list(in_steps((400, 400), (100, 101))) == []
