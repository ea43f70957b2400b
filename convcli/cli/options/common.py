"""Options that more than one command takes, each declared once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from convcli.report import Voice


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
