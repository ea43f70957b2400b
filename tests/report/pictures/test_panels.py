"""Heat maps and their cells."""

from __future__ import annotations

import numpy as np
import pytest

from convcli.report.pictures.canvas import Canvas
from convcli.report.pictures.colors import diverging
from convcli.report.pictures.panels import Square, cell_size, heat_map, legible_numbers

SOBEL = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])


@pytest.mark.parametrize(
    ("rows", "columns", "cell"),
    [
        (1, 1, (128, 128)),
        (3, 3, (126, 126)),
        (61, 61, (6, 6)),
        (1, 61, (24, 6)),
        (61, 1, (6, 24)),
        (5, 4, (76, 76)),
        (1000, 3, (0, 0)),
        (380, 380, (1, 1)),
    ],
)
def test_cells(rows: int, columns: int, cell: tuple[int, int]) -> None:
    assert cell_size(rows, columns, 380) == cell


def test_a_heat_map_has_the_color_of_every_weight() -> None:
    plane = np.random.default_rng(0).normal(size=(7, 4))
    canvas = Canvas(200, 200)
    largest = float(np.abs(plane).max())
    left, top, right, bottom = heat_map(canvas, Square(10, 10, 180), plane, largest)
    drawn = canvas.pixels()[top:bottom, left:right]
    cell = drawn.shape[0] // 7
    assert drawn.shape == (7 * cell, 4 * cell, 3)
    assert (drawn[cell // 2 :: cell, cell // 2 :: cell] == diverging(plane / largest)).all()


def test_more_weights_than_pixels_are_averaged() -> None:
    canvas = Canvas(120, 120)
    box = heat_map(canvas, Square(10, 10, 100), np.ones((1000, 500)), 1.0)
    assert box == (35, 10, 85, 110)
    assert (canvas.pixels()[10:110, 35:85] == diverging(np.array(1.0))).all()


def test_numbers_are_written_where_all_of_them_fit() -> None:
    few = legible_numbers(SOBEL[np.newaxis], 380)
    assert few is not None
    assert (few.digits, few.size) == (4, 22)
    assert legible_numbers(np.ones((1, 61, 61)), 380) is None
    plane = np.full((1, 8, 8), 1 / 3)
    plane[0, 0, 0] = -1.234567e-5
    tight = legible_numbers(plane, 380)
    assert tight is not None
    assert tight.digits < 4
    assert legible_numbers(np.full((1, 15, 15), -1.234567e-5), 380) is None
