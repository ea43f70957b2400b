"""``convcli check``: whether filter files are valid."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from convcli.cli.options.common import Debug, Quiet, Verbose, voice_of


def check(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Filter files in YAML.", show_default=False)],
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Check filter files, and say where one is wrong.

    \b
    convcli check my.yaml
    convcli check kernels/*.yaml
    """
    del debug
    from convcli.catalog import check_file
    from convcli.errors import FilterError

    voice = voice_of(context, quiet=quiet, verbose=verbose)
    wrong = 0
    for file in files:
        try:
            pipeline = check_file(file)
        except FilterError as error:
            wrong += 1
            typer.echo(str(error))
            if error.hint:
                voice.say(f"help: {error.hint}")
        else:
            voice.say(f"{file}: valid ({pipeline.name})")
    if wrong:
        raise typer.Exit(2)
