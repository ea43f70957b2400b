"""What a parameter takes from a text, from YAML, and what editors are told of it."""

from __future__ import annotations

from typing import Any

import pytest

from convcli.catalog.families import FAMILIES
from convcli.catalog.parameters.layer_kinds import LAYERS
from convcli.catalog.parameters.parameter import Choice, Flag, Number, Parameter, describe
from convcli.catalog.parameters.settings import (
    KERNEL_SETTINGS,
    AnchorParameter,
    BorderName,
    Divisor,
    Level,
    PaddingParameter,
    SizeParameter,
)
from convcli.catalog.parameters.tables import Bias, Weights
from convcli.catalog.words.problem import Problem
from convcli.errors import UsageError
from convcli.filters.border import Border

WHOLE = Number("n", 3, low=1, high=9, whole=True)
SHARE = Number("x", low=-1, high=1, percent=True)


@pytest.mark.parametrize(
    ("parameter", "value", "expected"),
    [
        (WHOLE, "9", 9),
        (WHOLE, 1, 1),
        (WHOLE, 4.0, 4),
        (SHARE, "-50%", -0.5),
        (SHARE, "1/4", 0.25),
        (SHARE, 1, 1.0),
        (Choice("c", choices=("a-b", "c")), " A_b ", "a-b"),
        (Flag("f"), True, True),
        (Flag("f"), "False", False),
        (SizeParameter("p"), 3, (3, 3)),
        (SizeParameter("p"), "3", (3, 3)),
        (SizeParameter("p"), "3x40", (3, 40)),
        (SizeParameter("p"), [3, 4], (3, 4)),
        (AnchorParameter("a"), [0, 2], (0, 2)),
        (AnchorParameter("a"), "0x2", (0, 2)),
        (PaddingParameter("p"), "same", "same"),
        (PaddingParameter("p"), 0, (0, 0)),
        (PaddingParameter("p"), [0, 2], (0, 2)),
        (BorderName("b"), "constant:50%", Border("constant", 0.5)),
        (Divisor("d"), "1/3", 1 / 3),
        (Level("l"), "50%", 0.5),
        (Level("l"), [1, "1/2"], (1.0, 0.5)),
        (Weights("w"), [[1]], [[1]]),
        (Bias("b"), "true", True),
        (Bias("b"), [1, "x"], [1, "x"]),
    ],
)
def test_what_is_taken(parameter: Parameter, value: object, expected: object) -> None:
    assert parameter.read(value) == expected
    assert type(parameter.read(value)) is type(expected)


REFUSED: list[tuple[Parameter, list[object]]] = [
    (WHOLE, [0, 10, "1.5", 1.5, True, None, [1], {}, "nan", "1e999", "", "five"]),
    (SHARE, [1.01, "101%", float("nan"), float("inf")]),
    (Choice("c", choices=("a", "1")), ["b", 1, None, ["a"], ""]),
    (Flag("f"), [1, 0, "yes", None, []]),
    (SizeParameter("p"), [0, 1.5, "2x", "x2", "2x2x2", "0x1", [1], [1, 2, 3], [1, None], True, {}, ""]),
    (AnchorParameter("a"), [1, "1", [1], [-1, 0], None]),
    (PaddingParameter("p"), ["some", -1, [1], None, True, 65_536]),
    (BorderName("b"), ["mirror", 1, None, ["wrap"], "wrap:1"]),
    (Divisor("d"), [0, "0", "x", None, [1]]),
    (Level("l"), ["x", None, True, [None], {}]),
    (Weights("w"), ["1 2", 1, None, True]),
]


@pytest.mark.parametrize(("parameter", "value"), [(each, value) for each, values in REFUSED for value in values])
def test_what_is_refused(parameter: Parameter, value: object) -> None:
    with pytest.raises((UsageError, Problem)) as caught:
        parameter.read(value)
    assert getattr(caught.value, "hint", "")


def test_what_there_is_to_give_is_told_in_one_line() -> None:
    assert describe([WHOLE, Choice("c", choices=("a", "b")), Flag("f", False), SizeParameter("p", 2)]) == (
        "n is a whole number from 1 to 9 (default 3); c is one of a, b; f is true or false (default false); "
        "p is a whole number from 1 to 65535, or two as [down, right] (default 2)"
    )
    assert str(WHOLE) == "n=3"
    assert str(SHARE) == "x"
    assert (Number("lambda").keyword, WHOLE.keyword) == ("lambda_", "n")


ALL: dict[str, Parameter] = {
    f"{owner}.{parameter.name}": parameter
    for owner, parameters in [
        *((family.name, family.parameters) for family in FAMILIES.values()),
        *((kind.name, (*kind.parameters, *kind.settings)) for kind in LAYERS.values()),
        ("settings", KERNEL_SETTINGS),
    ]
    for parameter in parameters
}
VALUES: list[Any] = [
    0, 1, 2, 5, 0.5, -1, -0.5, 1000, 10**6, True, False, None, "same", "full", "wrap", "constant:0.5", "constant",
    "1/3", "x", "n", "sw", "random", "zeros", "sum", "none", [1, 2], [0, 1], [1], [], [1, 2, 3], [[1, 2]], [[[1]]],
    [[[[1]]]], [[[[[1]]]]], {"file": "w.npy"}, {}, {"file": 1}, ["1/2"],
]  # fmt: skip


@pytest.mark.parametrize("parameter", ALL.values(), ids=list(ALL))
def test_an_editor_accepts_no_more_than_is_read_and_every_default(parameter: Parameter) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="schemas are checked where jsonschema is installed")
    validator = jsonschema.Draft202012Validator(parameter.schema())
    validator.check_schema(parameter.schema())
    accepted = [value for value in VALUES if validator.is_valid(value)]
    assert accepted
    for value in accepted:
        if value != "1/3":  # no schema can tell whether a fraction in words is in the range
            parameter.read(value)
    if parameter.default is not None:
        assert validator.is_valid(parameter.default)
        parameter.read(parameter.default)
