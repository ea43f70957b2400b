"""What a parameter takes from a text, and from YAML or Python."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from convcli.errors import UsageError
from convcli.filters import (
    ANCHOR,
    BIAS,
    BORDER,
    DIVISOR,
    PADDING,
    Border,
    Choice,
    Flag,
    Number,
    Parameter,
    SettingError,
    SizeParameter,
    describe,
)

WHOLE = Number("n", 3, low=1, high=9, whole=True)
SHARE = Number("x", low=-1, high=1, percent=True)
FACTOR = Number("x", low=0.1, high=10, percent=True)


SIZE = SizeParameter("p")
READ: list[tuple[Parameter, object, object]] = [
    (WHOLE, 1, 1),
    (WHOLE, np.uint8(9), 9),
    (SHARE, "1/4", 0.25),
    (SHARE, "-50%", -0.5),
    (SHARE, 1, 1.0),
    (SHARE, np.float32(0.5), 0.5),
    (FACTOR, "150%", 1.5),
    (FACTOR, 3, 3.0),
    (Choice("c", choices=("a-b", "c")), " A_b ", "a-b"),
    (Choice("c", choices=("a", "c"), exact=True), "a", "a"),
    (Flag("f"), True, True),
    (SIZE, 3, (3, 3)),
    (SIZE, [3, 4], (3, 4)),
    (SIZE, "3x40", (3, 40)),
    (SIZE, (3, np.int64(4)), (3, 4)),
    (ANCHOR, [0, 2], (0, 2)),
    (PADDING, "same", "same"),
    (PADDING, 0, (0, 0)),
    (PADDING, [0, 2], (0, 2)),
    (BORDER, "constant:50%", Border("constant", 0.5)),
    (BORDER, Border("wrap"), Border("wrap")),
    (BORDER, "constant:-inf", Border("constant", float("-inf"))),
    (BORDER, "constant:128/255", Border("constant", 128 / 255)),
    (DIVISOR, "1/3", 1 / 3),
    (BIAS, "50%", 0.5),
    (BIAS, [1, "1/2"], (1.0, 0.5)),
]
PARSED: list[tuple[Parameter, str, object]] = [
    (WHOLE, "9", 9),
    (WHOLE, " +4 ", 4),
    (SHARE, "-50%", -0.5),
    (Choice("c", choices=("a-b", "c")), "A_b", "a-b"),
    (Flag("f"), "False", False),
    (SIZE, "3", (3, 3)),
    (SIZE, "3x40", (3, 40)),
    (ANCHOR, "0x2", (0, 2)),
    (PADDING, "valid", "valid"),
    (PADDING, "0x2", (0, 2)),
    (BORDER, "wrap", Border("wrap")),
    (DIVISOR, "1/3", 1 / 3),
    (BIAS, "50%", 0.5),
]


@pytest.mark.parametrize(("parameter", "value", "expected"), READ)
def test_a_value_is_read(parameter: Parameter, value: object, expected: object) -> None:
    assert parameter.read(value) == expected
    assert type(parameter.read(value)) is type(expected)


@pytest.mark.parametrize(("parameter", "text", "expected"), PARSED)
def test_a_text_is_parsed(parameter: Parameter, text: str, expected: object) -> None:
    assert parameter.parse(text) == expected
    assert type(parameter.parse(text)) is type(expected)


@pytest.mark.parametrize(("parameter", "value", "expected"), READ)
def test_what_is_read_reads_again_as_itself(parameter: Parameter, value: object, expected: object) -> None:
    assert parameter.read(parameter.read(value)) == expected


REFUSED: list[tuple[Parameter, list[object]]] = [
    (WHOLE, [0, 10, "1.5", 1.5, 4.0, "4", True, None, [1], {}, "nan", "1e999", "", "five"]),
    (SHARE, [1.01, "101%", float("nan"), float("inf"), True, None, [1]]),
    (Choice("c", choices=("a", "1")), ["b", 1, None, ["a"], ""]),
    (Choice("c", choices=("a", "1"), exact=True), ["A", 1, None, ["a"]]),
    (Flag("f"), [1, 0, "yes", "true", None, []]),
    (SIZE, [0, 1.5, 2.0, "2", "2x", "x2", "2x2x2", "0x1", [1], [1, 2, 3], [1, None], [1.0, 1], True, {}, "", None]),
    (ANCHOR, [1, "1", [1], [-1, 0], [0, 1023], None]),
    (PADDING, ["some", "Same", -1, [1], None, True, 65_536]),
    (BORDER, ["mirror", 1, None, ["wrap"], "wrap:1", Border("none"), Border("constant", float("nan"))]),
    (DIVISOR, [0, "0", "x", None, [1], True]),
    (BIAS, ["x", None, True, [None], {}]),
]


@pytest.mark.parametrize(("parameter", "value"), [(each, value) for each, values in REFUSED for value in values])
def test_a_value_out_of_the_range_is_refused(parameter: Parameter, value: object) -> None:
    with pytest.raises(UsageError) as caught:
        parameter.read(value)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("parameter", "text"),
    [
        *((WHOLE, text) for text in ("0", "10", "4.0", "8/2", "1e0", "", "five", "9" * 5000)),
        *((Flag("f"), text) for text in ("1", "yes", "")),
        *((SIZE, text) for text in ("0", "2x", "x2", "2x2x2", "0x1", "2.0", "", "9" * 5000)),
        *((ANCHOR, text) for text in ("1", "1x", "-1x0")),
        *((PADDING, text) for text in ("some", "-1", "1.0", "65536")),
        (DIVISOR, "0"),
        (Choice("c", choices=("a",), exact=True), "A"),
    ],
)
def test_a_text_out_of_the_range_is_refused(parameter: Parameter, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parameter.parse(text)
    assert caught.value.hint
    assert len(caught.value.message) < 300


@pytest.mark.parametrize(("value", "path"), [([1, "x"], (1,)), (["1/0"], (0,))])
def test_the_error_of_a_list_finds_the_wrong_part(value: list[object], path: tuple[int, ...]) -> None:
    with pytest.raises(SettingError) as caught:
        BIAS.read(value)
    assert caught.value.path == path
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (copy.message, copy.hint, copy.path) == (caught.value.message, caught.value.hint, path)


def test_what_there_is_to_give_is_told_in_one_line() -> None:
    assert describe([WHOLE, Choice("c", choices=("a", "b")), Flag("f", False), SizeParameter("p", 2)]) == (
        "n is a whole number from 1 to 9 (default 3); c is one of a, b; f is true or false (default false); "
        "p is a whole number from 1 to 65535, or two as 2x3 or [down, right] (default 2)"
    )
    assert str(WHOLE) == "n=3"
    assert str(SHARE) == "x"
    assert (Number("lambda").keyword, WHOLE.keyword) == ("lambda_", "n")
