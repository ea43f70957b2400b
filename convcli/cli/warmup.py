"""``convcli warmup``: compile once, ahead of need."""

from __future__ import annotations

import typer

from convcli.cli.options.common import VoiceOptions
from convcli.cli.options.declared import Json


def warmup(context: typer.Context, json: Json = False, *, voice: VoiceOptions) -> None:
    """Compile the loops of the fast engine before a picture waits for them.

    \b
    convcli warmup
    convcli warmup --json
    """
    from convcli.engine import loop_samples
    from convcli.report import json_text, run_warmup

    speaker = voice.voice(context)
    result = run_warmup([each for each in loop_samples() if each.is_common], speaker)
    if json:
        typer.echo(json_text(result.facts(), indent=2))
    speaker.say(result.sentence())
    for note in result.notes():
        speaker.warn(note)
