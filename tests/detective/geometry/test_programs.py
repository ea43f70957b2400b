"""Resampling of other programs, beside OpenCV."""

from __future__ import annotations

import numpy as np
import pytest

from convcli.detective.geometry.programs import by_factor, resampled

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
