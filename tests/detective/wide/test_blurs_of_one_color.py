"""Blurs between two gray pictures."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from convcli.array_types import Array
from convcli.detective.wide.blurs import blur_between
from tests.support.pictures import harbour_cut

GRAY = harbour_cut(100, 100, 200, 220)[:, :, 0].astype(np.float32) / 255
FLAT = np.full_like(GRAY, 0.4)


def test_a_gaussian_is_a_wide_blur() -> None:
    blur = blur_between(GRAY, ndimage.gaussian_filter(GRAY, 2.5))
    assert blur.is_wide
    assert blur.left < 0.2


@pytest.mark.parametrize(("source", "target"), [(FLAT, GRAY), (GRAY, FLAT), (FLAT, FLAT)])
def test_one_color_is_blurred_from_nothing(source: Array, target: Array) -> None:
    blur = blur_between(source, target)
    assert not blur.is_wide
    assert blur.left == 1
