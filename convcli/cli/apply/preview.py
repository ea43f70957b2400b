"""``apply --preview``: before and after on the terminal, without an output or beside it."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from convcli.cli.apply.planning import warn_unused
from convcli.disk import is_special
from convcli.engine import COMPILING_LOGGER
from convcli.errors import ConvcliError, ShareError, UsageError
from convcli.image import (
    Frames,
    Picture,
    default_format,
    format_named,
    format_of,
    held,
    in_srgb,
    pipes_kept,
    read_picture,
)
from convcli.jobs import STREAM, Batch, Done, Failed, Finder, Job, Outcome, refuse_levels, run_batch
from convcli.places import place_of
from convcli.report import Side, check_preview, is_preview_coarse, print_preview

if TYPE_CHECKING:
    from convcli.cli.apply.options import EngineOptions, FileOptions, OutputOptions
    from convcli.cli.apply.running import Progress
    from convcli.image import Format
    from convcli.jobs import Policy, Recipe
    from convcli.places import Place
    from convcli.report import Voice


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
    if output is not None:
        _refuse_streams(sources)
    check_preview()


def _refuse_streams(sources: list[str]) -> None:
    """Refuse pipes among several inputs, whose processes may each read one of them."""
    for text in sources if len(sources) > 1 else ():
        if text == STREAM or is_special(place_of(text)):
            name = "stdin" if text == STREAM else text
            raise UsageError(
                f"--preview beside an output reads its inputs again, and {name} is read but once",
                f"give {name} alone, or as a file, or leave out -o",
            )


def preview_outcomes(recipe: Recipe, policy: Policy, voice: Voice) -> Progress:
    """Return what shows the input and the output of each file that is done."""
    _advise(voice)

    def show(outcomes: Generator[Outcome], _total: int | None, _label: str) -> Generator[Outcome]:
        with closing(outcomes), pipes_kept():
            for outcome in outcomes:
                if isinstance(outcome, Done):
                    _show_files(outcome.job, recipe, policy, voice)
                yield outcome

    return show


def _show_files(job: Job, recipe: Recipe, policy: Policy, voice: Voice) -> None:
    try:
        before = _side(_read(job.source, recipe, policy), job.source_name)
        print_preview(before, _side(_read(job.numbered(0), None, policy), job.target_name))
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
    """Show each input, and what would be written of it, and leave no file; return the exit code: 1 where one failed.

    Raises ShareError where the filter cannot be meant for the first of them.
    """
    finder = Finder(sources, os.devnull, recursive=files.recursive)
    form = None if outputs.format is None else format_named(outputs.format)
    _advise(voice)
    code = count = 0
    with (
        TemporaryDirectory(prefix="convcli-preview-") as folder,
        voice.relaying(COMPILING_LOGGER, once=True),
        pipes_kept(),
    ):
        previewer = _Previewer(recipe, policy._replace(existing="overwrite"), Path(folder), voice)
        for count, (source, _) in enumerate(finder, start=1):
            if not previewer.show(source, form, filter_text.strip(), is_first=count == 1):
                code = 1
                if not policy.keep_going:
                    break
    if not count:
        raise UsageError(
            f"no picture in {', '.join(sources)}", "" if files.recursive else "-r takes the folders below too"
        )
    return code


class _Previewer:
    """Does the job of each input as `apply` does, its output in a folder that is removed."""

    def __init__(self, recipe: Recipe, policy: Policy, folder: Path, voice: Voice) -> None:
        self._recipe, self._policy, self._folder, self._voice = recipe, policy, folder, voice
        self._formats: set[Format] = set()

    def show(self, source: Place | None, form: Format | None, title: str, *, is_first: bool) -> bool:
        """Show an input and its output, or print the error; return whether it was shown."""
        name = "stdin" if source is None else str(source)
        try:
            picture = _read(source, self._recipe, self._policy)
            form = form or _format_of(picture, source, self._recipe)
            job = Job(source, self._folder / f"output{form.suffixes[0]}", form)
            self._warn_unused(form, job)
            if is_first:
                refuse_levels(job, self._recipe, self._policy)
            (outcome,) = run_batch((job,), self._recipe, self._policy)
            if isinstance(outcome, Failed):
                raise outcome.error
            for note in outcome.notes if isinstance(outcome, Done) else ():
                self._voice.warn(f"{name}: {note}")
            after = _read(job.numbered(0), None, self._policy)
        except ConvcliError as error:
            if is_first and isinstance(error, ShareError):
                raise
            self._voice.error(error)
            return False
        print_preview(_side(picture, name), _side(after, title))
        return True

    def _warn_unused(self, form: Format, job: Job) -> None:
        if form not in self._formats:
            self._formats.add(form)
            warn_unused(Batch((job,)), self._recipe, self._voice)


def _advise(voice: Voice) -> None:
    if is_preview_coarse():
        voice.say("this terminal shows more than half blocks with pip install 'convcli[preview]'")


def _read(source: Place | None, recipe: Recipe | None, policy: Policy) -> Picture:
    """Return the first frame of an input, None for stdin, or that of the recipe; without one, of an output."""
    given = held(sys.stdin.buffer if source is None else source)
    frames: Frames = "first" if recipe is None or recipe.frame is None else recipe.frame
    strict = policy.strict and recipe is not None
    picture = read_picture(given, max_pixels=policy.max_pixels, frames=frames, strict=strict)
    return replace(picture, frames=picture.frames[:1], pages=(), animation=None)


def _side(picture: Picture, name: str) -> Side:
    """Return a picture as it looks: in sRGB, as terminals have it."""
    return Side(picture if picture.is_array else in_srgb(picture) or picture, name)


def _format_of(picture: Picture, source: Place | None, recipe: Recipe) -> Format:
    """Return the format in which `apply` would write a picture into a folder."""
    form = None if source is None or recipe.artist else format_of(source)
    is_array = picture.is_array and not recipe.artist
    return form if form is not None and form.array == is_array else default_format(array=is_array)
