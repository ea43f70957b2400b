"""Values that need no conversion, taken without Pydantic.

Typer has Pydantic convert the value of every option, that of an option which was not given too. To import Pydantic,
and to make a validator per option, took a quarter of the time that a small picture took. So a value that plainly is
what the option takes is taken as it is. All else goes to Typer, which converts it or says what is wrong with it: what
is accepted, and what is said, stays the same.
"""

from __future__ import annotations

from typing import Any, get_args, get_origin

from typer.core import TyperArgument, TyperOption


class PlainOption(TyperOption):
    """An option that asks Typer only about values that have to be converted or refused."""

    def process_value(self, ctx: Any, value: Any) -> Any:
        """Return the value as the command takes it."""
        value = _as_number(self, value)
        return _taken(self, ctx, value) if _is_plain(self, value) else super().process_value(ctx, value)


class PlainArgument(TyperArgument):
    """An argument that asks Typer only about values that have to be converted or refused."""

    def process_value(self, ctx: Any, value: Any) -> Any:
        """Return the value as the command takes it."""
        return _taken(self, ctx, value) if _is_plain(self, value) else super().process_value(ctx, value)


def taking_plain_values(parameters: list[Any]) -> list[Any]:
    """Return the options and arguments of a command, which take plain values as they are from now on."""
    for each in parameters:
        # Typer makes them, and cannot be told of a class of ours.
        if type(each) is TyperOption:
            each.__class__ = PlainOption
        elif type(each) is TyperArgument:
            each.__class__ = PlainArgument
    return parameters


def _as_number(option: TyperOption, value: Any) -> Any:
    """Return the number that digits stand for, where the option takes it; any other value as it is."""
    is_digits = isinstance(value, str) and len(value) < 10 and value.isascii() and value.isdigit()
    if option.type_descriptor.annotation is not int or not is_digits:
        return value
    number = int(value)
    is_low = option.min is not None and number < option.min
    is_high = option.max is not None and number > option.max
    return value if is_low or is_high else number


def _is_plain(parameter: TyperOption | TyperArgument, value: Any) -> bool:
    annotation: Any = parameter.type_descriptor.annotation
    if value is None:
        return not parameter.required
    if annotation in (str, int):
        return isinstance(value, annotation)
    if get_origin(annotation) is list:
        return get_args(annotation) == (str,) and bool(value) and all(isinstance(each, str) for each in value)
    return parameter.type_descriptor.choices is not None and value in parameter.type_descriptor.choices


def _taken(parameter: TyperOption | TyperArgument, context: Any, value: Any) -> Any:
    return value if parameter.callback is None else parameter.callback(context, parameter, value)
