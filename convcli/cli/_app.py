"""The application: its commands, and the options that all of them share."""

from __future__ import annotations

from typing import Annotated

import typer

from convcli.cli._errors import ErrorGroup
from convcli.cli._options import Debug, FilterCommand, Quiet, Verbose
from convcli.cli.apply import apply
from convcli.cli.check import check
from convcli.cli.doctor import doctor
from convcli.cli.explain import explain
from convcli.cli.learn import learn
from convcli.cli.list import list_
from convcli.cli.show import show
from convcli.cli.warmup import warmup
from convcli.version import __version__

HELP = """\
Filter pictures with convolution kernels.

\b
convcli apply sharpen photo.jpg -o sharp.jpg
convcli apply gaussian:2 photos/ -o blurred/
convcli apply "0 -1 0; -1 5 -1; 0 -1 0" photo.png -o sharp.png
convcli learn photo.png sharp.png -o mine.yaml
convcli list
"""

app = typer.Typer(
    cls=ErrorGroup,
    help=HELP,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"convcli {__version__}")
        raise typer.Exit


@app.callback()
def convcli(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and stop.")
    ] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Remember what was said before the command's name."""
    del version
    context.obj = {"quiet": quiet, "verbose": verbose, "debug": debug}


app.command("apply", cls=FilterCommand)(apply)
app.command("learn")(learn)
app.command("list")(list_)
app.command("show", cls=FilterCommand)(show)
app.command("check")(check)
app.command("explain", cls=FilterCommand)(explain)
app.command("warmup")(warmup)
app.command("doctor")(doctor)
