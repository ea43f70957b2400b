"""Filters made from arguments: the kernel of a family, the layer of a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from convcli import filters as rooms
from convcli.catalog.families import Family
from convcli.catalog.formulas import Plane, Sharpening
from convcli.catalog.parameters.arguments import Argument, Bound, bind
from convcli.catalog.parameters.conv_layer import conv_layer, kernel_layer, transposed_layer, with_kernel_settings
from convcli.catalog.parameters.layer_kinds import JOINS, LayerKind
from convcli.catalog.parameters.linear_layer import linear_layer
from convcli.catalog.parameters.weights import given_bias
from convcli.catalog.words.problem import Problem, at
from convcli.filters import (
    KERNEL_SETTINGS,
    Border,
    Conv,
    Kernel,
    Layer,
    Parameter,
    Pipeline,
    Unsharp,
    as_text,
    describe,
)
from convcli.words import as_word, listed

# Layers with numbers, which may lie in files.
_WITH_WEIGHTS = {"conv": conv_layer, "kernel": kernel_layer, "linear": linear_layer, "conv-transpose": transposed_layer}


def family_filter(family: Family, name: str, arguments: Sequence[Argument]) -> Pipeline:
    """Return the filter that a family makes of arguments; raise Problem where one of them is wrong.

    The name led to the family: its own, an alias, or that of a preset. The arguments are those of the parameters that
    the preset leaves open, and of the settings of the kernel.
    """
    preset = family.presets.get(name, {})
    open_parameters = tuple(each for each in family.parameters if each.name not in preset)
    bound = bind(name if preset else family.name, open_parameters, arguments, KERNEL_SETTINGS)
    own = {each.name: bound.values[each.name] for each in open_parameters if each.name in bound.values}
    _refuse_mixtures(family, bound)
    return with_kernel_settings(from_family(family, {**preset, **own}), bound)


def from_family(family: Family, values: Mapping[str, Any]) -> Pipeline:
    """Return the filter that a family makes of some of its parameters, named after them: ``gaussian-sigma2``."""
    by_name = {each.name: each for each in family.parameters}
    planes = family.formula(**{by_name[name].keyword: value for name, value in values.items()})
    return Pipeline(
        (_layer(planes, family.joined),),
        name=_named(family.name, family.parameters, values),
        description=family.description,
        tags=family.tags,
        aliases=() if values else family.aliases,  # they name the family, not one of its kernels
        source=family.source,
    )


def layer_filter(kind: LayerKind, arguments: Sequence[Argument], folder: Path | None) -> Pipeline:
    """Return the filter that is one layer; raise Problem where an argument is wrong, or they make no layer.

    Array files lie in the folder, which is None outside a file.
    """
    bound = bind(kind.name, kind.parameters, arguments, kind.settings)
    if kind.name == "as" or kind.name in JOINS:
        layer, name = _named_layer(kind, bound), kind.name
    elif kind.name in _WITH_WEIGHTS:
        layer, name = _WITH_WEIGHTS[kind.name](bound, folder), kind.name
    else:
        layer_class = getattr(rooms, kind.layer)
        defaults = {each.name: each.read(each.default) for each in kind.parameters if each.default is not None}
        given = {**defaults, **bound.values}
        required = [each.name for each in fields(layer_class) if each.default is MISSING]
        if missing := [name for name in required if name not in given]:
            from convcli.catalog.words.about import uses_of  # here, for layers without their parameters alone

            example = next((each for each in uses_of(kind.name) if each.startswith(f"{kind.name}:")), "")
            hint = f"write {as_word(example)}; " * bool(example) + describe(kind.parameters)
            raise Problem((), f"{kind.name} has no {listed(missing)}", hint)
        layer = layer_class(**{key: _numbers(key, value, bound, folder) for key, value in given.items()})
        name = _named(kind.name, kind.parameters, bound.values)
    return Pipeline((layer,), name=name, description=kind.description, source=kind.source)


def _named_layer(kind: LayerKind, bound: Bound) -> Layer:
    """Return the name of values, or a join of them, which `resolved` puts in its place."""
    names: tuple[str, ...] = next(iter(bound.values.values()), ())
    if not names:
        raise Problem((), f"{kind.name} has no name", f"write {kind.name}:NAME, or {kind.name}: NAME in a file")
    if kind.name == "as":
        if names[0] == rooms.CURRENT:
            raise Problem((), f"{names[0]} is the name of the values before a join", "give another name")
        return rooms.Label(names[0])
    return rooms.Reference(rooms.JOINS[kind.name], names)


def _numbers(name: str, value: Any, bound: Bound, folder: Path | None) -> Any:
    """Return a value, and of the name of a file the numbers in it."""
    if not isinstance(value, Mapping):
        return value
    with at(*bound.paths[name]):
        return given_bias(value, folder)


def _refuse_mixtures(family: Family, bound: Bound) -> None:
    """Raise Problem where parameters are of two alternatives, or of a part of one."""
    given = [[name for name in group if name in bound.values] for group in family.alternatives]
    chosen = next(filter(None, reversed(given)), [])
    hint = f"give {', or '.join(listed(group) for group in family.alternatives)}"
    for group, names in zip(family.alternatives, given, strict=True):
        if names and names is not chosen:
            message = f"{family.name}: {chosen[0]} cannot be combined with {names[0]}"
            raise Problem(bound.paths[chosen[0]], message, hint, on_key=True)
        for name in group if names else ():
            if name not in names:
                raise Problem(bound.paths[names[0]], f"{family.name}: {names[0]} needs {name}", hint, on_key=True)


def _layer(planes: Plane | list[Plane] | Sharpening, joined: str) -> Layer:
    if isinstance(planes, Sharpening):
        branches = (Conv(Kernel([[1]])),), (Conv(Kernel(*planes.blur)),)
        return Unsharp(branches, planes.sigma, planes.amount, planes.threshold)
    if isinstance(planes, list):
        layer: Layer = getattr(rooms, joined)(tuple((Conv(Kernel(*plane)),) for plane in planes))
        return layer
    return Conv(Kernel(*planes))


def _named(name: str, parameters: Sequence[Parameter], values: Mapping[str, Any]) -> str:
    """Return a name for files: a number after its parameter's name, a word as it is; points have none."""
    parts = (_part(each.name, values[each.name]) for each in parameters if each.name in values)
    return "-".join(filter(None, (name, *parts)))


def _part(parameter: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return f"{parameter}-{as_text(value)}"
    if isinstance(value, Border | Mapping):
        return value.name if isinstance(value, Border) else ""
    if isinstance(value, tuple) and (isinstance(value[0], tuple | float) or len(value) != 2):
        return f"{parameter}{value[0]:.12g}" if len(value) == 1 else ""
    if isinstance(value, tuple):
        return parameter + (f"{value[0]}" if value[0] == value[1] else f"{value[0]}x{value[1]}")
    return f"{parameter}{value:.12g}"
