"""The application: its commands, and the options before their names."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from convcli.cli.application.commands import Commands
from convcli.cli.application.errors import run
from convcli.cli.application.parameters import plain, plain_words
from convcli.cli.application.words import called
from convcli.cli.options.bundles import unbundled
from convcli.cli.options.common import VoiceOptions
from convcli.errors import ConvcliError, UsageError
from convcli.version import __version__

HELP = """\
Filter pictures with convolution kernels.

\b
convcli apply sharpen photo.jpg -o sharp.jpg
convcli apply gaussian:2 photos/ -o blurred/
convcli apply "gaussian:1.4 | sobel" photo.jpg -o edges.png
convcli apply "0 -1 0; -1 5 -1; 0 -1 0" photo.png -o sharp.png
convcli learn photo.png sharp.png -o mine.yaml
convcli list
convcli help gaussian
"""

MORE = "convcli help COMMAND explains a command, convcli help FILTER a filter; convcli list names the filters."


class Application(TyperGroup):
    """The group of commands, each imported on first use. It turns every error into its lines and exit code."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = Commands()

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the options, the one for help included."""
        return [plain(each) for each in super().get_params(ctx)]

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - as Typer calls it
        """Print the help in lines that fit the terminal; Typer adds the end of the last one."""
        from convcli.cli.application.help import print_help  # which no picture needs

        print_help(self, ctx, whole=True)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command; exit with its code, or return it outside standalone mode."""
        by_typer = partial(self.call, args, prog_name, complete_var, windows_expand_args, **extra)
        return run(partial(called, args, by_typer), args, exits=standalone_mode)

    def _completes(self) -> bool:
        from convcli.cli.application.completion import answer

        return answer(self)

    def call(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Have Typer read the words and call the command; return its exit code. Raises UsageError in Typer's words."""
        words = sys.argv[1:] if args is None else args
        if not words and self._completes():
            return 0
        if not words:
            args = ["--help"]
        elif len(words) > 1 and words[0] in ("-h", "--help") and words[1] in self.commands:
            args = [words[1], words[0], *words[2:]]  # as git takes it
        if {"--install-completion", "--show-completion"} & set(words):
            from convcli.cli.application.completion import use_scripts

            use_scripts()
        try:
            return super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        except typer.TyperException as error:
            context = getattr(error, "ctx", None)
            command = context.command_path if context else "convcli"
            kind = UsageError if error.exit_code == UsageError.exit_code else ConvcliError
            message = error.message if hasattr(error, "possibilities") else error.format_message()
            raise kind(plain_words(message), f"{command} --help shows how") from error


app = typer.Typer(
    cls=Application,
    help=HELP,
    epilog=MORE,
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
