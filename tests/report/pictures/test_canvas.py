"""Text and lines on paper."""

from __future__ import annotations

from convcli.report.pictures.canvas import Canvas, font, printable, shortened, width_of
from convcli.report.pictures.colors import BLUE, PAPER


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
