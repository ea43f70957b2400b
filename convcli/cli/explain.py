"""``convcli explain``: how one output value came about."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from convcli.cli.apply import options
from convcli.cli.options.common import Debug, FilterText, Json, Quiet, Verbose, voice_of
from convcli.cli.options.kernel import with_options
from convcli.errors import UsageError

if TYPE_CHECKING:
    from convcli.image import Picture
    from convcli.report import Voice

_PLACE = re.compile(r"\s*(-?\d{1,9})\s*,\s*(-?\d{1,9})\s*", re.ASCII)


def explain(
    context: typer.Context,
    filter_text: FilterText,
    image: Annotated[str, typer.Argument(metavar="IMAGE", help="A picture or array, or - for stdin.")],
    at: Annotated[
        str,
        typer.Option(metavar="X,Y", help="Column and row of the output, counted from 0.", show_default=False),
    ],
    channel: Annotated[int, typer.Option(metavar="N", help="Channel of the output, counted from 0.")] = 0,
    border: options.Border = None,
    padding: options.Padding = None,
    stride: options.Stride = None,
    dilation: options.Dilation = None,
    divisor: options.Divisor = None,
    bias: options.Bias = None,
    normalize: options.Normalize = None,
    flip: options.Flip = False,
    alpha: options.Alpha = "keep",
    max_pixels: options.MaxPixels = 89_478_485,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Explain one output value: the values under the kernel, the weights, their products, and what becomes of the sum.

    \b
    convcli explain sharpen photo.png --at 120,80
    convcli explain sobel-x photo.png --at 0,0 --border wrap --bias 50%
    convcli explain "1 -1" edges.csv --at 1,0 --padding valid
    convcli explain network.yaml digit.png --at 3,3 --channel 5
    """
    del debug  # read where errors are told
    from convcli.catalog import load_filter
    from convcli.engine import explain as explained
    from convcli.image import read_picture
    from convcli.jobs import Given, Recipe, decide
    from convcli.report import ExplainedPoint, explanation_values, json_text, print_explanation

    place = _parse_at(at)
    pipeline = with_options(
        load_filter(filter_text),
        border=border,
        padding=padding,
        stride=stride,
        dilation=dilation,
        divisor=divisor,
        bias=bias,
        normalize=normalize,
        flip=flip,
    )
    source = "stdin" if image == "-" else image
    picture = read_picture(sys.stdin.buffer if image == "-" else Path(image), max_pixels=max_pixels)
    _warn(picture, source, voice_of(context, quiet=quiet, verbose=verbose))
    treatment = decide(Given.of(picture), Recipe(pipeline, alpha=alpha), None, name=source)
    explanation = explained(
        pipeline,
        treatment.widened(picture.frames[0]),
        place,
        channel,
        full_scale=treatment.full_scale,
        dtype=treatment.dtype,
        alpha=treatment.alpha,
    )
    full_scale = None if treatment.dtype.kind == "f" else treatment.white  # floats are neither clipped nor rounded
    subject = ExplainedPoint(pipeline, (treatment.colors, *picture.size), source, place, channel, full_scale)
    if json:
        typer.echo(json_text(explanation_values(explanation, subject)))
    else:
        print_explanation(explanation, subject)


def _warn(picture: Picture, source: str, voice: Voice) -> None:
    more = (f"the first of {len(picture.frames)} items is explained",) if len(picture.frames) > 1 else ()
    for note in (*picture.notes, *more):
        voice.warn(f"{source}: {note}")


def _parse_at(text: str) -> tuple[int, int]:
    found = _PLACE.fullmatch(text)
    if found is None:
        raise UsageError(f"--at {text.strip()!r} is no place", "write column and row, counted from 0: --at 120,80")
    return int(found[1]), int(found[2])
