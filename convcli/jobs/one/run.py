"""One job: read, decide, filter, finish, write."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from functools import partial
from typing import BinaryIO

from convcli.disk import is_special
from convcli.engine import Settings, available_threads
from convcli.errors import ConvcliError, FileError, NoRoomError, unforeseen
from convcli.image import Format, Frames, Picture, codec_of, default_format, held, read_picture, write_picture
from convcli.jobs.one.filtering import filter_page
from convcli.jobs.one.finishing import Filtered, finish_page, joined
from convcli.jobs.one.looks import by_light
from convcli.jobs.one.memory import admit, bound_of
from convcli.jobs.one.outputs import (
    before_naming,
    check_size,
    make_folder,
    no_format,
    notes_on_replacing,
    output_format,
    refusal,
    refuse_terminal,
)
from convcli.jobs.one.recipe import Policy, Recipe
from convcli.jobs.one.treatment import Given, Treatment, decide, treat
from convcli.jobs.one.work import Done, Failed, Job, OnOutput, Outcome
from convcli.places import Place, state_of

_DEFAULT = Policy()
_WHOLE = Policy(takes_all=True)


def run_job(job: Job, recipe: Recipe, policy: Policy = _DEFAULT, on_output: OnOutput | None = None) -> Outcome:
    """Read, filter and write one file; an error about it is an outcome, not an exception."""
    try:
        return refusal(job, policy.existing) or _run_within(job, recipe, policy, on_output)
    except ConvcliError as error:
        return Failed(job, error)
    except MemoryError:
        message = f"{job.source_name} needs more memory than there is"
        return Failed(job, FileError(message, "use a smaller picture, fewer --jobs or a smaller kernel"))
    except BrokenPipeError:
        raise  # the reader of stdout has gone, which is no fault of a file
    except Exception as error:  # an error of a library about one file is not to stop the others
        return Failed(job, unforeseen(error, job.source_name))


def filtered(
    picture: Picture, recipe: Recipe, form: Format, job: Job, settings: Settings = _DEFAULT.settings
) -> Filtered:
    """Return the output of a picture, ready to be written in a format.

    Raises ConvcliError, before anything is computed, where the filter does not fit or the format cannot hold it.
    """
    picture, recipe = by_light(picture, recipe, form)
    return _filtered(picture, treat(picture, recipe, form, job, settings), form, job, _WHOLE)


def output_size(source: Place, recipe: Recipe, max_pixels: int) -> tuple[int, int] | None:
    """Return the height and width of a file's filtered picture, or of its first page.

    None where it cannot be read or filtered, and for a pipe, which is read but once; its job says why.
    """
    if is_special(source):
        return None
    try:
        frames: Frames = "first" if recipe.frame is None else recipe.frame
        picture = read_picture(source, max_pixels=max_pixels, frames=frames)
        _, height, width = decide(Given.of(picture), recipe, None, name=str(source)).shape
    except (ConvcliError, MemoryError):
        return None
    return height, width


def _filtered(picture: Picture, treatments: tuple[Treatment, ...], form: Format, job: Job, policy: Policy) -> Filtered:
    results = []
    for page, treatment in zip((picture, *picture.pages), treatments, strict=True):
        computed = filter_page(page, treatment, job.source_name, policy)
        results.append(finish_page(page, computed, treatment, form, job))
    return joined(results, form)


def _run_within(job: Job, recipe: Recipe, policy: Policy, on_output: OnOutput | None) -> Done:
    """Run a job at the bound of memory: with all of the picture at once, or in strips where that is too much.

    One of which an earlier run has left a part is gone on with in strips.
    """
    has_parts = _has_parts(job, policy)
    if has_parts:
        from convcli.jobs.one.strips.frame import NotInStripsError
        from convcli.jobs.one.strips.running import run_in_strips

        with suppress(NotInStripsError):
            return run_in_strips(job, recipe, policy, on_output, bound_of(policy))
    done = _run_anew(job, recipe, policy, on_output)
    if has_parts and job.target is not None:
        from convcli.jobs.one.strips.progress import forget_parts

        forget_parts(job.target)
    return done


def _has_parts(job: Job, policy: Policy) -> bool:
    """Return whether an earlier run has left a part of a job's output, with which another is to go on."""
    if not policy.resumes or job.target is None:
        return False
    from convcli.jobs.one.strips.progress import parts_of  # here, for --resume alone

    return bool(parts_of(job.target))


