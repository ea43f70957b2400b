"""Numbers as people write them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convcli.errors import UsageError
from convcli.filters.number import parse_number


@pytest.mark.parametrize(
    ("text", "value"),
    [("2", 2), ("-1.5", -1.5), ("1e-3", 0.001), ("+.5", 0.5), ("1/9", 1 / 9), ("-3/4", -0.75), (" 7 ", 7), ("0/5", 0),
     ("1 / 4", 0.25), ("1e2/4", 25)],
)  # fmt: skip
def test_numbers(text: str, value: float) -> None:
    assert parse_number(text) == value
    assert parse_number(text, percent=True) == value


@pytest.mark.parametrize(("text", "value"), [("50%", 0.5), ("-12.5 %", -0.125), ("1/3%", 1 / 300)])
def test_percents_where_they_are_meant(text: str, value: float) -> None:
    assert parse_number(text, percent=True) == pytest.approx(value, rel=1e-15)
    with pytest.raises(UsageError, match="is not a number"):
        parse_number(text)


@pytest.mark.parametrize("text", ["", "x", "1/", "/2", "1/2/3", "1,5", "--1", "%", "0x10", "1/x", "½"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(UsageError, match="is not a number") as caught:
        parse_number(text, percent=True)
    assert repr(text) in caught.value.message
    assert "50%" in caught.value.hint


@pytest.mark.parametrize("text", ["inf", "-inf", "nan", "1e400", "1/1e-400", "inf/inf"])
def test_what_is_not_finite(text: str) -> None:
    with pytest.raises(UsageError, match=r"finite|divides by zero"):
        parse_number(text)


def test_division_by_zero() -> None:
    with pytest.raises(UsageError, match="'1/0' divides by zero"):
        parse_number("1/0")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_comes_back(value: float) -> None:
    assert parse_number(repr(value)) == value


@given(st.text(max_size=12), st.booleans())
def test_any_text_is_a_finite_number_or_refused(text: str, percent: bool) -> None:
    with suppress(UsageError):
        assert abs(parse_number(text, percent=percent)) < float("inf")
