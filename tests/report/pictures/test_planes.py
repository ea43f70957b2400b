"""Pictures of kernels of several planes: their structure, by pixels."""

from __future__ import annotations

import numpy as np
import pytest

from convcli.filters import (
    Conv,
)
from convcli.filters.kernel import Kernel
from convcli.report.pictures.colors import diverging
from convcli.report.pictures.kernel import draw_kernel
from convcli.report.pictures.planes import MOST_PLANES
from tests.support.drawings import count, margins_are_free

RANDOM = np.random.default_rng(3)


@pytest.mark.parametrize(
    "shape", [(3, 3, 3), (7, 2, 2), (3, 2, 2, 2), (16, 1, 5, 5), (32, 16, 5, 5), (3, 3, 1, 1), (40, 50, 1, 1)]
)
def test_several_planes_stay_within_their_picture(shape: tuple[int, ...]) -> None:
    picture = draw_kernel(Conv(Kernel(RANDOM.normal(size=shape))), "a name", "")
    assert margins_are_free(picture)
    assert max(picture.shape) < 2400


def test_more_planes_than_can_be_looked_at_are_left_out() -> None:
    few = draw_kernel(Conv(Kernel(RANDOM.normal(size=(MOST_PLANES // 16, 16, 3, 3)))), "", "")
    many = draw_kernel(Conv(Kernel(RANDOM.normal(size=(100, 16, 3, 3)))), "", "")
    assert few.shape == many.shape


def test_a_kernel_of_one_by_one_is_drawn_as_a_matrix() -> None:
    picture = draw_kernel(Conv(Kernel(np.array([[1, -1], [0, 0.5]])[:, :, np.newaxis, np.newaxis])), "", "")
    for weight in (1, -1, 0.5):
        assert count(picture, diverging(np.array(float(weight)))) > 0.8 * 128 * 128
