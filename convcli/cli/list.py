"""``convcli list``: the filters that have a name."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from convcli.cli.options.common import VoiceOptions
from convcli.cli.options.declared import Json, complete_group
from convcli.words import as_word


def list_(
    context: typer.Context,
    text: Annotated[
        str,
        typer.Argument(
            metavar="[TEXT]",
            help="In a name, an alias, a description or a group, such as edges.",
            show_default=False,
            autocompletion=complete_group,
        ),
    ] = "",
    json: Json = False,
    *,
    voice: VoiceOptions,
) -> None:
    """List the filters, or those that TEXT occurs in.

    \b
    convcli list
    convcli list blur
    convcli list edges
    convcli list --json
    """
    from convcli.catalog import list_filters
    from convcli.report import json_text, print_entries

    entries = list_filters(text)
    if json:
        typer.echo(json_text([asdict(entry) for entry in entries], indent=2))
    elif entries:
        print_entries(entries, text)
    else:
        from convcli.catalog import near_text

        near = near_text(text)
        way = f"did you mean convcli list {as_word(near)}?" if near else "convcli list shows all"
        voice.voice(context).say(f"no filter with {text!r} in it; {way}")