def _run_anew(job: Job, recipe: Recipe, policy: Policy, on_output: OnOutput | None) -> Done:
    form = output_format(job, recipe, is_array=False)
    given = held(sys.stdin.buffer if job.source is None else job.source)
    if form is not None and form.moving:
        from convcli.jobs.one.videos.running import run_video  # here, for videos alone

        if (done := run_video(job, given, recipe, policy, form, on_output)) is not None:
            return done
    try:
        return _run(job, given, recipe, policy, on_output)
    except NoRoomError as error:
        # Here, for large pictures.
        from convcli.jobs.one.strips.frame import NotInStripsError
        from convcli.jobs.one.strips.running import run_in_strips

        try:
            return run_in_strips(job, recipe, policy, on_output, bound_of(policy))
        except NotInStripsError as reason:
            if policy.bound is None:
                return _run(job, given, recipe, policy._replace(takes_all=True), on_output)
            message = f"{error.message}, and strips are no way out: {reason.message}"
            raise NoRoomError(message, "a larger --memory allows it") from reason


def _run(job: Job, given: Place | BinaryIO, recipe: Recipe, policy: Policy, on_output: OnOutput | None) -> Done:
    start = time.perf_counter()
    is_asked = on_output is not None or policy.existing == "replace"
    source = state_of(job.source) if is_asked and job.source is not None else None
    picture = _read(job, given, recipe, policy)
    form = output_format(job, recipe, is_array=picture.is_array)
    if form is None:
        raise no_format(str(job.target))
    if job.target is None:
        refuse_terminal(form)
    picture, recipe = by_light(picture, recipe, form)
    treatments = treat(picture, recipe, form, job, policy.settings)
    for treatment in treatments:
        check_size(picture, treatment, job, policy)
    channels = range(treatments[0].shape[0] if job.each else 1)
    # The first was looked at before the job began.
    wanted = [channel for channel in channels if not channel or refusal(job, policy.existing, channel) is None]
    result = _filtered(picture, treatments, form, job, policy)
    in_place = notes_on_replacing(job, policy, picture, result.pictures[0])
    threads = policy.settings.threads or available_threads()
    write = partial(
        write_picture,
        format=form,
        quality=recipe.quality,
        png_effort=recipe.png_effort,
        overviews=recipe.overviews,
        threads=threads,
    )
    if job.target is None:
        write(result.pictures[0], sys.stdout.buffer)
    else:
        if job.makes_folder:
            make_folder(job.target.parent)
        for channel in reversed(wanted):
            target = job.numbered(channel)
            write(
                result.pictures[channel],
                target,
                overwrite=policy.existing in ("overwrite", "replace") or job.owns(target),
                flush_new=policy.flush_new,
                before_naming=before_naming(job, target, source, policy, on_output),
            )
    (first, *_), seconds = result.pictures, time.perf_counter() - start
    notes = (*result.notes, *in_place)
    size = codec_of(form).size_in(first, job.target.suffix.lower() if job.target is not None else "")
    return Done(job, seconds, size, result.clipped, result.engine, notes, len(wanted), first.count)


def _read(job: Job, given: Place | BinaryIO, recipe: Recipe, policy: Policy) -> Picture:
    # A missing format is an error only after those about the picture.
    form = output_format(job, recipe, is_array=False) or default_format()
    holds_numbers = form.floats or form.many_channels or form.array
    return read_picture(
        given,
        max_pixels=policy.max_pixels,
        frames="all" if recipe.frame is None else recipe.frame,
        strict=policy.strict,
        deep=(form.sixteen_bits or form.array) and recipe.depth != 8 and recipe.artist is None,
        everything=holds_numbers and recipe.depth in (None, "float") and recipe.artist is None,
        light=recipe.linear or form.light,
        admit=partial(admit, recipe=recipe, form=form, policy=policy),
    )
