"""The application: its commands, and the options before their names."""

from typing import Annotated, Any

import typer

from convcli.cli.application.commands import Commands
from convcli.cli.application.errors import ErrorGroup
from convcli.cli.application.parameters import plain
from convcli.cli.options.bundles import unbundled
from convcli.cli.options.common import VoiceOptions
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


class Application(ErrorGroup):
    """The group of commands, each imported on first use."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = Commands()

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the options, the one for help included."""
        return [plain(each) for each in super().get_params(ctx)]


app = typer.Typer(
    cls=Application,
    help=HELP,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(given: bool) -> None:
    if given:
        typer.echo(f"convcli {__version__}")
        raise typer.Exit


def convcli(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and stop.")
    ] = False,
    *,
    voice: VoiceOptions,
) -> None:
    """Remember the options before the command's name."""
    del version
    context.obj = voice


app.callback()(unbundled(convcli))
