"""The recipe and the batch that the options of ``apply`` ask for."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from convcli.disk import descriptor_of, is_special
from convcli.engine import Settings
from convcli.errors import UsageError
from convcli.image import FORMATS, default_format, format_named, format_of
from convcli.jobs import (
    DEFAULT_NAME,
    LOCAL,
    STREAM,
    Batch,
    OnOutput,
    Policy,
    Recipe,
    alpha_of,
    output_size,
    parse_channels,
    plan_batch,
    plan_in_place,
    refuse_terminal,
)
from convcli.places import Remote, place_of
from convcli.words import listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convcli.cli.apply.options import EngineOptions, FileOptions, OutputOptions, ValueOptions
    from convcli.filters import Pipeline
    from convcli.image import Color, Format
    from convcli.jobs import Artist
    from convcli.report import Voice


_STDOUT = 1


def as_stream(output: str) -> str:
    """Return the output, and ``-`` for another name of stdout."""
    return STREAM if descriptor_of(Path(output)) == _STDOUT else output


def check_output(output: str | None, values: ValueOptions, outputs: OutputOptions, *, json: bool) -> None:
    """Refuse options that contradict the output, or each other, by an error that names both."""
    if output is None:
        _check_in_place(values, outputs)
        return
    place = place_of(output)
    if isinstance(place, Remote) and place.is_web:
        raise UsageError(f"{place} is for reading", "write to s3://, gs:// or az://, or to a file")
    form = format_of(place) if outputs.format is None else format_named(outputs.format)
    if form is not None and form.chunked and output == STREAM:
        raise UsageError(f"{form.title} is a folder, which stdout cannot be", "write to the disk: -o NAME.zarr")
    if json and output == STREAM:
        raise UsageError("--json and -o - would both write to stdout", "write the picture to a file")
    if outputs.each and (output == STREAM or is_special(Path(output))):
        stream = "stdout" if output == STREAM else output
        raise UsageError(f"--each writes a file per channel, which {stream} cannot take", "name a file: -o maps.png")


def _check_in_place(values: ValueOptions, outputs: OutputOptions) -> None:
    """Refuse options about other files than the inputs, or that would leave a part of one."""
    given = {
        "--name": outputs.name != DEFAULT_NAME,
        "--format": outputs.format is not None,
        "--each": outputs.each,
        "--sheet": outputs.sheet,
        "--frame": values.frame is not None,
    }
    for option in (option for option, is_given in given.items() if is_given):
        hint = f"leave out one of them, or write to other files with -o, where {option} is of use"
        raise UsageError(f"--in-place and {option} contradict each other", hint)


def recipe_of(pipeline: Pipeline, values: ValueOptions, outputs: OutputOptions) -> Recipe:
    """Return the recipe; raise UsageError for unknown channels, or options that contradict each other."""
    if outputs.sheet and values.range in ("abs", "center"):
        raise UsageError("--sheet stretches every channel to its own range", "leave out --range, or use --each")
    channels = parse_channels(values.channels)
    return Recipe(
        pipeline,
        range=values.range,
        alpha=alpha_of(channels, values.alpha),
        channels=channels,
        background=_background(values),
        linear=values.linear,
        depth=outputs.bits,
        quality=outputs.quality,
        png_effort=outputs.png_effort,
        overviews=outputs.overviews,
        metadata=outputs.metadata,
        frame=values.frame,
        artist=_artist() if outputs.sheet else None,
    )


def _background(values: ValueOptions) -> Color | None:
    if values.background is None:
        return None
    if values.alpha == "drop":
        raise UsageError("--alpha drop leaves nothing to lay on --background", "leave out one of them")
    from convcli.image import parse_color  # here, with Pillow's names of colors

    return parse_color(values.background)


def policy_of(files: FileOptions, engine: EngineOptions) -> Policy:
    """Return the use of files and of the machine; raise UsageError for numbers of processes on another's cluster."""
    if engine.scheduler not in (None, LOCAL) and files.workers is not None:
        raise UsageError("--jobs and --scheduler contradict each other", "start as many workers as files at a time")
    if engine.scheduler is not None and files.in_place:
        hint = "leave out one of them, or write to other files with -o"
        raise UsageError("--in-place and --scheduler contradict each other", hint)
    return Policy(
        existing=files.existing,
        backup=not files.no_backup,
        keep_going=files.keep_going,
        workers=files.workers,
        max_pixels=engine.max_pixels,
        strict=files.strict,
        bound=engine.bound,
        resumes=files.resume,
        settings=Settings(engine.engine, engine.threads),
        scheduler=engine.scheduler,
    )


