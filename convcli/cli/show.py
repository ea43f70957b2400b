"""``convcli show``: one filter, its weights and its figures."""

from __future__ import annotations

import json as json_format
from typing import Annotated

import typer

from convcli.cli._options import Debug, FilterText, Json, Quiet, Verbose


def show(
    filter_text: FilterText,
    yaml: Annotated[bool, typer.Option("--yaml", help="Print it as a file that apply reads back.")] = False,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Show a filter: its weights, sum, gain, rank, symmetry and output range.

    \b
    convcli show sharpen
    convcli show gaussian:sigma=2
    convcli show "1 2 1; 2 4 2; 1 2 1" --yaml > my.yaml
    """
    del quiet, verbose, debug
    from convcli.catalog import load_filter, to_yaml
    from convcli.errors import UsageError
    from convcli.report.filters import figures, print_filter

    if yaml and json:
        raise UsageError("--yaml and --json would both print the filter", "give one of them")
    pipeline = load_filter(filter_text)
    if yaml:
        typer.echo(to_yaml(pipeline), nl=False)
    elif json:
        typer.echo(json_format.dumps(figures(pipeline), indent=2, ensure_ascii=False))
    else:
        print_filter(pipeline)
