"""The parameters of layers: tables of numbers, and what editors are told of every parameter."""

from __future__ import annotations

from typing import Any

import pytest

from convcli.catalog.families import FAMILIES
from convcli.catalog.parameters.layer_kinds import LAYERS
from convcli.catalog.parameters.tables import Bias, Weights
from convcli.errors import UsageError
from convcli.filters import KERNEL_SETTINGS, Parameter


def test_tables_are_taken_as_they_are() -> None:
    assert Weights("w").read([[1]]) == [[1]]
    assert Bias("b").read([1, "x"]) == [1, "x"]
    assert Bias("b").parse("true") is True
    assert Bias("b").parse("0.5") == "0.5"


@pytest.mark.parametrize("value", ["1 2", 1, None, True])
def test_what_is_no_table(value: object) -> None:
    with pytest.raises(UsageError) as caught:
        Weights("w").read(value)
    assert caught.value.hint


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
    [[0, 0], [0.5, "70%"], [1, 1]], [[0, 0], [1]], "0:0 1:1", "r", "rb", 90, 180, 45, "vertical", "lanczos",
    "nearest", "crd",
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
