"""The shape of a filter file: which keys, and what kind of value each takes.

This says what a file may look like, in one place for the loader and for editors;
`convcli.catalog.yaml.build` says what it means. What stands under ``layers:`` is said by the
parameters of the layers (`convcli.catalog.yaml.layer_schema`). The JSON schema for editors is written by

    python -m convcli.catalog.yaml.schema > docs/filter.schema.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, WithJsonSchema
from pydantic.json_schema import models_json_schema
from pydantic_core import ErrorDetails

from convcli.catalog.parameters.tables import nested_schema
from convcli.catalog.words.names import LONGEST_NAME, NAME_PATTERN
from convcli.catalog.words.problem import KeyPath, Problem
from convcli.catalog.words.suggest import did_you_mean
from convcli.catalog.yaml.layer_schema import LAYER_DEFINITIONS, layers_schema
from convcli.filters import LARGEST_STEP, shown

Name = Annotated[str, Field(pattern=NAME_PATTERN, max_length=LONGEST_NAME)]
Number = float | Annotated[str, Field(max_length=LONGEST_NAME)]
FromOne = Annotated[int, Field(ge=1, le=LARGEST_STEP)]
FromZero = Annotated[int, Field(ge=0, le=LARGEST_STEP)]
Steps = FromOne | Annotated[list[FromOne], Field(min_length=2, max_length=2)]
Pixels = Annotated[list[FromZero], Field(min_length=2, max_length=2)]
# What is wrong in the table, and at which number, is told by `convcli.catalog.parameters.weights`.
Table = Annotated[list[Any], WithJsonSchema({"anyOf": [*map(nested_schema, (2, 3, 4))]})]
# What is wrong in it is told by `convcli.catalog.yaml.layers`.
Layers = Annotated[list[Any], WithJsonSchema(layers_schema())]


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


class _FilterFile(BaseModel):
    """What any filter may say of itself."""

    # Each description completes "expected …" in an error, and the examples are its hint.

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Name = Field(
        "",
        description=f"a name of at most {LONGEST_NAME} letters, digits, blanks and - _ . + ( ), as text",
        examples=["my-filter"],
    )
    description: str = Field("", description="one line of text", examples=["Stronger edges, same brightness"])
    tags: list[Annotated[str, Field(max_length=LONGEST_NAME)]] = Field(
        [], description="a list of words", examples=[["edges"]]
    )
    aliases: list[Name] = Field([], description="a list of other names, as text", examples=[["find-edges"]])
    source: str = Field("", description="text: where the definition comes from", examples=["OpenCV's Sobel"])


class PipelineFile(_FilterFile):
    """A filter of layers, applied one after the other."""

    layers: Layers = Field(
        description="layers, one after each dash",
        examples=[[{"gaussian": {"sigma": 1.4}}, "sobel", "normalize"]],
    )


class KernelFile(_FilterFile):
    """A filter of one kernel, applied by cross-correlation."""

    weights: Table | WeightsFile = Field(
        description="rows of numbers, planes of rows (one per channel), output channels of planes (one per"
        " input channel), or {file: weights.npy}",
        examples=[[[0, -1, 0], [-1, 5, -1], [0, -1, 0]]],
    )
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


def validate(values: Mapping[str, object]) -> None:
    """Check keys and kinds of values against `PipelineFile` where there are layers, else against `KernelFile`.

    Raises
    ------
    Problem
        The first thing that is wrong; what stands under ``layers:`` is not looked at.
    """
    model = PipelineFile if "layers" in values else KernelFile
    try:
        model.model_validate(values)
    except ValidationError as error:
        raise _problem(model, error.errors(include_url=False)) from error


def schema() -> dict[str, Any]:
    """Return the JSON schema of a filter file, for editors."""
    _, made = models_json_schema([(KernelFile, "validation"), (PipelineFile, "validation")])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A filter of convcli",
        "anyOf": [{"$ref": "#/$defs/KernelFile"}, {"$ref": "#/$defs/PipelineFile"}],
        "$defs": {**made["$defs"], **LAYER_DEFINITIONS},
    }


def _problem(model: type[_FilterFile], errors: list[ErrorDetails]) -> Problem:
    """Turn what pydantic found into the one thing to tell: a wrong key first, then what lies deepest."""
    error = min(
        errors, key=lambda each: (each["type"] != "extra_forbidden", each["type"] != "missing", -len(each["loc"]))
    )
    path: KeyPath = error["loc"]
    if error["type"] == "extra_forbidden":
        return _unknown_key(model, path)
    if error["type"] == "missing":
        example = "weights: {file: weights.npy}" if path[-1] == "file" else "weights: with rows such as - [0, -1, 0]"
        return Problem(path, f"no {path[-1]}", f"write {example}")
    key = str(path[0])
    field = model.model_fields[key]
    examples = " or ".join(
        f"{key}: {each if isinstance(each, str) else json.dumps(each)}" for each in field.examples or []
    )
    return Problem(path, f"{key}: {shown(error['input'])}, expected {field.description}", f"write {examples}")


def _keys(model: type[_FilterFile]) -> list[str]:
    """Return the keys of a file, those first that make it what it is."""
    own = [key for key in model.model_fields if key not in _FilterFile.model_fields]
    return [*own[:1], *(["layers"] if model is KernelFile else []), *_FilterFile.model_fields, *own[1:]]


def _unknown_key(model: type[_FilterFile], path: KeyPath) -> Problem:
    key = str(path[-1])
    if model is PipelineFile and key in KernelFile.model_fields:
        return Problem(
            path,
            f"{key} beside layers, and it belongs to one kernel",
            f"write {key} in the layer that it is meant for",
            on_key=True,
        )
    known = _keys(model) if len(path) == 1 else list(WeightsFile.model_fields)
    hint = f"{did_you_mean(key, known)} The keys are {', '.join(known)}".strip()
    return Problem(path, f"unknown key {shown(key)}", hint, on_key=True)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(schema(), indent=2, ensure_ascii=False) + "\n")
