"""``convcli apply``: filter pictures."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from convcli.cli.apply import options
from convcli.cli.apply.inputs import all_inputs, check_terminal, warn_unused_quality
from convcli.cli.apply.resume import with_record
from convcli.cli.options.common import Debug, FilterText, Json, Quiet, Verbose, voice_of
from convcli.cli.options.kernel import with_options
from convcli.errors import UsageError

if TYPE_CHECKING:
    from convcli.jobs import Artist, Batch, OnOutput, Outcome, Policy, Recipe
    from convcli.report import Voice

_DEPTHS: dict[str | None, Literal[8, 16, "float"] | None] = {None: None, "8": 8, "16": 16, "float": "float"}


def apply(
    context: typer.Context,
    filter_text: FilterText,
    inputs: options.Inputs,
    output: options.Output,
    border: options.Border = None,
    padding: options.Padding = None,
    stride: options.Stride = None,
    dilation: options.Dilation = None,
    divisor: options.Divisor = None,
    bias: options.Bias = None,
    normalize: options.Normalize = None,
    flip: options.Flip = False,
    range_: options.Range = "clip",
    channels: options.Channels = "all",
    alpha: options.Alpha = "keep",
    linear: options.Linear = False,
    frame: options.Frame = None,
    depth: options.Depth = None,
    format_name: options.FormatName = None,
    quality: options.Quality = None,
    png_effort: options.PngEffort = "balanced",
    metadata: options.Metadata = "keep",
    sheet: options.Sheet = False,
    each: options.Each = False,
    name: options.Name = "{stem}{suffix}",
    files_from: options.FilesFrom = None,
    recursive: options.Recursive = False,
    force: options.Force = False,
    skip_existing: options.SkipExisting = False,
    resume: options.Resume = False,
    dry_run: options.DryRun = False,
    keep_going: options.KeepGoing = True,
    jobs: options.Jobs = "auto",
    engine: options.Engine = "auto",
    threads: options.Threads = None,
    max_pixels: options.MaxPixels = 89_478_485,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Apply a filter to pictures, folders of pictures, or arrays.

    \b
    convcli apply sharpen photo.jpg -o sharp.jpg
    convcli apply gaussian:sigma=2 photos/ -r -o blurred/
    convcli apply "-1 0 1; -2 0 2; -1 0 1" photo.png -o edges.png --bias 50%
    convcli apply my-kernel.yaml photo.png -o out.png --border wrap
    convcli apply unsharp:2 photo.jpg -o sharp.jpg --channels luma
    convcli apply gaussian:5 lights.jpg -o soft.jpg --linear
    convcli apply "1 -1" edges.csv -o - --padding valid
    convcli apply layer.yaml digit.png -o maps.png --sheet
    """
    # Before the imports, during which the picture is decoded.
    inputs = all_inputs(inputs, files_from)
    if len(inputs) == 1 and not dry_run:
        _read_ahead(context, inputs[0], max_pixels, frame)
    _let_blas_sleep()
    from convcli.catalog import load_filter
    from convcli.engine import Settings
    from convcli.image import format_named
    from convcli.jobs import Policy, Recipe, names_alpha, parse_channels, plan_batch, refuse_overwritten_inputs

    voice = voice_of(context, quiet=quiet, verbose=verbose, debug=debug)
    if force and skip_existing:
        raise UsageError("--force and --skip-existing contradict each other", "give one of them")
    if resume and skip_existing:
        raise UsageError("--resume trusts no output for being there, as --skip-existing does", "give one of them")
    if json and output == "-":
        raise UsageError("--json and -o - would both write to stdout", "write the picture to a file")
    _check_channels(output, sheet=sheet, each=each, depth=depth, range_=range_)
    named = parse_channels(channels)
    if alpha == "drop" and names_alpha(named):
        raise UsageError("--alpha drop and --channels with a contradict each other", "give one of them")
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
    recipe = Recipe(
        pipeline,
        range=range_,
        alpha="filter" if names_alpha(named) else alpha,
        channels=named,
        linear=linear,
        depth=_DEPTHS[depth],
        quality=quality,
        png_effort=png_effort,
        metadata=metadata,
        frame=frame,
        artist=_artist() if sheet else None,
    )
    policy = Policy(
        existing="overwrite" if force else "skip" if skip_existing else "refuse",
        keep_going=keep_going,
        workers=_workers(jobs),
        max_pixels=max_pixels,
        settings=Settings(engine, threads),
    )
    form = None if format_name is None else format_named(format_name)
    batch = plan_batch(
        inputs,
        output,
        recursive=recursive,
        name=name,
        filter_name=pipeline.name,
        form=form,
    )
    if each:
        batch = replace(batch, jobs=tuple(replace(job, each=True) for job in batch.jobs))
    if force:
        refuse_overwritten_inputs(batch.jobs)
    check_terminal(batch, sheet=sheet)
    warn_unused_quality(batch, quality, voice)
    batch, on_output = with_record(
        batch, recipe, form, output, voice, anew=force and not resume, wanted=resume, dry_run=dry_run
    )
    failed = _run(batch, recipe, policy, voice, on_output, dry_run=dry_run, json=json)
    if failed:
        raise typer.Exit(1)


