"""Numbers and lists in words."""

from __future__ import annotations

from convcli.words import counted, grouped, listed, times


def test_a_noun_is_plural_unless_there_is_one() -> None:
    assert [counted(each, "file") for each in (0, 1, 2)] == ["0 files", "1 file", "2 files"]


def test_thousands_are_grouped() -> None:
    assert [grouped(each) for each in (0, 999, 1000, 12832, 1234567)] == ["0", "999", "1 000", "12 832", "1 234 567"]
    assert [grouped(each, in_text=True) for each in (0, 9999, 12832)] == ["0", "9999", "12\N{NO-BREAK SPACE}832"]


def test_sizes_have_a_multiplication_sign() -> None:
    assert [times(each) for each in ((3,), (3, 480, 640))] == ["3", "3×480×640"]


def test_lists_end_in_and() -> None:
    assert [listed(each) for each in (["1"], ["1", "2"], ["1", "2", "3"])] == ["1", "1 and 2", "1, 2 and 3"]
