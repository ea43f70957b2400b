"""Tables of numbers as lines."""

from __future__ import annotations

import numpy as np
import pytest

from convcli.report.tables import aligned, beside, bracketed, number_text, number_texts, short_number


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([[0, -1, 5]], [["0", "-1", "5"]]),
        ([[0.5, 0, -12.25]], [["0.500", "0", "-12.250"]]),
        ([[0.25, 1 / 3]], [["0.2500", "0.3333"]]),
        ([[1234.5, 1]], [["1234.5", "1.0"]]),
        ([[-0.0, 2]], [["0", "2"]]),
        ([[1.5e-7, 0]], [["1.5e-07", "0"]]),
        ([[2e12, 1.5]], [["2e+12", "1.5"]]),
        ([[np.nan, 1]], [["nan", "1"]]),
        ([[np.inf, np.nan]], [["inf", "nan"]]),
    ],
)
def test_numbers_of_a_table_have_their_points_below_each_other(
    values: list[list[float]], texts: list[list[str]]
) -> None:
    assert number_texts(np.array(values, float)) == texts


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5.0, "5"),
        (-3.0, "-3"),
        (0.125, "0.125"),
        (1 / 3, "0.333333"),
        (1e300, "1e+300"),
        (np.inf, "inf"),
        (np.nan, "nan"),
    ],
)
def test_a_number_alone(value: float, text: str) -> None:
    assert number_text(value) == text


def test_tables_stand_side_by_side_where_they_fit() -> None:
    marked = np.array([[True, False], [False, False]])
    first = ["values", *aligned(bracketed([["1", "20"], ["3", "4"]], marked))]
    second = ["w", *aligned([["-1"]])]
    assert first == ["values", "[1]  20", " 3    4"]
    assert beside([first, second], 80) == ["values     w", "[1]  20    -1", " 3    4"]
    assert beside([first, second], 10) == ["values", "[1]  20", " 3    4", "", "w", "-1"]


def test_nothing_marked_has_no_brackets() -> None:
    assert bracketed([["1"]], np.array([[False]])) == [["1"]]


def test_columns() -> None:
    assert aligned([["a", "bb"], ["ccc", "d"]]) == ["  a  bb", "ccc   d"]
    assert aligned([["a", "bb"], ["ccc", "d"]], left=(0,)) == ["a    bb", "ccc   d"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5.0, "5"),
        (-0.25, "-0.25"),
        (0.0183156, "0.01832"),
        (1.5e-7, "1.5e-07"),
        (0.0, "0"),
        (-0.0, "0"),
        (1e6, "1e+06"),
    ],
)
def test_a_short_number(value: float, text: str) -> None:
    assert short_number(value) == text
