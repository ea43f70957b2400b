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
            if error.hint:
                speaker.say(f"help: {error.hint}")
    if wrong:
        raise typer.Exit(2)
