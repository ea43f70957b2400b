"""``convcli warmup``: compile once, ahead of need."""

from __future__ import annotations

import typer

from convcli.cli.application.options import Debug, Json, Quiet, Verbose, voice_of


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
    from convcli.report import warmed

    voice = voice_of(context, quiet=quiet, verbose=verbose)
    warming = warmed(loop_samples(), voice)
    if json:
        typer.echo(warming.as_json())
    voice.say(warming.sentence())
    for note in warming.notes():
        voice.warn(note)
