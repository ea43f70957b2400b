"""Options that more than one command takes, each declared once."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from convcli.cli.options.bundles import Bundle

if TYPE_CHECKING:
    from convcli.filters import Pipeline
    from convcli.report import Voice

# Panels of the help.
VALUES = "Values and channels"
FILES = "Files"
ENGINE = "Engine and limits"


def complete_filter(incomplete: str) -> list[str]:
    """Return the names of filters that begin so."""
    from convcli.catalog import filter_names

    return [name for name in filter_names() if name.startswith(incomplete)]


FilterText = Annotated[
    str,
    typer.Argument(
        metavar="FILTER",
        help=(
            "A name (sharpen, gaussian:sigma=2), a YAML file, or a kernel"
            ' ("0 -1 0; -1 5 -1; 0 -1 0", or "[[0, -1, 0], [-1, 5, -1], [0, -1, 0]]").'
        ),
        autocompletion=complete_filter,
        show_default=False,
    ),
]


def loaded_filter(text: str, voice: "Voice") -> "Pipeline":
    """Return the filter that a text stands for, and warn where another may be meant; errors as `load_filter`."""
    from convcli.catalog import load_filter

    with voice.relaying("convcli.catalog"):
        return load_filter(text)


Alpha = Annotated[
    Literal["keep", "filter", "drop"],
    typer.Option(
        help="Treatment of transparency. A constant border is opaque with keep, transparent with filter.",
        rich_help_panel=VALUES,
    ),
]
Force = Annotated[bool, typer.Option("-f", "--force", help="Overwrite existing outputs.", rich_help_panel=FILES)]
MaxPixels = Annotated[
    int,
    typer.Option(
        metavar="N",
        help="Larger pictures are refused before they are decoded; all frames are counted.",
        min=1,
        rich_help_panel=ENGINE,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]


class VoiceOptions(Bundle):
    """The options that every command takes, and the group of commands too."""

    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Print errors only.")] = False
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Print details too.")] = False
    debug: Annotated[bool, typer.Option("--debug", help="Print a traceback with an error.")] = False

    def voice(self, context: typer.Context) -> "Voice":
        """Return the voice of the options before the command's name and after it."""
        from convcli.report import Voice

        before = context.obj or VoiceOptions()
        return Voice(
            quiet=self.quiet or before.quiet, verbose=self.verbose or before.verbose, debug=self.debug or before.debug
        )
