"""Feature maps on a sheet."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.report.pictures.colors import LINE, PAPER
from convcli.report.pictures.sheet import draw_sheet


def tiles(sheet: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """The gray tiles of a sheet in their order: what stands in frames."""
    framed = (sheet == LINE).all(axis=2)
    rows = [row for row in range(90, sheet.shape[0]) if framed[row].sum() > 30]
    found = []
    for top, bottom in zip(rows[::2], rows[1::2], strict=True):
        line = framed[top]
        starts = np.flatnonzero(line & ~np.roll(line, 1))
        ends = np.flatnonzero(line & ~np.roll(line, -1))
        found += [sheet[top + 1 : bottom, start + 1 : end] for start, end in zip(starts, ends, strict=True)]
    return found


@pytest.mark.parametrize("channels", [1, 2, 3, 5, 16, 70])
def test_one_tile_per_channel_each_stretched(channels: int) -> None:
    maps = np.random.default_rng(0).normal(size=(14, 14, channels)) * 1000 - 300
    found = tiles(draw_sheet(maps, "maps"))
    assert len(found) == channels
    for channel, tile in enumerate(found):
        side = tile.shape[0] // 14
        assert tile.shape == (14 * side, 14 * side, 3)
        small = tile[side // 2 :: side, side // 2 :: side, 0].astype(float)
        plane = maps[:, :, channel]
        assert (small.min(), small.max()) == (0, 255)
        assert np.abs(small - (plane - plane.min()) / np.ptp(plane) * 255).max() <= 0.5


def test_large_maps_are_reduced_in_proportion() -> None:
    ramp = np.linspace(0, 1, 1200 * 800).reshape(800, 1200, 1)
    (tile,) = tiles(draw_sheet(np.concatenate([ramp], axis=2), "ramp"))
    assert tile.shape == (213, 320, 3)
    assert tile[0, 0, 0] <= 1
    assert tile[-1, -1, 0] >= 254


@pytest.mark.parametrize(
    "plane",
    [
        np.full((4, 4), 7.5),
        np.full((4, 4), np.nan),
        np.zeros((1, 1)),
        np.zeros((4, 4), np.float32),
    ],
)
def test_a_flat_map_is_gray(plane: NDArray[Any]) -> None:
    (tile,) = tiles(draw_sheet(plane[:, :, np.newaxis], "flat"))
    assert (tile == 128).all()


def test_values_that_are_not_finite_do_not_spoil_the_range() -> None:
    plane = np.array([[0.0, 1.0], [np.inf, np.nan]])
    (tile,) = tiles(draw_sheet(plane[:, :, np.newaxis], "odd"))
    quarter = tile.shape[0] // 4
    assert tile[quarter, quarter, 0] == 0
    assert tile[quarter, 3 * quarter, 0] == 255
    assert tile[3 * quarter, quarter, 0] == 255


def test_extremes_do_not_overflow() -> None:
    plane = np.array([[-1.7e308, 1.7e308]])
    (tile,) = tiles(draw_sheet(plane[:, :, np.newaxis], "extreme"))
    assert (tile[0, 0, 0], tile[0, -1, 0]) == (0, 255)


def test_labels_differ_with_the_ranges() -> None:
    one, other = (draw_sheet(np.array([[0.0, high]])[:, :, np.newaxis], "maps") for high in (1, 2))
    assert one.shape == other.shape
    assert not np.array_equal(one, other)
    assert np.array_equal(tiles(one)[0], tiles(other)[0])


def test_many_outputs_of_a_linear_layer() -> None:
    sheet = draw_sheet(np.arange(1000.0).reshape(1, 1, 1000), "a title that is long, " * 20)
    assert max(sheet.shape) < 4000
    assert (sheet[:20] == PAPER).all()
    assert (sheet[:, -20:] == PAPER).all()


def test_single_values_are_shaded_among_each_other() -> None:
    values = np.array([3.0, -1.0, 0.0, 7.0])
    found = tiles(draw_sheet(values.reshape(1, 1, 4), "outputs"))
    assert [int(tile[0, 0, 0]) for tile in found] == [128, 0, 32, 255]


def test_what_is_transparent_lies_on_the_background() -> None:
    plain = draw_sheet(np.tile(np.arange(64.0), (64, 1))[:, :, np.newaxis], "maps")
    opacity = np.ones((64, 64, 1))
    opacity[:32] = 0
    opacity[32:48] = 0.5
    sheer = draw_sheet(np.tile(np.arange(64.0), (64, 1))[:, :, np.newaxis], "maps", opacity, (200, 100, 0))
    changed = (plain != sheer).any(axis=2)
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    top, left, side = rows[0], columns[0], len(columns)  # the tile is enlarged by a whole number
    half = side // 2
    assert (sheer[top : top + half, left : left + side] == (200, 100, 0)).all()
    mixed = plain[top + half : top + half + half // 2, left : left + side].astype(float) / 2 + np.array([100, 50, 0])
    assert np.abs(sheer[top + half : top + half + half // 2, left : left + side] - mixed).max() <= 1
    assert np.array_equal(sheer[top + half + half // 2 :], plain[top + half + half // 2 :])
