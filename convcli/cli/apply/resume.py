"""What ``apply`` writes down of a batch, and how ``--resume`` goes on from there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from convcli.errors import UsageError

if TYPE_CHECKING:
    from convcli.image import Format
    from convcli.jobs import Batch, OnOutput, Recipe
    from convcli.report import Voice


def with_record(
    batch: Batch,
    recipe: Recipe,
    form: Format | None,
    output: str,
    voice: Voice,
    *,
    anew: bool,
    wanted: bool,
    dry_run: bool,
) -> tuple[Batch, OnOutput | None]:
    """Return the rest of a batch that is to be done, and the function that records each output.

    Parameters
    ----------
    batch, recipe, form, output
        What is asked for.
    voice
        Says what stands in the way.
    anew
        Whether all of the batch is done again.
    wanted
        Whether the batch goes on where another stopped. A batch of several files is recorded in any case.
    dry_run
        Whether nothing may be written.
    """
    if wanted and output == "-":
        raise UsageError("--resume goes on with files, and the output is stdout", "name an output folder: -o out/")
    if not wanted and (len(batch.jobs) < 2 or dry_run):
        return batch, None
    from convcli.jobs import record_of, resume  # here, since a single picture has no record

    folder = Path(output) if batch.jobs[0].makes_folder else Path(output).parent
    record = record_of(folder, recipe, form)
    if wanted:
        resumed = resume(batch.jobs, record)
        batch = replace(batch, jobs=resumed.jobs, done=resumed.done)
        if resumed.strangers:
            voice.warn(f"{resumed.strangers} outputs are of another filter or other options, and not gone on with")
    if dry_run:
        return batch, None
    try:
        record.prepare(anew=anew)
    except OSError as error:
        tell = voice.warn if wanted else voice.detail
        tell(f"what is done is not recorded: {record.file} cannot be written ({error.strerror or error})")
        return batch, None
    return batch, record.add
