"""``convcli help``: a command, or a filter, explained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from convcli.cli.options.common import VoiceOptions, loaded_filter
from convcli.cli.options.declared import complete_filter

if TYPE_CHECKING:
    from convcli.report import Voice


def help_(
    context: typer.Context,
    topic: Annotated[
        str,
        typer.Argument(
            metavar="[COMMAND|FILTER]",
            help="A command, a filter or a layer; without one, all commands.",
            autocompletion=complete_filter,
            show_default=False,
        ),
    ] = "",
    *,
    voice: VoiceOptions,
) -> None:
    """Explain a command, or a filter or layer: its parameters, their ranges, its formula, and how to use it.

    \b
    convcli help
    convcli help apply
    convcli help gaussian
    """
    parent: Any = context.parent
    if not topic:
        typer.echo(parent.get_help())
    elif topic in parent.command.commands:
        command = parent.command.commands[topic]
        typer.echo(command.get_help(type(context)(command, info_name=topic, parent=parent)))
    else:
        _explain(topic, voice.voice(context))


def _explain(text: str, voice: Voice) -> None:
    """Print what is known of a filter, or of each filter of a pipeline."""
    from convcli.catalog import article_of
    from convcli.report import Line, article_lines, pipeline_lines, print_lines

    articles = [article_of(step) for step in text.split("|")]
    if all(articles):
        lines = [article_lines(each) for each in articles if each is not None]
    else:
        lines = [pipeline_lines(loaded_filter(text, voice), text)]
    for index, each in enumerate(lines):
        print_lines([*[Line()] * (index > 0), *each])
