"""``convcli explain``: how one output value came about."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from convcli.cli.options.common import VoiceOptions, loaded_filter
from convcli.cli.options.declared import Alpha, FilterText, Json, MaxPixels
from convcli.cli.options.kernel import KernelOptions
from convcli.errors import UsageError
from convcli.image import DEFAULT_MAX_PIXELS

if TYPE_CHECKING:
    from convcli.filters import Pipeline
    from convcli.image import Picture

_POSITION = re.compile(r"\s*(-?\d{1,9})\s*,\s*(-?\d{1,9})\s*", re.ASCII)

Image = Annotated[str, typer.Argument(metavar="IMAGE", help="A picture or array, or - for stdin.")]
At = Annotated[
    str, typer.Option(metavar="X,Y", help="Column and row of the output, counted from 0.", show_default=False)
]
Channel = Annotated[int, typer.Option(metavar="N", help="Channel of the output, counted from 0.")]


def explain(
    context: typer.Context,
    filter_text: FilterText,
    image: Image,
    at: At,
    channel: Channel = 0,
    *,
    kernel: KernelOptions,
    alpha: Alpha = "keep",
    max_pixels: MaxPixels = DEFAULT_MAX_PIXELS,
    json: Json = False,
    voice: VoiceOptions,
) -> None:
    """Explain one output value: the values under the kernel, the weights, their products, their sum, and its rounding.

    \b
    convcli explain sharpen photo.png --at 120,80
    convcli explain sobel-x photo.png --at 0,0 --border wrap --bias 50%
    convcli explain "1 -1" edges.csv --at 1,0 --padding valid
    convcli explain network.yaml digit.png --at 3,3 --channel 5
    """
    from convcli.engine import COMPILING_LOGGER
    from convcli.image import read_picture
    from convcli.places import place_name, place_of

    position = _parse_at(at)
    speaker = voice.voice(context)
    pipeline = kernel.applied_to(loaded_filter(filter_text, speaker))
    source = "stdin" if image == "-" else place_name(image)
    picture = read_picture(sys.stdin.buffer if image == "-" else place_of(image), max_pixels=max_pixels)
    more = (f"the first of {len(picture.frames)} items is explained",) if len(picture.frames) > 1 else ()
    for note in (*picture.notes, *more):
        speaker.warn(f"{source}: {note}")
    with speaker.relaying(COMPILING_LOGGER, once=True):
        _explain(pipeline, picture, source, position, channel, alpha, json=json)


def _parse_at(text: str) -> tuple[int, int]:
    found = _POSITION.fullmatch(text)
    if found is None:
        numbers = re.findall(r"(?<!\d)\d{1,9}(?!\d)", text)
        meant = ",".join(numbers) if len(numbers) == 2 else "120,80"  # a column and a row
        raise UsageError(f"--at {text.strip()!r} is no position", f"write column and row, counted from 0: --at {meant}")
    return int(found[1]), int(found[2])


def _explain(
    pipeline: Pipeline, picture: Picture, source: str, at: tuple[int, int], channel: int, alpha: Alpha, *, json: bool
) -> None:
    from convcli.engine import explain as explained
    from convcli.jobs import Given, Recipe, decide
    from convcli.report import ExplainedPoint, explanation_values, json_text, print_explanation

    treatment = decide(Given.of(picture), Recipe(pipeline, alpha=alpha), None, name=source)
    explanation = explained(
        pipeline,
        treatment.widened(picture.frames[0]),
        at,
        channel,
        full_scale=treatment.full_scale,
        dtype=treatment.dtype,
        alpha=treatment.alpha,
    )
    full_scale = None if treatment.dtype.kind == "f" else treatment.white  # floats are neither clipped nor rounded
    subject = ExplainedPoint(pipeline, (treatment.colors, *picture.size), source, at, channel, full_scale)
    if json:
        typer.echo(json_text(explanation_values(explanation, subject)))
    else:
        print_explanation(explanation, subject)
