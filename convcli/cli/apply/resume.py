"""The record of a batch that ``apply`` writes, from which ``--resume`` goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convcli.errors import UsageError
from convcli.places import place_of

if TYPE_CHECKING:
    from convcli.cli.apply.options import FileOptions
    from convcli.image import Format
    from convcli.jobs import Batch, OnOutput, Recipe
    from convcli.report import Voice


def with_record(
    batch: Batch, recipe: Recipe, form: Format | None, output: str | None, files: FileOptions, voice: Voice
) -> tuple[Batch, OnOutput | None]:
    """Return the rest of a batch that is to be done, and the function that records each output.

    A batch of several files is recorded; with --resume or without an output, as each file is its own, a single one too.
    A dry run writes no record.
    """
    wanted, dry_run = files.resume, files.dry_run
    if wanted and output == "-":
        raise UsageError("--resume goes on with files, and the output is stdout", "name an output folder: -o out/")
    if dry_run and not wanted:
        return batch, None
    from convcli.jobs import record_of, resume  # not imported for a single picture

    place = None if output is None else place_of(output)
    folder = place if place is None or batch.jobs[0].makes_folder else place.parent
    record = record_of(folder, recipe, form)
    if wanted:
        batch, strangers = resume(batch, record)
        if strangers:
            voice.warn(f"{strangers} outputs are of another filter or other options, and not gone on with")
    if dry_run:
        return batch, None
    try:
        record.prepare(anew=(files.force or output is None) and not wanted)
    except OSError as error:
        report = voice.warn if wanted else voice.detail
        report(f"what is done is not recorded: {record.file} cannot be written ({error.strerror or error})")
        return batch, None
    return batch, record.add
