"""What ``apply`` writes down of a batch, and how ``--resume`` goes on from there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from convcli.errors import UsageError

if TYPE_CHECKING:
    from convcli.image import Format
    from convcli.jobs import Batch, Recipe
    from convcli.report import Voice


def with_record(
    batch: Batch, recipe: Recipe, form: Format | None, output: str, voice: Voice, *, wanted: bool, dry_run: bool
) -> tuple[Batch, Recipe]:
    """Return what is left to do of a batch, and the recipe with a record of what is done.

    Parameters
    ----------
    batch, recipe, form, output
        What is asked for.
    voice
        Says what stands in the way.
    wanted
        Whether the batch goes on where another stopped. A batch of several files is recorded in any case.
    dry_run
        Whether nothing may be written.
    """
    if wanted and output == "-":
        raise UsageError("--resume goes on with files, and the output is stdout", "name an output folder: -o out/")
    if not wanted and (len(batch.jobs) < 2 or dry_run):
        return batch, recipe
    from convcli.jobs import record_of, resume  # here, since a single picture has no record

    folder = Path(output) if batch.jobs[0].makes_folder else Path(output).parent
    record = record_of(folder, recipe, form)
    if wanted:
        resumed = resume(batch.jobs, record)
        batch = replace(batch, jobs=resumed.jobs, done=resumed.done)
        if resumed.strangers:
            voice.warn(f"{resumed.strangers} outputs are of another filter or other options, and not gone on with")
    if dry_run:
        return batch, recipe
    try:
        record.prepare(anew=recipe.existing == "overwrite" and not wanted)
    except OSError as error:
        tell = voice.warn if wanted else voice.detail
        tell(f"what is done is not recorded: {record.file} cannot be written ({error.strerror or error})")
        return batch, recipe
    return batch, replace(recipe, record=record)
