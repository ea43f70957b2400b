"""Pictures of kernels: their structure, by pixels."""

from __future__ import annotations

import numpy as np
import pytest

from convcli.filters import Conv
from convcli.filters.kernel import Kernel
from convcli.report.pictures.colors import diverging, sequential
from convcli.report.pictures.kernel import MOST_PLANES, draw_kernel
from tests.support.drawings import count, margins_are_free

RANDOM = np.random.default_rng(3)
SOBEL = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])


@pytest.mark.parametrize(
    "size", [(1, 1), (1, 2), (2, 2), (3, 3), (1, 61), (61, 1), (4, 9), (15, 15), (31, 31), (61, 61), (400, 7)]
)
def test_a_kernel_of_any_size_stays_within_its_picture(size: tuple[int, int]) -> None:
    picture = draw_kernel(Conv(Kernel(RANDOM.normal(size=size))), "a name", "what it is for")
    assert picture.dtype == np.uint8
    assert picture.shape == (650, 1580, 3)
    assert margins_are_free(picture)


def test_a_picture_is_the_same_every_time() -> None:
    conv = Conv(Kernel(RANDOM.normal(size=(5, 5))))
    assert np.array_equal(draw_kernel(conv, "name", ""), draw_kernel(conv, "name", ""))


def test_cells_have_the_colors_of_their_weights() -> None:
    picture = draw_kernel(Conv(Kernel(SOBEL)), "sobel", "")
    cell = 126 * 126
    for weight, cells in ((-2, 1), (-1, 2), (1, 2), (2, 1)):
        found = count(picture, diverging(np.array(weight / 2)))
        assert 0.85 * cells * cell < found < 1.1 * cells * cell  # less the numbers, more of the color bar


def test_the_response_is_drawn_with_zero_frequency_in_the_middle() -> None:
    side, left, top = 380, 44 + 52 + 380 + 160, 128 + 40
    blur = draw_kernel(Conv(Kernel(np.ones((9, 9)), 81)), "blur", "")
    panel = blur[top : top + side, left : left + side]
    assert (panel[side // 2 - 1 : side // 2 + 1, side // 2 - 1 : side // 2 + 1].sum(axis=2) < 150).all()
    assert (panel[0, 0] == sequential(np.array(0.0))).all() or panel[0, 0].sum() > 720
    edges = draw_kernel(Conv(Kernel(SOBEL)), "edges", "")[top : top + side, left : left + side].astype(int)
    assert edges[side // 2, side // 2].sum() > 730
    assert np.abs(edges - edges[::-1, ::-1]).max() <= 1
    assert edges[side // 2, side // 4].sum() < 150  # a quarter of a cycle per pixel passes most


def test_a_kernel_of_zeros_is_drawn() -> None:
    assert margins_are_free(draw_kernel(Conv(Kernel(np.zeros((3, 3)))), "nothing", ""))


def test_dilation_is_drawn() -> None:
    kernel = Kernel(SOBEL)
    assert not np.array_equal(draw_kernel(Conv(kernel, dilation=(2, 2)), "", ""), draw_kernel(Conv(kernel), "", ""))


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
