"""The output of a job: its format, and the reasons not to write it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from math import prod
from pathlib import Path, PurePath

from convcli.disk import is_special, refuse_dangling
from convcli.errors import OutputRefused, UsageError, WriteError
from convcli.image import WRITTEN, Format, Picture, default_format, format_of, over_limit
from convcli.jobs.one.recipe import Existing, Policy, Recipe
from convcli.jobs.one.treatment import Treatment
from convcli.jobs.one.work import Job, OnOutput, Skipped
from convcli.jobs.paths import exists
from convcli.note import Note
from convcli.places import Place, State, is_same, version_of
from convcli.words import as_word


def output_format(job: Job, recipe: Recipe, *, is_array: bool) -> Format | None:
    """Return the format of a job's output; None where the target's name stands for none.

    Raises UsageError for a folder where a stream or an object is written.
    """
    form = job.format or (None if job.target is None else format_of(job.target))
    is_stream = job.target is None or is_special(job.target)
    if form is not None and form.chunked and is_stream:
        raise UsageError(
            f"{form.title} is a folder, which {job.target_name} cannot be", "write to the disk: -o NAME.zarr"
        )
    return default_format(array=is_array and recipe.artist is None) if form is None and is_stream else form


def no_format(name: str) -> UsageError:
    """Return the error for an output whose name stands for no format."""
    suffix = PurePath(name).suffix
    stem = name.removesuffix(suffix).rstrip(".")
    example = as_word(f"{stem}.png")
    message = f"{name}: {suffix or 'a name without an ending'} stands for no format"
    if suffix.lower() == ".pdf":
        return UsageError(message, f"name it {example}; of pictures ImageMagick makes a PDF: magick {example} {name}")
    folder = f", {as_word(f'{stem}/')} if it is a folder," if not suffix else ""
    endings = ", ".join(each.suffixes[0] for each in WRITTEN)
    return UsageError(message, f"name it {example}{folder} or give --format; files end in {endings}")


def refusal(job: Job, existing: Existing, channel: int = 0) -> Skipped | None:
    """Return the reason not to do a job, or None; raise OutputRefused to save the source or an existing file.

    `channel` counts where every channel has a file of its own. The first one's is written last: where it is, all are.
    """
    if existing == "replace" and job.target is not None:
        from convcli.jobs.replacing import refuse_changed, refuse_replacing  # for --in-place alone

        refuse_replacing(job.target)
        refuse_changed(job.target, job.seen)
        return None
    if job.target is None or is_special(job.target):
        return None
    target = job.numbered(channel)
    if existing != "overwrite" and isinstance(target, Path):
        refuse_dangling(target)
    if not exists(target):
        return None
    if existing == "refuse" and isinstance(job.source, Path) and not exists(job.source):
        return None  # the input is missing, which its reading says
    if job.source is not None and is_same(job.source, target):
        hint = "write to another file or folder; --in-place replaces it, and keeps the original as NAME~"
        raise OutputRefused(f"{target} is the input itself", hint)
    if job.owns(target):
        return None
    if existing == "skip":
        return Skipped(job, "the output exists")
    if existing == "refuse":
        raise OutputRefused(f"{target} exists", "--force overwrites it, --skip-existing leaves it alone")
    return None


def refuse_terminal(form: Format) -> None:
    """Refuse to write binary data to a terminal, which takes some bytes for commands; or to a stdout that is closed."""
    if sys.__stdout__ is None:
        raise WriteError("stdout is closed, and the picture would be lost", "name a file: -o FILE")
    if not form.printable and sys.stdout.isatty():
        raise UsageError(f"stdout is a terminal, and {form.title} is not text", "name a file: -o FILE, or pipe it on")


def before_naming(
    job: Job, target: Place, source: State | None, policy: Policy, on_output: OnOutput | None
) -> Callable[[State], None] | None:
    """Return what is called before an output takes its name: it records the output, and makes a backup.

    A file that is replaced is refused where it is not what was read any more: a change of another program's would be
    lost, or one filtered twice that another run has done meanwhile.
    """
    replaces = policy.existing == "replace"
    if not replaces and (on_output is None or source is None):
        return None

    def call(written: State) -> None:
        if replaces:
            from convcli.jobs.replacing import refuse_changed  # for --in-place alone

            refuse_changed(target, job.seen or (source and version_of(source)))
        # Before the backup, which could not be told from one of an earlier run.
        if on_output is not None and source is not None:
            on_output(job, target, source, written)
        if replaces and policy.backup:
            from convcli.jobs.replacing import back_up

            back_up(target, is_made=_is_made(job))

    return call


def notes_on_replacing(job: Job, policy: Policy, before: Picture, after: Picture) -> tuple[Note, ...]:
    """Return the notes on a file that is about to be replaced; raise OutputRefused where its kind would change."""
    if policy.existing != "replace" or job.target is None:
        return ()
    from convcli.jobs.replacing import notes_on_backup, refuse_other_kind  # for --in-place alone

    refuse_other_kind(job.target, before, after)
    return notes_on_backup(job.target, is_made=_is_made(job)) if policy.backup else ()


def _is_made(job: Job) -> bool:
    """Return whether a file is what an earlier run has made, whose backup is kept; so is one of which none knows."""
    return job.seen is None or (job.target is not None and job.owns(job.target))


def check_size(picture: Picture, treatment: Treatment, job: Job, policy: Policy) -> None:
    """Raise ReadError where a filter makes a picture larger, and larger than is read."""
    _, height, width = treatment.shape
    if height * width > max(policy.max_pixels, prod(picture.size)):
        raise over_limit(
            job.source_name, f"{width}×{height} pixels after the filter", policy.max_pixels, height * width
        )


def make_folder(folder: Place) -> None:
    """Make the folder of an output, and those above it."""
    try:
        if not (isinstance(folder, Path) and folder.is_dir()):  # which takes a fifth of the time
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(
            f"folder {folder} cannot be made: {error.strerror or error}", "choose another output folder"
        ) from error
