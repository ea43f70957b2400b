"""Commands whose plain values are taken without Pydantic.

Typer has Pydantic convert the value of every option, given or not. To import Pydantic and to make its validators takes
a third of the processor time of a small picture. So a value that plainly is of the option's type is taken as it is;
Typer converts or refuses all others, in its own words.
"""

from __future__ import annotations

from functools import cache
from typing import Any, get_args, get_origin

import typer
from typer.core import TyperArgument, TyperCommand, TyperOption

from convcli.cli.application.words import marked
from convcli.cli.options.common import HELP_ALL, USUAL

_PLAIN_WORDS = {
    "Value error, ": "",
    "Input should be a valid integer, unable to parse string as an integer": "it is no whole number",
    "Input should be a valid number, unable to parse string as a number": "it is no number",
    "Input should be greater than or equal to": "it must not be below",
    "Input should be less than or equal to": "it must not be above",
}


class _PlainValues:
    """The processing of values, for the classes of Typer that follow it."""

    def process_value(self: Any, ctx: Any, value: Any) -> Any:
        """Return the value as the command takes it."""
        value = _as_number(self, value)
        if not _is_plain(self, value):
            return super().process_value(ctx, value)  # type: ignore[misc]  # of Typer's class
        return value if self.callback is None else self.callback(ctx, self, value)


class PlainOption(_PlainValues, TyperOption):
    """An option that has Typer convert only values that are not plain."""


class PlainArgument(_PlainValues, TyperArgument):
    """An argument that has Typer convert only values that are not plain."""


class PlainCommand(TyperCommand):
    """A command that takes plain values as they are, and whose help shows the usual options first."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the options and arguments, the one for help included."""
        return [plain(each) for each in super().get_params(ctx)]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Print the whole help where it is asked for."""
        if self.name in USUAL and HELP_ALL in args[: args.index("--") if "--" in args else len(args)]:
            _print_help(self, ctx, whole=True)
            typer.echo()
            ctx.exit()
        return super().parse_args(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - as Typer calls it
        """Print the help in lines that fit the terminal; Typer adds the end of the last one."""
        _print_help(self, ctx, whole=False)


def _print_help(command: Any, ctx: Any, *, whole: bool) -> None:
    from convcli.cli.application.help import print_help  # which no picture needs

    print_help(command, ctx, whole=whole)


class FilterCommand(PlainCommand):
    """A command whose FILTER may begin with a minus sign."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take words that are kernels for arguments: `marked`."""
        end = args.index("--") if "--" in args else len(args)
        return super().parse_args(ctx, marked(args[:end]) + args[end:])


@cache  # Typer compares parameters by identity
def plain(parameter: Any) -> Any:
    """Return a copy of a parameter that takes plain values as they are.

    Typer's public interface names the class of a command, but not of its options; so each is copied.
    """
    own: Any = object.__new__(PlainOption if type(parameter) is TyperOption else PlainArgument)
    vars(own).update(vars(parameter))
    return own


def plain_words(message: str) -> str:
    """Return the message of an error of Typer's without the words of Pydantic."""
    for theirs, ours in _PLAIN_WORDS.items():
        message = message.replace(theirs, ours)
    return message.partition(" Did you mean ")[0].rstrip(".")  # which the line of help says


def _as_number(parameter: TyperOption | TyperArgument, value: Any) -> Any:
    """Return the number that digits stand for, where the parameter takes it; any other value as it is."""
    is_digits = isinstance(value, str) and len(value) < 10 and value.isascii() and value.isdigit()
    if parameter.type_descriptor.annotation is not int or not is_digits:
        return value
    number = int(value)
    is_low = parameter.min is not None and number < parameter.min
    is_high = parameter.max is not None and number > parameter.max
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
