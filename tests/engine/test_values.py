"""Conversion of filtered values to levels."""

from __future__ import annotations

import numpy as np
import pytest

from convcli.engine import Range, into_range, to_depth, to_integers


@pytest.mark.parametrize(
    ("into", "levels", "clipped"),
    [
        ("clip", [0, 10, 255, 0, 255, 0], 4),
        ("abs", [50, 10, 255, 0, 255, 255], 3),
        ("stretch", [0, 43, 255, 0, 255, 0], 2),
        ("center", [106, 132, 255, 0, 255, 0], 2),
    ],
)
def test_values_out_of_range(into: Range, levels: list[int], clipped: int) -> None:
    values = np.array([-50.0, 9.5, 300.0, np.nan, np.inf, -np.inf])
    found = to_integers(values, np.uint8, into)
    assert (found.values.tolist(), found.clipped, found.not_numbers) == (levels, clipped, 1)


def test_a_flat_picture_is_not_stretched() -> None:
    assert into_range(np.full((2, 2), 7.0), 255, "stretch").tolist() == [[7, 7], [7, 7]]


def test_another_depth_is_a_rounded_copy() -> None:
    levels = np.array([[0, 1, 255]], np.uint8)
    assert to_depth(levels, np.uint16, 257.0).tolist() == [[0, 257, 65535]]
    assert to_depth(np.array([128, 129, 385], np.uint16), np.uint8, 1 / 257).tolist() == [0, 1, 1]
    same = to_depth(levels, np.uint8, 1)
    assert same.tolist() == levels.tolist()
    assert not np.shares_memory(same, levels)
