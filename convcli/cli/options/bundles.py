"""Bundles: dataclasses of options, each of which a command takes as one parameter.

A field is declared as a parameter is for Typer: ``name: Annotated[type, typer.Option(...)] = default``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import MISSING, fields, is_dataclass
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints


def unbundled(function: Callable[..., None]) -> Callable[..., None]:
    """Return a function that Typer can make a command of: of single options, and that calls `function` with bundles.

    An option without a panel of the help gets its bundle's ``panel``; the values that it is one of are its metavar.
    """
    parameters = inspect.signature(function, eval_str=True).parameters
    bundles: dict[str, Any] = {
        name: each.annotation for name, each in parameters.items() if is_dataclass(each.annotation)
    }

    def command(**values: Any) -> None:
        for name, bundle in bundles.items():
            values[name] = bundle(**{field.name: values.pop(field.name) for field in fields(bundle)})
        function(**values)

    single: list[inspect.Parameter] = []
    for name, each in parameters.items():
        single += _options(bundles[name]) if name in bundles else [_parameter(name, each.annotation, each.default)]
    command.__doc__ = function.__doc__
    command.__signature__ = inspect.Signature(single)  # type: ignore[attr-defined]  # what inspect.signature returns
    return command


def _options(bundle: Any) -> Iterator[inspect.Parameter]:
    hints = get_type_hints(bundle, include_extras=True)
    for field in fields(bundle):
        default = inspect.Parameter.empty if field.default is MISSING else field.default
        yield _parameter(field.name, hints[field.name], default, getattr(bundle, "panel", None))


def _parameter(name: str, annotation: Any, default: Any, panel: str | None = None) -> inspect.Parameter:
    if get_origin(annotation) is Annotated:
        kind, declared = get_args(annotation)
        option = copy(declared)
        option.rich_help_panel = option.rich_help_panel or panel
        option.metavar = option.metavar or _choices(kind)
        annotation = Annotated[kind, option]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _choices(kind: Any) -> str | None:
    """Return the values of a Literal, or of one that may be None; None for any other type."""
    literals = [each for each in (kind, *get_args(kind)) if get_origin(each) is Literal]
    return "|".join(get_args(literals[0])) if literals else None