def _let_blas_sleep() -> None:
    """Have the threads of NumPy's OpenBLAS wait for work asleep.

    From the import of NumPy on they wait busily for a tenth of a second, on the processor that decodes the picture.
    Filtering multiplies small matrices, if any, and is no slower so.
    """
    os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")


def _read_ahead(context: typer.Context, text: str, max_pixels: int, frame: int | None) -> None:
    from convcli.image import format_of, reading_ahead

    form = format_of(text)
    if form is not None and not form.array:
        context.with_resource(reading_ahead(Path(text), max_pixels, "all" if frame is None else frame))


def _run(
    batch: Batch,
    recipe: Recipe,
    policy: Policy,
    voice: Voice,
    on_output: OnOutput | None,
    *,
    dry_run: bool,
    json: bool,
) -> int:
    """Run the batch and tell of it; return how many files failed."""
    from convcli.report import Summary, outcome_json, report_outcome

    total = len(batch.done) + len(batch.jobs)
    alone = total == 1
    summary = Summary()
    outcomes = _outcomes(batch, recipe, policy, on_output, dry_run=dry_run)
    shown = closing(voice.progress(outcomes, total, "filtering"))
    with voice.relaying("convcli.engine.compiled.numba_engine"), shown as watched:
        for outcome in watched:
            summary.add(outcome)
            report_outcome(outcome, voice, alone=alone)
            if json:
                typer.echo(outcome_json(outcome))
    if not alone or batch.passed_over:
        voice.say(summary.sentence(batch.passed_over, total))
    return summary.failed


def _outcomes(
    batch: Batch, recipe: Recipe, policy: Policy, on_output: OnOutput | None, *, dry_run: bool
) -> Generator[Outcome]:
    from convcli.jobs import predict_outcome, run_batch, until_failure

    yield from batch.done
    if dry_run:
        predicted = (predict_outcome(job, recipe, policy) for job in batch.jobs)
        yield from predicted if policy.keep_going else until_failure(predicted)
    else:
        yield from run_batch(batch.jobs, recipe, policy, on_output)


def _check_channels(output: str, *, sheet: bool, each: bool, depth: str | None, range_: str) -> None:
    """Refuse what contradicts how the output channels are to be written."""
    if sheet and each:
        raise UsageError("--sheet and --each contradict each other", "give one of them")
    if each and output == "-":
        raise UsageError("--each writes a file per channel, which stdout cannot take", "name a file: -o maps.png")
    if sheet and depth not in (None, "8"):
        raise UsageError("a sheet has 8 bits a channel", "leave out --depth, or write the channels with --each")
    if sheet and range_ in ("abs", "center"):
        raise UsageError("--sheet stretches every channel to its own range", "leave out --range, or use --each")


def _artist() -> Artist:
    from convcli.report import draw_sheet

    return draw_sheet


def _workers(text: str) -> int | None:
    if text == "auto":
        return None
    if text.isascii() and text.isdigit() and int(text) > 0:
        return int(text)
    raise UsageError(f"--jobs {text!r} is no number of files", "write auto or a whole number from 1")
