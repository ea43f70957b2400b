"""``convcli check``: check filter files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from convcli.cli.options.common import VoiceOptions


def check(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="Filter files in YAML, and networks in ONNX.", show_default=False),
    ],
    voice: VoiceOptions,
) -> None:
    """Check filter files, and say where one is wrong.

    \b
    convcli check my.yaml
    convcli check kernels/*.yaml
    """
    from convcli.catalog import check_file
    from convcli.errors import FilterError
    from convcli.report import print_folded

    speaker = voice.voice(context)
    wrong = 0
    for file in files:
        try:
            speaker.say(f"{file}: valid ({check_file(file).name})")
        except FilterError as error:
            wrong += 1
            print_folded(error.headline)
            if hint := _way_to_show(file) or error.hint:
                speaker.say(f"help: {hint}")
    if wrong:
        raise typer.Exit(2)


def _way_to_show(file: Path) -> str:
    """Return the command for what is no filter file: a picture, or the name of a filter without one; else nothing."""
    from convcli.catalog import load_filter
    from convcli.errors import ConvcliError
    from convcli.image import format_of
    from convcli.words import as_word

    form = format_of(file)
    if form is not None and not form.array:
        return (
            f"it is a picture; of one that is a kernel, convcli import {as_word(str(file))} -o kernel.yaml makes a file"
        )
    if file.exists() or file.name != str(file) or file.suffix in (".yaml", ".yml"):
        return ""
    try:
        load_filter(str(file))
    except ConvcliError:
        return ""
    return f"it is the name of a filter: convcli show {as_word(str(file))}"
