"""The JSON schema of what stands under ``layers:``, for editors, made from the parameters of layers and families."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from convcli.catalog.families import FAMILIES
from convcli.catalog.parameters.layer_kinds import COMBINE, LAYERS, LayerKind
from convcli.filters import KERNEL_SETTINGS, Parameter, describe


def layers_schema() -> dict[str, Any]:
    """Return the schema of a list of layers."""
    return {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/Layer"}}


def _layer() -> dict[str, Any]:
    """Return the schema of an entry: the text of a filter, or one name with what is said to it."""
    named = {kind.name: _kind(kind) for kind in LAYERS.values()}
    families = {family.name: _said(family.parameters, KERNEL_SETTINGS, "") for family in FAMILIES.values()}
    any_filter = {"anyOf": [{"type": "null"}, _mapping((), KERNEL_SETTINGS)]}
    return {
        "description": "the text of a filter, or one name with what is said to it",
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
        branch = {"anyOf": [{"$ref": "#/$defs/Layer"}, layers_schema()]}
        branches = {"type": "array", "minItems": 1, "items": branch}
        return {"description": kind.description, "anyOf": [{"type": "null"}, branches]}
    return _said(kind.parameters, kind.settings, kind.description)


def _said(parameters: Sequence[Parameter], settings: Sequence[Parameter], description: str) -> dict[str, Any]:
    """Return the schema of what may stand under a name: nothing, a mapping, the first parameter, or several in turn."""
    forms: list[dict[str, Any]] = [{"type": "null"}, _mapping(parameters, settings)]
    if parameters:
        forms.append(parameters[0].schema())
        if not parameters[0].takes_list:
            forms.append({"type": "array", "prefixItems": [each.schema() for each in parameters], "items": False})
    text = "; ".join(filter(None, [description, describe(parameters)]))
    return {"description": text, "anyOf": forms} if text else {"anyOf": forms}


def _mapping(parameters: Sequence[Parameter], settings: Sequence[Parameter]) -> dict[str, Any]:
    properties = {each.name: _value(each) for each in (*parameters, *settings)}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _value(parameter: Parameter) -> dict[str, Any]:
    if parameter in KERNEL_SETTINGS:
        return {"$ref": f"#/$defs/{parameter.name}"}
    return {"description": parameter.range, **parameter.schema()}


LAYER_DEFINITIONS = {
    "Layer": _layer(),
    **{each.name: {"description": each.range, **each.schema()} for each in KERNEL_SETTINGS},
}
