"""The picture of two pictures and their difference."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.jobs import compare_files
from convcli.report import draw_comparison
from convcli.report.pictures.colors import RED, sequential
from tests.support.pictures import logo, save

DARKEST, PALEST = (tuple(sequential(np.array(value)).tolist()) for value in (1.0, 0.0))


def drawn(first: Path, second: Path) -> NDArray[np.uint8]:
    return draw_comparison(*compare_files(first, second, "", 10**8))


def count(picture: NDArray[np.uint8], color: tuple[int, ...]) -> int:
    return int((picture == color).all(axis=2).sum())


def test_a_single_value_among_a_million_is_seen(tmp_path: Path) -> None:
    first = np.full((1000, 1300, 3), 200, np.uint8)
    second = first.copy()
    second[700, 400, 2] = 190
    picture = drawn(save(tmp_path / "a.png", first), save(tmp_path / "b.png", second))
    part = picture[480:800]  # where pixels are enlarged
    assert count(part, DARKEST) >= 14**2
    assert count(picture[:480], RED) > 3 * 4 * 5, "the enlarged part is marked in all three pictures"


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (400, 7), (30, 44)])
def test_pictures_of_any_size(tmp_path: Path, size: tuple[int, int]) -> None:
    first = np.random.default_rng(0).integers(0, 256, size, np.uint8)
    picture = drawn(save(tmp_path / "a.png", first), save(tmp_path / "b.png", 255 - first))
    assert picture.shape[1] < 1600
    assert picture.shape[0] < 1000


def test_identical_pictures_have_a_pale_difference(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", logo())
    picture = drawn(path, path)
    assert count(picture, PALEST) > 40 * 60
    assert count(picture, RED) == 0


def test_numbers_are_drawn_too(tmp_path: Path) -> None:
    for name, last in (("a.npy", np.nan), ("b.npy", 9.0)):
        np.save(tmp_path / name, np.append(np.arange(-20.0, 43), last).reshape(8, 8))
    assert drawn(tmp_path / "a.npy", tmp_path / "b.npy").shape[2] == 3
