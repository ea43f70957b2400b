"""The difference that is left, and where it is."""

from __future__ import annotations

import numpy as np
import pytest

from convcli.detective.lossy.residual_map import ResidualMap, residual_map

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


def test_detail() -> None:
    difference = np.where(np.arange(420) < 100, 9.0, 0.1)[np.newaxis, :, np.newaxis] * np.ones((300, 1, 3))
    target = np.where(np.arange(420) < 120, TARGET[:, :, 0], 128)[:, :, np.newaxis]
    assert residual_map(difference, target).detail > 2
