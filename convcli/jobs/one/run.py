"""One file: read, filter, write, and what became of it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path, PurePath

from convcli.errors import ConvcliError, FileError, OutputRefused, UsageError, WriteError, unforeseen
from convcli.image import READABLE_SUFFIXES, Format, Picture, format_named, format_of, read_picture, write_picture
from convcli.jobs.one.filtering import filtered, output_channels, with_colors
from convcli.jobs.one.memory import admission
from convcli.jobs.one.work import Done, Existing, Failed, Job, Outcome, Recipe, Skipped


def run_job(job: Job, recipe: Recipe) -> Outcome:
    """Read, filter and write one file; what goes wrong with it is an outcome, not an exception."""
    try:
        return refusal(job, recipe.existing) or _run(job, recipe)
    except ConvcliError as error:
        return Failed(job, error)
    except MemoryError:
        message = f"{job.source_name} needs more memory than there is"
        return Failed(job, FileError(message, "use a smaller picture, fewer --jobs or a smaller kernel"))
    except BrokenPipeError:
        raise  # the reader of stdout has gone, which is no fault of a file
    except Exception as error:  # whatever a library makes of a file, it is not to stop the others
        return Failed(job, unforeseen(error, job.source_name))


def exists(path: Path) -> bool:
    """Whether there is such a file or folder; where the system does not say, whoever opens it will hear why."""
    try:
        return path.exists()
    except OSError:  # the name is too long, or a folder on the way is closed
        return False


def is_folder(path: Path) -> bool:
    """Whether there is such a folder, as far as the system says."""
    return exists(path) and path.is_dir()


def refusal(job: Job, existing: Existing, channel: int = 0) -> Skipped | None:
    """Return why the job is not to be done, or None.

    Parameters
    ----------
    job, existing
        What is to be written, and what becomes of what is there.
    channel
        Of the output, where every one has a file of its own. The first one's is written last: where it is, all are.

    Raises
    ------
    OutputRefused
        Writing the target would destroy the source, or an existing file that was not offered.
    """
    if job.target is None:
        return None
    target = job.numbered(channel)
    if not exists(target):
        return None
    if job.source is not None and exists(job.source) and job.source.samefile(target):
        raise OutputRefused(f"{target} is the input itself", "write to another file or folder")
    if _may_replace(job, target):
        return None
    if existing == "skip":
        return Skipped(job, "the output exists")
    if existing == "refuse":
        raise OutputRefused(f"{target} exists", "--force overwrites it, --skip-existing leaves it alone")
    return None


def _run(job: Job, recipe: Recipe) -> Done:
    start = time.perf_counter()
    source = job.source.stat() if job.source is not None and exists(job.source) else None
    picture = read_picture(
        sys.stdin.buffer if job.source is None else job.source,
        max_pixels=recipe.max_pixels,
        frames="all" if recipe.frame is None else recipe.frame,
        admit=admission(recipe, job.format or (None if job.target is None else format_of(job.target))),
    )
    picture = with_colors(picture, recipe)
    form = _output_format(job, picture, recipe)
    if job.target is None:
        refuse_terminal(form)
    channels = range(output_channels(picture, recipe)) if job.each else range(1)
    wanted = [channel for channel in channels if refusal(job, recipe.existing, channel) is None]
    result = filtered(picture, recipe, form, job)
    if job.target is None:
        write_picture(result.pictures[0], sys.stdout.buffer, form, quality=recipe.quality, png_effort=recipe.png_effort)
    else:
        if job.makes_folder:
            _make_folder(job.target.parent)
        for channel in reversed(wanted):
            target = job.numbered(channel)
            write_picture(
                result.pictures[channel],
                target,
                form,
                quality=recipe.quality,
                png_effort=recipe.png_effort,
                overwrite=recipe.existing == "overwrite" or _may_replace(job, target),
                before_naming=_recording(job, recipe, target, source),
            )
    seconds = time.perf_counter() - start
    size = result.pictures[0].size
    return Done(job, seconds, size, result.clipped, result.engine, result.notes, len(wanted), result.pictures[0].count)


def no_format(name: str) -> UsageError:
    """Return the error for an output whose name stands for no format."""
    return UsageError(
        f"{name}: {PurePath(name).suffix or 'a name without an ending'} stands for no format",
        f"end the name in one of {', '.join(sorted(READABLE_SUFFIXES))}, or give --format",
    )


def _may_replace(job: Job, target: Path) -> bool:
    if not job.own:
        return False
    from convcli.jobs.one.record import is_own  # here, since a single picture has no record

    return is_own(job, target)


def _recording(
    job: Job, recipe: Recipe, target: Path, source: os.stat_result | None
) -> Callable[[os.stat_result], None] | None:
    record = recipe.record
    if record is None or source is None:
        return None
    return lambda written: record.add(job, target, source, written)


def refuse_terminal(form: Format) -> None:
    """Refuse bytes that are no text where stdout is a terminal, which takes some of them for commands."""
    if form.name != "csv" and sys.stdout.isatty():
        raise UsageError(f"stdout is a terminal, and {form.title} is not text", "name a file: -o FILE, or pipe it on")


def _output_format(job: Job, picture: Picture, recipe: Recipe) -> Format:
    if job.format is not None:
        return job.format
    if job.target is None:
        return format_named("csv" if picture.is_array and recipe.artist is None else "png")
    form = format_of(job.target)
    if form is None:
        raise no_format(str(job.target))
    return form


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(
            f"folder {folder} cannot be made: {error.strerror or error}", "choose another output folder"
        ) from error
