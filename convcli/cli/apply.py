"""``convcli apply``: filter pictures."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from convcli.cli._options import Debug, FilterText, Json, Quiet, Verbose, voice_of
from convcli.errors import UsageError
from convcli.number import parse_number

if TYPE_CHECKING:
    from convcli.batch import Batch
    from convcli.job import Recipe
    from convcli.pipeline import Padding
    from convcli.report.voice import Voice

KERNEL = "Kernel"
VALUES = "Values and channels"
OUTPUT = "Output"
FILES = "Files"
ENGINE = "Engine and limits"


def apply(
    context: typer.Context,
    filter_text: FilterText,
    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUT", help="Files, folders, or - for stdin.", show_default=False)
    ],
    output: Annotated[
        str,
        typer.Option(
            "-o", "--output", metavar="OUTPUT", show_default=False,
            help="A file for one input, a folder (ending in /) for many, or - for stdout.",
        ),
    ],
    border: Annotated[
        str | None,
        typer.Option(
            metavar="NAME[:VALUE]", show_default="reflect", rich_help_panel=KERNEL,
            help="What stands around the picture: constant[:VALUE], edge, reflect, symmetric or wrap.",
        ),
    ] = None,
    padding: Annotated[
        str | None,
        typer.Option(
            metavar="same|valid|full|N", show_default="same", rich_help_panel=KERNEL,
            help="How much is added around the picture.",
        ),
    ] = None,
    stride: Annotated[
        int | None,
        typer.Option(min=1, show_default="1", rich_help_panel=KERNEL, help="Pixels from one output to the next."),
    ] = None,
    dilation: Annotated[
        int | None,
        typer.Option(min=1, show_default="1", rich_help_panel=KERNEL, help="Pixels from one weight to the next."),
    ] = None,
    divisor: Annotated[
        str | None, typer.Option(metavar="X", rich_help_panel=KERNEL, help="Divides the sum of products.")
    ] = None,
    bias: Annotated[
        str | None,
        typer.Option(metavar="X|X%", rich_help_panel=KERNEL, help="Added to it: 0.5 or 50% is mid-grey."),
    ] = None,
    normalize: Annotated[
        Literal["none", "sum", "l1"] | None,
        typer.Option(
            show_default="none", rich_help_panel=KERNEL, help="Divide by the sum of the weights, or of their sizes."
        ),
    ] = None,
    flip: Annotated[
        bool,
        typer.Option(
            "--flip", "--convolve", rich_help_panel=KERNEL, help="Turn the kernel by 180°: true convolution."
        ),
    ] = False,
    range_: Annotated[
        Literal["clip", "abs", "stretch", "center"],
        typer.Option("--range", rich_help_panel=VALUES, help="What becomes of values outside the picture's range."),
    ] = "clip",
    alpha: Annotated[
        Literal["keep", "filter", "drop"],
        typer.Option(rich_help_panel=VALUES, help="What becomes of transparency."),
    ] = "keep",
    depth: Annotated[
        Literal["8", "16"] | None,
        typer.Option(rich_help_panel=OUTPUT, show_default="the input's", help="Bits a channel."),
    ] = None,
    format_name: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="NAME", rich_help_panel=OUTPUT, help="Of the output, in place of the name's ending."
        ),
    ] = None,
    quality: Annotated[
        int | None, typer.Option(min=1, max=100, rich_help_panel=OUTPUT, help="For JPEG and WebP.")
    ] = None,
    name: Annotated[
        str, typer.Option(metavar="PATTERN", rich_help_panel=OUTPUT, help="Names files in an output folder.")
    ] = "{stem}{suffix}",
    recursive: Annotated[
        bool, typer.Option("-r", "--recursive", rich_help_panel=FILES, help="Take the folders below a folder too.")
    ] = False,
    force: Annotated[
        bool, typer.Option("-f", "--force", rich_help_panel=FILES, help="Overwrite existing outputs.")
    ] = False,
    skip_existing: Annotated[
        bool, typer.Option("--skip-existing", rich_help_panel=FILES, help="Leave existing outputs alone.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("-n", "--dry-run", rich_help_panel=FILES, help="Say what would be done.")
    ] = False,
    keep_going: Annotated[
        bool, typer.Option("--keep-going/--fail-fast", rich_help_panel=FILES, help="After a file that failed.")
    ] = True,
    jobs: Annotated[
        str, typer.Option("-j", "--jobs", metavar="N|auto", rich_help_panel=FILES, help="Files at a time.")
    ] = "auto",
    engine: Annotated[
        Literal["auto", "numpy", "numba"], typer.Option(rich_help_panel=ENGINE, help="Auto takes the quicker one.")
    ] = "auto",
    threads: Annotated[
        int | None, typer.Option(min=1, rich_help_panel=ENGINE, show_default="processors", help="For one picture.")
    ] = None,
    max_pixels: Annotated[
        int, typer.Option(min=1, rich_help_panel=ENGINE, help="Larger pictures are refused before they are decoded.")
    ] = 89_478_485,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:  # fmt: skip
    """Apply a filter to pictures, folders of pictures, or arrays.

    \b
    convcli apply sharpen photo.jpg -o sharp.jpg
    convcli apply gaussian:sigma=2 photos/ -r -o blurred/
    convcli apply "-1 0 1; -2 0 2; -1 0 1" photo.png -o edges.png --bias 50%
    convcli apply my-kernel.yaml photo.png -o out.png --border wrap
    convcli apply "1 -1" edges.csv -o - --padding valid
    """
    del debug  # read where errors are told
    from convcli.batch import plan_batch
    from convcli.catalog import load_filter
    from convcli.engine import Settings
    from convcli.image import format_named
    from convcli.job import Recipe

    voice = voice_of(context, quiet=quiet, verbose=verbose)
    if force and skip_existing:
        raise UsageError("--force and --skip-existing contradict each other", "give one of them")
    if json and output == "-":
        raise UsageError("--json and -o - would both write to stdout", "write the picture to a file")
    pipeline = load_filter(filter_text).with_settings(
        border=border,
        padding=None if padding is None else _padding(padding),
        stride=stride,
        dilation=dilation,
        divisor=None if divisor is None else parse_number(divisor),
        bias=None if bias is None else parse_number(bias, percent=True),
        normalize=normalize,
        flip=flip,
    )
    recipe = Recipe(
        pipeline,
        range=range_,
        alpha=alpha,
        depth=None if depth is None else 8 if depth == "8" else 16,
        existing="overwrite" if force else "skip" if skip_existing else "refuse",
        quality=quality,
        max_pixels=max_pixels,
        settings=Settings(engine, threads),
    )
    batch = plan_batch(
        inputs,
        output,
        recursive=recursive,
        name=name,
        filter_name=pipeline.name,
        form=None if format_name is None else format_named(format_name),
    )
    workers = _workers(jobs)
    failed = _run(batch, recipe, voice, workers=workers, dry_run=dry_run, keep_going=keep_going, json=json)
    if failed:
        raise typer.Exit(1)


def _run(
    batch: Batch,
    recipe: Recipe,
    voice: Voice,
    *,
    workers: int | None,
    dry_run: bool,
    keep_going: bool,
    json: bool,
) -> int:
    """Run the batch and tell of it; return how many files failed."""
    from convcli.batch import look_ahead, run_batch
    from convcli.report.outcomes import Summary, as_json, tell, watched

    alone = len(batch.jobs) == 1
    summary = Summary()
    looking = (look_ahead(job, recipe) for job in batch.jobs)
    outcomes = looking if dry_run else run_batch(batch.jobs, recipe, workers)
    with closing(watched(outcomes, len(batch.jobs), voice)) as watching:
        for outcome in watching:
            summary.add(outcome)
            tell(outcome, voice, alone=alone)
            if json:
                typer.echo(as_json(outcome))
            if summary.failed and not keep_going:
                break
    if not alone:
        voice.say(summary.sentence(batch.passed_over))
    return summary.failed


def _padding(text: str) -> Padding | int:
    if text in ("same", "valid", "full"):
        return text  # type: ignore[return-value]  # one of the three literals
    if text.isascii() and text.isdigit():
        return int(text)
    raise UsageError(f"padding {text!r} is unknown", "write same, valid, full or a whole number from 0")


def _workers(text: str) -> int | None:
    if text == "auto":
        return None
    if text.isascii() and text.isdigit() and int(text) > 0:
        return int(text)
    raise UsageError(f"--jobs {text!r} is no number of files", "write auto or a whole number from 1")
