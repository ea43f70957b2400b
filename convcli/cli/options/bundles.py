"""Bundles: classes of options, each of which a command takes as one parameter.

A field is declared as a parameter is for Typer: ``name: Annotated[type, typer.Option(...)] = default``.
Annotations that are texts are read where Typer makes the command, with the names of `convcli.cli.options.declared`
beside the module's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Literal, dataclass_transform, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from inspect import Parameter


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Bundle:
    """Options and their values; those that are not given are the defaults of the class."""

    panel = ""  # of the help, for options that name none

    def __init__(self, **values: Any) -> None:
        vars(self).update(values)
        self.check()

    def check(self) -> None:
        """Refuse options that contradict each other."""


def unbundled(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """Return a function of single options, as Typer takes it, that calls `function` with its bundles.

    An option that is one of several words has these for its metavar.
    """
    import inspect

    parameters = _parameters(function)
    bundles: dict[str, Any] = bundles_of(function)
    options = {name: _options(bundle) for name, bundle in bundles.items()}

    def command(**values: Any) -> int | None:
        for name, bundle in bundles.items():
            values[name] = bundle(**{each.name: values.pop(each.name) for each in options[name]})
        return function(**values)

    single: list[Parameter] = []
    for name, each in parameters.items():
        single += options[name] if name in bundles else [_parameter(name, each.annotation, each.default)]
    command.__doc__ = function.__doc__
    command.__signature__ = inspect.Signature(single)  # type: ignore[attr-defined]  # what inspect.signature returns
    return command


def bundles_of(function: Callable[..., Any]) -> dict[str, type[Bundle]]:
    """Return the bundles of a command by the names of its parameters."""
    annotations = {name: each.annotation for name, each in _parameters(function).items()}
    return {name: each for name, each in annotations.items() if isinstance(each, type) and issubclass(each, Bundle)}


def _parameters(function: Callable[..., Any]) -> Mapping[str, Parameter]:
    import inspect

    return inspect.signature(function, eval_str=True, locals=_names_in(function.__module__)).parameters


def _names_in(module: str) -> dict[str, Any]:
    return vars(import_module("convcli.cli.options.declared")) | vars(import_module(module))


@cache  # the help of all commands asks for some bundles several times
def _options(bundle: type[Bundle]) -> tuple[Parameter, ...]:
    from inspect import Parameter

    hints = get_type_hints(bundle, localns=_names_in(bundle.__module__), include_extras=True)
    return tuple(
        _parameter(name, annotation, getattr(bundle, name, Parameter.empty), bundle.panel)
        for name, annotation in hints.items()
    )


def _parameter(name: str, annotation: Any, default: Any, panel: str = "") -> Parameter:
    from inspect import Parameter

    if get_origin(annotation) is Annotated:
        kind, declared = get_args(annotation)
        option = copy(declared)
        option.rich_help_panel = option.rich_help_panel or panel or None
        option.metavar = option.metavar or _choices(kind)
        annotation = Annotated[kind, option]
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _choices(kind: Any) -> str | None:
    """Return the words of a Literal, also of one that may be None; None for any other type."""
    literals = [each for each in (kind, *get_args(kind)) if get_origin(each) is Literal]
    return "|".join(get_args(literals[0])) if literals else None
