"""``convcli warmup``: compile once, ahead of need."""

from __future__ import annotations

import typer

from convcli.cli.options.common import Debug, Json, Quiet, Verbose, voice_of


def warmup(
    context: typer.Context,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Compile the loops of the fast engine, and keep them: no picture waits for the compiler then.

    \b
    convcli warmup
    convcli warmup --json
    """
    del debug
    from convcli.engine import loop_samples
    from convcli.report import json_text, run_warmup

    voice = voice_of(context, quiet=quiet, verbose=verbose)
    result = run_warmup(loop_samples(), voice)
    if json:
        typer.echo(json_text(result.facts(), indent=2))
    voice.say(result.sentence())
    for note in result.notes():
        voice.warn(note)
