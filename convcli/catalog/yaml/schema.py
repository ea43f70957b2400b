"""The JSON schema of a filter file, for editors, made from the declarations of its keys, layers and families.

python -m convcli.catalog.yaml.schema > docs/filter.schema.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from convcli.catalog.families import FAMILIES, Family
from convcli.catalog.parameters.layer_kinds import COMBINE, JOINS, LAYERS, LayerKind
from convcli.catalog.yaml.keys import KERNEL_KEYS, PIPELINE_KEYS, LayerList
from convcli.filters import GROUPS, KERNEL_SETTINGS, Parameter, describe

_SHARED = (*KERNEL_SETTINGS, GROUPS)


def schema() -> dict[str, Any]:
    """Return the schema of a filter file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A filter of convcli",
        "anyOf": [{"$ref": "#/$defs/KernelFile"}, {"$ref": "#/$defs/PipelineFile"}],
        "$defs": {
            "KernelFile": _file("A filter of one kernel, applied by cross-correlation.", KERNEL_KEYS),
            "PipelineFile": _file("A filter of layers, applied one after the other.", PIPELINE_KEYS),
            "Layer": _layer(),
            **{each.name: _value(each, shared=()) for each in _SHARED},
        },
    }


def _file(description: str, keys: Sequence[Parameter]) -> dict[str, Any]:
    """Return the schema of a file with the keys, of which the first is required."""
    return {"description": description, **_mapping(keys), "required": [keys[0].name]}


def _layer() -> dict[str, Any]:
    """Return the schema of an entry: the text of a filter, or one name with its parameters."""
    named = {kind.name: _kind(kind) for kind in LAYERS.values()}
    families = {family.name: _family(family) for family in FAMILIES.values()}
    any_filter = {"anyOf": [{"type": "null"}, _mapping(KERNEL_SETTINGS)]}
    return {
        "description": "the text of a filter, or one name with its parameters",
        "anyOf": [
            {"type": "string", "minLength": 1},
            {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "properties": {**named, **families},
                "additionalProperties": any_filter,
            },
        ],
    }


def _kind(kind: LayerKind) -> dict[str, Any]:
    if kind.name in COMBINE:
        branch = {"anyOf": [{"$ref": "#/$defs/Layer"}, LayerList("layers").schema()]}
        branches = {"type": "array", "minItems": 1, "items": branch}
        if kind.name in JOINS:
            given = {"type": "array", "items": {"type": "array", "items": {"$ref": "#/$defs/Layer"}}, "minItems": 2}
            return {"description": kind.description, "anyOf": [kind.parameters[0].schema(), given]}
        return {"description": kind.description, "anyOf": [{"type": "null"}, branches]}
    return _under_name(kind.parameters, kind.settings, kind.description)


def _family(family: Family) -> dict[str, Any]:
    """Return the schema of a family's parameters, of which alternatives exclude each other and are given whole."""
    under_name = _under_name(family.parameters, KERNEL_SETTINGS, "")
    if family.alternatives:
        mapping, one, other = under_name["anyOf"][1], *family.alternatives
        mapping["dependentRequired"] = {name: [*other[:at], *other[at + 1 :]] for at, name in enumerate(other)}
        mapping["not"] = {"required": [one[0], other[0]]}
    return under_name


def _under_name(parameters: Sequence[Parameter], settings: Sequence[Parameter], description: str) -> dict[str, Any]:
    """Return the schema of the value of a name: nothing, a mapping, the first parameter, or several in turn."""
    forms: list[dict[str, Any]] = [{"type": "null"}, _mapping((*parameters, *settings))]
    if parameters:
        forms.append(parameters[0].schema())
        if not parameters[0].takes_list:
            forms.append({"type": "array", "prefixItems": [each.schema() for each in parameters], "items": False})
    text = "; ".join(filter(None, [description, describe(parameters)]))
    return {"description": text, "anyOf": forms} if text else {"anyOf": forms}


def _mapping(parameters: Sequence[Parameter]) -> dict[str, Any]:
    properties = {each.name: _value(each) for each in parameters}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _value(parameter: Parameter, shared: Sequence[Parameter] = _SHARED) -> dict[str, Any]:
    if parameter in shared:
        return {"$ref": f"#/$defs/{parameter.name}"}
    about: dict[str, Any] = {"description": f"{parameter.help} {parameter.range}".strip()}
    if parameter.default is not None:
        about["default"] = parameter.default
    if parameter.examples:
        about["examples"] = list(parameter.examples)
    return {**about, **parameter.schema()}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(schema(), indent=2, ensure_ascii=False) + "\n")
