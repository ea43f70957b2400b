"""The difference that is left, and where it is."""

from __future__ import annotations

import numpy as np
import pytest

import convcli
from convcli.detective.lossy.residual_map import ResidualMap, kernel_residual, residual_map
from convcli.learning import LearningPair
from tests.support.learned import made

RANDOM = np.random.default_rng(5)
TARGET = RANDOM.integers(0, 256, (300, 420, 3)).astype(np.uint8)


def noise(levels: float, shape: tuple[int, ...] = (300, 420, 3)) -> ResidualMap:
    return residual_map(RANDOM.normal(0, levels, shape), TARGET)


def in_box(top: int, left: int, height: int, width: int, at: tuple[int, int] = (0, 0)) -> ResidualMap:
    difference = RANDOM.normal(0, 0.29, (300, 420, 3))
    difference[top : top + height, left : left + width] += 20
    return residual_map(difference, TARGET, at)


def test_no_difference() -> None:
    residual = residual_map(np.zeros((300, 420, 3)), TARGET)
    assert (residual.rms, residual.worst, residual.rim, residual.box) == (0, 0, 0, None)
    assert not residual.cells.any()


def test_noise_is_everywhere() -> None:
    residual = noise(4.0)
    assert residual.rms == pytest.approx(4, rel=0.01)
    assert residual.worst > 0.4
    assert residual.rim < 0.1
    assert residual.detail == pytest.approx(1, abs=0.05)
    assert residual.cells.mean() == pytest.approx(4, rel=0.05)


def test_a_part_is_found_to_the_cell() -> None:
    box = in_box(96, 200, 60, 120).box
    assert box is not None
    found = (box.y, box.x, box.height, box.width)
    assert np.abs(np.array(found) - (96, 200, 60, 120)).max() <= 8
    assert box.share > 0.99


def test_a_part_of_what_both_show_is_where_target_has_it() -> None:
    here, there = in_box(96, 200, 60, 120).box, in_box(96, 200, 60, 120, at=(30, 7)).box
    assert here is not None
    assert there is not None
    assert (there.y - here.y, there.x - here.x) == (30, 7)


def test_the_rim() -> None:
    difference = np.zeros((300, 420, 1))
    difference[:2] = difference[:, -2:] = 5
    assert residual_map(difference, TARGET[:, :, :1]).rim == pytest.approx(1)


def test_the_cells_are_root_mean_squares() -> None:
    difference = RANDOM.normal(0, 3, (64, 64, 2))
    residual = residual_map(difference, TARGET[:64, :64])
    by_hand = np.sqrt(np.square(difference).reshape(16, 4, 16, 4, 2).mean(axis=(1, 3, 4)))
    assert np.allclose(residual.cells, by_hand)
    assert residual.rms == pytest.approx(np.sqrt(np.square(difference).mean()))


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 700, 1), (3, 5, 3), (1001, 13, 1), (8, 8, 4)])
def test_a_picture_of_any_shape(shape: tuple[int, int, int]) -> None:
    residual = residual_map(np.ones(shape), np.ones(shape))
    assert residual.cells == pytest.approx(np.ones(residual.cells.shape))
    assert max(residual.cells.shape) <= 129
    assert residual.box is None


def test_of_a_large_picture_some_rows_in_every_row_of_cells_are_compared() -> None:
    source = RANDOM.integers(0, 256, (1200, 1600, 3)).astype(np.uint8)
    target = source.copy()
    target[300:420, 800:1000] ^= 64
    residual = kernel_residual(made([[1.0]], bias=0.0), LearningPair(source, target))
    assert residual is not None
    assert residual.cells.shape == (96, 128)
    assert residual.size == (1200, 1600)
    assert residual.rms == pytest.approx(64 * np.sqrt(120 * 200 / (1200 * 1600)), rel=0.1)
    box = residual.box
    assert box is not None
    assert np.abs(np.array([box.y, box.x, box.height, box.width]) - (300, 800, 120, 200)).max() <= 26


def test_a_large_kernel_on_a_large_picture_is_not_compared() -> None:
    source = np.zeros((1200, 1600, 3), np.uint8)
    assert kernel_residual(made(np.ones((61, 61))), LearningPair(source, source)) is None
    assert kernel_residual(made(np.ones((61, 61))), LearningPair(source[:99, :99], source[:99, :99])) is not None


def test_the_border_of_the_kernel_is_that_of_the_strips_at_the_rims() -> None:
    source = RANDOM.integers(0, 256, (1100, 1000, 3)).astype(np.uint8)
    kernel = np.ones((5, 5)) / 25
    learned = made(kernel, bias=0.0)
    assert learned.border is not None
    target = convcli.apply(kernel, source, border=str(learned.border.border))
    residual = kernel_residual(learned, LearningPair(source, target))
    assert residual is not None
    assert residual.rms == 0


def test_detail() -> None:
    difference = np.where(np.arange(420) < 100, 9.0, 0.1)[np.newaxis, :, np.newaxis] * np.ones((300, 1, 3))
    target = np.where(np.arange(420) < 120, TARGET[:, :, 0], 128)[:, :, np.newaxis]
    assert residual_map(difference, target).detail > 2
