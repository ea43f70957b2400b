"""Bundles: classes of options, each of which a command takes as one parameter.

A field is declared as a parameter is for Typer: ``name: Annotated[type, typer.Option(...)] = default``. The modules of
bundles and of `apply` do without ``from __future__ import annotations``: its texts would be compiled at every start.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from copy import copy
from functools import cache
from typing import Annotated, Any, Literal, dataclass_transform, get_args, get_origin, get_type_hints


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Bundle:
    """Options and their values. Not a dataclass, whose methods take Python a millisecond to make."""

    panel = ""  # of the help, for options that name none

    def __init__(self, **values: Any) -> None:
        vars(self).update(values)
        self.check()

    def check(self) -> None:
        """Refuse options that contradict each other."""


def unbundled(function: Callable[..., None]) -> Callable[..., None]:
    """Return a function of single options, as Typer takes it, that calls `function` with its bundles.

    An option that is one of several words has these for its metavar.
    """
    parameters = inspect.signature(function, eval_str=True).parameters
    bundles: dict[str, Any] = {
        name: each.annotation
        for name, each in parameters.items()
        if isinstance(each.annotation, type) and issubclass(each.annotation, Bundle)
    }
    options = {name: _options(bundle) for name, bundle in bundles.items()}

    def command(**values: Any) -> None:
        for name, bundle in bundles.items():
            values[name] = bundle(**{each.name: values.pop(each.name) for each in options[name]})
        function(**values)

    single: list[inspect.Parameter] = []
    for name, each in parameters.items():
        single += options[name] if name in bundles else [_parameter(name, each.annotation, each.default)]
    command.__doc__ = function.__doc__
    command.__signature__ = inspect.Signature(single)  # type: ignore[attr-defined]  # what inspect.signature returns
    return command


@cache  # the help of all commands asks for some bundles several times
def _options(bundle: type[Bundle]) -> tuple[inspect.Parameter, ...]:
    hints = get_type_hints(bundle, include_extras=True)
    return tuple(
        _parameter(name, annotation, getattr(bundle, name, inspect.Parameter.empty), bundle.panel)
        for name, annotation in hints.items()
    )


def _parameter(name: str, annotation: Any, default: Any, panel: str = "") -> inspect.Parameter:
    if get_origin(annotation) is Annotated:
        kind, declared = get_args(annotation)
        option = copy(declared)
        option.rich_help_panel = option.rich_help_panel or panel or None
        option.metavar = option.metavar or _choices(kind)
        annotation = Annotated[kind, option]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _choices(kind: Any) -> str | None:
    """Return the words of a Literal, also of one that may be None; None for any other type."""
    literals = [each for each in (kind, *get_args(kind)) if get_origin(each) is Literal]
    return "|".join(get_args(literals[0])) if literals else None
