"""``convcli help``: a command, or a filter, explained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from convcli.cli.options.common import HELP_ALL, VoiceOptions, loaded_filter
from convcli.cli.options.declared import complete_filter
from convcli.errors import UsageError
from convcli.words import did_you_mean

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
        try:
            _explain(topic, voice.voice(context))
        except UsageError as error:
            raise UsageError(error.message, _way(topic, parent.command) or error.hint) from error


# Subjects that are neither commands nor filters, and where they are explained.
_SUBJECTS = {
    "convcli list": "filters kernels names all",
    "convcli list layers": "layers layer",
    "convcli list networks": "networks network nn cnn",
    "convcli show sharpen --yaml prints a filter file": "yaml file format files",
    'filters are joined by bars: convcli apply "gaussian:1.4 | sobel" photo.jpg -o edges.png': "pipeline pipelines",
    "convcli explain sharpen photo.png --at 10,20 shows how one value is computed": "convolution convolve correlation",
    "convcli doctor lists the formats": "formats codecs png jpeg jpg tiff webp",
    "convcli apply --help explains the options": "options usage arguments",
}


def _way(topic: str, group: Any) -> str:
    """Return where a topic is explained that is neither a command nor a filter; empty where it is not known."""
    from convcli.catalog import known_names

    word = topic.lower().lstrip("-")
    if word in ("me", "please"):
        return "convcli help lists the commands"
    named = [each for each in word.strip(" ?!.").split() if each in (*group.commands, *known_names())]
    if " " in word and named:
        return f"convcli help {named[-1]}"
    if any(f"--{word}" in each.opts for each in group.commands["apply"].params):
        return f"convcli apply {HELP_ALL} explains --{word}"
    found = next((way for way, words in _SUBJECTS.items() if word in words.split()), "")
    near = did_you_mean(word, group.commands).removeprefix("did you mean ").removesuffix("?")
    return found or (f"did you mean convcli help {near}?" if near else "")


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