def _artist() -> Artist:
    from convcli.report import draw_sheet

    return draw_sheet


def planned_batch(
    sources: list[str],
    output: str | None,
    recipe: Recipe,
    policy: Policy,
    outputs: OutputOptions,
    files: FileOptions,
    voice: Voice,
) -> tuple[Batch, OnOutput | None]:
    """Return the jobs that are left to do, and the function that records each output.

    Raises UsageError where the inputs and the output do not go together, an output is the input of another job, or a
    picture would be printed on a terminal.
    """
    form = None if outputs.format is None else format_named(outputs.format)
    if output is None:
        batch = plan_in_place(sources, recursive=files.recursive)
        warn_unused(batch, recipe, voice)
        from convcli.cli.apply.resume import with_record_in_place  # for --in-place alone

        return with_record_in_place(batch, sources, recipe, files, voice)
    batch = plan_batch(
        sources,
        output,
        recursive=files.recursive,
        name=outputs.name,
        filter_name=recipe.pipeline.name,
        form=form,
        size_of=partial(output_size, recipe=recipe, max_pixels=policy.max_pixels),
        streamed=_may_stream(recipe, outputs, files),
    )
    if outputs.each:
        batch = batch._replace(jobs=tuple(job._replace(each=True) for job in batch.jobs))
    if files.force and len(batch.jobs) > 1:
        from convcli.jobs import refuse_overwritten_inputs  # for --force of several files alone

        refuse_overwritten_inputs(batch.jobs)
    if outputs.name != DEFAULT_NAME and not batch.jobs[0].makes_folder:
        voice.warn("--name is left unused: it names the files in an output folder, such as -o out/")
    _check_terminal(batch, sheet=outputs.sheet)
    warn_unused(batch, recipe, voice)
    if len(batch.jobs) < 2 and not files.resume:
        return batch, None
    return _recorded(batch, recipe, form, output, files, voice)


def _recorded(
    batch: Batch, recipe: Recipe, form: Format | None, output: str, files: FileOptions, voice: Voice
) -> tuple[Batch, OnOutput | None]:
    from convcli.cli.apply.resume import with_record  # not imported for a single picture

    return with_record(batch, recipe, form, output, files, voice)


def _may_stream(recipe: Recipe, outputs: OutputOptions, files: FileOptions) -> bool:
    """Return whether no option is about the whole batch before it begins."""
    about_formats = recipe.quality is not None or recipe.background is not None
    return not (about_formats or outputs.each or files.force or files.resume or files.dry_run)


def _check_terminal(batch: Batch, *, sheet: bool) -> None:
    """Refuse to print a picture on a terminal; the format of stdin is known later."""
    for job in batch.jobs:
        if job.target is None and (job.source is not None or job.format is not None or sheet):
            form = format_of(job.source) if job.source else None
            is_array = form is not None and form.array and not sheet
            refuse_terminal(job.format or default_format(array=is_array))


def warn_unused(batch: Batch, recipe: Recipe, voice: Voice) -> None:
    """Warn once of options that are not about the format of an output, and of one that its name contradicts."""
    job = batch.jobs[0]
    named = format_of(job.target or "")
    if named and job.format and named != job.format and not job.makes_folder:
        voice.warn(f"{job.target} holds {job.format.title}, by --format, and its name stands for {named.title}")
    forms = {job.format or format_of(job.target or "") or default_format() for job in batch.jobs}
    if recipe.quality is not None and (others := [form for form in forms if not form.takes_quality]):
        takers = listed([form.title for form in FORMATS if form.takes_quality])
        voice.warn(f"--quality is left unused for {_titles(others)}: it is for {takers}")
    if recipe.overviews and (others := [form for form in forms if not (form.paged or form.chunked)]):
        voice.warn(f"--overviews is left unused for {_titles(others)}: it is for TIFF and Zarr")
    holders = [] if recipe.artist else [form for form in forms if form.alpha or form.array]
    if recipe.background is not None and holders:
        voice.warn(f"--background is left unused for {_titles(holders)}: it is for formats without alpha")


def _titles(forms: Iterable[Format]) -> str:
    return ", ".join(sorted(form.title for form in forms))
