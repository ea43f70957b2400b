"""What the pictures of filters are drawn with."""

from __future__ import annotations

import numpy as np
import pytest

from convcli.report.pictures.canvas import Canvas, font, printable, shortened, width_of
from convcli.report.pictures.colors import BLUE, INK, PAPER, diverging, on, sequential
from convcli.report.pictures.panels import Square, cell_size, heat_map, legible_numbers
from convcli.report.pictures.response import profiles, square_response
from convcli.report.pictures.scales import short, ticks

SOBEL = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def test_the_response_is_the_fourier_transform() -> None:
    plane = np.random.default_rng(0).normal(size=(5, 4))
    found = square_response(plane, (1, 1), 65)
    padded = np.abs(np.fft.fftshift(np.fft.fft2(plane, (64, 64))))
    assert found.shape == (65, 65)
    assert np.allclose(found[:64, :64], padded)
    assert np.allclose(found, found[::-1, ::-1])
    assert found[32, 32] == pytest.approx(abs(plane.sum()))


def test_dilation_repeats_the_response() -> None:
    wide, once = square_response(SOBEL, (1, 2), 65), square_response(SOBEL, (1, 1), 65)
    assert np.allclose(wide[:, 32 - 16 : 32 + 17], once[:, ::2])
    spread = np.zeros((3, 5))
    spread[:, ::2] = SOBEL
    assert np.allclose(wide, square_response(spread, (1, 1), 65))


def test_profiles_are_cuts_through_the_response() -> None:
    found, whole = profiles(SOBEL, (1, 1), 33), square_response(SOBEL, (1, 1), 65)
    assert np.allclose(found["horizontal"], whole[32, 32:])
    assert np.allclose(found["vertical"], 0)
    assert np.allclose(found["diagonal"], whole.diagonal()[32:])


def test_colors_turn_around_zero() -> None:
    low, middle, high = diverging(np.array([-1.0, 0.0, 1.0])).astype(int)
    assert low[2] > low[0]
    assert high[0] > high[2]
    assert middle.min() > 230
    light = diverging(np.linspace(-1, 0, 50)).astype(int).sum(axis=1)
    assert (np.diff(light) >= 0).all()
    assert (np.diff(sequential(np.linspace(0, 1, 50)).astype(int).sum(axis=1)) <= 0).all()
    assert on(PAPER) == INK
    assert on((20, 20, 60)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [
        (0, 1, [0, 0.25, 0.5, 0.75, 1]),
        (-1, 5, [0, 2, 4]),
        (0, 0.03, [0, 0.01, 0.02, 0.03]),
        (3, 3, [3]),
        (-200, 200, [-200, -100, 0, 100, 200]),
    ],
)
def test_ticks_are_round(low: float, high: float, wanted: list[float]) -> None:
    assert ticks(low, high) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (5, "5"), (-0.25, "-0.25"), (0.018316, "0.01832"), (1.5e-7, "1.5e-7"), (2e12, "2e12")]
)
def test_short_numbers(value: float, text: str) -> None:
    assert short(value) == text


def test_text_is_written_in_the_signs_that_the_type_has() -> None:
    assert printable("3×3 − 1→16 · … “x”") == "3x3 - 1 to 16 · … “x”"
    assert printable("Größe é ½ σ 日") == "Große e 1⁄2 sigma ?".replace("ß", "?")
    missing = bytes(font(24).getmask("\u4e00"))
    for sign in printable("aZ09 ×−→√σ·…°±«»‘’“”⁄~"):
        assert sign == " " or bytes(font(24).getmask(sign)) != missing, sign


def test_long_text_ends_in_an_ellipsis() -> None:
    assert shortened("short", 12, 200) == "short"
    cut = shortened("a long description that does not fit", 12, 100)
    assert cut.endswith("…")
    assert width_of(cut, 12) <= 100


def test_a_line_is_where_it_was_drawn() -> None:
    canvas = Canvas(40, 30)
    canvas.line([(5, 10.5), (35, 10.5)], BLUE, 2)
    drawn = canvas.pixels()
    assert tuple(drawn[10, 20]) == BLUE
    assert tuple(drawn[20, 20]) == PAPER
    dashed = Canvas(40, 30)
    dashed.line([(5, 10.5), (35, 10.5)], BLUE, 2, dash=5)
    row = (dashed.pixels()[10] == BLUE).all(axis=1)
    assert row[6:9].all()
    assert not row[11:14].any()
    assert row[16:19].all()


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
