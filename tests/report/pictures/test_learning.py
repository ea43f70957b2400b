"""The picture of a descent and its kernel: its structure, looked at by pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.report.pictures.colors import BLUE, diverging
from convcli.report.pictures.learning import draw_learning
from tests.support.drawings import margins_are_free
from tests.support.learned import made

RANDOM = np.random.default_rng(3)
CURVE = 0.3 * np.exp(-np.arange(125) / 8) + 1e-6


def drawn(weights: Any, history: Any = CURVE, **fields: Any) -> NDArray[np.uint8]:
    return draw_learning(made(weights, history, **fields), "a name", "where it comes from")


def curve(picture: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Rows of the pixels of the curve, by column from its first to its last step."""
    is_blue = (picture[168:589, 92:693] == BLUE).all(axis=2)
    return np.array([np.flatnonzero(column).mean() if column.any() else -1 for column in is_blue.T])


@pytest.mark.parametrize(
    "shape",
    [
        (1, 1),
        (1, 2),
        (3, 3),
        (15, 15),
        (40, 3),
        (61, 61),
        (1, 61),
        (3, 3, 3),
        (3, 3, 3, 3),
        (16, 2, 5, 5),
        (9, 9, 1, 1),
    ],
)
def test_a_kernel_of_any_shape_stays_within_its_picture(shape: tuple[int, ...]) -> None:
    picture = drawn(RANDOM.normal(size=shape))
    assert picture.dtype == np.uint8
    assert margins_are_free(picture)
    assert max(picture.shape) < 2100


@pytest.mark.parametrize(
    "history",
    [
        [0.5],
        [0.5, 0.0],
        [0.0, 0.0],
        [1e-300, 1e-310],
        [0.3, np.inf, 0.2, 1e30, np.nan],
        [7.0] * 50,
        np.linspace(3.2, 2.1, 8),
        0.3 * np.exp(-np.arange(100_001) / 3000) + 1e-17,
    ],
)
def test_any_history_stays_within_its_picture(history: Any) -> None:
    assert margins_are_free(drawn([[1, -1]], history))


def test_a_loss_that_falls_by_decades_falls_evenly() -> None:
    rows = curve(drawn([[1, -1]], 10.0 ** -np.arange(7)))
    assert rows[2] == pytest.approx(2, abs=2)
    assert rows[300] == pytest.approx(210, abs=2)
    assert rows[597] == pytest.approx(418, abs=3)


def test_a_loss_that_hardly_falls_is_drawn_from_zero() -> None:
    rows = curve(drawn([[1, -1]], [1.0, 0.5]))
    assert rows[2] == pytest.approx(20, abs=2)
    assert rows[300] == pytest.approx(20 + 100, abs=3)


def test_a_long_history_keeps_its_peaks() -> None:
    history = np.full(50_000, 0.25)
    history[25_000] = 1.0
    rows = curve(drawn([[1, -1]], history))
    assert rows[300] < 300
    assert rows[100] == pytest.approx(320, abs=2)


def test_cells_have_the_colors_of_their_weights() -> None:
    picture = drawn([[0, -1, 1e-9], [-1, 5, -1], [0, -1, 0]])
    for weight, cells in ((-1, 4), (5, 1), (0, 4)):
        found = int((picture == diverging(np.array(weight / 5))).all(axis=2).sum())
        assert 0.85 * cells * 128**2 < found < 1.1 * cells * 128**2


def test_a_picture_is_the_same_every_time() -> None:
    assert np.array_equal(drawn([[1, 2]]), drawn([[1, 2]]))


def test_a_kernel_of_zeros_is_drawn() -> None:
    assert margins_are_free(drawn(np.zeros((3, 3)), bias_errors=()))
