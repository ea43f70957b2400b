"""Options that more than one command takes, each declared once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from convcli.cli.application.parameters import taking_plain_values

if TYPE_CHECKING:
    from convcli.report import Voice

# A kernel such as "-1 0 1; -2 0 2", right or wrong. An option begins with a letter.
_NEGATIVE_KERNEL = re.compile(r"-\.?\d([\d.eE+/-]*|.*[\s,;|].*)", re.DOTALL)


def complete_filter(incomplete: str) -> list[str]:
    """Return the names of filters that begin so."""
    from convcli.catalog import filter_names

    return [name for name in filter_names() if name.startswith(incomplete)]


FilterText = Annotated[
    str,
    typer.Argument(
        metavar="FILTER",
        help='A name (sharpen, gaussian:sigma=2), a YAML file, or a kernel ("0 -1 0; -1 5 -1; 0 -1 0").',
        autocompletion=complete_filter,
        show_default=False,
    ),
]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Print errors only.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Print details too.")]
Debug = Annotated[bool, typer.Option("--debug", help="Print a traceback with an error.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]


def voice_of(context: typer.Context, *, quiet: bool, verbose: bool, debug: bool = False) -> Voice:
    """Return the voice that was asked for, before the command's name or after it."""
    from convcli.report import Voice

    said = context.obj or {}
    given = {"quiet": quiet, "verbose": verbose, "debug": debug}
    return Voice(**{name: value or said.get(name, False) for name, value in given.items()})


class PlainCommand(TyperCommand):
    """A command that takes plain values as they are."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the options and arguments, the one for help among them."""
        return taking_plain_values(super().get_params(ctx))


class FilterCommand(PlainCommand):
    """A command whose FILTER may begin with a minus sign."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Keep a kernel such as "-1 0 1" from being taken for an option: a blank before it does no harm."""
        end = args.index("--") if "--" in args else len(args)
        kept = [f" {arg}" if _NEGATIVE_KERNEL.fullmatch(arg) else arg for arg in args[:end]]
        return super().parse_args(ctx, kept + args[end:])
