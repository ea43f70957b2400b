"""``apply --preview``: before and after on the terminal, without an output or beside it."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from convcli.errors import ConvcliError, UsageError
from convcli.image import Frames, Picture, default_format, format_named, format_of, in_srgb, read_picture
from convcli.jobs import STREAM, Done, Finder, Job, Outcome, filtered
from convcli.report import Side, check_preview, is_preview_coarse, print_preview

if TYPE_CHECKING:
    from convcli.cli.apply.options import EngineOptions, FileOptions, OutputOptions
    from convcli.cli.apply.running import Progress
    from convcli.image import Format
    from convcli.jobs import Policy, Recipe
    from convcli.places import Place
    from convcli.report import Voice

_OF_FRAMES = "frames-left-out"
_HUGE = 16_000_000  # pixels; a larger picture is reduced before it is filtered


def check_previewed(
    output: str | None,
    sources: list[str],
    outputs: OutputOptions,
    files: FileOptions,
    engine: EngineOptions,
    *,
    json: bool,
) -> None:
    """Refuse options that contradict --preview, and a terminal that cannot show pictures."""
    writing = {"--each": outputs.each, "--resume": files.resume, "--skip-existing": files.skip_existing}
    contradicting = {
        "--json": json,
        "--watch": files.watch,
        "--dry-run": files.dry_run,
        "--scheduler": engine.scheduler is not None,
        **(writing if output is None else {}),
    }
    for name, is_given in contradicting.items():
        if is_given:
            raise UsageError(f"{name} and --preview contradict each other", f"leave out {name}")
    if output == STREAM:
        raise UsageError("--preview and -o - would both write to stdout", "write the picture to a file")
    if output is not None and STREAM in sources:
        raise UsageError("--preview beside an output reads its input again, and stdin is read but once", "name a file")
    check_preview()


def preview_outcomes(recipe: Recipe, policy: Policy, voice: Voice) -> Progress:
    """Return what shows the input and the output of each file that is done."""
    _advise(voice)

    def show(outcomes: Generator[Outcome], _total: int | None, _label: str) -> Generator[Outcome]:
        with closing(outcomes):
            for outcome in outcomes:
                if isinstance(outcome, Done):
                    _show_files(outcome.job, recipe, policy, voice)
                yield outcome

    return show


def _show_files(job: Job, recipe: Recipe, policy: Policy, voice: Voice) -> None:
    try:
        before = _side(_read(job.source, recipe.frame, policy.max_pixels), job.source_name)
        print_preview(before, _side(_read(job.numbered(0), None, policy.max_pixels), job.target_name))
    except ConvcliError as error:  # after the output was written
        voice.warn(f"no preview: {error.headline}")


def preview_alone(
    sources: list[str],
    filter_text: str,
    recipe: Recipe,
    policy: Policy,
    outputs: OutputOptions,
    files: FileOptions,
    voice: Voice,
) -> int:
    """Show each input before and after, and write nothing; return the exit code: 1 where a file failed."""
    finder = Finder(sources, os.devnull, recursive=files.recursive)
    form = None if outputs.format is None else format_named(outputs.format)
    code = count = 0
    _advise(voice)
    for count, (source, _) in enumerate(finder, start=1):  # noqa: B007 - the last one counts
        job = Job(source, None, form)
        try:
            picture = _reduced(_read(source, recipe.frame, policy.max_pixels), job, voice)
            result = filtered(picture, recipe, form or _format_of(picture, source, recipe), job)
        except ConvcliError as error:
            voice.error(error)
            code = 1
            if not policy.keep_going:
                break
            continue
        for note in result.notes:
            if note.code != _OF_FRAMES:  # all are done with an output
                voice.warn(f"{job.source_name}: {note}")
        print_preview(_side(picture, job.source_name), _side(result.pictures[0], filter_text.strip()))
    if not count:
        raise UsageError(
            f"no picture in {', '.join(sources)}", "" if files.recursive else "-r takes the folders below too"
        )
    return code


def _advise(voice: Voice) -> None:
    if is_preview_coarse():
        voice.say("this terminal shows more than half blocks with pip install 'convcli[preview]'")


def _read(source: Place | None, frame: int | None, max_pixels: int) -> Picture:
    frames: Frames = "first" if frame is None else frame
    picture = read_picture(sys.stdin.buffer if source is None else source, max_pixels=max_pixels, frames=frames)
    return replace(picture, frames=picture.frames[:1], pages=(), animation=None)


def _side(picture: Picture, name: str) -> Side:
    """Return a picture as it looks: in sRGB, as terminals have it."""
    return Side(picture if picture.is_array else in_srgb(picture) or picture, name)


def _format_of(picture: Picture, source: Place | None, recipe: Recipe) -> Format:
    """Return the format in which `apply` would write a picture into a folder."""
    form = None if source is None or recipe.artist else format_of(source)
    is_array = picture.is_array and not recipe.artist
    return form if form is not None and form.array == is_array else default_format(array=is_array)


def _reduced(picture: Picture, job: Job, voice: Voice) -> Picture:
    """Return a picture of which every few pixels are left, where it is huge."""
    step = -(-picture.size[0] * picture.size[1] // _HUGE)
    if step < 2 or picture.is_array:
        return picture
    step = int(np.ceil(step**0.5))
    voice.warn(
        f"{job.source_name}: the preview reduces it to 1/{step} first, so that the filter looks wider than it is"
    )
    return replace(picture, frames=tuple(np.ascontiguousarray(frame[::step, ::step]) for frame in picture.frames))
