"""What jobs would meet, and do not."""

from __future__ import annotations

from convcli.errors import FileError
from convcli.image import check_writable, count_frames, format_of
from convcli.jobs.one.run import exists, refusal
from convcli.jobs.one.work import DRY_RUN, Failed, Job, Recipe, Skipped


def look_ahead(job: Job, recipe: Recipe) -> Skipped | Failed:
    """Say what a job would meet, without reading or writing a pixel; of a picture's file the headers are read."""
    if job.source is not None and not exists(job.source):
        return Failed(job, FileError(f"{job.source}: no such file", "check the name"))
    try:
        return refusal(job, recipe.existing) or Skipped(job, DRY_RUN, _frames(job, recipe))
    except FileError as error:
        return Failed(job, error)


def _frames(job: Job, recipe: Recipe) -> int:
    """Return how many frames or pages would be written; raise WriteError where the output has no room for them."""
    form = None if job.source is None else format_of(job.source)
    many = form is not None and (form.animated or form.paged)
    if job.source is None or not many or recipe.frame is not None:
        return 1
    count = count_frames(job.source, recipe.max_pixels)
    target = job.format or (format_of(job.target) if job.target else None)
    if count > 1 and form is not None and target is not None:
        frames, pages = (1, count) if form.paged else (count, 1)
        check_writable(target, bits=8, has_alpha=False, channels=1, frames=frames, animated=True, pages=pages)
    return count
