"""Articles: filters and layers in words, for the help. Neither NumPy nor a YAML parser is imported for a built-in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from convcli.catalog.expression import only_name
from convcli.catalog.families import Family
from convcli.catalog.folders import builtin_files
from convcli.catalog.lookup import find
from convcli.catalog.parameters.layer_kinds import LAYERS, LayerKind
from convcli.catalog.words.about import FORMULAS, group_of, meaning_of, uses_of
from convcli.catalog.words.problem import Problem
from convcli.filters import Parameter, as_text
from convcli.lazy import dataclass

_COLORS = ("red", "green", "blue")


@dataclass(frozen=True)
class ParameterText:
    """A parameter in words; `default` is empty where it has none."""

    name: str
    meaning: str
    range: str
    default: str


@dataclass(frozen=True)
class Article:
    """A filter or layer in words.

    Parameters
    ----------
    parameters
        In the order in which positions name them.
    settings
        Names of what is given by name alone.
    formula
        Empty for a matrix.
    weights
        The rows of a matrix as its file has them; empty for any other.
    scaling
        The divisor and the bias of the matrix, where they are not 1 and 0: ``/ 16``, ``/ 8 + 50%``.
    uses
        Texts of FILTER, perhaps with options behind.
    """

    name: str
    description: str
    group: str
    parameters: tuple[ParameterText, ...] = ()
    settings: tuple[str, ...] = ()
    formula: str = ""
    weights: tuple[tuple[float | str, ...], ...] = ()
    scaling: str = ""
    aliases: tuple[str, ...] = ()
    source: str = ""
    uses: tuple[str, ...] = ()


def article_of(text: str) -> Article | None:
    """Return what is known of the built-in filter that a text names, arguments aside; None for any other text."""
    named = only_name(text)
    if named is None:
        return None
    if named.name in LAYERS:
        return _of_declared(LAYERS[named.name])
    try:
        found = find(named.name, named.arguments, builtin=False)
    except Problem:
        return None
    if isinstance(found.source, Family):
        return _of_declared(found.source)
    return _of_file(found.source) if found.builtin else None


def _of_declared(declared: Family | LayerKind) -> Article:
    name = declared.name
    return Article(
        name,
        declared.description,
        group_of(name, ("layer",) if isinstance(declared, LayerKind) else declared.tags),
        tuple(_words(name, each) for each in declared.parameters),
        tuple(each.name for each in declared.settings) if isinstance(declared, LayerKind) else (),
        FORMULAS.get(name, ""),
        aliases=() if isinstance(declared, LayerKind) else declared.names,
        source=declared.source,
        uses=uses_of(name),
    )


def _words(filter_name: str, parameter: Parameter) -> ParameterText:
    default = parameter.default
    shown = (
        "" if default is None else as_text(default) if isinstance(default, bool | int | float | str) else str(default)
    )
    meaning = meaning_of(filter_name, parameter.name) or parameter.help.rstrip(".")
    return ParameterText(parameter.name, meaning, parameter.range, shown)


def _of_file(path: Path) -> Article:
    from convcli.catalog.yaml.source import builtin_values, read_text

    name = next(name for name, each in builtin_files().items() if each == path)
    values: Mapping[str, Any] = builtin_values(read_text(str(path))) or {}
    weights = values.get("weights", ())
    is_plane = bool(weights) and not isinstance(weights, Mapping) and not isinstance(weights[0][0], list)
    tags = tuple(values.get("tags", ()))
    return Article(
        name,
        values.get("description", ""),
        group_of(name, tags),
        formula=FORMULAS.get(name, "") or _of_colors(weights, values.get("divisor", 1)),
        weights=tuple(map(tuple, weights)) if is_plane else (),
        scaling=_scaling(values) if is_plane else "",
        aliases=tuple(values.get("aliases", ())),
        source=values.get("source", ""),
        uses=(f"{name} --range abs",) if "zero-sum" in tags and "bias" not in values else uses_of(name),
    )


def _scaling(values: Mapping[str, Any]) -> str:
    divisor, bias = values.get("divisor", 1), values.get("bias", 0)
    added = bias if isinstance(bias, str) else f"{100 * bias:g}%"
    return " ".join(([f"/ {divisor}"] if divisor != 1 else []) + ([f"+ {added}"] if bias else []))


def _of_colors(weights: Any, divisor: float) -> str:
    """Return the formula of a kernel of one pixel on colors: ``0.299 red + 0.587 green + 0.114 blue``; else nothing."""
    if isinstance(weights, Mapping) or not weights or not isinstance(weights[0][0], list):
        return ""
    planes = [plane for planes in weights for plane in planes]
    if len(weights[0]) != len(_COLORS) or any(len(plane) > 1 or len(plane[0]) > 1 for plane in planes):
        return ""
    sums = []
    for row in weights:
        numbers = ((plane[0][0] / divisor, color) for plane, color in zip(row, _COLORS, strict=True))
        sums.append(" + ".join(color if each == 1 else f"{each:.4g} {color}" for each, color in numbers if each))
    if len(sums) == 1:
        return sums[0]
    return "; ".join(f"{color} = {each}" for color, each in zip(_COLORS, sums, strict=True))
