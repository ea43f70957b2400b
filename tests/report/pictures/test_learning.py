"""The picture of a descent and its kernel: its structure, looked at by pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.detective.lossy.residual_map import ResidualMap, residual_map
from convcli.detective.steps import CurveStep
from convcli.report.pictures.colors import BLUE, GREEN, RED, diverging, sequential
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


def residual(size: tuple[int, int] = (300, 420), part: Any = np.s_[90:150, 210:315]) -> ResidualMap:
    difference = np.zeros((*size, 1))
    difference[part] = 20
    return residual_map(difference, difference)


@pytest.mark.parametrize("size", [(300, 420), (420, 300), (1, 1), (4, 4000), (900, 8), (17, 5)])
@pytest.mark.parametrize("kernel", [(3, 3), (3, 3, 1, 1), (16, 2, 5, 5)])
def test_a_residual_of_any_shape_stays_within_its_picture(size: tuple[int, int], kernel: tuple[int, ...]) -> None:
    picture = drawn(RANDOM.normal(size=kernel), residual=residual(size, ...))
    assert margins_are_free(picture)
    assert max(picture.shape) < 2100


def test_the_residual_is_dark_where_it_is() -> None:
    picture = drawn([[1, -1]], residual=residual())
    darkest = np.argwhere((picture == sequential(np.array(1.0))).all(axis=2))
    # 300×420 pixels in 420×588 from column 92 and row 708 on; the color bar is to the right of them.
    inside = darkest[darkest[:, 1] < 92 + 588]
    assert np.abs(inside.min(axis=0) - (708 + 126, 92 + 294)).max() <= 6
    assert np.abs(inside.max(axis=0) - (708 + 210, 92 + 441)).max() <= 6


def test_without_a_residual_there_is_no_map() -> None:
    plain = drawn([[1, -1]])
    assert drawn([[1, -1]], residual=residual(part=np.s_[:0])).shape == plain.shape
    assert drawn([[1, -1]], residual=residual()).shape[0] > plain.shape[0]


def test_a_tone_curve_goes_through_its_points() -> None:
    step = CurveStep(((0.0, 0.0), (0.5, 0.75), (1.0, 1.0)), "gamma 0.4")
    picture = drawn([[1, -1]], found=(step,))
    # A square of 420 pixels below the weights.
    square = picture[708 : 708 + 421, 822 : 822 + 421]
    is_blue = (square == BLUE).all(axis=2)
    for share, value in ((0.25, 0.375), (0.5, 0.75), (0.75, 0.875)):
        rows = np.flatnonzero(is_blue[:, round(420 * share)])
        assert rows.mean() == pytest.approx(420 * (1 - value), abs=3)


@pytest.mark.parametrize("points", [((0.2, 1.5), (0.8, -0.5)), ((0, 0.3), (1, 0.3)), ((-1, 0), (2, 1))])
def test_a_curve_out_of_range_stays_within_its_picture(points: Any) -> None:
    assert margins_are_free(drawn([[1, -1]], found=(CurveStep(points, None),)))


def test_a_mix_of_channels_is_one_matrix() -> None:
    picture = drawn(np.array([[1.0, 0.5], [0, -1]]).reshape(2, 2, 1, 1))
    assert picture.shape == drawn([[1, 2], [3, 4]]).shape
    for weight in (1.0, 0.5, -1.0):
        assert int((picture == diverging(np.array(weight))).all(axis=2).sum()) > 0.85 * 128**2


def test_curves_of_the_channels_share_a_panel_in_their_colors() -> None:
    points: dict[str, tuple[tuple[float, float], ...]] = {
        letter: ((0.0, 0.0), (0.5, value), (1.0, 1.0)) for letter, value in (("r", 0.3), ("g", 0.5), ("b", 0.7))
    }
    picture = drawn([[1, -1]], found=(CurveStep(points, None),))
    assert picture.shape == drawn([[1, -1]], found=(CurveStep(points["r"], None),)).shape
    middle = picture[708 : 708 + 421, 822 + 210]
    for color, value in ((RED, 0.3), (GREEN, 0.5), (BLUE, 0.7)):
        rows = np.flatnonzero((middle == color).all(axis=1))
        assert rows.mean() == pytest.approx(420 * (1 - value), abs=3)
