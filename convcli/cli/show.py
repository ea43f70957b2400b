"""``convcli show``: one filter, its weights and its figures, or its layers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from convcli.cli.options.common import VoiceOptions, check_output, loaded_filter
from convcli.cli.options.declared import FilterText, Json
from convcli.errors import UsageError

if TYPE_CHECKING:
    from convcli.filters import Pipeline
    from convcli.report import Layers, Voice

InputSize = Annotated[
    str | None,
    typer.Option(
        metavar="CxHxW",
        help="Channels, height and width of the input, for the table of layers.",
        show_default="one that fits",
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        *("-o", "--output"),
        metavar="PICTURE",
        help="Draw the kernel and its frequency response, or the layers.",
        show_default=False,
    ),
]
Force = Annotated[bool, typer.Option("-f", "--force", help="Overwrite an existing picture.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print the weights over the divisor as rows of a CSV.")]
Yaml = Annotated[bool, typer.Option("--yaml", help="Print it as a file that apply reads back.")]


def show(
    context: typer.Context,
    filter_text: FilterText,
    input_size: InputSize = None,
    output: Output = None,
    force: Force = False,
    yaml: Yaml = False,
    csv: Csv = False,
    json: Json = False,
    *,
    voice: VoiceOptions,
) -> None:
    """Show a kernel with its sum, gain, rank and symmetry, or a pipeline's layers with what they learn and see.

    \b
    convcli show sharpen
    convcli show gaussian:sigma=2 -o gaussian.png
    convcli show gaussian:5 --csv > gaussian.csv
    convcli show "1 2 1; 2 4 2; 1 2 1" --yaml > my.yaml
    convcli show network.yaml --input-size 1x28x28
    """
    from convcli.report import layers_of, parse_shape

    form = _form({"--yaml": yaml, "--csv": csv, "--json": json})
    shape = None if input_size is None else parse_shape(input_size)
    pipeline = _loaded(filter_text, voice.voice(context), explains=not form and output is None)
    if pipeline is None:
        return
    if form in ("--yaml", "--csv"):
        _print_file(pipeline, form)
        if output is None:
            return  # to be printed as a file, it needs no input that fits
    layers = layers_of(pipeline, shape)
    if output is not None:
        check_output(output, (), overwrite=force)
        voice.voice(context).say(_draw(layers, output, overwrite=force))
    if form in ("", "--json"):
        _print(layers, filter_text, json=json)


def _loaded(text: str, voice: Voice, *, explains: bool) -> Pipeline | None:
    """Return the filter; None for one that is explained in its place, where that is wanted, for want of parameters."""
    try:
        return loaded_filter(text, voice)
    except UsageError:
        if not explains or not _explained(text):
            raise
        return None


def _explained(text: str) -> bool:
    """Explain a filter or a layer that has nothing to show without its parameters; return whether it is known."""
    from convcli.catalog import article_of
    from convcli.filters import normal_name
    from convcli.report import article_lines, print_lines

    article = article_of(text)
    if article is None or normal_name(text) not in (article.name, *article.aliases):
        return False
    print_lines(article_lines(article))
    return True


def _form(given: dict[str, bool]) -> str:
    """Return the option that names how the filter is printed, empty for none; refuse two."""
    named = [name for name, is_given in given.items() if is_given]
    if len(named) > 1:
        raise UsageError(f"{named[0]} and {named[1]} would both print the filter", "give one of them")
    return named[0] if named else ""


def _print_file(pipeline: Pipeline, form: str) -> None:
    from convcli.catalog import SCHEMA_LINE, to_yaml
    from convcli.report import csv_text, takes_unicode

    if form == "--csv":
        typer.echo(csv_text(pipeline), nl=False)
    else:
        typer.echo(SCHEMA_LINE + to_yaml(pipeline, in_ascii=not takes_unicode()), nl=False)


def _print(layers: Layers, text: str, *, json: bool) -> None:
    from convcli.catalog import article_of
    from convcli.report import filter_facts, json_text, print_filter

    if json:
        typer.echo(json_text(filter_facts(layers), indent=2))
    else:
        print_filter(layers, article_of(text))


def _draw(layers: Layers, target: Path, *, overwrite: bool) -> str:
    """Draw a filter; return a line that says so."""
    from convcli.report import draw_filter, write_drawing

    height, width = write_drawing(draw_filter(layers), target, overwrite=overwrite)
    return f"{layers.pipeline.name or 'the filter'} → {target} ({width}×{height})"
