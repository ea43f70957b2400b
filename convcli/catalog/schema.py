"""The shape of a filter file: which keys, and what kind of value each takes.

This says what a file may look like, in one place for the loader and for editors;
`convcli.catalog.build` says what it means. The JSON schema for editors is written by

    python -m convcli.catalog.schema > docs/filter.schema.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, WithJsonSchema
from pydantic_core import ErrorDetails

from convcli.catalog.names import LONGEST_NAME, NAME_PATTERN
from convcli.catalog.problem import KeyPath, Problem, shown
from convcli.catalog.suggest import did_you_mean

# Beyond this a step, a dilation or a padding is a mistake: no picture is so large.
LARGEST_STEP = 65_535

_NUMBER_SCHEMA = {
    "anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^\s*[-+]?[0-9.eE+-]+(/[0-9.eE+-]+)?\s*$"}]
}


def _nested(depth: int) -> dict[str, Any]:
    inner = _NUMBER_SCHEMA if depth == 1 else _nested(depth - 1)
    return {"type": "array", "minItems": 1, "items": inner}


Name = Annotated[str, Field(pattern=NAME_PATTERN, max_length=LONGEST_NAME)]
Number = float | Annotated[str, Field(max_length=LONGEST_NAME)]
FromOne = Annotated[int, Field(ge=1, le=LARGEST_STEP)]
FromZero = Annotated[int, Field(ge=0, le=LARGEST_STEP)]
Steps = FromOne | Annotated[list[FromOne], Field(min_length=2, max_length=2)]
Pixels = Annotated[list[FromZero], Field(min_length=2, max_length=2)]
# What is wrong in the table, and at which number, is told by `convcli.catalog.weights`.
Table = Annotated[list[Any], WithJsonSchema({"anyOf": [_nested(2), _nested(3), _nested(4)]})]


class WeightsFile(BaseModel):
    """Weights that stand in an array file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    file: Annotated[
        str,
        Field(
            min_length=1,
            max_length=1024,
            description="the path of a .npy file, from the folder of this file, never outside it",
            examples=["weights.npy"],
        ),
    ]


class FilterFile(BaseModel):
    """A filter of one kernel, applied by cross-correlation."""

    # Each description completes "expected …" in an error, and the examples are its hint.

    model_config = ConfigDict(extra="forbid", strict=True, title="A filter of convcli")

    weights: Table | WeightsFile = Field(
        description="rows of numbers, planes of rows (one per channel), output channels of planes (one per"
        " input channel), or {file: weights.npy}",
        examples=[[[0, -1, 0], [-1, 5, -1], [0, -1, 0]]],
    )
    name: Name = Field(
        "",
        description=f"a name of at most {LONGEST_NAME} letters, digits, blanks and - _ . + ( ), as text",
        examples=["my-filter"],
    )
    description: str = Field("", description="one line of text", examples=["Stronger edges, same brightness"])
    divisor: Number = Field(
        1.0, description="a number that divides the sum of products, not 0, or a fraction", examples=[9]
    )
    bias: Number | list[Number] = Field(
        0.0,
        description="a number to add, 1 being full scale, or a percentage; or a list of one per output channel",
        examples=[0.5, "50%"],
    )
    border: Annotated[str, Field(max_length=LONGEST_NAME)] = Field(
        "reflect",
        description="constant[:VALUE], edge, reflect, symmetric or wrap",
        examples=["reflect", "constant:1"],
    )
    padding: Literal["same", "valid", "full"] | FromZero | Pixels = Field(
        "same",
        description=f"same, valid, full, pixels from 0 to {LARGEST_STEP}, or two as [above and below, left and right]",
        examples=["valid", 1, [2, 0]],
    )
    stride: Steps = Field(
        1,
        description=f"a whole number from 1 to {LARGEST_STEP}, or two as [down, right]",
        examples=[2, [2, 1]],
    )
    dilation: Steps = Field(
        1,
        description=f"a whole number from 1 to {LARGEST_STEP}, or two as [down, right]",
        examples=[2, [2, 1]],
    )
    groups: FromOne = Field(1, description=f"a whole number from 1 to {LARGEST_STEP}", examples=[3])
    flip: bool = Field(
        False, description="true (the kernel is turned by 180°: true convolution) or false", examples=[True]
    )
    normalize: Literal["none", "sum", "l1"] = Field(
        "none", description="none, sum or l1: what the weights of a kernel are divided to add up to 1", examples=["sum"]
    )
    anchor: Pixels = Field(
        [],
        description="the weight that lies on the output pixel, as [row, column], counted from 0",
        examples=[[0, 0]],
    )
    tags: list[Annotated[str, Field(max_length=LONGEST_NAME)]] = Field(
        [], description="a list of words", examples=[["edges"]]
    )
    aliases: list[Name] = Field([], description="a list of other names, as text", examples=[["find-edges"]])
    source: str = Field("", description="text: where the definition comes from", examples=["OpenCV's Sobel"])


def validate(values: Mapping[str, object]) -> None:
    """Check keys and kinds of values against `FilterFile`.

    Raises
    ------
    Problem
        The first thing that is wrong.
    """
    try:
        FilterFile.model_validate(values)
    except ValidationError as error:
        raise _problem(error.errors(include_url=False)) from error


def schema() -> dict[str, Any]:
    """Return the JSON schema of a filter file, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **FilterFile.model_json_schema()}


def _problem(errors: list[ErrorDetails]) -> Problem:
    """Turn what pydantic found into the one thing to tell: a wrong key first, then what lies deepest."""
    error = min(
        errors, key=lambda each: (each["type"] != "extra_forbidden", each["type"] != "missing", -len(each["loc"]))
    )
    path: KeyPath = error["loc"]
    if error["type"] == "extra_forbidden":
        return _unknown_key(path)
    if error["type"] == "missing":
        example = "weights: {file: weights.npy}" if path[-1] == "file" else "weights: with rows such as - [0, -1, 0]"
        return Problem(path, f"no {path[-1]}", f"write {example}")
    key = str(path[0])
    field = FilterFile.model_fields[key]
    examples = " or ".join(
        f"{key}: {each if isinstance(each, str) else json.dumps(each)}" for each in field.examples or []
    )
    return Problem(path, f"{key}: {shown(error['input'])}, expected {field.description}", f"write {examples}")


def _unknown_key(path: KeyPath) -> Problem:
    key = str(path[-1])
    if path == ("layers",):
        message, hint = "a pipeline of several filters is not supported by this version", "write one kernel in a file"
    else:
        known = FilterFile.model_fields if len(path) == 1 else WeightsFile.model_fields
        message = f"unknown key {shown(key)}"
        hint = f"{did_you_mean(key, known)} The keys are {', '.join(known)}".strip()
    return Problem(path, message, hint, on_key=True)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(schema(), indent=2, ensure_ascii=False) + "\n")
