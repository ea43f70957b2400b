"""Arguments and options for Typer: those that more than one command takes, and those of `apply`.

The annotations of bundles are read with these names, when Typer makes a command of them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from convcli.cli.options.amounts import parsed_pixels
from convcli.cli.options.common import ENGINE, FILES, VALUES
from convcli.filters import Parameter, SizeParameter, as_text


def complete_filter(incomplete: str) -> list[str]:
    """Return the texts of filters that begin so."""
    from convcli.catalog import completed

    return completed(incomplete)


def complete_group(incomplete: str) -> list[str]:
    """Return the groups of the list that begin so."""
    from convcli.catalog import GROUPS

    return [group for group in GROUPS if group.startswith(incomplete)]


FilterText = Annotated[
    str,
    typer.Argument(
        metavar="FILTER",
        help=(
            "A name (sharpen, gaussian:sigma=2), a YAML or ONNX file, a kernel"
            ' ("0 -1 0; -1 5 -1; 0 -1 0"), or several ("gaussian:1.4 | sobel").'
        ),
        autocompletion=complete_filter,
        show_default=False,
    ),
]


Alpha = Annotated[
    Literal["keep", "filter", "drop"],
    typer.Option(
        help="Keep transparency as it is, filter it too, or drop it. A constant border is transparent with filter.",
        rich_help_panel=VALUES,
    ),
]
Force = Annotated[bool, typer.Option("-f", "--force", help="Overwrite existing outputs.", rich_help_panel=FILES)]
MaxPixels = Annotated[
    int,
    typer.Option(
        metavar="N",
        help="Pixels of a picture, such as 250M: larger ones are refused before they are decoded; all frames are"
        " counted, of a video each. Pages, chunks and scans are limited in proportion.",
        min=1,
        parser=parsed_pixels,
        rich_help_panel=ENGINE,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]


def declared_option(setting: Parameter, *names: str) -> Any:
    """Return the option of a setting of the kernel, as it is declared."""
    # The command takes one number for both axes; a padding may be a word besides.
    low, high = (setting.low, setting.high) if type(setting) is SizeParameter else (None, None)
    return typer.Option(
        *names,
        metavar=setting.metavar or None,
        help=setting.help,
        min=low,
        max=high,
        show_default=as_text(setting.default) if setting.default else True,
    )


# Of `apply`. None and not an empty list, which Typer and the pages of the manual would take for a default.
Inputs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="INPUT",
        help="Files, folders of pictures or else of arrays, URLs, or - for stdin.",
        show_default=False,
    ),
]
Output = Annotated[
    str | None,
    typer.Option(
        *("-o", "--output"),
        metavar="OUTPUT",
        help="A file for one input, a folder (ending in /) for many, a URL of either, or - for stdout.",
        show_default=False,
    ),
]
