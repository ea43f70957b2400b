"""The record of a batch that ``apply`` writes, from which ``--resume`` goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convcli.errors import UsageError
from convcli.places import place_of
from convcli.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convcli.cli.apply.options import FileOptions
    from convcli.image import Format
    from convcli.jobs import Batch, OnOutput, Recipe
    from convcli.report import Voice


def with_record(
    batch: Batch, recipe: Recipe, form: Format | None, output: str, files: FileOptions, voice: Voice
) -> tuple[Batch, OnOutput | None]:
    """Return the rest of a batch that is to be done, and the function that records each output.

    A batch of several files is recorded; with --resume a single one too. A dry run writes no record.
    """
    wanted, dry_run = files.resume, files.dry_run
    if wanted and output == "-":
        raise UsageError("--resume goes on with files, and the output is stdout", "name an output folder: -o out/")
    if dry_run and not wanted:
        return batch, None
    from convcli.jobs import record_of, resume  # not imported for a single picture

    place = place_of(output)
    record = record_of(place if batch.jobs[0].makes_folder else place.parent, recipe, form)
    if wanted:
        batch, strangers = resume(batch, record)
        if strangers:
            voice.warn(f"{strangers} outputs are of another filter or other options, and not gone on with")
    if dry_run:
        return batch, None
    try:
        record.prepare(anew=files.force and not wanted)
    except OSError as error:
        report = voice.warn if wanted else voice.detail
        report(f"what is done is not recorded: {record.file} cannot be written ({error.strerror or error})")
        return batch, None
    return batch, record.add


def with_record_in_place(
    batch: Batch, sources: Sequence[str], recipe: Recipe, files: FileOptions, voice: Voice
) -> tuple[Batch, OnOutput | None]:
    """Return what is to be done of a batch whose files are replaced, and the function that records each.

    Raises UsageError where files would be filtered twice unasked, or what is done could not be recorded.
    """
    from convcli.jobs import Scope, plan_anew, plan_rest, record_in_place  # for --in-place alone

    record = record_in_place(recipe)
    if files.resume:
        plan = plan_rest(batch, record)
    else:
        plan = plan_anew(batch, record, Scope.of(sources, recursive=files.recursive), forced=files.force)
    if plan.changed:
        voice.warn(f"{counted(plan.changed, 'file')} changed since they were filtered, and are filtered again")
    if files.dry_run:
        return plan.batch, None
    try:
        record.prepare()
        if plan.begins is not None:
            record.begin(plan.begins)
    except OSError as error:
        what = f"what is done cannot be recorded: {record.file} cannot be written ({error.strerror or error})"
        if files.resume or len(batch.jobs) > 1:
            hint = "name a folder for such notes that can be: XDG_STATE_HOME=FOLDER"
            raise UsageError(f"{what}, so a run that is stopped would filter files twice", hint) from error
        voice.warn(what)
        return plan.batch, None
    return plan.batch, record.add
